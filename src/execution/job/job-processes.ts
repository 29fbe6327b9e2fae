// Processes of a job that nobody waits for any more.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobOrder } from '#run/job-order.ts';
import { killGroup, startTicks } from '../process/process-identity.ts';
import { trackingId } from './job-scope.ts';
import { endProcessesWith } from './step-processes.ts';

const PREFIX = 'process-';

/** Written down while a step's process runs, for the engine that takes the job up when this one dies. */
export function noteProcess(privateFolder: string, step: number, pid: number | undefined): void {
  const file = join(privateFolder, `${PREFIX}${step}`);
  if (pid === undefined) rmSync(file, { force: true });
  else writeFileSync(file, `${pid} ${startTicks(pid) ?? ''}`);
}

export async function endNotedProcesses(privateFolder: string): Promise<void> {
  for (const name of readdirSync(privateFolder).filter((each) => each.startsWith(PREFIX))) {
    const file = join(privateFolder, name);
    const [pid = '', ticks = ''] = readFileSync(file, 'utf8').split(' ');
    if (ticks !== '') await killGroup(Number(pid), ticks);
    rmSync(file, { force: true });
  }
}

/** As GitHub's runner cleans up: what steps left in the background is gone when the job is. */
export async function endLeftProcesses(order: JobOrder): Promise<void> {
  // Written as the system hands it back: any letters, byte by byte.
  await endProcessesWith('RUNNER_TRACKING_ID', Buffer.from(trackingId(order)).toString('latin1'));
}
