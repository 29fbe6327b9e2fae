import type { RunId } from '#base/ids.ts';
import type { RunEvent } from '#run/events.ts';
import type { LineChange, LineEntry } from '#run/line.ts';

export interface JournalEntry {
  /** Position in the run, from 1 without gaps. */
  readonly seq: number;
  readonly event: RunEvent;
}

/** The process that drives a run. A pid alone is not an identity: `startTicks` is the kernel's start time of it. */
export interface RunOwner {
  readonly pid: number;
  readonly startTicks: string;
}

/**
 * The one truth about runs: per run an ordered list of events that only grows.
 *
 * Order: events of one `append` stand together, in the order given; appends of several processes interleave whole.
 * Durability: when `append` returns, the events survive the end of this process at any moment (kill -9 included).
 * Idempotence: none here; duplicates fall out in `evolve`.
 * Concurrency: any number of readers and appenders, in any processes; at most one owner of a run.
 */
export interface Journal extends Disposable {
  append(runId: RunId, events: readonly RunEvent[]): void;
  /** Entries behind `afterSeq` (0: from the start), in order. */
  read(runId: RunId, afterSeq: number): readonly JournalEntry[];
  /** All runs, newest first. */
  runs(limit: number): readonly RunId[];
  /** `github.run_number` of the newest run of this workflow file; 0 when there is none. */
  lastRunNumber(workflowFile: string): number;
  /** The next one, which nobody else is given, whether a run comes of it or not. */
  takeRunNumber(workflowFile: string): number;
  /** Takes the run for `owner`, when nobody has it or `isAlive` says its owner is gone. Returns the living owner otherwise. */
  claim(runId: RunId, owner: RunOwner, isAlive: (owner: RunOwner) => boolean): RunOwner | undefined;
  owner(runId: RunId): RunOwner | undefined;
  /** Gives the run up, and with it its places in the lines of concurrency groups. */
  release(runId: RunId): void;
  /** Bytes of its events as they are kept. */
  size(runId: RunId): number;
  /** Forgets the run as if it had never been, but for its number. Only its owner may: so nobody drives it meanwhile. */
  remove(runId: RunId): void;
  /** Gives the room of what was removed back to the system. Nobody can append in the meantime. */
  compact(): void;
  /** Who stands in the line of a concurrency group; its name is the same in any case. */
  line(group: string): readonly LineEntry[];
  /** The lines of all groups, by their names in lower case. Within `changeLine` nobody changes them meanwhile. */
  lines(): ReadonlyMap<string, readonly LineEntry[]>;
  /**
   * Reads the line, asks `change` what becomes of it, and writes the line and the events that follow, all as one: nobody
   * sees one without the other, and of several who come at once each sees what the one before did.
   */
  changeLine(group: string, change: (line: readonly LineEntry[]) => LineChange): void;
}
