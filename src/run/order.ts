import type { JobId } from '#base/ids.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import type { Job } from '#workflow/model.ts';
import type { JobOrder } from './job-order.ts';
import { needsContext } from './outcome.ts';
import { plannedJob, scopeOf } from './scopes.ts';
import type { RunScope } from './scopes.ts';
import type { JobRecord, LiveRun } from './state.ts';

/** What all jobs of a group that start together have in common. */
export interface OrderSource {
  readonly job: Job;
  readonly within: RunScope;
  readonly evidence: JobOrder['evidence'];
  readonly contexts: JsonObject;
}

/** The order for a job's next attempt. A job that was lost goes on behind the last step that it finished. */
export function orderJob(run: LiveRun, record: JobRecord, { job, within, evidence, contexts }: OrderSource): JobOrder {
  const source = within.caller && run.plan.called?.[within.caller.call.workflow]?.source;
  const lost = record.state.kind === 'lost' ? record.state : undefined;
  const strategy = strategyContext(run, record);
  return {
    runId: run.runId,
    jobId: record.instance.id,
    attempt: (lost?.attempt ?? 0) + 1,
    name: record.instance.name,
    project: run.plan.project,
    dirty: run.plan.dirty,
    job,
    env: within.env,
    defaults: within.defaults,
    contexts: { ...contexts, matrix: record.instance.matrix ?? null, strategy, job: workflowOfJob(run, within) },
    ...(run.plan.serviceCommands ? { serviceCommands: run.plan.serviceCommands } : {}),
    ...(run.plan.noReuse ? { noReuse: true } : {}),
    secretNames: run.plan.secretNames,
    ...(within.caller ? { secretCalls: secretCalls(run, within.caller.jobId) } : {}),
    ...(source ? { source } : {}),
    carried: lost?.steps ?? [],
    ...(lost?.interrupted === undefined ? {} : { interrupted: lost.interrupted }),
    ...(lost?.interruptedSteps === undefined ? {} : { interruptedSteps: lost.interruptedSteps }),
    evidence,
  };
}

export function strategyContext(run: LiveRun, record: JobRecord): JsonObject {
  const group = run.groups.get(record.key);
  const total = record.instance.total ?? group?.ids.length ?? 1;
  return {
    'fail-fast': group?.failFast ?? true,
    'job-index': record.instance.index,
    'job-total': total,
    'max-parallel': group?.maxParallel ?? total,
  };
}

/** Of the context `job`: the workflow that holds the job, which for a called one is another than the run's. */
function workflowOfJob({ plan }: LiveRun, { caller }: RunScope): JsonObject {
  const { repository = '', ref = '', workflow_ref = '', workflow_sha = '' } = plan.github;
  const own = { workflow_ref, workflow_sha, workflow_repository: repository, workflow_file_path: plan.workflowFile };
  if (!caller) return own;
  // `./path` in the project, `owner/name/path@ref` elsewhere.
  const key = caller.call.workflow;
  const source = plan.called?.[key]?.source;
  const path = (source ? key.slice(source.repository.length + 1).replace(/@[^@]*$/, '') : key).replace(/^\.\//, '');
  if (!source)
    return { ...own, workflow_ref: `${textOf(repository)}/${path}@${textOf(ref)}`, workflow_file_path: path };
  const commit = source.folder.split('/').at(-1) ?? '';
  return {
    workflow_ref: `${source.repository}/${path}@${source.ref}`,
    // A folder that stands in for the repository is at no commit.
    workflow_sha: /^[0-9a-f]{40}$/.test(commit) ? commit : '',
    workflow_repository: source.repository,
    workflow_file_path: path,
  };
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : '';
}

/** What the keys of a job see that are evaluated before it runs, but for `strategy`. */
export function callerContexts(run: LiveRun, record: JobRecord, job: Job): JsonObject {
  return { ...sharedContexts(run, scopeOf(run, record), job), matrix: record.instance.matrix ?? null };
}

/** The same, as far as it is the same for every combination of the job's matrix. */
export function sharedContexts(run: LiveRun, within: RunScope, job: Job): JsonObject {
  return {
    github: { ...run.plan.github, job: job.key },
    vars: run.plan.vars,
    inputs: within.inputs,
    needs: needsContext(
      run,
      job.needs.map((need) => need.value),
      within.prefix,
    ),
  };
}

/** The calls that lead to a job, the outermost first: each hands on the secrets that it names, and no others. */
function secretCalls(run: LiveRun, caller: JobId | undefined): JobOrder['secretCalls'] & {} {
  const record = caller === undefined ? undefined : run.jobs.get(caller);
  const job = record && plannedJob(run, record)?.job;
  if (!record || !job?.call) return [];
  const { secrets } = job.call;
  const own = secrets === 'inherit' ? [] : [{ secrets, contexts: callerContexts(run, record, job) }];
  return [...secretCalls(run, record.caller), ...own];
}
