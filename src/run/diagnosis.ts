// Why a step failed, as the journal keeps it: where the lines are that show it, never the lines.

/** Where a failure comes from: who has to do something about it. */
export const LAYERS = [
  'runner',
  'network',
  'registry',
  'dependency',
  'configuration',
  'code',
  'test',
  'policy',
  'timeout',
  'resources',
  'secrets',
  'flaky',
  'unknown',
] as const;

export type Layer = (typeof LAYERS)[number];

/** What was tried on the machine after the failure, with what came of it. */
export interface ProbeResult {
  readonly name: string;
  /** False: it accuses. Undefined: it found out nothing. */
  readonly ok?: boolean;
  /** One line in plain words. */
  readonly said: string;
}

/** The command of a step's script that failed. */
export interface FailedCommand {
  /** As it is written, on one line. */
  readonly text: string;
  /** In the script, from 1. */
  readonly line?: number;
  readonly status?: number;
  /** With the values of its variables; absent when it is the same, or not known. */
  readonly expanded?: string;
  /** What swallowed the failure, such as `|| true`; absent when nothing did. */
  readonly mask?: string;
}

export interface StepDiagnosis {
  /** One line in plain words. */
  readonly cause: string;
  readonly layer: Layer;
  /** 0 to 1. */
  readonly confidence: number;
  /** Lines of the job's log, by their numbers; they are those that show it. */
  readonly excerpt: readonly { readonly start: number; readonly end: number }[];
  /** Absent when it is not known, or the step was no script. */
  readonly command?: FailedCommand;
  readonly fix?: string;
  readonly signature?: string;
  readonly probes?: readonly ProbeResult[];
  /** What is not as it was in the last good run, a line each; absent when there was none. */
  readonly changed?: readonly string[];
}
