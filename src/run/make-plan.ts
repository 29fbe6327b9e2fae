// Workflow + event → the frozen plan. Pure: whatever has to be asked of git or the machine was asked before.
import type { JsonObject } from '#base/json.ts';
import { evaluateTemplate } from '#workflow/expressions.ts';
import type { Job, Workflow } from '#workflow/model.ts';
import type { Plan, PlannedJob } from './plan.ts';

export interface PlanRequest {
  readonly workflow: Workflow;
  readonly project: string;
  readonly dirty: boolean;
  readonly localActions?: Readonly<Record<string, string>>;
  readonly github: JsonObject;
  readonly vars: JsonObject;
  readonly inputs: JsonObject;
  readonly secretNames: readonly string[];
  /** Only this job and what it needs. */
  readonly onlyJob?: string;
  /** What `runs-on` may ask for on this machine, in lower case. */
  readonly labels: readonly string[];
}

export function makePlan(request: PlanRequest): Plan {
  const { workflow, github, inputs, vars } = request;
  const name = workflow.name ?? workflow.file;
  const runName = workflow.runName && evaluateTemplate(workflow.runName.value, { contexts: { github, inputs, vars } });
  const asked = request.onlyJob === undefined ? undefined : withNeeds(workflow.jobs, request.onlyJob);
  return {
    v: 1,
    workflowFile: workflow.file,
    workflowName: name,
    runName: runName?.ok && runName.value !== '' ? runName.value : name,
    project: request.project,
    dirty: request.dirty,
    ...(request.localActions ? { localActions: request.localActions } : {}),
    github: { ...github, workflow: name },
    vars,
    inputs,
    env: workflow.env,
    defaults: workflow.defaults,
    secretNames: request.secretNames,
    jobs: workflow.jobs.map((job) => planJob(job, request, asked)),
  };
}

function planJob(job: Job, request: PlanRequest, asked: ReadonlySet<string> | undefined): PlannedJob {
  if (asked && !asked.has(job.key))
    return { job, notRun: { why: `only ${request.onlyJob} was asked for`, blameless: true } };
  if (job.call)
    return { job, notRun: { why: 'it calls another workflow, which Gantry cannot do yet', blameless: false } };
  if (job.container || Object.keys(job.services).length > 0) {
    const what = job.container ? 'its container' : 'its services';
    return {
      job,
      notRun: { why: `${what} cannot be started: Gantry does not use a container engine yet`, blameless: false },
    };
  }
  const wanted = typeof job.runsOn.value === 'string' ? [job.runsOn.value] : job.runsOn.value;
  // A label that is only known later is judged by nobody: this machine is the only runner there is.
  const missing = wanted.filter((label) => !label.includes('${{') && !isOffered(label.toLowerCase(), request.labels));
  if (missing.length === 0) return { job };
  const why = `runs-on: ${missing.join(', ')}: this machine is ${request.labels.join(', ')}`;
  return { job, notRun: { why, blameless: false } };
}

/** `ubuntu-24.04` is a Linux to us: what differs shows in the tools that are present, and those speak for themselves. */
function isOffered(label: string, labels: readonly string[]): boolean {
  return (
    labels.includes(label) ||
    (/^(ubuntu|debian)(-|$)/.test(label) && labels.includes('linux')) ||
    (/^macos(-|$)/.test(label) && labels.includes('macos'))
  );
}

function withNeeds(jobs: readonly Job[], key: string): ReadonlySet<string> {
  const wanted = new Set<string>();
  const frontier = [key];
  for (let next = frontier.pop(); next !== undefined; next = frontier.pop()) {
    if (wanted.has(next)) continue;
    wanted.add(next);
    frontier.push(...(jobs.find((job) => job.key === next)?.needs.map((need) => need.value) ?? []));
  }
  return wanted;
}
