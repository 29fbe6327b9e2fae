// The moment a job's needs are done: does it run, and as which instances?
import { jobId } from '#base/ids.ts';
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import {
  evaluateCondition,
  evaluateTemplate,
  evaluateTree,
  evaluateValue,
  usesStatusFunction,
} from '#workflow/expressions.ts';
import type { Scope } from '#workflow/expressions.ts';
import { combinationName, expandMatrix } from '#workflow/matrix.ts';
import type { Job } from '#workflow/model.ts';
import type { JobInstance, RunEvent } from './events.ts';
import { groupResult, groupVerdict, needsContext, settledGroup } from './outcome.ts';
import type { LiveRun } from './state.ts';
import { isAtMost } from './verdict.ts';

export function expandGroup(run: LiveRun, job: Job, nowMs: number): readonly RunEvent[] {
  const refusal = whyNotRun(run, job);
  if (refusal) return notRun(job, nowMs, refusal);
  const instances = instancesOf(run, job);
  if (!instances.ok) return notRun(job, nowMs, { why: instances.error, blameless: false, conclusion: 'failure' });
  const scope = jobScope(run, job);
  const maxParallel = job.strategy?.maxParallel && numberOf(job.strategy.maxParallel.value, scope);
  return [
    {
      type: 'job.expanded',
      v: 1,
      atMs: nowMs,
      key: job.key,
      instances: instances.value,
      failFast: job.strategy?.failFast ? isTrue(job.strategy.failFast.value, scope) : true,
      afterCancel: run.cancel !== undefined,
      ...(maxParallel === undefined ? {} : { maxParallel }),
    },
  ];
}

interface Refusal {
  readonly why: string;
  readonly blameless: boolean;
  readonly conclusion: 'skipped' | 'cancelled' | 'failure';
}

function notRun(job: Job, nowMs: number, refusal: Refusal): readonly RunEvent[] {
  const id = jobId(job.key);
  const instance: JobInstance = { id, name: job.name?.value ?? job.key, index: 0 };
  return [
    {
      type: 'job.expanded',
      v: 1,
      atMs: nowMs,
      key: job.key,
      instances: [instance],
      failFast: true,
      afterCancel: false,
    },
    { type: 'job.skipped', v: 1, atMs: nowMs, jobId: id, ...refusal },
  ];
}

function whyNotRun(run: LiveRun, job: Job): Refusal | undefined {
  const planned = run.plan.jobs.find((entry) => entry.job.key === job.key);
  if (planned?.notRun) return { ...planned.notRun, conclusion: 'skipped' };
  const condition = evaluateCondition(job.if?.value, jobScope(run, job));
  if (!condition.ok) return { why: `its if: ${condition.error.message}`, blameless: false, conclusion: 'failure' };
  const speaksOfStatus = job.if !== undefined && usesStatusFunction(job.if.value);
  if (!condition.value) return refusedByCondition(run, job, speaksOfStatus);
  // A condition such as always() has seen how its needs ended; only a written `accept:` is stronger.
  if (speaksOfStatus && !job.accept) return undefined;
  const limit = job.accept?.value ?? 'degraded';
  for (const need of job.needs) {
    const verdict = groupVerdict(settledGroup(run, need.value) ?? []);
    if (verdict && !isAtMost(verdict, limit)) {
      return {
        why: `needs ${need.value}, which is ${verdict}; this job accepts ${limit}`,
        blameless: false,
        conclusion: 'skipped',
      };
    }
  }
  return undefined;
}

function refusedByCondition(run: LiveRun, job: Job, speaksOfStatus: boolean): Refusal {
  if (run.cancel) return { why: run.cancel.reason, blameless: true, conclusion: 'cancelled' };
  if (!speaksOfStatus) {
    for (const key of ancestors(run, job)) {
      const records = settledGroup(run, key) ?? [];
      const result = groupResult(records);
      if (result === 'success') continue;
      // What failed has said so itself; what was never tried for a reason of its own leaves nobody waiting.
      const isMissed = records.some(
        ({ state }) => state.kind === 'skipped' && !state.blameless && state.conclusion === 'skipped',
      );
      return { why: `needs ${key}, which ${PAST[result]}`, blameless: !isMissed, conclusion: 'skipped' };
    }
  }
  return { why: `its if: is false: ${job.if?.value ?? 'success()'}`, blameless: true, conclusion: 'skipped' };
}

