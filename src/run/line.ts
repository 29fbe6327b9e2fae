// The line of one concurrency group, across the runs of a project: who holds the group, who waits for it in which order,
// and what becomes of them when somebody comes or goes. Pure; the journal keeps the line, and writes it together with the
// events that follow from a change.
import type { JobId, RunId } from '#base/ids.ts';
import type { RunEvent } from './events.ts';

/** What stands in a line: a run, one of its jobs, or the jobs of a workflow that one of its jobs called. */
export type Holder = { readonly kind: 'run' } | { readonly kind: 'job' | 'call'; readonly jobId: JobId };

/**
 * One place in a line.
 *
 *     comes ──nobody is there──────────────► held ──goes, or its process died──► gone
 *       └───somebody is──► waiting ──first, and nobody holds──► held
 *                             └──a newer one takes its place, or it goes──► gone
 */
export interface LineEntry {
  readonly runId: RunId;
  readonly holder: Holder;
  readonly state: 'held' | 'waiting';
  /** Counts how often this holder has come; a run that was interrupted comes again. */
  readonly turn: number;
}

export interface LineView {
  /** As it was named by who asks; names are the same in any case. */
  readonly group: string;
  /** At most one holds the group, and stands first; the others in the order in which they came. */
  readonly line: readonly LineEntry[];
  /** Whether a living process drives the run. One that nobody drives holds nothing. */
  isDriven(runId: RunId): boolean;
  readonly nowMs: number;
}

export interface LineChange {
  readonly line: readonly LineEntry[];
  readonly told: readonly { readonly runId: RunId; readonly event: RunEvent }[];
}

export interface Newcomer {
  readonly runId: RunId;
  readonly holder: Holder;
  readonly turn: number;
  readonly queue: 'single' | 'max';
  readonly cancelInProgress: boolean;
}

/** As on GitHub: more than these do not wait in one group. */
const MOST_WAITING = 100;

/** Runs that died have left, and when nobody holds the group, the first who waits does from now on. */
export function settleLine(view: LineView): LineChange {
  const present = view.line.filter((entry) => view.isDriven(entry.runId));
  const [first, ...others] = present;
  if (first === undefined || present.some((entry) => entry.state === 'held')) return { line: present, told: [] };
  const held: LineEntry = { ...first, state: 'held' };
  return {
    line: [held, ...others],
    told: [acquired(view, held), ...others.map((entry, ahead) => queued(view, entry, { behind: held, ahead }))],
  };
}

/**
 * GitHub's rules: with `single`, who waits makes room for the newcomer, and is cancelled; with `max` nobody is dropped. With
 * `cancelInProgress` who holds the group is asked to end as well, and the newcomer still waits until it has.
 */
export function joinLine(view: LineView, newcomer: Newcomer): LineChange {
  const settled = settleLine(view);
  if (settled.line.some((entry) => isSame(entry, newcomer))) return settled;
  const { runId, holder, turn } = newcomer;
  const held = settled.line.find((entry) => entry.state === 'held');
  if (!held) {
    const entry: LineEntry = { runId, holder, turn, state: 'held' };
    return { line: [entry], told: [...settled.told, acquired(view, entry)] };
  }
  const waiting = settled.line.filter((entry) => entry !== held);
  const dropped = newcomer.queue === 'single' ? waiting : [];
  const kept = waiting.filter((entry) => !dropped.includes(entry));
  if (kept.length >= MOST_WAITING) {
    const reason = `${MOST_WAITING} wait for the concurrency group "${view.group}" already`;
    return { line: settled.line, told: [...settled.told, cancelled(view, newcomer, { reason })] };
  }
  const entry: LineEntry = { runId, holder, turn, state: 'waiting' };
  const stopped = newcomer.cancelInProgress ? [held, ...dropped] : dropped;
  return {
    line: [held, ...kept, entry],
    told: [
      ...settled.told,
      ...stopped.map((each) => cancelled(view, each, successor(each, newcomer))),
      queued(view, entry, { behind: held, ahead: kept.length }),
    ],
  };
}

/** Whoever is there stays there, and the newcomer does not come in. */
export function refuseNewcomer(view: LineView, { runId, holder, turn }: Newcomer, why: string): LineChange {
  const { line, told } = settleLine(view);
  const { group, nowMs } = view;
  const event: RunEvent = { type: 'concurrency.refused', v: 1, atMs: nowMs, group, holder, turn, why };
  return { line, told: [...told, { runId, event }] };
}

export function leaveLine(view: LineView, who: Pick<LineEntry, 'runId' | 'holder' | 'turn'>): LineChange {
  const left = settleLine({ ...view, line: view.line.filter((entry) => !isSame(entry, who)) });
  const { group, nowMs } = view;
  const { holder, turn } = who;
  const event: RunEvent = { type: 'concurrency.released', v: 1, atMs: nowMs, group, holder, turn };
  return { line: left.line, told: [{ runId: who.runId, event }, ...left.told] };
}

/** One line for people, seen from run `from`. */
export function holderInWords({ runId, holder }: Pick<LineEntry, 'runId' | 'holder'>, from: RunId): string {
  const run = runId === from ? 'this run' : `run ${runId}`;
  return holder.kind === 'run' ? run : `job "${holder.jobId}" of ${run}`;
}

export function holderKey(holder: Holder): string {
  return holder.kind === 'run' ? 'run' : `${holder.kind}:${holder.jobId}`;
}

function isSame(one: Pick<LineEntry, 'runId' | 'holder'>, other: Pick<LineEntry, 'runId' | 'holder'>): boolean {
  return one.runId === other.runId && holderKey(one.holder) === holderKey(other.holder);
}

type Told = LineChange['told'][number];

function acquired({ group, nowMs }: LineView, { runId, holder, turn }: LineEntry): Told {
  return { runId, event: { type: 'concurrency.acquired', v: 1, atMs: nowMs, group, holder, turn } };
}

function queued(
  { group, nowMs }: LineView,
  { runId, holder, turn }: LineEntry,
  { behind, ahead }: { readonly behind: LineEntry; readonly ahead: number },
): Told {
  const before = { runId: behind.runId, holder: behind.holder };
  return {
    runId,
    event: { type: 'concurrency.queued', v: 1, atMs: nowMs, group, holder, turn, behind: before, ahead },
  };
}

interface Ending {
  readonly reason: string;
  readonly supersededBy?: RunId;
}

function successor(who: LineEntry, { runId, holder }: Newcomer): Ending {
  return { reason: `superseded by ${holderInWords({ runId, holder }, who.runId)}`, supersededBy: runId };
}

function cancelled({ nowMs }: LineView, { runId, holder }: Pick<LineEntry, 'runId' | 'holder'>, ending: Ending): Told {
  const event: RunEvent =
    holder.kind === 'run'
      ? { type: 'run.cancel-requested', v: 1, atMs: nowMs, ...ending }
      : { type: 'job.cancel-requested', v: 1, atMs: nowMs, jobId: holder.jobId, ...ending };
  return { runId, event };
}
