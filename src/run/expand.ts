// The moment a job's needs are done: does it run, and as which instances?
import { jobId } from '#base/ids.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { evaluateCondition, evaluateTemplate, isFalseByStatus, usesStatusFunction } from '#workflow/expressions.ts';
import { toText } from '#workflow/expression-data.ts';
import type { Scope } from '#workflow/expressions.ts';
import { combinationName } from '#workflow/matrix.ts';
import type { Job } from '#workflow/model.ts';
import type { Conclusion, JobInstance, RunEvent } from './events.ts';
import { fixedLabels, labelsOf, whyNotHere } from './machine.ts';
import { groupResult, groupVerdict, needsContext, settledGroup } from './outcome.ts';
import type { PlannedJob } from './plan.ts';
import { carryGroup } from './rerun.ts';
import { jobOfScope } from './scopes.ts';
import type { RunScope } from './scopes.ts';
import { settleStrategy } from './settle-strategy.ts';
import type { SettledStrategy } from './settle-strategy.ts';
import type { LiveRun } from './state.ts';
import { isAtMost } from './verdict.ts';

export function expandGroup(
  run: LiveRun,
  within: RunScope,
  { job, notRun }: PlannedJob,
  nowMs: number,
): readonly RunEvent[] {
  const key = `${within.prefix}${job.key}`;
  const kept = run.plan.rerun?.kept[key];
  if (kept) return carryGroup({ key, caller: within.caller?.jobId }, kept, nowMs);
  const place: Place = { run, within, job, scope: jobScope({ run, within, job }) };
  const refusal = notRun ? { ...notRun, conclusion: 'skipped' as const } : whyNotRun(place);
  if (refusal) return skipGroup(place, nowMs, refusal);
  const failed = (why: string): readonly RunEvent[] =>
    skipGroup(place, nowMs, { why, blameless: false, conclusion: 'failure' });
  if (!job.call && job.steps.length === 0) return failed('it has no steps');
  const settled = settleStrategy(job.strategy, place.scope);
  if (!settled.ok) return failed(settled.error);
  const instances = instancesOf(place, settled.value.combinations);
  if (!instances.ok) return failed(instances.error);
  const { failFast, maxParallel } = settled.value;
  return [
    {
      type: 'job.expanded',
      v: 1,
      atMs: nowMs,
      key,
      ...(within.caller ? { caller: within.caller.jobId } : {}),
      instances: instances.value,
      failFast,
      afterCancel: run.cancel !== undefined,
      ...(maxParallel === undefined ? {} : { maxParallel }),
    },
    ...elsewhere(place, instances.value, settled.value).map((event) => ({ ...event, atMs: nowMs })),
  ];
}

type Skipped = Extract<RunEvent, { type: 'job.skipped' }>;

/** Jobs that ask for a machine which this is not, as their matrix tells. On GitHub's own machines, GitHub has judged. */
function elsewhere(
  { run, job, scope }: Place,
  instances: readonly JobInstance[],
  { failFast, maxParallel }: SettledStrategy,
): readonly Omit<Skipped, 'atMs'>[] {
  const offered = run.plan.given ? undefined : run.plan.labels;
  if (job.call || !offered) return [];
  const fixed = fixedLabels(job);
  if (fixed && whyNotHere(fixed, offered) === undefined) return [];
  const total = instances.length;
  return instances.flatMap(({ id, matrix = null, index }): readonly Omit<Skipped, 'atMs'>[] => {
    const strategy = {
      'fail-fast': failFast,
      'job-index': index,
      'job-total': total,
      'max-parallel': maxParallel ?? total,
    };
    const labels = fixed ? ok(fixed) : labelsOf(job, { ...scope, contexts: { ...scope.contexts, matrix, strategy } });
    const why = labels.ok ? whyNotHere(labels.value, offered) : labels.error;
    if (why === undefined) return [];
    return [
      { type: 'job.skipped', v: 1, jobId: id, why, blameless: false, conclusion: labels.ok ? 'skipped' : 'failure' },
    ];
  });
}

