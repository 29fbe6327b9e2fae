// An action that runs on Node: `main` as the step, `pre` before the job's first step, `post` behind its last.
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { ActionRuns } from '#workflow/read-action.ts';
import {
  addPost,
  beforeTheJob,
  githubVariables,
  inputVariables,
  stateBeforeMain,
  stateVariables,
} from './action-hooks.ts';
import type { HookPlace, HookRun, PostOrigin } from './action-hooks.ts';
import { servicesInside } from './services-inside.ts';
import { attemptOf } from './attempt-result.ts';
import type { Attempt } from './attempt-result.ts';
import type { PreparedAction } from './found-action.ts';

type JavaScriptRuns = Extract<ActionRuns, { kind: 'javascript' }>;

export async function runJavaScript(action: PreparedAction, runs: JavaScriptRuns, place: HookPlace): Promise<Attempt> {
  const attempt = await runScript(action, runs.main, { ...place, state: stateBeforeMain(place) });
  if (attempt.how !== 'broken') addJavaScriptPost(action, runs, { ...place, origin: { kind: 'main' } });
  return attempt;
}

export function addJavaScriptPost(
  action: PreparedAction,
  runs: JavaScriptRuns,
  place: HookPlace & { readonly origin: PostOrigin },
): void {
  const { inputs } = action;
  addPost(runs.post, { ...place, inputs }, async (later) => runScript(action, runs.post?.script ?? '', later));
}

/** Before the job's first step. */
export async function runJavaScriptPre(action: PreparedAction, script: string, place: HookPlace): Promise<Attempt> {
  return runScript(action, script, beforeTheJob(place));
}

async function runScript(action: PreparedAction, script: string, { setting, run, state }: HookRun): Promise<Attempt> {
  const file = resolve(action.folder, script);
  const nothing = { ledger: [], annotations: [] };
  if (relative(action.root, file).startsWith('..'))
    return { how: 'broken', why: `${script} lies outside the action`, ...nothing };
  if (!existsSync(file)) return { how: 'broken', why: `the action has no file ${script}`, ...nothing };
  const env = run.scope.variables(setting.stepEnv);
  const output = run.openOutput(setting.index, { files: setting.files.folder, env });
  try {
    const services =
      run.containers.mounts.length > 0 ? await servicesInside(run, output) : await run.services.variables(run.stepTry);
    const result = await run.start({
      // Of all Nodes that GitHub has had, there is one here: ours. Older actions run on it as GitHub forces them to.
      argv: [process.execPath, file],
      cwd: run.folders.workspace,
      env: {
        ...run.scope.environment(setting.stepEnv, setting.files.variables),
        ...services,
        ...inputVariables(action.inputs),
        ...githubVariables(action.github),
        ...stateVariables(state),
      },
      onOutput: (stream, chunk) => output.write(stream, chunk),
      onSpawn: (pid) => run.noteProcess(pid),
      signal: run.signal,
      ...(setting.timeoutMs === undefined ? {} : { timeoutMs: setting.timeoutMs }),
    });
    output.end();
    return attemptOf(result, output);
  } finally {
    run.noteProcess(undefined);
  }
}
