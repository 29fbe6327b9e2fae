// What is to end before its time, and why: the run was cancelled, the job was, a matrix fails fast, or whatever called it ends.
import type { JobId } from '#base/ids.ts';
import type { RunEvent } from './events.ts';
import { outlivesCancel } from './expand.ts';
import { jobConclusion } from './outcome.ts';
import { plannedJob, scopeOf } from './scopes.ts';
import type { RunScope } from './scopes.ts';
import type { JobGroup, JobRecord, LiveRun } from './state.ts';

export type StopEffect =
  | { readonly kind: 'append'; readonly id: string; readonly events: readonly RunEvent[] }
  | {
      readonly kind: 'cancel-job';
      readonly id: string;
      readonly jobId: JobId;
      readonly reason: string;
      readonly force?: true;
    };

export function stopsOf(run: LiveRun, group: JobGroup, nowMs: number): readonly StopEffect[] {
  if (!run.cancel && group.caller === undefined && group.ids.length === 1) {
    // By far the most: nothing but its own cancellation can stop it. Every decision asks every job that has not ended.
    const [id] = group.ids;
    if (id !== undefined && !run.jobs.get(id)?.cancel) return [];
  }
  const records = recordsOf(run, group);
  if (!records.some(({ state }) => state.kind === 'waiting' || state.kind === 'running')) return [];
  const together = groupStop(run, group, records);
  return records.flatMap((record): readonly StopEffect[] => {
    const jobId = record.instance.id;
    const { kind } = record.state;
    // One that was lost goes to a runner once more: what the dead engine left running is to be ended, and always() steps are due.
    if (kind !== 'waiting' && kind !== 'running') return [];
    const reason = record.cancel?.reason ?? together;
    if (reason === undefined || (!record.cancel && goesOnAfterCancel(run, group, record))) return [];
    if (kind === 'running') return [cancelJob(record.state.attempt, { jobId, reason, force: run.cancel?.force })];
    const event: RunEvent = {
      type: 'job.skipped',
      v: 1,
      atMs: nowMs,
      jobId,
      why: reason,
      blameless: true,
      conclusion: 'cancelled',
    };
    return [{ kind: 'append', id: `${jobId}/cancelled`, events: [event] }];
  });
}

interface JobEnd {
  readonly jobId: JobId;
  readonly reason: string;
  readonly force: true | undefined;
}

/** With `force` it is another effect: a job that was asked to end before is asked again, and then nothing of it goes on. */
function cancelJob(attempt: number, { jobId, reason, force }: JobEnd): StopEffect {
  const id = `${jobId}/${attempt}/${force ? 'end' : 'cancel'}`;
  return { kind: 'cancel-job', id, jobId, reason, ...(force ? { force } : {}) };
}

/** Why the jobs of a scope are not to be begun any more. */
export function scopeStop(run: LiveRun, scope: RunScope): string | undefined {
  return run.cancel?.reason ?? (scope.caller && callerStop(run, scope.caller.jobId));
}

function groupStop(run: LiveRun, group: JobGroup, records: readonly JobRecord[]): string | undefined {
  if (run.cancel) return run.cancel.reason;
  const outer = group.caller === undefined ? undefined : callerStop(run, group.caller);
  if (outer !== undefined) return outer;
  if (!group.failFast || records.length < 2) return undefined;
  const failed = records.find((record) => jobConclusion(record) === 'failure');
  return failed ? `${failed.instance.name} failed, and fail-fast stops the rest of the matrix` : undefined;
}

/** What stops the job that called stops the jobs that took its place. */
function callerStop(run: LiveRun, caller: JobId): string | undefined {
  const record = run.jobs.get(caller);
  const group = record && run.groups.get(record.key);
  if (!group) return undefined;
  return record.cancel?.reason ?? groupStop(run, group, recordsOf(run, group));
}

/** As on GitHub, a job whose `if:` holds now that the run is cancelled goes on, such as one under always(). */
function goesOnAfterCancel(run: LiveRun, group: JobGroup, record: JobRecord): boolean {
  if (!run.cancel || run.cancel.force) return false;
  const job = plannedJob(run, record)?.job;
  return group.afterCancel || (job !== undefined && outlivesCancel(run, scopeOf(run, record), job));
}

function recordsOf(run: LiveRun, group: JobGroup): readonly JobRecord[] {
  return group.ids.flatMap((id) => run.jobs.get(id) ?? []);
}
