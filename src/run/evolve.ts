// State from events. Any order and any duplication of the same deliveries ends in the same state: what comes too
// early waits in `early` or `ahead`, what comes twice or too late changes nothing.
import { unreachable } from '#base/unreachable.ts';
import type { JobId } from '#base/ids.ts';
import { joinTexts } from '#base/join-texts.ts';
import type { JobDelivery, JobFact, RunEvent, StepResult, StepSummary } from './events.ts';
import { holderKey } from './line.ts';
import { placeAfter } from './place.ts';
import { keptState } from './rerun.ts';
import type { Cancellation, CurrentStep, JobRecord, JobState, LiveRun, RunningJob, RunState } from './state.ts';
import { UNBORN } from './state.ts';

export function evolve(state: RunState, event: RunEvent): RunState {
  return evolveWith(state, event, new Set());
}

/** The same as one event after the other; the maps of the state are copied once for all of them. */
export function evolveAll(state: RunState, events: Iterable<RunEvent>): RunState {
  return foldOnto(state)(events);
}

/**
 * A fold that goes on: each call gives the state after these events too, and the state before is not to be read any more,
 * because what the fold has made itself is changed in place.
 */
export function foldOnto(start: RunState): (events: Iterable<RunEvent>) => RunState {
  const own: Own = new Set();
  let current = start;
  return (events) => {
    for (const event of events) current = evolveWith(current, event, own);
    return current;
  };
}

export function foldEvents(events: Iterable<RunEvent>): RunState {
  return evolveAll(UNBORN, events);
}

/** Maps that this fold has made itself: nobody else has seen them, so they are changed in place. */
type Own = Set<ReadonlyMap<unknown, unknown>>;

function withEntry<K, V>(map: ReadonlyMap<K, V>, [key, value]: readonly [K, V], own: Own): ReadonlyMap<K, V> {
  const mine = map instanceof Map && own.has(map) ? map : new Map(map);
  own.add(mine);
  return mine.set(key, value);
}

function withoutEntry<K, V>(map: ReadonlyMap<K, V>, key: K, own: Own): ReadonlyMap<K, V> {
  const mine = map instanceof Map && own.has(map) ? map : new Map(map);
  own.add(mine);
  mine.delete(key);
  return mine;
}

function evolveWith(state: RunState, event: RunEvent, own: Own): RunState {
  if (state.kind === 'unborn') {
    if (event.type !== 'run.created') return { kind: 'unborn', early: [...state.early, event] };
    const born: LiveRun = {
      kind: 'live',
      runId: event.runId,
      plan: event.plan,
      startedAtMs: event.atMs,
      groups: new Map(),
      open: new Map(),
      jobs: new Map(),
      settled: new Map(),
      calls: new Map(),
      places: new Map(),
      observed: [],
      early: [],
    };
    return replayEarly(born, state.early, own);
  }
  const next = apply(state, event, own);
  if (next === 'early') return { ...state, early: [...state.early, event] };
  if (next === state || state.early.length === 0) return next;
  return replayEarly({ ...next, early: [] }, state.early, own);
}

/** Each early event gets another chance; those that are still early stay. */
function replayEarly(state: LiveRun, early: readonly RunEvent[], own: Own): LiveRun {
  let current: RunState = state;
  for (const event of early) current = evolveWith(current, event, own);
  return current.kind === 'live' ? current : state;
}

function apply(state: LiveRun, event: RunEvent, own: Own): LiveRun | 'early' {
  const changeJob = (id: JobId, change: (job: JobState) => JobState | 'early'): LiveRun | 'early' =>
    changeJobOf(state, { id, change }, own);
  switch (event.type) {
    case 'run.created':
      return state;
    case 'job.expanded':
      return expand(state, event, own);
    case 'job.dispatched':
      return changeJob(event.jobId, (job) => {
        if (attemptOf(job) >= event.attempt || isSettled(job)) return job;
        return {
          kind: 'running',
          attempt: event.attempt,
          dispatchedAtMs: event.atMs,
          steps: event.carried,
          currentSteps: [],
          nextSeq: 1,
          ahead: [],
        };
      });
    case 'job.skipped':
      return changeJob(event.jobId, (job) => {
        if (isSettled(job)) return job;
        // What runs is never skipped: this speaks of the time after a loss that is still to be told.
        if (job.kind === 'running') return 'early';
        return { kind: 'skipped', why: event.why, blameless: event.blameless, conclusion: event.conclusion };
      });
    case 'job.carried':
      return changeJob(event.jobId, (job) => (job.kind === 'waiting' ? (keptState(state, event.jobId) ?? job) : job));
    case 'workflow.called':
      return call(state, event, own);
    case 'workflow.returned':
      return changeJob(event.jobId, (job) => returned(job, event));
    case 'job.reported':
      return changeJob(event.delivery.jobId, (job) => deliver(job, event.delivery));
    case 'job.lost':
      return changeJob(event.jobId, (job) => lost(job, event));
    case 'run.cancel-requested':
      return cancelRun(state, event);
    case 'job.cancel-requested':
      return cancelJob(state, event, own);
    case 'concurrency.queued':
    case 'concurrency.acquired':
    case 'concurrency.refused':
    case 'concurrency.released': {
      const place = placeAfter(state.places, event);
      return place ? { ...state, places: withEntry(state.places, [holderKey(event.holder), place], own) } : state;
    }
    case 'environment.observed':
      return observe(state, event);
    case 'run.finished':
      return state.finished ? state : { ...state, finished: { atMs: event.atMs, cancelled: event.cancelled } };
    default:
      return unreachable(event);
  }
}

