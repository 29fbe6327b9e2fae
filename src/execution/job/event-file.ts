import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject } from '#base/json.ts';
import type { JobOrder } from '#run/job-order.ts';

/** The event's payload, as GITHUB_EVENT_PATH names it to the job's steps. */
export function writeEventFile(order: JobOrder, temporary: string): string {
  const { github } = order.contexts;
  const event = github !== undefined && isJsonObject(github) ? github['event'] : {};
  const file = join(temporary, '_github_workflow', 'event.json');
  // A folder of its own: containers have it under a name of its own.
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(event ?? {}));
  return file;
}
