// An action that is a JavaScript program, run by the Node that runs Gantry: GitHub forces programs for older ones upward too.
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { NodeRuns } from '#workflow/read-action.ts';
import { isWithin } from '../actions/load-action.ts';
import type { LoadedAction } from '../actions/load-action.ts';
import { startProcess } from '../process/host-process.ts';
import { broken, fromProcess } from './attempt-end.ts';
import type { Attempt } from './attempt.ts';
import { readStepFiles } from './step-files.ts';
import type { StepFiles } from './step-files.ts';
import type { StepRun } from './step-run.ts';

export interface NodeUse {
  readonly action: LoadedAction;
  readonly runs: NodeRuns;
  /** The name of the step that uses the action. */
  readonly name: string;
  readonly index: number;
  readonly files: StepFiles;
  readonly stepEnv: Readonly<Record<string, string>>;
  /** INPUT_*, GITHUB_ACTION and the like. */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
}

/** Where the `pre` of the step at this place of the job has its files; what they hold of state is for `main` and `post`. */
export function preFolder(jobPrivate: string, path: string): string {
  return join(jobPrivate, 'pre', path);
}

export async function runNodeMain(use: NodeUse, run: StepRun): Promise<Attempt> {
  const main = programOf(use.action, use.runs.main);
  if (main === undefined) return broken(`${use.action.definition.name || 'the action'} has no file ${use.runs.main}`);
  const early = stateVariables(preFolder(run.jobPrivate, run.path), 0);
  // Known before it runs: what it has begun when it fails or is cancelled is cleared up all the same.
  registerPost(use, early, run);
  const { index, files, stepEnv, variables, timeoutMs } = use;
  const output = run.openOutput(index, files.folder);
  const env = run.scope.environment(stepEnv, { ...variables, ...early, ...files.variables });
  const result = await startProcess({
    argv: [process.execPath, main],
    cwd: run.folders.workspace,
    env,
    onOutput: (stream, chunk) => output.write(stream, chunk),
    onSpawn: (pid) => run.noteProcess(pid),
    signal: run.signal,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  run.noteProcess(undefined);
  output.end();
  registerPost(use, { ...early, ...stateVariables(run.folders.private, index) }, run);
  return { ...fromProcess(result), ledger: [], annotations: output.annotations };
}

function registerPost(use: NodeUse, state: Readonly<Record<string, string>>, run: StepRun): void {
  const program = use.runs.post === undefined ? undefined : programOf(use.action, use.runs.post);
  if (program === undefined) return;
  run.addPost({
    kind: 'program',
    path: run.path,
    name: `Post ${use.name}`,
    index: run.stepIndex,
    program,
    variables: { ...use.stepEnv, ...use.variables, ...state },
    ...(use.runs.postIf === undefined ? {} : { condition: use.runs.postIf }),
  });
}

/** The file of a program within the action's repository; undefined when it is not there or lies elsewhere. */
export function programOf(action: LoadedAction, file: string): string | undefined {
  const path = resolve(action.folder, file);
  return existsSync(path) && isWithin(action.root, path) ? path : undefined;
}

function stateVariables(privateFolder: string, index: number): Record<string, string> {
  const changes = readStepFiles(privateFolder, index);
  if (!changes.ok) return {};
  return Object.fromEntries(changes.value.state.map(([name, value]) => [`STATE_${name}`, value]));
}

export function makePreFolder(jobPrivate: string, path: string): string {
  const folder = preFolder(jobPrivate, path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
