// What a `run:` step comes to with the values of this run.
import { isAbsolute, join } from 'node:path';
import type { RunStep } from '#workflow/model.ts';
import type { StepRun } from './step-run.ts';

export interface ResolvedScript {
  readonly script: string;
  /** Absent: the default of GitHub's runners. */
  readonly shell?: string;
  readonly folder: string;
}

/** Throws `UnusableTemplate`. */
export function resolveScript(step: RunStep, stepEnv: Readonly<Record<string, string>>, run: StepRun): ResolvedScript {
  // As GitHub's runner has it: what a job says for its scripts takes the place of the workflow's; the two are not merged.
  const defaults = run.order.job.defaults ?? run.order.defaults;
  const shellText = step.shell ?? defaults.shell;
  const folderText = step.workingDirectory ?? defaults.workingDirectory;
  const folder = folderText ? run.scope.evaluate(folderText.value, stepEnv) : '';
  return {
    script: run.scope.evaluate(step.run.value, stepEnv),
    ...(shellText && { shell: run.scope.evaluate(shellText.value, stepEnv) }),
    folder: isAbsolute(folder) ? folder : join(run.folders.workspace, folder),
  };
}
