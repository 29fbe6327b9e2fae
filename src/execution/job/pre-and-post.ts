// What actions do before a job's first step and behind its last.
import { join } from 'node:path';
import { evaluateCondition } from '#workflow/expressions.ts';
import type { UsesStep } from '#workflow/model.ts';
import { builtIn } from '../step/built-in.ts';
import { preFolder } from '../step/action-hooks.ts';
import { prepareAction, runPre } from '../step/found-action.ts';
import { readStepFiles } from '../step/step-files.ts';
import type { PostStep, StepRun } from '../step/step-run.ts';
import { UnusableTemplate } from './job-scope.ts';
import type { JobScope } from './job-scope.ts';

/** Runs the `pre` of a step's action, if it has one. The answer is why it failed. */
export async function runPreOf(step: UsesStep, run: StepRun, scope: JobScope): Promise<string | undefined> {
  if (builtIn(step.uses.value, run)) return undefined;
  try {
    const stepEnv = scope.evaluateAll(step.env, {});
    const files = { folder: join(run.folders.private, 'pre', `step-${step.index}`), variables: {} };
    const setting = { step, index: step.index, stepEnv, files, timeoutMs: undefined };
    const prepared = await prepareAction(setting, run);
    if (!prepared.ok) return undefined;
    const place = { setting, run };
    const ended = await runPre(prepared.value, place, (condition) => isTrue(condition, scope));
    if (ended === undefined) return undefined;
    const { root, index } = preFolder(place);
    const changes = readStepFiles(root, index);
    for (const [name, value] of changes.env) scope.setVariable(name, value);
    for (const folder of changes.paths) scope.addPath(folder);
    return ended.how === 'ok' ? undefined : ended.why;
  } catch (cause) {
    // What it takes from earlier steps is not there yet; the step itself will tell.
    if (cause instanceof UnusableTemplate) return undefined;
    throw cause;
  }
}

interface PostPlace {
  readonly scope: JobScope;
  /** A step whose own fallback was used. */
  readonly lesserStep: string | undefined;
  readonly note: (text: string) => void;
}

/**
 * The answer is why the job fails by it. Built-in actions follow up on success only, and never after a fallback: what a
 * lesser way left behind must not be restored under the key of the full one.
 */
export async function runPost(post: PostStep, run: StepRun, place: PostPlace): Promise<string | undefined> {
  const { scope, lesserStep, note } = place;
  if (post.when === 'on-success') {
    if (scope.status !== 'success') return undefined;
    if (lesserStep !== undefined) {
      note(`${post.name} is left out: "${lesserStep}" took a fallback`);
      return undefined;
    }
  } else if (!isTrue(post.when.condition, scope)) return undefined;
  const ended = await post.run(run);
  if (ended.ok) return undefined;
  note(`${post.name}: ${ended.why}`);
  return post.when === 'on-success' ? undefined : ended.why;
}

function isTrue(condition: string, scope: JobScope): boolean {
  const value = evaluateCondition(condition, scope.scope());
  return value.ok && value.value;
}
