// Workflow + event → the frozen plan. Pure: whatever has to be asked of git or the machine was asked before.
import type { JsonObject, JsonValue } from '#base/json.ts';
import { evaluateTemplate } from '#workflow/expressions.ts';
import type { Job, Workflow } from '#workflow/model.ts';
import { hasExpression, isInsert } from '#workflow/template-text.ts';
import type { GivenNeeds } from './given-needs.ts';
import { whyNotHere, writtenLabels } from './machine.ts';
import { jobPath, narrowCall, notAsked, withNeeds } from './only-job.ts';
import type { CalledWorkflow, Plan, PlannedJob, WorkflowSource } from './plan.ts';

/** A called workflow, and by the `uses:` of its jobs the keys of those that it calls itself. */
export interface LoadedWorkflow {
  readonly workflow: Workflow;
  readonly calls: Readonly<Record<string, string>>;
  readonly source?: WorkflowSource;
}

export interface PlanRequest {
  readonly workflow: Workflow;
  /** Of its file in the project, as GitHub would name it; by default as it was given. */
  readonly workflowPath?: string;
  readonly project: string;
  readonly dirty: boolean;
  readonly github: JsonObject;
  readonly vars: JsonObject;
  readonly inputs: JsonObject;
  readonly secretNames: readonly string[];
  readonly noReuse?: boolean;
  readonly localActions?: Readonly<Record<string, string>>;
  readonly called?: Readonly<Record<string, LoadedWorkflow>>;
  /** By the `uses:` of the workflow's jobs, keys of `called`. */
  readonly calls?: Readonly<Record<string, string>>;
  /** Only this job and what it needs. */
  readonly onlyJob?: string;
  /** Of that job, only the combinations of its matrix that have these values. */
  readonly onlyMatrix?: JsonObject;
  /** How the needs of that job ended on GitHub; then it is the only one that runs. */
  readonly given?: GivenNeeds;
  /** Why no container engine can be used; absent when one answers, or nothing asks for it. */
  readonly noContainers?: string;
  readonly serviceCommands?: Plan['serviceCommands'];
  /** What `runs-on` may ask for on this machine, in lower case. */
  readonly labels: readonly string[];
}

export function makePlan(request: PlanRequest): Plan {
  const { workflow, github, inputs, vars } = request;
  const file = request.workflowPath ?? workflow.file;
  const name = workflow.name ?? file;
  const runName = workflow.runName && evaluateTemplate(workflow.runName.value, { contexts: { github, inputs, vars } });
  const { onlyJob, onlyMatrix, given } = request;
  const path = onlyJob === undefined ? undefined : jobPath(onlyJob);
  const asked = path && (given ? new Set([path[0]]) : withNeeds(workflow.jobs, path[0]));
  const whole = request.called && Object.keys(request.called).length > 0 ? planCalled(request) : undefined;
  const narrowed: Record<string, CalledWorkflow> = {};
  const planOne = (job: Job): PlannedJob => {
    if (asked && !asked.has(job.key)) return notAsked(job, onlyJob ?? '');
    const planned = planJob(job, request, request.calls ?? {});
    if (path?.[0] !== job.key || path.length === 1 || planned.calls === undefined) return planned;
    const inner = narrowCall(planned.calls, path.slice(1), { plan: (key) => whole?.[key], asked: onlyJob ?? '' });
    Object.assign(narrowed, inner.called);
    return { ...planned, calls: inner.key };
  };
  const jobs = workflow.jobs.map(planOne);
  return {
    v: 1,
    workflowFile: file,
    workflowName: name,
    runName: runName?.ok && runName.value !== '' ? runName.value : name,
    project: request.project,
    dirty: request.dirty,
    github: {
      ...github,
      workflow: name,
      workflow_ref: `${textOf(github['repository'])}/${file}@${textOf(github['ref'])}`,
      workflow_sha: github['sha'] ?? '',
    },
    vars,
    inputs,
    env: workflow.env,
    defaults: workflow.defaults,
    ...(workflow.concurrency ? { concurrency: workflow.concurrency } : {}),
    ...(request.noReuse ? { noReuse: true } : {}),
    labels: request.labels,
    secretNames: request.secretNames,
    ...(request.serviceCommands ? { serviceCommands: request.serviceCommands } : {}),
    ...(request.localActions ? { localActions: request.localActions } : {}),
    ...(onlyJob !== undefined && onlyMatrix ? { combination: { job: onlyJob, values: onlyMatrix } } : {}),
    ...(given ? { given } : {}),
    jobs,
    ...(whole ? { called: { ...whole, ...narrowed } } : {}),
  };
}

function planCalled(request: PlanRequest): Readonly<Record<string, CalledWorkflow>> {
  const { called = {} } = request;
  return Object.fromEntries(
    Object.entries(called).map(([key, { workflow, calls, source }]): [string, CalledWorkflow] => {
      const { file, env, defaults, jobs, callable } = workflow;
      return [
        key,
        {
          file,
          name: workflow.name ?? file,
          env,
          defaults,
          ...(workflow.concurrency ? { concurrency: workflow.concurrency } : {}),
          interface: callable ?? { inputs: {}, secrets: {}, outputs: {} },
          jobs: jobs.map((job) => planJob(job, request, calls)),
          ...(source ? { source } : {}),
        },
      ];
    }),
  );
}

function planJob(job: Job, request: PlanRequest, calls: Readonly<Record<string, string>>): PlannedJob {
  const { labels } = request;
  const key = job.call && calls[job.call.uses.value];
  if (key !== undefined) return { job, calls: key };
  const lacking = containersLacking(job, request);
  if (lacking !== undefined) return { job, notRun: { why: lacking, blameless: false } };
  if (job.runnerGroup && job.runsOn.value.length === 0) {
    const why = `runs-on: the group "${job.runnerGroup.value}": this machine is in no group of runners, and no labels are asked for`;
    return { job, notRun: { why, blameless: false } };
  }
  const why = whyNotHere(writtenLabels(job), labels);
  return why === undefined ? { job } : { job, notRun: { why, blameless: false } };
}

/** Whether a job may need a container engine: its own keys, or a step that is an image. */
export function wantsContainers(job: Job): boolean {
  return job.container !== undefined || Object.keys(job.services).length > 0 || hasImageStep(job);
}

function hasImageStep(job: Job): boolean {
  return job.steps.some((step) => step.kind === 'uses' && step.uses.value.startsWith('docker://'));
}

function containersLacking(job: Job, { noContainers, serviceCommands = {} }: PlanRequest): string | undefined {
  if (noContainers === undefined || !wantsContainers(job)) return undefined;
  // An image that is only known later may turn out to be none; the runner says what became of it.
  if (job.container && !hasExpression(job.container.image.value)) return `its container: ${noContainers}`;
  if (hasImageStep(job)) return `a step that runs in a container: ${noContainers}`;
  const open = Object.keys(job.services).filter((name) => !isInsert(name) && !(name in serviceCommands));
  if (open.length === 0) return undefined;
  const which = open.length === 1 ? `service ${open[0]}` : `services ${open.join(', ')}`;
  return `its ${which}: ${noContainers}; --service-command '${open[0]}=COMMAND' would stand in for one`;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
