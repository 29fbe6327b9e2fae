// Processes of a job that nobody waits for any more.
import { appendFileSync, readFileSync } from 'node:fs';
import type { JobOrder } from '#run/job-order.ts';
import { killGroup, startTicks } from '../process/process-identity.ts';
import { markProcesses, numbersSince } from '../process/process-numbers.ts';
import type { NumberRange } from '../process/process-numbers.ts';
import { trackingId } from './job-scope.ts';
import { endProcessesWith, isAnyWith } from './step-processes.ts';
import { ownerFile } from './workspace.ts';
import type { JobFolders } from './workspace.ts';

/**
 * Written down while a step's process runs, for the engine that takes the job up when this one dies: a line to the
 * place's owner file, `<step> <pid> <start>` for one that began and `<step>` for one that is over. No file of its own:
 * to make one and to remove it again is what costs most in a small job.
 */
export function noteProcess(folders: JobFolders, step: number, pid: number | undefined): void {
  const process = pid === undefined ? '' : ` ${pid} ${startTicks(pid) ?? ''}`;
  appendFileSync(ownerFile(folders.root), `\n${step}${process}`);
}

export async function endNotedProcesses(folders: JobFolders): Promise<void> {
  const running = new Map<string, readonly [pid: string, ticks: string]>();
  for (const line of readFileSync(ownerFile(folders.root), 'utf8').split('\n').slice(1)) {
    const [step = '', pid, ticks = ''] = line.split(' ');
    if (pid === undefined) running.delete(step);
    else running.set(step, [pid, ticks]);
  }
  for (const [step, [pid, ticks]] of running) {
    if (ticks !== '') await killGroup(Number(pid), ticks);
    noteProcess(folders, Number(step), undefined);
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

  /** Whether steps have left something running, which may use the workspace. */
  areLeft(): boolean {
    return isAnyWith('RUNNER_TRACKING_ID', this.#id(), this.#among());
  }

  /** As GitHub's runner cleans up: what steps left in the background is gone when the job is. */
  async endLeft(): Promise<void> {
    await endProcessesWith('RUNNER_TRACKING_ID', this.#id(), this.#among());
  }

  #among(): NumberRange | undefined {
    const [begun, witness] = [this.#begun, this.#witness];
    return begun && witness !== undefined ? numbersSince(begun, witness) : undefined;
  }

  /** Written as the system hands it back: any letters, byte by byte. */
  #id(): string {
    return Buffer.from(trackingId(this.#order)).toString('latin1');
  }
}
