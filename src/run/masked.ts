// Failures that a step's script swallowed, as its recorders tell of them.
import { unreachable } from '#base/unreachable.ts';
import type { LedgerEntry } from './ledger.ts';

export interface MaskedFailure {
  readonly command: string;
  /** In the script, from 1. */
  readonly line: number;
  readonly status: number;
  /** What swallowed it, such as `|| true`. */
  readonly mask: string;
  /** Why it does not count; absent when it does, and then the ledger has it. */
  readonly noted?: NotedAs;
}

export type NotedAs =
  /** The status is the answer "no" of a command that asks. */
  | 'question'
  /** SIGPIPE: whoever read the pipe had enough. */
  | 'reader-gone'
  /** In a function that a trap calls, or in a step that runs whatever happened before it. */
  | 'clean-up'
  /** The script did something else instead. */
  | 'alternative';

/** What the recorders of a step have to say. */
export interface StepMasked {
  readonly failures: readonly MaskedFailure[];
  /** One sentence each: what was not recorded, and why. */
  readonly notRecorded: readonly string[];
  /** The step's author has turned them off, and there was something to record. */
  readonly isOff?: true;
}

/** Those that count. The run adds where. */
export function maskedEntries({ failures, isOff }: StepMasked): readonly Omit<LedgerEntry, 'where'>[] {
  if (isOff) return [TURNED_OFF];
  return failures.flatMap(({ command, line, status, mask, noted }) =>
    noted === undefined
      ? [{ what: 'masked', wanted: command, used: mask, why: `status ${status} at line ${line}`, loss: LOSS } as const]
      : [],
  );
}

const TURNED_OFF: Omit<LedgerEntry, 'where'> = {
  what: 'masked',
  wanted: 'a record of the failures that the script swallows',
  used: 'none',
  why: 'it is turned off by GANTRY_RECORD_MASKED',
  loss: 'nobody knows what failed in it',
};

const LOSS = 'what it was to do is not done, or only in part';

const MOST_NOTED = 3;

/** What stands under the step: failures that do not count, and what was not recorded. */
export function maskedInWords(masked: StepMasked | undefined): readonly string[] {
  if (!masked) return [];
  const noted = masked.failures.filter((each) => each.noted !== undefined);
  const more = noted.length - MOST_NOTED;
  return [
    ...noted.slice(0, MOST_NOTED).map((each) => `noted: ${notedInWords(each)}`),
    ...(more > 0 ? [`noted: ${more} more`] : []),
    ...masked.notRecorded.slice(0, 1).map((why) => `swallowed failures are not recorded: ${why}${andMore(masked)}`),
  ];
}

function andMore({ notRecorded }: StepMasked): string {
  return notRecorded.length > 1 ? ` (and ${notRecorded.length - 1} more)` : '';
}

function notedInWords({ command, line, status, noted }: MaskedFailure): string {
  const what = `line ${line}: ${command} ended with ${status}`;
  switch (noted) {
    case 'question':
      return `${what}, which is an answer`;
    case 'reader-gone':
      return `${what}, because its reader had enough`;
    case 'clean-up':
      return `${what}, while cleaning up`;
    case 'alternative':
      return `${what}, and something else was done instead`;
    case undefined:
      return what;
    default:
      return unreachable(noted);
  }
}