function lost(job: JobState, event: Extract<RunEvent, { type: 'job.lost' }>): JobState | 'early' {
  if (attemptOf(job) > event.attempt || isSettled(job)) return job;
  if (job.kind === 'lost' && job.attempt === event.attempt) return job;
  if (job.kind !== 'running' || job.attempt < event.attempt || job.nextSeq <= event.lastSeq) return 'early';
  return {
    kind: 'lost',
    attempt: event.attempt,
    steps: job.steps,
    ...(event.interrupted === undefined ? {} : { interrupted: event.interrupted }),
    ...(event.interruptedSteps === undefined ? {} : { interruptedSteps: event.interruptedSteps }),
  };
}

/** The latest look counts, in whatever order the looks arrive. */
function observe(state: LiveRun, event: Extract<RunEvent, { type: 'environment.observed' }>): LiveRun {
  const known = state.observed.find((each) => each.environment === event.environment);
  if (known && known.atMs >= event.atMs) return state;
  return { ...state, observed: [...state.observed.filter((each) => each !== known), event] };
}

/** The first reason stays; `force` may be added to it. */
function cancelRun(state: LiveRun, event: Extract<RunEvent, { type: 'run.cancel-requested' }>): LiveRun {
  const { cancel } = state;
  if (cancel && (cancel.force || !event.force)) return state;
  return { ...state, cancel: { ...(cancel ?? cancellation(event)), ...(event.force ? { force: true } : {}) } };
}

function cancelJob(
  state: LiveRun,
  event: Extract<RunEvent, { type: 'job.cancel-requested' }>,
  own: Own,
): LiveRun | 'early' {
  const record = state.jobs.get(event.jobId);
  if (!record) return 'early';
  if (record.cancel || isSettled(record.state)) return state;
  return { ...state, jobs: withEntry(state.jobs, [event.jobId, { ...record, cancel: cancellation(event) }], own) };
}

function cancellation({ reason, supersededBy }: Cancellation): Cancellation {
  return { reason, ...(supersededBy === undefined ? {} : { supersededBy }) };
}

function expand(state: LiveRun, event: Extract<RunEvent, { type: 'job.expanded' }>, own: Own): LiveRun {
  if (state.groups.has(event.key)) return state;
  const ids = event.instances.map((instance) => instance.id);
  let { jobs } = state;
  for (const instance of event.instances) {
    const record: JobRecord = {
      instance,
      key: event.key,
      ...(event.caller === undefined ? {} : { caller: event.caller }),
      state: { kind: 'waiting' },
    };
    jobs = withEntry(jobs, [instance.id, record], own);
  }
  const group = {
    key: event.key,
    ...(event.caller === undefined ? {} : { caller: event.caller }),
    ids,
    failFast: event.failFast,
    afterCancel: event.afterCancel,
    ...(event.maxParallel === undefined ? {} : { maxParallel: event.maxParallel }),
  };
  const groups = withEntry(state.groups, [event.key, group], own);
  const open = withEntry(state.open, [event.key, group], own);
  return withSettled({ ...state, groups, open, jobs }, event.key, own);
}

function call(state: LiveRun, event: Extract<RunEvent, { type: 'workflow.called' }>, own: Own): LiveRun | 'early' {
  const change = (job: JobState): JobState =>
    job.kind === 'waiting' ? { kind: 'calling', startedAtMs: event.atMs } : job;
  const next = changeJobOf(state, { id: event.jobId, change }, own);
  if (next === 'early' || next === state) return next;
  const { workflow, inputs } = event;
  return { ...next, calls: withEntry(state.calls, [event.jobId, { workflow, inputs }], own) };
}

function returned(job: JobState, event: Extract<RunEvent, { type: 'workflow.returned' }>): JobState | 'early' {
  if (isSettled(job)) return job;
  if (job.kind !== 'calling') return 'early';
  const { conclusion, outputs, verdict, why, atMs } = event;
  if (conclusion === 'skipped')
    return { kind: 'skipped', why: why ?? 'none of its jobs was run', blameless: true, conclusion };
  return {
    kind: 'finished',
    attempt: 1,
    startedAtMs: job.startedAtMs,
    finishedAtMs: atMs,
    steps: [],
    outcome: conclusion,
    conclusion,
    outputs,
    ...(why === undefined ? {} : { why }),
    returned: verdict === undefined ? {} : { verdict },
  };
}