interface Place {
  readonly run: LiveRun;
  readonly within: RunScope;
  readonly job: Job;
  /** Of `jobs.<id>.if` and `jobs.<id>.strategy`. */
  readonly scope: Scope;
}

interface Refusal {
  readonly why: string;
  readonly blameless: boolean;
  readonly conclusion: 'skipped' | 'cancelled' | 'failure';
}

/** A job key whose jobs are not run; one stands for them all. */
export function skipGroup(
  { within, job }: Pick<Place, 'within' | 'job'>,
  nowMs: number,
  refusal: Refusal,
): readonly RunEvent[] {
  const key = `${within.prefix}${job.key}`;
  const id = jobId(key);
  const instance: JobInstance = { id, name: `${within.namePrefix}${job.name?.value ?? job.key}`, index: 0 };
  return [
    {
      type: 'job.expanded',
      v: 1,
      atMs: nowMs,
      key,
      ...(within.caller ? { caller: within.caller.jobId } : {}),
      instances: [instance],
      failFast: true,
      afterCancel: false,
    },
    { type: 'job.skipped', v: 1, atMs: nowMs, jobId: id, ...refusal },
  ];
}

function whyNotRun(place: Place): Refusal | undefined {
  const { run, within, job, scope } = place;
  const given = within.caller ? undefined : run.plan.given;
  const condition = given ? ok(true) : evaluateCondition(job.if?.value, scope);
  if (!condition.ok) return { why: `its if: ${condition.error.message}`, blameless: false, conclusion: 'failure' };
  const speaksOfStatus = job.if !== undefined && usesStatusFunction(job.if.value);
  if (!condition.value) return refusedByCondition(place);
  // A condition such as always() has seen how its needs ended; only a written `accept:` is stronger.
  if (speaksOfStatus && !job.accept) return undefined;
  const limit = job.accept?.value ?? 'degraded';
  for (const need of job.needs) {
    const known = given?.[need.value];
    const verdict = known ? known.verdict : groupVerdict(settledGroup(run, `${within.prefix}${need.value}`) ?? []);
    // What succeeded on GitHub without telling a verdict may have been anything that is not a failure.
    const isUntold = limit === 'passed' && known?.result === 'success' && verdict === null;
    if (isUntold || (verdict && !isAtMost(verdict, limit))) {
      return {
        why: `needs ${need.value}, ${isUntold ? 'whose verdict is not known' : `which is ${verdict}`}; this job accepts ${limit}`,
        blameless: false,
        conclusion: 'skipped',
      };
    }
  }
  return undefined;
}

/** Whether the job's `if:` holds as things stand, which after a cancellation keeps it from being cancelled too. */
export function outlivesCancel(run: LiveRun, within: RunScope, job: Job): boolean {
  const condition = evaluateCondition(job.if?.value, jobScope({ run, within, job }));
  return condition.ok && condition.value;
}

function refusedByCondition(place: Place): Refusal {
  const { run, within, job, scope } = place;
  if (run.cancel) return { why: run.cancel.reason, blameless: true, conclusion: 'cancelled' };
  const key = isFalseByStatus(job.if?.value, scope) ? culpritOf(place) : undefined;
  if (key !== undefined) {
    const records = settledGroup(run, `${within.prefix}${key}`) ?? [];
    // What failed has said so itself; what was never tried for a reason of its own leaves nobody waiting.
    const isMissed = records.some(
      ({ state }) => state.kind === 'skipped' && !state.blameless && state.conclusion === 'skipped',
    );
    return { why: `needs ${key}, which ${PAST[groupResult(records)]}`, blameless: !isMissed, conclusion: 'skipped' };
  }
  return { why: `its if: is false: ${job.if?.value ?? 'success()'}`, blameless: true, conclusion: 'skipped' };
}

/** Of all that it waits for, what did not succeed: a need of its own before what lies behind it, a failure before the rest. */
function culpritOf(place: Place): string | undefined {
  const { run, within, job } = place;
  const own = job.needs.map((need) => need.value);
  const resultOf = (key: string): Conclusion => groupResult(settledGroup(run, `${within.prefix}${key}`) ?? []);
  const failed = own.find((key) => resultOf(key) === 'failure');
  return failed ?? ancestors(place).find((key) => resultOf(key) !== 'success');
}

