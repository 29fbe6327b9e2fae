// Running a run again, as GitHub's "Re-run all jobs", "Re-run failed jobs" and "Re-run job": a further attempt of the same run,
// from the same frozen plan. What is not run again is taken over as it ended, with its outputs, and is in the plan too, so
// that the attempt is told by its own journal alone.
import type { JobId, RunId } from '#base/ids.ts';
import { attemptOfRun } from '#base/run-attempt.ts';
import type { JobInstance, RunEvent } from './events.ts';
import { jobConclusion, jobVerdict } from './outcome.ts';
import type { Plan, PlannedJob } from './plan.ts';
import { callScope, jobOfScope, rootScope, scopeOf } from './scopes.ts';
import type { RunScope } from './scopes.ts';
import type { FinishedJob, JobRecord, JobState, LiveRun, SkippedJob } from './state.ts';

export interface Rerun {
  /** The attempt that is run again: the one before this. */
  readonly of: RunId;
  /** By key: the jobs that keep their places, all or some of which are not run again. */
  readonly kept: Readonly<Record<string, KeptGroup>>;
}

export interface KeptGroup {
  readonly instances: readonly JobInstance[];
  readonly failFast: boolean;
  readonly maxParallel?: number;
  /** Those that are not run again, by id. */
  readonly jobs: Readonly<Record<string, KeptJob>>;
}

export interface KeptJob {
  /** The attempt that ran it. */
  readonly from: RunId;
  readonly state: FinishedJob | SkippedJob;
}

export interface RerunWish {
  /** As `github.run_attempt`. */
  readonly attempt: number;
  /** Who asks, as `github.triggering_actor`. */
  readonly actor: string;
  /** Only these jobs, what they need that did not succeed, and all that depend on them; absent: every job. */
  readonly jobs?: ReadonlySet<JobId>;
}

/** Give it a run that has finished. */
export function planRerun(run: LiveRun, { attempt, actor, jobs }: RerunWish): Plan {
  const { plan } = run;
  const kept: Record<string, KeptGroup> = {};
  if (jobs) keepScope(rootScope(run), { run, again: withUnmetNeeds(run, jobs), kept });
  return {
    ...plan,
    github: { ...plan.github, run_attempt: String(attempt), triggering_actor: actor },
    rerun: { of: run.runId, kept },
  };
}

/** The jobs that keep a run from being good: they failed, were cancelled, proved nothing, or were missed. */
export function missedJobs(run: LiveRun): ReadonlySet<JobId> {
  const missed = [...run.jobs.values()].filter((record) => !run.calls.has(record.instance.id) && isMissed(record));
  return new Set(missed.map(({ instance }) => instance.id));
}

function isMissed(record: JobRecord): boolean {
  const { state } = record;
  if (state.kind === 'skipped') return state.conclusion !== 'skipped' || !state.blameless;
  const conclusion = jobConclusion(record);
  const verdict = jobVerdict(record);
  return conclusion !== 'success' || verdict === 'failed' || verdict === 'unknown';
}

/** A job that called a workflow stands for all its jobs. */
export function withCalledJobs(run: LiveRun, ids: ReadonlySet<JobId>): ReadonlySet<JobId> {
  const isMeant = (record: JobRecord): boolean => {
    if (ids.has(record.instance.id)) return true;
    const caller = record.caller === undefined ? undefined : run.jobs.get(record.caller);
    return caller !== undefined && isMeant(caller);
  };
  return new Set([...run.jobs.values()].filter(isMeant).map(({ instance }) => instance.id));
}

/** Running a job again whose needs failed would be of no use. */
function withUnmetNeeds(run: LiveRun, ids: ReadonlySet<JobId>): ReadonlySet<JobId> {
  const again = new Set(ids);
  // A set can be added to while it is walked, and then is walked to its new end.
  for (const id of again) {
    const record = run.jobs.get(id);
    if (!record) continue;
    const scope = scopeOf(run, record);
    const needs = jobOfScope(scope, record.key.slice(scope.prefix.length))?.job.needs ?? [];
    for (const need of needs)
      for (const needed of run.groups.get(`${scope.prefix}${need.value}`)?.ids ?? []) {
        const found = run.jobs.get(needed);
        if (found && isMissed(found)) for (const each of withCalledJobs(run, new Set([needed]))) again.add(each);
      }
  }
  return again;
}

interface Keeping {
  readonly run: LiveRun;
  readonly again: ReadonlySet<JobId>;
  /** Filled on the way. */
  readonly kept: Record<string, KeptGroup>;
}