interface JobChange {
  readonly id: JobId;
  readonly change: (job: JobState) => JobState | 'early';
}

function changeJobOf(state: LiveRun, { id, change }: JobChange, own: Own): LiveRun | 'early' {
  const record = state.jobs.get(id);
  if (!record) return 'early';
  const next = change(record.state);
  if (next === 'early') return 'early';
  if (next === record.state) return state;
  const changed: JobRecord = { ...record, state: next };
  const after = { ...state, jobs: withEntry(state.jobs, [id, changed], own) };
  return isSettled(next) ? withSettled(after, record.key, own) : after;
}

/** Tells of a group when the last of its jobs has ended. */
function withSettled(state: LiveRun, key: string, own: Own): LiveRun {
  const records: JobRecord[] = [];
  for (const id of state.groups.get(key)?.ids ?? []) {
    const record = state.jobs.get(id);
    if (record && !isSettled(record.state)) return state;
    if (record) records.push(record);
  }
  const settled = withEntry(state.settled, [key, records], own);
  return { ...state, settled, open: withoutEntry(state.open, key, own) };
}

function deliver(job: JobState, delivery: JobDelivery): JobState | 'early' {
  if (isSettled(job) || attemptOf(job) > delivery.attempt) return job;
  if (job.kind === 'lost' && job.attempt === delivery.attempt) return job;
  if (job.kind !== 'running' || job.attempt < delivery.attempt) return 'early';
  if (delivery.seq < job.nextSeq || job.ahead.some((waiting) => waiting.seq === delivery.seq)) return job;
  if (delivery.seq > job.nextSeq) return { ...job, ahead: [...job.ahead, delivery].toSorted((a, b) => a.seq - b.seq) };
  let current: JobState = applyFact({ ...job, nextSeq: job.nextSeq + 1 }, delivery.fact);
  while (current.kind === 'running') {
    const [head, ...rest]: readonly JobDelivery[] = current.ahead;
    if (!head || head.seq !== current.nextSeq) break;
    current = applyFact({ ...current, ahead: rest, nextSeq: current.nextSeq + 1 }, head.fact);
  }
  return current;
}

function applyFact(job: RunningJob, fact: JobFact): JobState {
  switch (fact.type) {
    case 'job.started':
      return { ...job, startedAtMs: fact.atMs, workspace: fact.workspace };
    case 'step.started':
      return {
        ...job,
        currentSteps: [...job.currentSteps, { index: fact.index, name: fact.name, startedAtMs: fact.atMs }],
      };
    case 'step.paused':
      return changeStep(job, fact.index, (step) => ({ ...step, pausedAtMs: fact.atMs }));
    case 'step.continued':
      return changeStep(job, fact.index, ({ pausedAtMs: _over, ...step }) => step);
    case 'step.finished': {
      const { index } = fact.result;
      const currentSteps = job.currentSteps.filter((step) => step.index !== index);
      // In the order of the job, in whatever order background steps end.
      const behind = job.steps.findLastIndex((step) => step.index < index) + 1;
      return { ...job, currentSteps, steps: job.steps.toSpliced(behind, 0, fact.result) };
    }
    case 'job.finished':
      return {
        kind: 'finished',
        attempt: job.attempt,
        startedAtMs: job.startedAtMs ?? job.dispatchedAtMs,
        finishedAtMs: fact.atMs,
        steps: (fact.summaries ?? []).reduce(withSummary, job.steps),
        outcome: fact.outcome,
        conclusion: fact.conclusion,
        outputs: fact.outputs,
        ...(job.workspace === undefined ? {} : { workspace: job.workspace }),
        ...(fact.why === undefined ? {} : { why: fact.why }),
        ...(fact.timedOut === undefined ? {} : { timedOut: fact.timedOut }),
        ...(fact.ledger === undefined ? {} : { ledger: fact.ledger }),
        ...(fact.log === undefined ? {} : { log: fact.log }),
        ...(fact.artifacts === undefined ? {} : { artifacts: fact.artifacts }),
      };
    default:
      return unreachable(fact);
  }
}

function changeStep(job: RunningJob, index: number, change: (step: CurrentStep) => CurrentStep): RunningJob {
  return { ...job, currentSteps: job.currentSteps.map((step) => (step.index === index ? change(step) : step)) };
}

function withSummary(steps: readonly StepResult[], { index, summary }: StepSummary): readonly StepResult[] {
  return steps.map((step) => (step.index === index ? { ...step, summary: joinTexts([step.summary, summary]) } : step));
}

function isSettled(job: JobState): boolean {
  return job.kind === 'finished' || job.kind === 'skipped';
}

function attemptOf(job: JobState): number {
  return job.kind === 'running' || job.kind === 'lost' || job.kind === 'finished' ? job.attempt : 0;
}
