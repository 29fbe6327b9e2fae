// A step that `uses:` an action: one that is built in, or one that is found by its metadata.
import type { ActionContext } from '../actions/native-action.ts';
import { actionContext } from './action-context.ts';
import type { ActionSetting } from './action-context.ts';
import type { Attempt } from './attempt-result.ts';
import { builtIn } from './built-in.ts';
import { isImage, runImage } from './container-step.ts';
import { runFoundAction } from './found-action.ts';
import type { PostEnd, StepRun } from './step-run.ts';

export async function runAction(setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const { step, index } = setting;
  if (isImage(step.uses.value)) return runImage(setting, run);
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
  addBuiltInPost({ ...setting, inputs: context.inputs }, run);
  return { how: 'ok', why: '', ...common, annotations: [...output.annotations, ...(result.annotations ?? [])] };
}

/** Of an action that is built in, if it has one. What the step gave it is evaluated. */
export function addBuiltInPost(
  setting: ActionSetting & { readonly inputs: Readonly<Record<string, string>> },
  run: StepRun,
): void {
  const { step, index, stepEnv, inputs } = setting;
  const uses = step.uses.value;
  const post = builtIn(uses, run)?.post;
  if (!post) return;
  run.addPost({
    name: `Post ${uses.replace(/@.*$/, '')}`,
    index,
    when: 'on-success',
    record: { uses: [...run.around, { uses, index, stepEnv, inputs }], state: {}, sincePre: false },
    run: async ({ signal }) => postOf(post, setting, { ...run, scope: run.scope.asOfNow(), signal }),
  });
}

type Post = (context: ActionContext) => Promise<{ readonly kind: 'done' | 'failed'; readonly why?: string }>;

async function postOf(post: Post, setting: ActionSetting, run: StepRun): Promise<PostEnd> {
  const output = run.openOutput(setting.index);
  const result = await post(actionContext(setting, run, output));
  output.end();
  return { ok: result.kind === 'done', why: result.why ?? '' };
}
