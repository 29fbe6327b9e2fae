// A step that is a container: `uses: docker://image`.
import { splitWords } from '#base/split-words.ts';
import { runContainerAction } from '../actions/container-action.ts';
import type { ActionSetting } from './action-context.ts';
import { broken } from './attempt-result.ts';
import type { Attempt } from './attempt-result.ts';
import type { StepRun } from './step-run.ts';

const IMAGE = 'docker://';

export function isImage(uses: string): boolean {
  return uses.startsWith(IMAGE);
}

/** The step itself says what the container is given. */
export async function runImage(setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const { step, index, stepEnv, files, timeoutMs } = setting;
  const inputs = run.scope.evaluateAll(step.with, stepEnv);
  const args = splitWords(inputs['args'] ?? '');
  if (!args.ok) return broken(`args: ${args.error}`);
  const entrypoint = inputs['entrypoint'];
  return runContainerAction(
    {
      image: step.uses.value.slice(IMAGE.length),
      args: args.value,
      env: {},
      ...(entrypoint === undefined ? {} : { entrypoint }),
    },
    { index, inputs, stepEnv, files: files.variables, timeoutMs },
    run,
  );
}