const PAST = { failure: 'failed', cancelled: 'was cancelled', skipped: 'was not run', success: 'succeeded' } as const;

/** All jobs that this one waits for, the nearest first: GitHub's status functions look at the whole chain. */
function ancestors({ within, job }: Pick<Place, 'within' | 'job'>): readonly string[] {
  const seen = new Set(job.needs.map((need) => need.value));
  // A set can be added to while it is walked, and then is walked to its new end.
  for (const key of seen) for (const need of jobOfScope(within, key)?.job.needs ?? []) seen.add(need.value);
  return [...seen];
}

/** Contexts and functions of `jobs.<id>.if` and `jobs.<id>.strategy`. */
function jobScope({ run, within, job }: Omit<Place, 'scope'>): Scope {
  let known: readonly Conclusion[] | undefined;
  const resultsOf = (keys: readonly string[]): readonly Conclusion[] =>
    keys.map((key) => groupResult(settledGroup(run, `${within.prefix}${key}`) ?? []));
  // With names it is asked about these needs alone.
  const results = (names: readonly JsonValue[]): readonly Conclusion[] =>
    names.length > 0 ? resultsOf(needsNamed(job, names)) : (known ??= resultsOf(ancestors({ within, job })));
  const cancelled = run.cancel !== undefined;
  return {
    contexts: {
      github: run.plan.github,
      vars: run.plan.vars,
      inputs: within.inputs,
      needs: needsContext(
        run,
        job.needs.map((need) => need.value),
        within.prefix,
      ),
    },
    functions: {
      success: (...names) => !cancelled && results(names).every((result) => result === 'success'),
      failure: (...names) => !cancelled && results(names).includes('failure'),
      cancelled: () => cancelled,
      always: () => true,
    },
  };
}

function needsNamed(job: Job, names: readonly JsonValue[]): readonly string[] {
  const wanted = names.map((name) => toText(name).toLowerCase());
  return job.needs.map((need) => need.value).filter((key) => wanted.includes(key.toLowerCase()));
}

function instancesOf(
  place: Place,
  combinations: readonly JsonObject[] | undefined,
): Result<readonly JobInstance[], string> {
  const { within, job, scope } = place;
  if (combinations === undefined) {
    const name = job.name ? evaluateTemplate(job.name.value, scope) : ok(job.key);
    return ok([
      {
        id: jobId(`${within.prefix}${job.key}`),
        name: `${within.namePrefix}${name.ok ? name.value : job.key}`,
        index: 0,
      },
    ]);
  }
  const used = new Map<string, number>();
  const instances = combinations.map((matrix, index): JobInstance => {
    const named = combinationName(job.key, matrix);
    const count = (used.get(named) ?? 0) + 1;
    used.set(named, count);
    const id = count === 1 ? named : `${named} #${count}`;
    const written = job.name && evaluateTemplate(job.name.value, withMatrix(scope, matrix));
    const name = `${within.namePrefix}${written?.ok ? written.value : id}`;
    return { id: jobId(`${within.prefix}${id}`), name, matrix, index };
  });
  return onlyAsked(place, instances);
}

function withMatrix(scope: Scope, matrix: JsonObject): Scope {
  return { ...scope, contexts: { ...scope.contexts, matrix } };
}

function onlyAsked({ run, within, job }: Place, all: readonly JobInstance[]): Result<readonly JobInstance[], string> {
  const asked = run.plan.combination;
  if (asked === undefined || within.caller || asked.job !== job.key) return ok(all);
  const wanted = Object.entries(asked.values);
  const some = all.filter(({ matrix = {} }) => wanted.every(([name, value]) => isSame(matrix[name], value)));
  if (some.length > 0) return ok(some.map((instance) => ({ ...instance, total: all.length })));
  return err(
    `no combination of its matrix has ${wanted.map(([name, value]) => `${name}: ${shown(value)}`).join(', ')}`,
  );
}

/** On the command line everything is text: `20` is 20. */
function isSame(have: JsonValue | undefined, wanted: JsonValue): boolean {
  return have !== undefined && shown(have) === shown(wanted);
}

function shown(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
