// What must happen next. Pure: the same state gives the same effects, so the engine may ask again after a crash.
import type { JobId } from '#base/ids.ts';
import type { Job } from '#workflow/model.ts';
import type { RunEvent } from './events.ts';
import { expandGroup } from './expand.ts';
import type { JobOrder } from './job-order.ts';
import { orderJob } from './order.ts';
import { isSettled, jobConclusion, settledGroup } from './outcome.ts';
import type { JobGroup, JobRecord, LiveRun, RunState } from './state.ts';

export type Effect =
  | { readonly kind: 'append'; readonly id: string; readonly events: readonly RunEvent[] }
  /** The `job.dispatched` stands in the journal before the order goes out. */
  | { readonly kind: 'dispatch'; readonly id: string; readonly event: RunEvent; readonly order: JobOrder }
  | { readonly kind: 'cancel-job'; readonly id: string; readonly jobId: JobId; readonly reason: string };

export interface Limits {
  /** Jobs of this run that may run at the same time. */
  readonly slots: number;
}

export function decide(state: RunState, nowMs: number, limits: Limits): readonly Effect[] {
  if (state.kind === 'unborn' || state.finished) return [];
  const expansions = state.plan.jobs.flatMap(({ job }) => expansionOf(state, job, nowMs));
  // Expansions change what may start: first they are told, then the question is asked again.
  if (expansions.length > 0) return expansions;
  const stops = [...state.groups.values()].flatMap((group) => stopsOf(state, group, nowMs));
  if (stops.some((effect) => effect.kind === 'append')) return stops;
  const isOver = state.plan.jobs.every(({ job }) => settledGroup(state, job.key) !== undefined);
  if (isOver) {
    const event: RunEvent = { type: 'run.finished', v: 1, atMs: nowMs, cancelled: state.cancel !== undefined };
    return [{ kind: 'append', id: 'run/finished', events: [event] }];
  }
  return [...stops, ...startsOf(state, nowMs, limits)];
}

function expansionOf(run: LiveRun, job: Job, nowMs: number): readonly Effect[] {
  if (run.groups.has(job.key)) return [];
  if (!job.needs.every((need) => settledGroup(run, need.value) !== undefined)) return [];
  return [{ kind: 'append', id: `${job.key}/expand`, events: expandGroup(run, job, nowMs) }];
}

/** Cancellation of the run, and fail-fast among the instances of a matrix. */
function stopsOf(run: LiveRun, group: JobGroup, nowMs: number): readonly Effect[] {
  const records = group.ids.flatMap((id) => run.jobs.get(id) ?? []);
  const reason = stopReason(run, group, records);
  if (reason === undefined) return [];
  return records.flatMap((record): readonly Effect[] => {
    const jobId = record.instance.id;
    switch (record.state.kind) {
      // Goes to a runner once more: what the dead engine left running is to be ended, and always() steps are due.
      case 'lost':
        return [];
      case 'waiting': {
        if (run.cancel && runsAfterCancel(run, record)) return [];
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
      }
      case 'running':
        return run.cancel && runsAfterCancel(run, record)
          ? []
          : [{ kind: 'cancel-job', id: `${jobId}/${record.state.attempt}/cancel`, jobId, reason }];
      default:
        return [];
    }
  });
}

function stopReason(run: LiveRun, group: JobGroup, records: readonly JobRecord[]): string | undefined {
  if (run.cancel) return run.cancel.reason;
  if (!group.failFast || records.length < 2) return undefined;
  const failed = records.find((record) => jobConclusion(record) === 'failure');
  return failed ? `${failed.instance.name} failed, and fail-fast stops the rest of the matrix` : undefined;
}

/** A job that was expanded after the cancellation passed its `if:` knowing of it, such as one under `always()`. */
function runsAfterCancel(run: LiveRun, record: JobRecord): boolean {
  return run.groups.get(record.key)?.afterCancel === true;
}

function startsOf(run: LiveRun, nowMs: number, limits: Limits): readonly Effect[] {
  const isRunning = (record: JobRecord): boolean => record.state.kind === 'running';
  let free = limits.slots - [...run.jobs.values()].filter(isRunning).length;
  const effects: Effect[] = [];
  for (const group of run.groups.values()) {
    const job = run.plan.jobs.find((entry) => entry.job.key === group.key)?.job;
    if (!job) continue;
    const records = group.ids.flatMap((id) => run.jobs.get(id) ?? []);
    let freeInGroup = (group.maxParallel ?? Infinity) - records.filter(isRunning).length;
    for (const record of records) {
      if (free <= 0) return effects;
      if (freeInGroup <= 0) break;
      if (isSettled(record) || isRunning(record)) continue;
      const order = orderJob(run, record, job);
      const { jobId, attempt, carried } = order;
      const event: RunEvent = { type: 'job.dispatched', v: 1, atMs: nowMs, jobId, attempt, carried };
      effects.push({ kind: 'dispatch', id: `${jobId}/${attempt}/dispatch`, event, order });
      free--;
      freeInGroup--;
    }
  }
  return effects;
}
