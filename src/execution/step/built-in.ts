import type { NativeAction } from '../actions/native-action.ts';
import type { StepRun } from './step-run.ts';

/** The built-in action of that name, unless a folder was named to stand in for it. */
export function builtIn(uses: string, { actions, repositories }: StepRun): NativeAction | undefined {
  return repositories.hasLocal(uses) ? undefined : actions[uses.replace(/@.*$/, '').toLowerCase()];
}
