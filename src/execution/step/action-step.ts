// A step that `uses:` an action which is built in.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnvironmentFile } from '../output/environment-file.ts';
import { readFileSync } from 'node:fs';
import { splitWords } from '#base/split-words.ts';
import type { UsesStep } from '#workflow/model.ts';
import type { ActionContext, CommandResult, CommandSpec } from '../actions/native-action.ts';
import { runContainerAction } from '../actions/container-action.ts';
import { toHost } from '../container/container-paths.ts';
import { hashFiles } from '../job/hash-files.ts';
import { startProcess } from '../process/host-process.ts';
import type { Attempt } from './attempt-result.ts';
import type { StepFiles } from './step-files.ts';
import type { StepOutput, StepRun } from './step-run.ts';

interface ActionSetting {
  readonly step: UsesStep;
  readonly index: number;
  readonly stepEnv: Readonly<Record<string, string>>;
  readonly files: StepFiles;
  readonly timeoutMs: number | undefined;
}

const IMAGE = 'docker://';

/** Enough for what actions read of a tool: versions, listings, revisions. */
const MAX_CAPTURED_BYTES = 4 * 1024 * 1024;

/** `uses: docker://image`: the step itself says what the container is given. */
async function runImage(setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const { step, index, stepEnv, files, timeoutMs } = setting;
  const inputs = run.scope.evaluateAll(step.with, stepEnv);
  const args = splitWords(inputs['args'] ?? '');
  if (!args.ok) return { how: 'broken', why: `args: ${args.error}`, ledger: [], annotations: [] };
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

export async function runAction(setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const { step, index } = setting;
  if (step.uses.value.startsWith(IMAGE)) return runImage(setting, run);
  const name = step.uses.value.replace(/@.*$/, '');
  const action = run.actions[name];
  if (!action) return { how: 'broken', why: `there is no action ${name}`, ledger: [], annotations: [] };
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
  const { post } = action;
  if (post) run.addPost({ name: `Post ${name}`, index, run: async (later) => postOf(post, setting, later) });
  return { how: 'ok', why: '', ...common, annotations: [...output.annotations, ...(result.annotations ?? [])] };
}

/** After a crash: the action's `main` is done, its `post` still due. */
export function duePost(setting: Omit<ActionSetting, 'timeoutMs'>, run: StepRun): void {
  const name = setting.step.uses.value.replace(/@.*$/, '');
  const post = run.actions[name]?.post;
  if (post)
    run.addPost({
      name: `Post ${name}`,
      index: setting.index,
      run: async (later) => postOf(post, { ...setting, timeoutMs: undefined }, later),
    });
}

type Post = (context: ActionContext) => Promise<{ readonly kind: 'done' | 'failed'; readonly why?: string }>;

async function postOf(post: Post, setting: ActionSetting, run: StepRun): Promise<{ ok: boolean; why: string }> {
  const output = run.openOutput(setting.index);
  const result = await post(actionContext(setting, run, output));
  output.end();
  return { ok: result.kind === 'done', why: result.why ?? '' };
}

function actionContext(setting: ActionSetting, run: StepRun, output: StepOutput): ActionContext {
  const { step, stepEnv, files } = setting;
  const inputs: Record<string, string> = {};
  for (const [name, value] of Object.entries(run.scope.evaluateAll(step.with, stepEnv)))
    // What is built in works on this machine, where the job's folders have other names than in its container.
    inputs[name.toLowerCase()] = toHost(run.containers.mounts, value);
  const env = run.scope.environment(stepEnv, files.variables);
  const put = (file: string, name: string, value: string): void => {
    const delimiter = `gantry_${crypto.randomUUID()}`;
    appendFileSync(join(files.folder, file), `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
  };
  return {
    order: run.order,
    inputs,
    env,
    workspace: run.folders.workspace,
    isInContainer: run.containers.mounts.length > 0,
    temporary: run.folders.temporary,
    signal: run.signal,
    log: (text) => output.write('engine', Buffer.from(text.endsWith('\n') ? text : `${text}\n`)),
    output: (name, value) => put('output', name, value),
    exportVariable: (name, value) => put('env', name, value),
    addPath: (folder) => appendFileSync(join(files.folder, 'path'), `${folder}\n`),
    saveState: (name, value) => put('state', name, value),
    state: (name) => {
      const state = parseEnvironmentFile(readFileSync(join(files.folder, 'state'), 'utf8'));
      return state.ok ? state.value.findLast(([key]) => key === name)?.[1] : undefined;
    },
    secret: (value) => run.mask(value),
    hashFiles: (patterns) => hashFiles(run.folders.workspace, patterns),
    run: async (spec) => runCommand(spec, { env, output }, run),
  };
}

interface CommandSetting {
  readonly env: Readonly<Record<string, string>>;
  readonly output: StepOutput;
}

async function runCommand(spec: CommandSpec, setting: CommandSetting, run: StepRun): Promise<CommandResult> {
  const captured: Buffer[] = [];
  let bytes = 0;
  const result = await startProcess({
    argv: spec.argv,
    cwd: spec.cwd ?? run.folders.workspace,
    env: { ...setting.env, ...spec.env },
    onOutput: (stream, chunk) => {
      if (stream === 'stdout' && bytes < MAX_CAPTURED_BYTES) captured.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (!spec.quiet) setting.output.write(stream, chunk);
    },
    onSpawn: (pid) => run.noteProcess(pid),
    signal: run.signal,
  });
  run.noteProcess(undefined);
  const stdout = Buffer.concat(captured).toString('utf8');
  if (result.kind === 'exited')
    return { ok: result.exitCode === 0, stdout, why: `${spec.argv[0]} ended with exit code ${result.exitCode}` };
  return { ok: false, stdout, why: result.kind === 'not-started' ? result.why : `${spec.argv[0]} was ${result.kind}` };
}
