// A step that `uses:` an action: one that is built in, or one that is found by its metadata.
import type { ActionContext } from '../actions/native-action.ts';
import { actionContext } from './action-context.ts';
import type { ActionSetting } from './action-context.ts';
import type { Attempt } from './attempt-result.ts';
import { builtIn } from './built-in.ts';
import { isImage, runImage } from './container-step.ts';
import { dueFoundPost, runFoundAction } from './found-action.ts';
import type { StepRun } from './step-run.ts';

export async function runAction(setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const { step, index } = setting;
  if (isImage(step.uses.value)) return runImage(setting, run);
  const name = step.uses.value.replace(/@.*$/, '');
  const action = builtIn(step.uses.value, run);
  if (!action) return runFoundAction(setting, run);
  const output = run.openOutput(index);
  const timeout = setting.timeoutMs === undefined ? [] : [AbortSignal.timeout(setting.timeoutMs)];
  const signal = AbortSignal.any([run.signal, ...timeout]);
  const context = actionContext(setting, { ...run, signal }, output);
  const result = await action.main(context);
  output.end();
  const common = {
    ledger: result.ledger ?? [],
    annotations: output.annotations,
    ...(result.release ? { release: result.release } : {}),
  };
  if (result.kind === 'failed') {
    if (run.signal.aborted) return { how: 'cancelled', why: 'cancelled', ...common };
    if (signal.aborted) return { how: 'timeout', why: 'timed out', ...common };
    return { how: 'exit-code', why: run.redact(result.why), exitCode: result.exitCode ?? 1, ...common };
  }
  if (output.problem !== undefined) return { how: 'exit-code', why: output.problem, exitCode: 1, ...common };
  const { post } = action;
  if (post)
    run.addPost({
      name: `Post ${name}`,
      index,
      when: 'on-success',
      run: async (later) => postOf(post, setting, { ...later, scope: run.scope, folders: run.folders }),
    });
  return { how: 'ok', why: '', ...common, annotations: [...output.annotations, ...(result.annotations ?? [])] };
}

/** After a crash: the action's `main` is done, its `post` still due. */
export async function duePost(setting: ActionSetting, run: StepRun): Promise<void> {
  if (isImage(setting.step.uses.value)) return;
  const name = setting.step.uses.value.replace(/@.*$/, '');
  const action = builtIn(setting.step.uses.value, run);
  if (!action) return dueFoundPost(setting, run);
  const { post } = action;
  if (post)
    run.addPost({
      name: `Post ${name}`,
      index: setting.index,
      when: 'on-success',
      run: async (later) => postOf(post, setting, later),
    });
}

type Post = (context: ActionContext) => Promise<{ readonly kind: 'done' | 'failed'; readonly why?: string }>;

async function postOf(post: Post, setting: ActionSetting, run: StepRun): Promise<{ ok: boolean; why: string }> {
  const output = run.openOutput(setting.index);
  const result = await post(actionContext(setting, run, output));
  output.end();
  return { ok: result.kind === 'done', why: result.why ?? '' };
}
