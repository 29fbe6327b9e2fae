// Which runs are kept, and which may go. Pure: what is known of all runs and the time give the answer, so that what is
// shown before is what is done then.
import type { RunId } from '#base/ids.ts';
import { attemptOfRun } from '#base/run-attempt.ts';

export interface KnownRun {
  readonly runId: RunId;
  readonly workflowFile: string;
  readonly startedAtMs: number;
  /** A process drives it. */
  readonly isLive: boolean;
  /** Its jobs that went well, by their ids. */
  readonly goodJobs: readonly string[];
  /** Until when the last of its artifacts was promised to be kept. */
  readonly artifactsUntilMs?: number;
  /** What its removal would free. */
  readonly bytes: number;
}

export interface RetentionRules {
  readonly nowMs: number;
  /** Younger runs stay, unless there is too much. */
  readonly olderThanMs: number;
  /** So many of each pipeline stay in any case, the newest; at least one. */
  readonly keep: number;
  /** Of all runs together: when there is more, younger ones go too, the oldest first. */
  readonly maxBytes?: number;
}

export type RetentionReason = 'live' | 'newest' | 'last-good' | 'artifacts' | 'attempt' | 'young';

export type Retention =
  | { readonly run: KnownRun; readonly kind: 'keep'; readonly why: RetentionReason }
  | { readonly run: KnownRun; readonly kind: 'remove' };

/** `runs`: the newest first. The answer is in the same order. */
export function decideRetention(runs: readonly KnownRun[], rules: RetentionRules): readonly Retention[] {
  const reasons = new Map<RunId, RetentionReason>();
  const keep = (run: KnownRun, why: RetentionReason): void => {
    if (!reasons.has(run.runId)) reasons.set(run.runId, why);
  };
  for (const run of runs) if (run.isLive) keep(run, 'live');
  for (const run of newestOf(runs, Math.max(1, rules.keep))) keep(run, 'newest');
  for (const run of lastGoodOf(runs)) keep(run, 'last-good');
  for (const run of runs) if ((run.artifactsUntilMs ?? 0) > rules.nowMs) keep(run, 'artifacts');
  // Attempts of one run need each other: a later one has not the logs of the jobs that it did not run again.
  const needed = new Set([...reasons.keys()].map((id) => attemptOfRun(id).first));
  for (const run of runs) if (needed.has(attemptOfRun(run.runId).first)) keep(run, 'attempt');
  let bytes = runs.reduce((sum, run) => sum + run.bytes, 0);
  const removed = new Set<RunId>();
  for (const run of runs.toReversed()) {
    if (reasons.has(run.runId)) continue;
    const isOld = rules.nowMs - run.startedAtMs > rules.olderThanMs;
    if (!isOld && bytes <= (rules.maxBytes ?? Number.POSITIVE_INFINITY)) continue;
    bytes -= run.bytes;
    removed.add(run.runId);
  }
  return runs.map((run) =>
    removed.has(run.runId) ? { run, kind: 'remove' } : { run, kind: 'keep', why: reasons.get(run.runId) ?? 'young' },
  );
}

function newestOf(runs: readonly KnownRun[], amount: number): readonly KnownRun[] {
  const seen = new Map<string, number>();
  return runs.filter(({ workflowFile }) => {
    const count = (seen.get(workflowFile) ?? 0) + 1;
    seen.set(workflowFile, count);
    return count <= amount;
  });
}

/** For each job of each pipeline the newest run in which it went well: later failures are compared with it. */
function lastGoodOf(runs: readonly KnownRun[]): readonly KnownRun[] {
  const seen = new Set<string>();
  return runs.filter(({ workflowFile, goodJobs }) => {
    const fresh = goodJobs.map((job) => JSON.stringify([workflowFile, job])).filter((each) => !seen.has(each));
    for (const each of fresh) seen.add(each);
    return fresh.length > 0;
  });
}
