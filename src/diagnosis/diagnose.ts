// From a log, and what is known beside it, to a diagnosis: cause, layer, confidence, and the lines that show it.
import type { Candidate, LineRange, Reading } from './excerpt/excerpt.ts';
import { readLog } from './excerpt/excerpt.ts';
import { isHead, withoutPrefix } from './excerpt/log-line.ts';
import type { Layer } from '#run/diagnosis.ts';
import { insteadOfGone } from './gone-package.ts';
import { commandKind } from './layer-by-command.ts';
import { layerByShape } from './layer-by-shape.ts';
import type { Recognition } from './signatures/recognise.ts';
import type { FormTable } from './log/form-table.ts';
import type { SkimmedLog } from './log/log-skim.ts';

/** What the engine knows of a step without reading a word of its log. */
export interface StepFacts {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly timedOut?: boolean;
}

/** What a probe found out. It was there, and the log may only repeat what a tool believed: a probe overrules the text. */
export interface ProbeFinding {
  readonly layer: Layer;
  /** 0 to 1. */
  readonly confidence: number;
  /** One line in plain words. */
  readonly cause: string;
  readonly fix?: string;
}

export interface Evidence {
  /** The forms of a green log of the same job, as a skimmed log has them. */
  readonly green?: FormTable;
  readonly facts?: StepFacts;
  readonly probes?: readonly ProbeFinding[];
}

export interface Diagnosis {
  /** One line in plain words. */
  readonly cause: string;
  readonly layer: Layer;
  /** 0 to 1; 0 when nothing was found. */
  readonly confidence: number;
  /** Lines of the log, from 1; at most 30 of them. */
  readonly excerpt: readonly LineRange[];
  readonly fix?: string;
  readonly signature?: string;
}

export const NO_FAILURE = 'the log tells of no failure';

export function diagnose(log: SkimmedLog, evidence: Evidence = {}): Diagnosis {
  const { green, facts } = evidence;
  const failed = facts && hasFailed(facts);
  const reading = readLog(log, { ...(green && { green }), ...(failed !== undefined && { failed }) });
  const certain = facts?.timedOut ? OUT_OF_TIME : undefined;
  const [finding = certain] = evidence.probes ?? [];
  if (finding) return overruled(finding, reading);
  if (!reading.hasFailed) return { cause: NO_FAILURE, layer: 'unknown', confidence: 0, excerpt: [] };
  return { ...judge(reading, green !== undefined), excerpt: reading.excerpt };
}

/** The lines of the log stay: they are what can be seen of it. */
export function overruled(finding: ProbeFinding, { excerpt }: Pick<Diagnosis, 'excerpt'>): Diagnosis {
  return { ...finding, excerpt };
}

/** Whatever the log says last, it was cut off there. */
const OUT_OF_TIME: ProbeFinding = {
  layer: 'timeout',
  confidence: 0.95,
  cause: 'its time limit ended it',
  fix: 'look at what it did last; raise timeout-minutes when that is work, and not a wait',
};

function hasFailed({ exitCode, signal, timedOut }: StepFacts): boolean | undefined {
  if (signal !== undefined || timedOut) return true;
  return exitCode === undefined ? undefined : exitCode !== 0;
}

const MOST_CAUSE = 200;

function judge(reading: Reading, hasGreen: boolean): Omit<Diagnosis, 'excerpt'> {
  const best = reading.candidates.at(0);
  const ending = reading.structure.ending;
  if (best === undefined) {
    const said = ending.kind === 'failed' ? `, and its last word is: ${oneLine(ending.said)}` : '';
    return { cause: `the step failed without saying why${said}`, layer: 'unknown', confidence: 0.1 };
  }
  const recognised = recognisedIn(reading, best);
  if (recognised?.known) {
    const { signature, cause } = recognised.known;
    const fix = fixFor(reading, recognised, recognised.known);
    const confidence = confidenceIn(recognised.known, { reading, best, hasGreen });
    return { cause: oneLine(cause), layer: signature.layer, confidence, ...(fix && { fix }), signature: signature.id };
  }
  const anchor = anchorOf(reading, best);
  const others = reading.lines.slice(best.from, lastRead(reading, best)).map(({ text }) => text);
  const command = commandKind(reading.structure.commands);
  return {
    cause: oneLine(withoutPrefix(anchor)),
    ...layerByShape({ evidence: best.evidence, anchor, others, ...(command && { command }) }),
  };
}

function fixFor({ lines }: Reading, { from, to }: Candidate, known: Recognition): string | undefined {
  const gone = lines.slice(from, to + 1).flatMap(({ text }) => insteadOfGone(known, text) ?? []);
  return gone[0]?.fix ?? known.fix;
}

/** So many lines from the head of a block on are asked for words that name a layer: a tool says the why under the what. */
const MOST_READ = 12;

function lastRead({ structure: { failing } }: Reading, { from, anchor }: Candidate): number {
  const most = from + MOST_READ;
  return anchor < failing.to ? Math.min(most, failing.to) : most;
}

/** The line to tell. What only passes a failure on says less than the last word before it. */
function anchorOf({ lines, structure: { failing } }: Reading, { anchor, evidence }: Candidate): string {
  const own = lines[anchor]?.text ?? '';
  if (WENT_WRONG.test(own)) {
    // Gradle tells the cause of a cause further in.
    const under = lines.slice(anchor + 1, anchor + 1 + MOST_READ);
    const end = under.findIndex(({ text }) => text.trim() === '');
    const said = end === -1 ? under : under.slice(0, end);
    return said.findLast(({ text }) => /^\s*> /u.test(text))?.text ?? said[0]?.text ?? own;
  }
  if (evidence.kind !== 'wrapper') return own;
  const before = lines.slice(failing.from + 1, anchor).findLast(({ text }) => text.trim() !== '' && !isHead(text));
  return before?.text ?? own;
}

const WENT_WRONG = /^\* What went wrong:/u;

/** Another candidate speaks for the best one when it scores nearly as much. */
const NEARLY = 0.75;

/** The known failure that the best candidate is, or that stands beside it with nearly its score. */
function recognisedIn({ candidates }: Reading, best: Candidate): Candidate | undefined {
  const near = candidates.filter(({ score, known }) => known && score >= best.score * NEARLY);
  return near.find(({ known }) => known?.signature.rank === undefined) ?? near[0];
}

interface Situation {
  readonly reading: Reading;
  readonly best: Candidate;
  readonly hasGreen: boolean;
}

/** An entry without a rank has named the layer in at least 98 of 100 failures that it was measured on; others less often. */
const SURE = 0.85;
const REPORTED = 0.75;
const AMBIGUOUS = 0.7;
const PASSED_ON = 0.4;

function confidenceIn({ signature }: Recognition, { reading, best, hasGreen }: Situation): number {
  const { rank, isAmbiguous } = signature;
  const base = rank === 'wrapper' ? PASSED_ON : isAmbiguous ? AMBIGUOUS : rank === 'report' ? REPORTED : SURE;
  const contradicts = reading.candidates.some(
    ({ known, score }) =>
      known &&
      known.signature.rank !== 'wrapper' &&
      known.signature.layer !== signature.layer &&
      score >= best.score * NEARLY,
  );
  const certainty = base * (contradicts ? 0.8 : 1) * (reading.structure.ending.kind === 'failed' ? 1 : 0.9);
  const isBacked = hasGreen && !contradicts && !isAmbiguous;
  return Math.round((certainty + (isBacked ? 0.08 : 0)) * 100) / 100;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > MOST_CAUSE ? `${line.slice(0, MOST_CAUSE - 1)}…` : line;
}
