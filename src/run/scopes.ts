// A run's own jobs, and those of the workflows that its jobs call: each workflow is a scope of its own, in which jobs need,
// wait for and judge each other. Names of one scope mean nothing in another.
import type { JobId } from '#base/ids.ts';
import type { JsonObject } from '#base/json.ts';
import { remembered } from '#base/remembered.ts';
import type { Concurrency, NamedTemplates, RunDefaults } from '#workflow/model.ts';
import type { PlannedJob } from './plan.ts';
import type { JobRecord, LiveRun, OpenCall } from './state.ts';

export interface RunScope {
  /** Before every key and id in it: '' for the run's own jobs, `caller / ` for those of a call. */
  readonly prefix: string;
  /** The same for names that people read. */
  readonly namePrefix: string;
  readonly jobs: readonly PlannedJob[];
  readonly inputs: JsonObject;
  readonly env: NamedTemplates;
  readonly defaults: RunDefaults;
  /** The group that has to be free before any of its jobs is looked at. */
  readonly concurrency?: Concurrency;
  /** The job that made the call; absent for the run itself. */
  readonly caller?: { readonly jobId: JobId; readonly call: OpenCall };
}

export function rootScope({ plan }: LiveRun): RunScope {
  const { jobs, inputs, env, defaults, concurrency } = plan;
  return { prefix: '', namePrefix: '', jobs, inputs, env, defaults, ...(concurrency ? { concurrency } : {}) };
}

/** The run's own first, then each call behind the one that it was made in. */
export function allScopes(run: LiveRun): readonly RunScope[] {
  return [rootScope(run), ...[...run.calls.keys()].flatMap((jobId) => callScope(run, jobId) ?? [])];
}

export function callScope(run: LiveRun, jobId: JobId): RunScope | undefined {
  const call = run.calls.get(jobId);
  const caller = run.jobs.get(jobId);
  const called = call && run.plan.called?.[call.workflow];
  if (!call || !caller || !called) return undefined;
  return {
    prefix: `${jobId} / `,
    namePrefix: `${caller.instance.name} / `,
    jobs: called.jobs,
    inputs: call.inputs,
    env: called.env,
    defaults: called.defaults,
    ...(called.concurrency ? { concurrency: called.concurrency } : {}),
    caller: { jobId, call },
  };
}

export function scopeOf(run: LiveRun, record: JobRecord): RunScope {
  return (record.caller === undefined ? undefined : callScope(run, record.caller)) ?? rootScope(run);
}

export function plannedJob(run: LiveRun, record: JobRecord): PlannedJob | undefined {
  const scope = scopeOf(run, record);
  return jobOfScope(scope, record.key.slice(scope.prefix.length));
}

const jobsByKey = remembered(
  (jobs: readonly PlannedJob[]): ReadonlyMap<string, PlannedJob> =>
    new Map(jobs.map((planned) => [planned.job.key, planned])),
);

/** The job under this key of `jobs:`. */
export function jobOfScope({ jobs }: RunScope, key: string): PlannedJob | undefined {
  return jobsByKey(jobs).get(key);
}