/** Says whether any job of the scope is run again. */
function keepScope(scope: RunScope, keeping: Keeping): boolean {
  const changed = new Set<string>();
  for (const { job } of inOrderOfNeeds(scope)) {
    const dependsOnChange = job.needs.some((need) => changed.has(need.value));
    if (dependsOnChange || keepGroup(`${scope.prefix}${job.key}`, keeping) !== 'whole') changed.add(job.key);
  }
  return changed.size > 0;
}

function keepGroup(key: string, keeping: Keeping): 'whole' | 'in part' | 'nothing' {
  const { run, again, kept } = keeping;
  const group = run.groups.get(key);
  const records = group?.ids.flatMap((id) => run.jobs.get(id) ?? []) ?? [];
  if (!group || records.length === 0) return 'nothing';
  const jobs: Record<string, KeptJob> = {};
  let isWhole = true;
  let isCalling = false;
  for (const record of records) {
    const { instance, state } = record;
    const inner = callScope(run, instance.id);
    if (inner) {
      // It calls again, so that the report has its jobs; those that are kept do not run there either.
      isCalling = true;
      if (keepScope(inner, keeping) || again.has(instance.id)) isWhole = false;
    } else if (again.has(instance.id) || !hasEnded(state)) isWhole = false;
    else jobs[instance.id] = { from: state.carriedFrom ?? run.runId, state };
  }
  if (!isCalling && Object.keys(jobs).length === 0) return 'nothing';
  const keepsFailure = records.some(({ instance, state }) => instance.id in jobs && !isSuccess(state));
  kept[key] = {
    instances: group.ids.flatMap((id) => run.jobs.get(id)?.instance ?? []),
    // What failed before and is not run again must not end what is.
    failFast: group.failFast && !keepsFailure,
    ...(group.maxParallel === undefined ? {} : { maxParallel: group.maxParallel }),
    jobs,
  };
  return isWhole ? 'whole' : 'in part';
}

function hasEnded(state: JobState): state is FinishedJob | SkippedJob {
  return state.kind === 'finished' || state.kind === 'skipped';
}

function isSuccess(state: JobState): boolean {
  return state.kind === 'finished' && state.conclusion === 'success';
}

function inOrderOfNeeds(scope: RunScope): readonly PlannedJob[] {
  const seen = new Set<string>();
  const ordered: PlannedJob[] = [];
  const visit = (planned: PlannedJob): void => {
    if (seen.has(planned.job.key)) return;
    seen.add(planned.job.key);
    for (const need of planned.job.needs) {
      const needed = jobOfScope(scope, need.value);
      if (needed) visit(needed);
    }
    ordered.push(planned);
  };
  for (const planned of scope.jobs) visit(planned);
  return ordered;
}

/** What the plan holds of a job that is not run again. */
export function keptState({ plan, jobs }: LiveRun, id: JobId): FinishedJob | SkippedJob | undefined {
  const kept = plan.rerun?.kept[jobs.get(id)?.key ?? '']?.jobs[id];
  return kept && { ...kept.state, carriedFrom: kept.from };
}

/** The jobs of a key as they were in the attempt before, and of each that is not run again, that it is not. */
export function carryGroup(
  { key, caller }: { readonly key: string; readonly caller: JobId | undefined },
  { instances, failFast, maxParallel, jobs }: KeptGroup,
  nowMs: number,
): readonly RunEvent[] {
  return [
    {
      type: 'job.expanded',
      v: 1,
      atMs: nowMs,
      key,
      ...(caller === undefined ? {} : { caller }),
      instances,
      failFast,
      afterCancel: false,
      ...(maxParallel === undefined ? {} : { maxParallel }),
    },
    ...instances.flatMap(({ id }): RunEvent[] => {
      const kept = jobs[id];
      return kept ? [{ type: 'job.carried', v: 1, atMs: nowMs, jobId: id, from: kept.from }] : [];
    }),
  ];
}

/** In words for people: which attempts their results are from, the newest first. */
export function carriedFrom(run: LiveRun): readonly { readonly from: RunId; readonly jobs: readonly string[] }[] {
  const found = new Map<RunId, string[]>();
  for (const { instance, state } of run.jobs.values()) {
    const from = hasEnded(state) && state.kind === 'finished' ? state.carriedFrom : undefined;
    if (from !== undefined) found.set(from, [...(found.get(from) ?? []), instance.name]);
  }
  return [...found]
    .map(([from, jobs]) => ({ from, jobs }))
    .toSorted((a, b) => attemptOfRun(b.from).attempt - attemptOfRun(a.from).attempt);
}