const PAST = { failure: 'failed', cancelled: 'was cancelled', skipped: 'was not run', success: 'succeeded' } as const;

/** All jobs that this one waits for, the nearest first: GitHub's status functions look at the whole chain. */
function ancestors(run: LiveRun, job: Job): readonly string[] {
  const seen = new Set<string>();
  let frontier = job.needs.map((need) => need.value);
  while (frontier.length > 0) {
    for (const key of frontier) seen.add(key);
    frontier = run.plan.jobs
      .filter((entry) => frontier.includes(entry.job.key))
      .flatMap((entry) => entry.job.needs.map((need) => need.value))
      .filter((key) => !seen.has(key));
  }
  return [...seen];
}

/** Contexts and functions of `jobs.<id>.if` and `jobs.<id>.strategy`. */
function jobScope(run: LiveRun, job: Job): Scope {
  const results = ancestors(run, job).map((key) => groupResult(settledGroup(run, key) ?? []));
  const cancelled = run.cancel !== undefined;
  return {
    contexts: {
      github: run.plan.github,
      vars: run.plan.vars,
      inputs: run.plan.inputs,
      needs: needsContext(
        run,
        job.needs.map((need) => need.value),
      ),
    },
    functions: {
      success: () => !cancelled && results.every((result) => result === 'success'),
      failure: () => !cancelled && results.includes('failure'),
      cancelled: () => cancelled,
      always: () => true,
    },
  };
}

function instancesOf(run: LiveRun, job: Job): Result<readonly JobInstance[], string> {
  const scope = jobScope(run, job);
  const combinations = combinationsOf(job, scope);
  if (!combinations.ok) return combinations;
  if (combinations.value === undefined) {
    const name = job.name ? evaluateTemplate(job.name.value, scope) : ok(job.key);
    return ok([{ id: jobId(job.key), name: name.ok ? name.value : job.key, index: 0 }]);
  }
  const used = new Map<string, number>();
  const instances = combinations.value.map((matrix, index): JobInstance => {
    const named = combinationName(job.key, matrix);
    const count = (used.get(named) ?? 0) + 1;
    used.set(named, count);
    const id = count === 1 ? named : `${named} #${count}`;
    const withMatrix = { ...scope, contexts: { ...scope.contexts, matrix } };
    const written = job.name ? evaluateTemplate(job.name.value, withMatrix) : ok(id);
    return { id: jobId(id), name: written.ok ? written.value : id, matrix, index };
  });
  return ok(instances);
}

function combinationsOf(job: Job, scope: Scope): Result<readonly JsonObject[] | undefined, string> {
  const matrix = job.strategy?.matrix;
  if (!matrix) return ok(undefined);
  const value: Result<JsonValue, { readonly message: string }> =
    typeof matrix.value === 'string' ? evaluateValue(matrix.value, scope) : evaluateTree(matrix.value, scope);
  if (!value.ok) return err(`its matrix: ${value.error.message}`);
  if (!isJsonObject(value.value)) return err('its matrix is not a mapping');
  const expanded = expandMatrix(value.value);
  return expanded.ok ? expanded : err(`its matrix: ${expanded.error}`);
}

function isTrue(value: boolean | string, scope: Scope): boolean {
  if (typeof value === 'boolean') return value;
  const result = evaluateValue(value, scope);
  return result.ok && (result.value === true || result.value === 'true');
}

function numberOf(value: number | string, scope: Scope): number | undefined {
  if (typeof value === 'number') return value;
  const result = evaluateValue(value, scope);
  const number = result.ok ? Number(result.value) : NaN;
  return Number.isFinite(number) && number >= 1 ? number : undefined;
}
