// Processes of a job that nobody waits for any more.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobOrder } from '#run/job-order.ts';
import { killGroup, startTicks } from '../process/process-identity.ts';
import { markProcesses, numbersSince } from '../process/process-numbers.ts';
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

/** What is known of the processes that a job has started. */
export class JobProcesses {
  readonly #order: JobOrder;
  /** Of an attempt before this one there may be processes that are older. */
  readonly #begun;
  #witness: number | undefined;

  constructor(order: JobOrder) {
    this.#order = order;
    this.#begun = order.attempt === 1 ? markProcesses() : undefined;
  }

  /** This one is the job's. */
  saw(pid: number | undefined): void {
    this.#witness = pid ?? this.#witness;
  }

  /** As GitHub's runner cleans up: what steps left in the background is gone when the job is. */
  async endLeft(): Promise<void> {
    const [begun, witness] = [this.#begun, this.#witness];
    const among = begun && witness !== undefined ? numbersSince(begun, witness) : undefined;
    // Written as the system hands it back: any letters, byte by byte.
    const id = Buffer.from(trackingId(this.#order)).toString('latin1');
    await endProcessesWith('RUNNER_TRACKING_ID', id, among);
  }
}
