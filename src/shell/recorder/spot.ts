import type { Span } from '../shell-text.ts';

/** A command whose failure may be swallowed. */
export interface RecordedCommand {
  /** What its author wrote. */
  readonly command: string;
  /** In the script, from 1. */
  readonly line: number;
  /** Its statuses that answer "no" rather than tell of a failure. */
  readonly no: readonly number[];
}

/** A place where a recorder stands. */
export interface Spot {
  /** One; of a pipe, all but the last, and each has its status in the record. */
  readonly commands: readonly RecordedCommand[];
  /** What swallows it, as its author wrote it, or in words. */
  readonly mask: string;
  /** Something else was done instead: a lesser way, which may have failed in its turn. */
  readonly hasAlternative: boolean;
  /** It stands in a function that a trap calls. */
  readonly cleansUp: boolean;
}

/** A place that may swallow a failure and is not recorded, because a recorder there would change something. */
export interface LeftOut {
  readonly line: number;
  readonly why: string;
}

/** What is known of a place while the script is read. */
export interface Context {
  /** `-e`, as far as it is known here. In a condition it has no effect, whatever it says. */
  readonly errexit: 'on' | 'off' | 'unknown';
  /** `-e` would really end the script here. */
  readonly isEffective: boolean;
  /** Somebody looks at the status of the last command of the list. */
  readonly isUsed: boolean;
  /** Behind the last command of the list the shell, or the subshell, ends with its status. */
  readonly isTail: boolean;
  readonly cleansUp: boolean;
}

export type { Span };
