// An action that runs on Node: `main` as the step, `pre` before the job's first step, `post` behind its last.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { ActionRuns } from '#workflow/read-action.ts';
import type { ActionSetting } from './action-context.ts';
import { attemptOf } from './attempt-result.ts';
import type { Attempt } from './attempt-result.ts';
import type { PreparedAction } from './found-action.ts';
import { makeStepFiles, readStepFiles } from './step-files.ts';
import type { StepRun } from './step-run.ts';

interface Place {
  readonly setting: ActionSetting;
  readonly run: StepRun;
}

type JavaScriptRuns = Extract<ActionRuns, { kind: 'javascript' }>;
type State = ReadonlyMap<string, string>;

export async function runJavaScript(action: PreparedAction, runs: JavaScriptRuns, place: Place): Promise<Attempt> {
  const attempt = await runScript(action, runs.main, { ...place, state: stateIn(preFolder(place)) });
  if (attempt.how !== 'broken') addJavaScriptPost(action, runs, place);
  return attempt;
}

/** What `main` saved is kept now: its files may be gone when `post` is due, because another attempt began. */
export function addJavaScriptPost(action: PreparedAction, runs: JavaScriptRuns, place: Place): void {
  const { setting, run } = place;
  const { post } = runs;
  if (!post) return;
  const state = new Map([
    ...stateIn(preFolder(place)),
    ...stateIn({ root: run.folders.private, index: setting.index }),
  ]);
  run.addPost({
    name: `Post ${setting.step.name?.value ?? setting.step.uses.value}`,
    index: setting.index,
    when: { condition: post.if },
    run: async (later) => {
      const files = makeStepFiles(join(run.folders.private, 'post'), setting.index);
      const ended = await runScript(action, post.script, {
        setting: { ...setting, files, timeoutMs: undefined },
        run: { ...run, signal: later.signal },
        state,
      });
      return { ok: ended.how === 'ok', why: ended.why };
    },
  });
}

/** Before the job's first step. Undefined: there is nothing to run, or its condition is false. */
export async function runPre(
  action: PreparedAction,
  place: Place,
  isWanted: (condition: string) => boolean,
): Promise<Attempt | undefined> {
  const { runs } = action.definition;
  if (runs.kind !== 'javascript' || !runs.pre || !isWanted(runs.pre.if)) return undefined;
  const { root, index } = preFolder(place);
  const files = makeStepFiles(root, index);
  return runScript(action, runs.pre.script, {
    setting: { ...place.setting, files, timeoutMs: undefined },
    run: place.run,
    state: new Map(),
  });
}

interface FilesPlace {
  readonly root: string;
  readonly index: number;
}

/** Where the files of an action's `pre` are. */
export function preFolder({ setting, run }: Place): FilesPlace {
  return { root: join(run.folders.private, 'pre'), index: setting.index };
}

function stateIn({ root, index }: FilesPlace): State {
  return new Map(readStepFiles(root, index).state);
}

async function runScript(
  action: PreparedAction,
  script: string,
  { setting, run, state }: Place & { readonly state: State },
): Promise<Attempt> {
  const file = resolve(action.folder, script);
  const nothing = { ledger: [], annotations: [] };
  if (relative(action.root, file).startsWith('..'))
    return { how: 'broken', why: `${script} lies outside the action`, ...nothing };
  if (!existsSync(file)) return { how: 'broken', why: `the action has no file ${script}`, ...nothing };
  const env = run.scope.variables(setting.stepEnv);
  // They listen on this machine's loopback, which is another one inside a container.
  const services = run.containers.mounts.length > 0 ? {} : await run.services.variables();
  const output = run.openOutput(setting.index, { files: setting.files.folder, env });
  try {
    const result = await run.start({
      // Of all Nodes that GitHub has had, there is one here: ours. Older actions run on it as GitHub forces them to.
      argv: [process.execPath, file],
      cwd: run.folders.workspace,
      env: {
        ...run.scope.environment(setting.stepEnv, setting.files.variables),
        ...services,
        ...inputVariables(action.inputs),
        ...githubVariables(action.github),
        ...Object.fromEntries([...state].map(([name, value]) => [`STATE_${name}`, value])),
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

/** GitHub's naming: capital letters, `_` for blanks, everything else as it is. */
function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}

function githubVariables(github: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]));
}
