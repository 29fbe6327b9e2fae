import type { JobId, RunId } from '#base/ids.ts';
import type { LogEnd } from '#run/events.ts';

export type LogStream = 'stdout' | 'stderr' | 'engine';

/** In the place of a step: what is said of the job itself, before its first step or behind its last. */
export const OF_THE_JOB = -1;

/** Whole lines of one step: `bytes` ends with a newline, holds `lines` of them, and is already redacted. */
export interface LogBatch {
  readonly step: number;
  readonly stream: LogStream;
  readonly atMs: number;
  readonly lines: number;
  readonly bytes: Uint8Array;
}

export interface LogLine {
  /** From 1, over the whole job. */
  readonly seq: number;
  readonly step: number;
  readonly stream: LogStream;
  readonly atMs: number;
  readonly text: string;
}

/**
 * The log of one job: one writer, many readers. `append` keeps the order of calls and may buffer; what was appended
 * survives this process once `flush` has returned. `end` writes the marker (length and hash): a log without one is
 * incomplete. Opening a log that was cut off continues it: whole lines stay, a torn one is dropped, numbers go on.
 */
export interface LogWriter {
  append(batch: LogBatch): void;
  flush(): void;
  end(): LogEnd;
}

export interface LogStore {
  open(runId: RunId, jobId: JobId): LogWriter;
  /** Lines behind `afterSeq`, streamed: a log may be larger than memory. Optionally of one step only. */
  read(runId: RunId, jobId: JobId, options?: { readonly afterSeq?: number; readonly step?: number }): Iterable<LogLine>;
  /** Bytes of all logs of the run. */
  size(runId: RunId): number;
  /** All logs of the run; nobody may be writing one. */
  remove(runId: RunId): void;
  /** When its last lines were written; undefined when there are none. */
  lastAtMs(runId: RunId, jobId: JobId): number | undefined;
  /** The marker, checked against the bytes when `verify` is set; undefined when absent or not true. */
  end(runId: RunId, jobId: JobId, options?: { readonly verify?: boolean }): LogEnd | undefined;
}
