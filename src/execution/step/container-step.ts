// A step that is a container: `uses: docker://image`, or an action whose metadata says `using: docker`.
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { splitWords } from '#base/split-words.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { ActionRuns } from '#workflow/read-action.ts';
import { runContainerAction } from '../actions/container-action.ts';
import type { ContainerAction } from '../actions/container-action.ts';
import type { ActionSetting } from './action-context.ts';
import { addPost, beforeTheJob, githubVariables, stateBeforeMain, stateVariables } from './action-hooks.ts';
import type { HookPlace, HookRun, PostOrigin } from './action-hooks.ts';
import { broken } from './attempt-result.ts';
import type { Attempt } from './attempt-result.ts';
import type { PreparedAction } from './found-action.ts';
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
    { index, inputs, stepEnv, files, timeoutMs },
    run,
  );
}

type ContainerRuns = Extract<ActionRuns, { kind: 'container' }>;

export async function runContainerKind(
  action: PreparedAction,
  runs: ContainerRuns,
  place: HookPlace,
): Promise<Attempt> {
  const entrypoint = runs.entrypoint ?? inputNamed('entrypoint', action);
  const attempt = await start(action, runs, { ...place, state: stateBeforeMain(place), entrypoint });
  if (attempt.how !== 'broken') addContainerPost(action, runs, { ...place, origin: { kind: 'main' } });
  return attempt;
}

export function addContainerPost(
  action: PreparedAction,
  runs: ContainerRuns,
  place: HookPlace & { readonly origin: PostOrigin },
): void {
  const { inputs } = action;
  addPost(runs.post, { ...place, inputs }, async (later) =>
    start(action, runs, { ...later, entrypoint: runs.post?.script }),
  );
}

/** Before the job's first step. */
export async function runContainerPre(
  action: PreparedAction,
  entrypoint: string,
  { runs, ...place }: HookPlace & { readonly runs: ContainerRuns },
): Promise<Attempt> {
  return start(action, runs, { ...beforeTheJob(place), entrypoint });
}

async function start(
  action: PreparedAction,
  runs: ContainerRuns,
  { setting, run, state, entrypoint }: HookRun & { readonly entrypoint: string | undefined },
): Promise<Attempt> {
  const image = imageOf(action, runs);
  if (!image.ok) return broken(image.error);
  const scope = run.scope.nested({ inputs: action.inputs, github: action.github, stepEnv: setting.stepEnv });
  const args = runs.args
    ? ok(runs.args.map((arg) => scope.evaluate(arg.value)))
    : splitWords(inputNamed('args', action) ?? '');
  if (!args.ok) return broken(`args: ${args.error}`);
  const { action_path: _onThisMachine, ...github } = action.github;
  return runContainerAction(
    {
      image: image.value,
      args: args.value,
      env: { ...scope.evaluateAll(runs.env, {}), ...githubVariables(github), ...stateVariables(state) },
      ...(entrypoint === undefined ? {} : { entrypoint }),
    },
    {
      index: setting.index,
      inputs: action.inputs,
      stepEnv: setting.stepEnv,
      files: setting.files,
      timeoutMs: setting.timeoutMs,
    },
    run,
  );
}

/** As on GitHub: what the metadata leaves open, the step may say. */
function inputNamed(name: string, { inputs }: PreparedAction): string | undefined {
  return Object.entries(inputs).find(([input]) => input.toLowerCase() === name)?.[1];
}

function imageOf({ folder, root }: PreparedAction, { image }: ContainerRuns): Result<ContainerAction['image'], string> {
  if (isImage(image)) return ok(image.slice(IMAGE.length));
  const file = resolve(folder, image);
  if (relative(root, file).startsWith('..')) return err(`${image} lies outside the action`);
  if (!existsSync(file)) return err(`the action has no file ${image}`);
  return ok({ folder, dockerfile: image });
}
