// What must happen next. Pure: the same state gives the same effects, so the engine may ask again after a crash.
import type { JobId } from '#base/ids.ts';
import type { RunEvent } from './events.ts';
import { callWorkflow, returnFromWorkflow } from './calls.ts';
import { expandGroup } from './expand.ts';
import type { JobOrder } from './job-order.ts';
import { evidenceOf, orderJob } from './order.ts';
import { isSettled, jobConclusion, settledGroup } from './outcome.ts';
import type { PlannedJob } from './plan.ts';
import { allScopes, callScope, plannedJob } from './scopes.ts';
import type { RunScope } from './scopes.ts';
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
  const expansions = allScopes(state).flatMap((scope) =>
    scope.jobs.flatMap((planned) => expansionOf(state, scope, planned, nowMs)),
  );
  // Expansions change what may start: first they are told, then the question is asked again.
  if (expansions.length > 0) return expansions;
  const stops = [...state.groups.values()].flatMap((group) => stopsOf(state, group, nowMs));
  if (stops.some((effect) => effect.kind === 'append')) return stops;
  const returns = returnsOf(state, nowMs);
  if (returns.length > 0) return returns;
  const isOver = state.plan.jobs.every(({ job }) => settledGroup(state, job.key) !== undefined);
  if (isOver) {
    const event: RunEvent = { type: 'run.finished', v: 1, atMs: nowMs, cancelled: state.cancel !== undefined };
    return [{ kind: 'append', id: 'run/finished', events: [event] }];
  }
  return [...stops, ...startsOf(state, nowMs, limits)];
}

function expansionOf(run: LiveRun, scope: RunScope, planned: PlannedJob, nowMs: number): readonly Effect[] {
  const key = `${scope.prefix}${planned.job.key}`;
  if (run.groups.has(key)) return [];
  if (!planned.job.needs.every((need) => settledGroup(run, `${scope.prefix}${need.value}`) !== undefined)) return [];
  return [{ kind: 'append', id: `${key}/expand`, events: expandGroup(run, scope, planned, nowMs) }];
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
  const outer = group.caller === undefined ? undefined : outerStop(run, group.caller);
  if (outer !== undefined) return outer;
  if (!group.failFast || records.length < 2) return undefined;
  const failed = records.find((record) => jobConclusion(record) === 'failure');
  return failed ? `${failed.instance.name} failed, and fail-fast stops the rest of the matrix` : undefined;
}

/** What stops the job that called stops the jobs that took its place. */
function outerStop(run: LiveRun, caller: JobId): string | undefined {
  const record = run.jobs.get(caller);
  const group = record && run.groups.get(record.key);
  if (!group) return undefined;
  return stopReason(
    run,
    group,
    group.ids.flatMap((id) => run.jobs.get(id) ?? []),
  );
}

/** A job that was expanded after the cancellation passed its `if:` knowing of it, such as one under `always()`. */
function runsAfterCancel(run: LiveRun, record: JobRecord): boolean {
  return run.groups.get(record.key)?.afterCancel === true;
}

function startsOf(run: LiveRun, nowMs: number, limits: Limits): readonly Effect[] {
  const isRunning = (record: JobRecord): boolean => record.state.kind === 'running';
  const takesPlace = (record: JobRecord): boolean => isRunning(record) || record.state.kind === 'calling';
  let free = limits.slots - [...run.jobs.values()].filter(isRunning).length;
  const effects: Effect[] = [];
  let evidence: JobOrder['evidence'] | undefined;
  for (const group of run.groups.values()) {
    const records = group.ids.flatMap((id) => run.jobs.get(id) ?? []);
    const [first] = records;
    const planned = first && plannedJob(run, first);
    if (!planned) continue;
    let freeInGroup = (group.maxParallel ?? Infinity) - records.filter(takesPlace).length;
    for (const record of records) {
      if (freeInGroup <= 0) break;
      if (isSettled(record) || takesPlace(record)) continue;
      if (planned.calls !== undefined) {
        effects.push(callEffect(run, record, planned, nowMs));
        freeInGroup--;
        continue;
      }
      if (free <= 0) break;
      const order = orderJob(run, record, { job: planned.job, evidence: (evidence ??= evidenceOf(run)) });
      const { jobId, attempt, carried } = order;
      const event: RunEvent = { type: 'job.dispatched', v: 1, atMs: nowMs, jobId, attempt, carried };
      effects.push({ kind: 'dispatch', id: `${jobId}/${attempt}/dispatch`, event, order });
      free--;
      freeInGroup--;
    }
  }
  return effects;
}

function callEffect(run: LiveRun, record: JobRecord, planned: PlannedJob, nowMs: number): Effect {
  const jobId = record.instance.id;
  return { kind: 'append', id: `${jobId}/call`, events: [callWorkflow(run, record, planned, nowMs)] };
}

/** Calls whose jobs have all ended. */
function returnsOf(run: LiveRun, nowMs: number): readonly Effect[] {
  return [...run.calls.keys()].flatMap((jobId): readonly Effect[] => {
    const record = run.jobs.get(jobId);
    const scope = record?.state.kind === 'calling' ? callScope(run, jobId) : undefined;
    if (!scope || !scope.jobs.every(({ job }) => settledGroup(run, `${scope.prefix}${job.key}`))) return [];
    return [{ kind: 'append', id: `${jobId}/return`, events: [returnFromWorkflow(run, { jobId, scope }, nowMs)] }];
  });
}
