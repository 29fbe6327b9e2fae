// What must happen next. Pure: the same state gives the same effects, so the engine may ask again after a crash.
import type { JsonObject } from '#base/json.ts';
import { remembered } from '#base/remembered.ts';
import type { RunEvent } from './events.ts';
import { callWorkflow, returnFromWorkflow } from './calls.ts';
import { admissionsOf, departuresOf, isAdmitted, jobGate } from './concurrency.ts';
import type { LineEffect } from './concurrency.ts';
import { expandGroup } from './expand.ts';
import type { JobOrder } from './job-order.ts';
import { orderJob, sharedContexts } from './order.ts';
import { evidenceOf, isSettled, settledGroup } from './outcome.ts';
import type { Job } from '#workflow/model.ts';
import type { Plan, PlannedJob } from './plan.ts';
import { allScopes, callScope, plannedJob, scopeOf } from './scopes.ts';
import type { RunScope } from './scopes.ts';
import type { JobGroup, JobRecord, LiveRun, RunState } from './state.ts';
import { stopsOf } from './stops.ts';
import type { StopEffect } from './stops.ts';

export type Effect =
  /** The `job.dispatched` stands in the journal before the order goes out. */
  | { readonly kind: 'dispatch'; readonly id: string; readonly event: RunEvent; readonly order: JobOrder }
  /** Its answer is an event: the group is held, or waited for. */
  | LineEffect
  | StopEffect;

export interface Limits {
  /** Jobs of this run that may run at the same time. */
  readonly slots: number;
}

export function decide(state: RunState, nowMs: number, limits: Limits): readonly Effect[] {
  if (state.kind === 'unborn' || state.finished) return [];
  const places = [...departuresOf(state, false), ...admissionsOf(state, nowMs)];
  if (places.length > 0) return places;
  const scopes = allScopes(state);
  // Every key becomes one group: when there are as many, nothing is left to be expanded.
  const isExpanded = scopes.reduce((count, scope) => count + scope.jobs.length, 0) === state.groups.size;
  const expansions = isExpanded ? [] : expansionsOf(state, scopes, nowMs);
  // Expansions change what may start: first they are told, then the question is asked again.
  if (expansions.length > 0) return expansions;
  const open = [...state.open.values()];
  const stops = open.flatMap((group) => stopsOf(state, group, nowMs));
  if (stops.some((effect) => effect.kind === 'append')) return stops;
  const returns = returnsOf(state, nowMs);
  if (returns.length > 0) return returns;
  const isOver =
    open.every(({ caller }) => caller !== undefined) && state.plan.jobs.every(({ job }) => state.settled.has(job.key));
  if (isOver) {
    const event: RunEvent = { type: 'run.finished', v: 1, atMs: nowMs, cancelled: state.cancel !== undefined };
    return [...departuresOf(state, true), { kind: 'append', id: 'run/finished', events: [event] }];
  }
  return [...stops, ...startsOf(state, open, { nowMs, slots: limits.slots })];
}

/** Of the keys whose needs have all ended. Every decision asks this of every job, so it makes nothing on the way. */
function expansionsOf(run: LiveRun, scopes: readonly RunScope[], nowMs: number): readonly Effect[] {
  const effects: Effect[] = [];
  for (const scope of scopes) {
    if (!isAdmitted(run, scope)) continue;
    for (const planned of scope.jobs) {
      const key = `${scope.prefix}${planned.job.key}`;
      if (run.groups.has(key) || !isDue(run, scope.prefix, planned.job)) continue;
      effects.push({ kind: 'append', id: `${key}/expand`, events: expandGroup(run, scope, planned, nowMs) });
    }
  }
  return effects;
}

function isDue(run: LiveRun, prefix: string, { needs }: Job): boolean {
  return needs.every(({ value }) => run.settled.has(`${prefix}${value}`));
}

interface Moment extends Limits {
  readonly nowMs: number;
}

/** Of the groups in which a job has still to end. */
function startsOf(run: LiveRun, open: readonly JobGroup[], { nowMs, slots }: Moment): readonly Effect[] {
  const isRunning = (record: JobRecord): boolean => record.state.kind === 'running';
  const takesPlace = (record: JobRecord): boolean => isRunning(record) || record.state.kind === 'calling';
  const groups = open.map((group) => ({ group, records: group.ids.flatMap((id) => run.jobs.get(id) ?? []) }));
  let free = slots - groups.reduce((count, { records }) => count + records.filter(isRunning).length, 0);
  const effects: Effect[] = [];
  let evidence: JobOrder['evidence'] | undefined;
  const needSlots = onlySlotsCount(run.plan);
  for (const { group, records } of groups) {
    if (free <= 0 && needSlots) break;
    const [first] = records;
    const planned = first && plannedJob(run, first);
    if (!planned) continue;
    const scope = scopeOf(run, first);
    if (!isAdmitted(run, scope)) continue;
    let contexts: JsonObject | undefined;
    let freeInGroup = (group.maxParallel ?? Infinity) - records.filter(takesPlace).length;
    for (const record of records) {
      if (freeInGroup <= 0) break;
      if (isSettled(record) || takesPlace(record)) continue;
      const gate = jobGate(run, record, { job: planned.job, scope }, nowMs);
      if (gate.kind === 'first') effects.push(gate.effect);
      if (gate.kind !== 'open') {
        freeInGroup--;
        continue;
      }
      if (planned.calls !== undefined) {
        effects.push(callEffect(run, record, planned, nowMs));
        freeInGroup--;
        continue;
      }
      if (free <= 0) break;
      evidence ??= evidenceOf(run);
      contexts ??= sharedContexts(run, scope, planned.job);
      const order = orderJob(run, record, { job: planned.job, within: scope, evidence, contexts });
      const { jobId, attempt, carried } = order;
      const event: RunEvent = { type: 'job.dispatched', v: 1, atMs: nowMs, jobId, attempt, carried };
      effects.push({ kind: 'dispatch', id: `${jobId}/${attempt}/dispatch`, event, order });
      free--;
      freeInGroup--;
    }
  }
  return effects;
}

/** No job has to do anything else before it takes a slot: none calls a workflow or has a concurrency group. */
const onlySlotsCount = remembered((plan: Plan): boolean =>
  plan.jobs.every(({ job, calls }) => calls === undefined && !job.concurrency),
);

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
