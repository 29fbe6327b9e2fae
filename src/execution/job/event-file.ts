import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject } from '#base/json.ts';
import type { JobOrder } from '#run/job-order.ts';

/** The event's payload, as GITHUB_EVENT_PATH names it to the job's steps. */
export function writeEventFile(order: JobOrder, temporary: string): string {
  const { github } = order.contexts;
  const event = github !== undefined && isJsonObject(github) ? github['event'] : {};
  const file = eventFile(temporary);
  writeFileSync(file, JSON.stringify(event ?? {}));
  return file;
}

/** Containers have this one file under GitHub's name for it. */
export function eventFile(temporary: string): string {
  return join(temporary, 'event.json');
}
