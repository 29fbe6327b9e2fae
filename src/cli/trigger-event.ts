// What the filters under `on:` look at: what the event's payload says, and otherwise what is checked out.
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { changedPaths } from '#engine/project.ts';
import type { Project } from '#engine/project.ts';
import type { Workflow } from '#workflow/model.ts';
import type { TriggerEvent } from '#workflow/triggers.ts';

interface Happening {
  readonly name: string;
  readonly project: Project;
  readonly payload: JsonObject;
  readonly workflow: Workflow;
  readonly dirty: boolean;
}

export async function triggerEvent({ name, project, payload, workflow, dirty }: Happening): Promise<TriggerEvent> {
  const action = textAt(payload, 'action');
  const told = textAt(payload, 'ref');
  const ref = told?.startsWith('refs/') ? told : project.ref;
  const base = textAt(objectAt(payload['pull_request'], 'base'), 'ref') ?? textAt(payload['merge_group'], 'base_ref');
  const cron = name === 'schedule' ? textAt(payload, 'schedule') : undefined;
  const wantsPaths = workflow.on.some((trigger) => trigger.paths !== undefined || trigger.pathsIgnore !== undefined);
  const paths = wantsPaths ? await changedPaths(project, dirty) : undefined;
  return {
    name,
    ...(action === undefined ? {} : { action }),
    ...(ref === '' ? {} : { ref }),
    ...(base === undefined ? {} : { baseRef: base }),
    ...(cron === undefined ? {} : { cron }),
    ...(paths === undefined ? {} : { changedPaths: paths }),
  };
}

function objectAt(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) ? value[key] : undefined;
}

function textAt(value: JsonValue | undefined, key: string): string | undefined {
  const text = objectAt(value, key);
  return typeof text === 'string' ? text : undefined;
}
