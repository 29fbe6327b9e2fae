// A run of one job and what it needs. The job may belong to a workflow that another calls: `call / inner`.
import type { Job } from '#workflow/model.ts';
import type { LoadedWorkflow } from './make-plan.ts';
import type { CalledWorkflow, PlannedJob } from './plan.ts';

/** Keys from the pipeline's own job inwards. */
export function jobPath(asked: string): readonly [string, ...string[]] {
  const [first = '', ...inner] = asked.split('/').map((key) => key.trim());
  return [first, ...inner];
}

export interface Narrowing {
  /** How to plan the jobs of a called workflow. */
  readonly plan: (key: string) => CalledWorkflow | undefined;
  readonly asked: string;
}

/**
 * A called workflow as it is planned, with only the job at the head of `path` and what it needs, and by its key what that job
 * calls in turn: the workflow itself may be called elsewhere, and is whole there.
 */
export function narrowCall(
  key: string,
  path: readonly string[],
  narrowing: Narrowing,
): { readonly key: string; readonly called: Readonly<Record<string, CalledWorkflow>> } {
  const [head, ...rest] = path;
  const whole = narrowing.plan(key);
  if (head === undefined || !whole) return { key, called: {} };
  const wanted = withNeeds(
    whole.jobs.map(({ job }) => job),
    head,
  );
  const own = `${key} (only ${path.join(' / ')})`;
  const found: Record<string, CalledWorkflow> = {};
  const jobs = whole.jobs.map((planned): PlannedJob => {
    if (!wanted.has(planned.job.key)) return notAsked(planned.job, narrowing.asked);
    if (planned.job.key !== head || planned.calls === undefined) return planned;
    const inner = narrowCall(planned.calls, rest, narrowing);
    Object.assign(found, inner.called);
    return { ...planned, calls: inner.key };
  });
  return { key: own, called: { ...found, [own]: { ...whole, jobs } } };
}

export function notAsked(job: Job, asked: string): PlannedJob {
  return { job, notRun: { why: `only ${asked} was asked for`, blameless: true } };
}

export function withNeeds(jobs: readonly Job[], key: string): ReadonlySet<string> {
  const wanted = new Set<string>();
  const frontier = [key];
  for (let next = frontier.pop(); next !== undefined; next = frontier.pop()) {
    if (wanted.has(next)) continue;
    wanted.add(next);
    frontier.push(...(jobs.find((job) => job.key === next)?.needs.map((need) => need.value) ?? []));
  }
  return wanted;
}

/** The jobs that may be asked for where `path` leads no further; undefined when it leads to a job. */
export function missingJob(
  path: readonly string[],
  jobs: readonly Job[],
  {
    called = {},
    calls = {},
  }: Readonly<{ called?: Readonly<Record<string, LoadedWorkflow>>; calls?: Readonly<Record<string, string>> }>,
): readonly string[] | undefined {
  const [head, ...rest] = path;
  const job = jobs.find((each) => each.key === head);
  if (!job) return jobs.map((each) => each.key);
  if (rest.length === 0) return undefined;
  const inner = called[calls[job.call?.uses.value ?? ''] ?? ''];
  const missing = missingJob(rest, inner?.workflow.jobs ?? [], { called, calls: inner?.calls ?? {} });
  return missing?.map((key) => `${head} / ${key}`);
}
