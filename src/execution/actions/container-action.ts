// Actions that are containers: `using: docker`, and steps with `uses: docker://image`.
import type { DockerRuns } from '#workflow/read-action.ts';
import { broken } from '../step/attempt-end.ts';
import type { Attempt } from '../step/attempt.ts';
import type { StepRun } from '../step/step-run.ts';

export interface ContainerAction {
  /** `docker://image` of the step itself, or what the action's file says. */
  readonly runs: DockerRuns;
  /** Where the action's own files are; absent for `docker://`. */
  readonly folder?: string;
  /** By name as declared; with `docker://`, `args` and `entrypoint` are among them. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly index: number;
  /** The whole environment of the step, INPUT_* and the GITHUB_* files included, with paths of the host. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder of the environment files. */
  readonly files: string;
  readonly timeoutMs: number | undefined;
}

export async function runContainerAction(action: ContainerAction, run: StepRun): Promise<Attempt> {
  const why = `${action.runs.image} cannot be run: there is no container engine`;
  const output = run.openOutput(action.index, action.files);
  output.write('engine', Buffer.from(`gantry: ${run.redact(why)}\n`));
  output.end();
  return Promise.resolve(broken(why));
}
