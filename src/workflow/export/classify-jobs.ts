// Which jobs of an exported workflow are run by Gantry. A job that uses nothing of Gantry's, and whose verdict nobody asks
// for, is taken over as it is: GitHub runs its own language best.
import { isJsonObject } from '#base/json.ts';
import { isList } from '../expression-data.ts';
import type { Job, Step } from '../model.ts';
import type { Span } from '../position.ts';
import { toJson } from '../yaml-node.ts';
import type { ExportRequest } from './export-request.ts';
import { verdictReadBy } from './rewrite-verdicts.ts';
import { fieldOf, mentionsIn } from './tree.ts';

const GANTRY_STEP_KEYS = ['retry', 'fallback', 'advisory', 'expect', 'consumes', 'produces'];

interface Judgement {
  readonly job: string;
  readonly at: Span;
}

/** Keys of the jobs that Gantry runs. What cannot be kept on GitHub is reported. */
export function jobsRunByGantry(request: ExportRequest): ReadonlySet<string> {
  const { workflow, root, report } = request;
  const judged = judgements(request);
  const calls = new Set(workflow.jobs.filter((job) => job.call).map((job) => job.key));
  for (const { job, at } of judged)
    if (calls.has(job)) {
      const message = `"${job}" calls a workflow, and GitHub does not tell the verdict of what it calls`;
      report({ code: 'WF161', at, message });
    }
  const wanted = new Set(judged.map((each) => each.job));
  return new Set(
    workflow.jobs
      .filter((job) => !job.call && (wanted.has(job.key) || usesGantry(job, request)))
      .map((job) => job.key)
      .filter((key) => fieldOf(fieldOf(root, 'jobs'), key)),
  );
}

function usesGantry(job: Job, { root }: ExportRequest): boolean {
  const node = fieldOf(fieldOf(root, 'jobs'), job.key);
  const steps = fieldOf(node, 'steps');
  const ownKey = steps?.kind === 'list' && steps.items.some((step) => GANTRY_STEP_KEYS.some((key) => holds(step, key)));
  const readsVerdict = mentionsIn(node).some(
    ({ mention }) => mention.name.toLowerCase() === 'steps' && mention.path[1]?.name.toLowerCase() === 'verdict',
  );
  return job.accept !== undefined || ownKey || readsVerdict || job.steps.some(isOwnAction);
}

function isOwnAction(step: Step): boolean {
  return step.kind === 'uses' && step.uses.value.startsWith('gantry/');
}

/** Also in the steps of `parallel:`. */
function holds(step: Parameters<typeof toJson>[0], key: string): boolean {
  const value = toJson(step);
  if (!isJsonObject(value)) return false;
  const { parallel } = value;
  const inner = isList(parallel) ? parallel : [];
  return key in value || inner.some((each) => isJsonObject(each) && key in each);
}

/** Jobs whose verdict another one asks for, by `accept: passed` or in an expression. */
function judgements({ workflow, root, report }: ExportRequest): readonly Judgement[] {
  const judged: Judgement[] = [];
  for (const job of workflow.jobs) {
    if (job.accept?.value !== 'passed') continue;
    const { at } = job.accept;
    if (job.call) {
      const message = `"${job.key}" calls a workflow: on GitHub nothing can judge what it needs before it starts`;
      report({ code: 'WF161', at, message });
    } else judged.push(...job.needs.map((need) => ({ job: need.value, at })));
  }
  for (const { mention, expression, at } of mentionsIn(root)) {
    const job = verdictReadBy(mention, expression);
    if (job === null)
      report({
        code: 'WF162',
        at,
        message: 'which verdicts are read here is known on GitHub only when each job is named',
      });
    else if (job !== undefined) judged.push({ job, at });
  }
  return judged;
}
