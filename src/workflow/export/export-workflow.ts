// A pipeline with Gantry's keys -> a workflow that GitHub takes. Pure: which commits actions are pinned to is put in later.
import type { JsonObject, JsonValue } from '#base/json.ts';
import { isJsonObject } from '#base/json.ts';
import { isList } from '../expression-data.ts';
import { toJson, type YamlNode } from '../yaml-node.ts';
import { jobsRunByGantry } from './classify-jobs.ts';
import { exportJob } from './export-job.ts';
import type { ExportRequest } from './export-request.ts';
import { rewriteVerdicts } from './rewrite-verdicts.ts';
import { fieldOf } from './tree.ts';

/** Keys of the workflow in the order in which people look for them. */
const ORDER = ['name', 'description', 'run-name', 'on', 'permissions', 'concurrency', 'env', 'defaults'];
/** They reach steps; those that Gantry runs get them from Gantry. */
const FOR_STEPS = ['env', 'defaults'];

/** Diagnostics go to `request.report`; with an error among them, what is returned is not to be used. */
export function exportWorkflow(request: ExportRequest): JsonObject {
  const { workflow, root, prefix } = request;
  const byGantry = jobsRunByGantry(request);
  const isPlain = workflow.jobs.some((job) => !job.call && !byGantry.has(job.key));
  const exported: Record<string, JsonValue> = {};
  for (const key of ORDER) {
    const node = fieldOf(root, key);
    if (node === undefined || (FOR_STEPS.includes(key) && !isPlain)) continue;
    exported[key] = key === 'on' ? prefixPaths(toJson(node), prefix) : toJson(node);
  }
  const jobs: Record<string, JsonValue> = {};
  for (const job of workflow.jobs) {
    const node = fieldOf(fieldOf(root, 'jobs'), job.key);
    if (node?.kind !== 'map') continue;
    jobs[job.key] = byGantry.has(job.key) ? exportJob(job, node, request) : takeOver(node);
  }
  const hasMatrix = (key: string): boolean =>
    workflow.jobs.some((job) => job.key.toLowerCase() === key.toLowerCase() && job.strategy?.matrix !== undefined);
  const whole = rewriteVerdicts({ ...exported, jobs }, hasMatrix);
  return isJsonObject(whole) ? whole : {};
}

/** As it is, but for `accept: degraded`, which is what GitHub does anyway: what is unknown is red there. */
function takeOver(node: YamlNode): JsonValue {
  const value = toJson(node);
  if (!isJsonObject(value)) return value;
  const { accept: _, ...rest } = value;
  return rest;
}

/** GitHub counts paths from the root of the repository. */
function prefixPaths(value: JsonValue, prefix: string): JsonValue {
  if (prefix === '' || !isJsonObject(value)) return value;
  const placed = (path: JsonValue): JsonValue => {
    const text = typeof path === 'string' ? path : '';
    return text.startsWith('!') ? `!${prefix}${text.slice(1)}` : `${prefix}${text}`;
  };
  const within = (trigger: JsonValue): JsonValue =>
    isJsonObject(trigger)
      ? Object.fromEntries(
          Object.entries(trigger).map(([key, paths]) => {
            if (key !== 'paths' && key !== 'paths-ignore') return [key, paths];
            return [key, isList(paths) ? paths.map(placed) : placed(paths)];
          }),
        )
      : trigger;
  return Object.fromEntries(Object.entries(value).map(([event, trigger]) => [event, within(trigger)]));
}
