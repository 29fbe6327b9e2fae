import { CODES, type Code } from './codes.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import type { Span } from './position.ts';

/** More than a person reads at once; beyond it one diagnostic gives the count. */
const MAX_SHOWN = 200;

export interface Finding {
  readonly code: Code;
  readonly at: Span;
  readonly message: string;
  /** Default: `error`. */
  readonly severity?: Severity;
  /** Default: the cure of the code. */
  readonly cure?: string;
}

/** Collects diagnostics while a file is read. What an alias repeats is said once. */
export class Reporter {
  readonly #file: string;
  readonly #seen = new Set<string>();
  readonly #found: Diagnostic[] = [];
  #dropped = 0;
  #hasError = false;

  constructor(file: string) {
    this.#file = file;
  }

  get hasError(): boolean {
    return this.#hasError;
  }

  report(finding: Finding): void {
    const { code, at, message, severity = 'error', cure = CODES[code].cure } = finding;
    const key = `${code} ${at.line}:${at.column} ${message}`;
    if (this.#seen.has(key)) return;
    if (severity === 'error') this.#hasError = true;
    // One table full is kept aside, so that errors found late are shown before warnings found early.
    if (this.#found.length >= MAX_SHOWN * 10) {
      this.#dropped++;
      return;
    }
    this.#seen.add(key);
    this.#found.push({ code, severity, file: this.#file, at, message, cure });
  }

  /** In the order of the file; errors first only where there are too many to show. */
  all(): readonly Diagnostic[] {
    const total = this.#found.length + this.#dropped;
    if (total <= MAX_SHOWN) return this.#found.toSorted(byPlace);
    const errorsFirst = this.#found.toSorted((a, b) => rank(a) - rank(b) || byPlace(a, b));
    const shown = errorsFirst.slice(0, MAX_SHOWN).toSorted(byPlace);
    const last = shown.at(-1);
    if (last === undefined) return shown;
    const message = `${total - MAX_SHOWN} more diagnostics are not shown`;
    const severity = this.#hasError ? 'error' : 'warning';
    return [...shown, { code: 'WF094', severity, file: this.#file, at: last.at, message, cure: CODES.WF094.cure }];
  }
}

function rank(diagnostic: Diagnostic): number {
  return diagnostic.severity === 'error' ? 0 : 1;
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.at.line - b.at.line || a.at.column - b.at.column || a.code.localeCompare(b.code);
}
