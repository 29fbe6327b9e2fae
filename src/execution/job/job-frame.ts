// What the parts of one running job share: the order, where things are, and how it stands.
import type { JobOrder } from '#run/job-order.ts';
import type { LogWriter } from '#stores/logs/log-store.ts';
import type { RunnerHooks } from '../runner.ts';
import type { StepRun } from '../step/step-run.ts';
import type { HostRunnerDeps } from './host-runner-deps.ts';
import type { JobScope } from './job-scope.ts';
import type { Masks } from './masks.ts';
import type { JobFolders } from './workspace.ts';

export interface JobFrame {
  readonly order: JobOrder;
  readonly hooks: RunnerHooks;
  readonly deps: HostRunnerDeps;
  readonly folders: JobFolders;
  readonly log: LogWriter;
  readonly masks: Masks;
  readonly scope: JobScope;
  /** Steps that ran when an earlier engine died. */
  readonly interrupted: readonly number[];
  /** What a step is given that runs now. */
  stepRun(step: { readonly index: number; readonly advisory?: unknown }): StepRun;
  /** A line of Gantry's own in the log of a step. */
  note(step: number, text: string): void;
  /** Why the job will not succeed; the first reason stays. Its status is not changed by this. */
  blame(why: string): void;
}
