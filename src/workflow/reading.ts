// What the reading of one file carries along: where to report, what is allowed, and what was mentioned on the way.
import { suggest } from '#base/suggest.ts';
import type { Place } from './availability.ts';
import type { Severity } from './diagnostic.ts';
import type { ContextMention } from './expression-parse.ts';
import type { Span } from './position.ts';
import type { Finding, Reporter } from './reporter.ts';
import type { SourceText } from './source-text.ts';

/** The place of an expression: which rules hold, and for references, which job and step read it. */
export interface Site {
  readonly place: Place;
  readonly job?: string;
  /** The step whose `id`s before it can be read. Absent for what is evaluated after all steps, or before any. */
  readonly step?: number;
}

export interface SitedMention {
  readonly site: Site;
  readonly mention: ContextMention;
  /** The span of a word of the mention. */
  readonly locate: (word: { readonly offset: number; readonly length: number }) => Span;
}

/** What is read of a job that calls a workflow: whether that gives it is seen when it is read. */
export interface CallOutput {
  readonly job: string;
  readonly name: string;
  readonly at: Span;
}

export interface Reading {
  readonly source: SourceText;
  readonly reporter: Reporter;
  /** Under `.github/workflows/`: GitHub reads the file too, so it may hold nothing that GitHub rejects. */
  readonly isGitHubFile: boolean;
  /** `gantry.yml` and what lies in `.gantry/`: written for Gantry alone. */
  readonly isOwnFile: boolean;
  readonly actions: readonly string[];
  readonly mentions: SitedMention[];
  readonly callOutputs: CallOutput[];
  /** Work left for expressions and for guesses; both are bounded, so that no file takes long. */
  readonly budget: { expressions: number; comparisons: number };
}

/** Whether the file of this whole path was written for Gantry alone. */
export function isOwnFile(place: string): boolean {
  return /(^|[\\/])(gantry\.\w+|\.gantry[\\/][^\\/]*)$/.test(place);
}

export function report(reading: Reading, finding: Finding): void {
  reading.reporter.report(finding);
}

/**
 * Of what GitHub's reader lets through although it cannot have been meant: a file of others must still run here as
 * it does there, one of ours says it at once.
 */
export function lenient(reading: Reading): Severity {
  return reading.isOwnFile ? 'error' : 'warning';
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(reading: Reading, word: string, candidates: Iterable<string>): string {
  const list = [...candidates];
  reading.budget.comparisons -= list.length;
  if (reading.budget.comparisons < 0 || word.length > 60) return '';
  const meant = suggest(word, list);
  return meant === undefined ? '' : `. Did you mean "${meant}"?`;
}
