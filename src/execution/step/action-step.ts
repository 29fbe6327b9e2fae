// A step that `uses:` an action: built in, fetched, or the project's own.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnvironmentFile } from '../output/environment-file.ts';
import { readFileSync } from 'node:fs';
import { unreachable } from '#base/unreachable.ts';
import type { UsesStep } from '#workflow/model.ts';
import { runContainerAction } from '../actions/container-action.ts';
import { loadAction, parseUses } from '../actions/load-action.ts';
import type { LoadedAction, Uses } from '../actions/load-action.ts';
import type { ActionContext, CommandResult, CommandSpec, NativeAction } from '../actions/native-action.ts';
import { actionVariables } from '../job/job-scope.ts';
import { hashFiles } from '../job/hash-files.ts';
import { startProcess } from '../process/host-process.ts';
import { giveInputs, inputVariables } from './action-inputs.ts';
import { broken } from './attempt-end.ts';
import type { Attempt } from './attempt.ts';
import { frameOf, MAX_DEPTH, runComposite } from './composite-action.ts';
import { runNodeMain } from './node-action.ts';
import { actionName, stepName } from './step-name.ts';
import type { StepFiles } from './step-files.ts';
import type { StepOutput, StepRun } from './step-run.ts';

interface ActionSetting {
  readonly step: UsesStep;
  readonly index: number;
  readonly stepEnv: Readonly<Record<string, string>>;
  readonly files: StepFiles;
  readonly timeoutMs: number | undefined;
}

/** Enough for what actions read of a tool: versions, listings, revisions. */
const MAX_CAPTURED_BYTES = 4 * 1024 * 1024;

export async function runAction(setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const text = setting.step.uses.value;
  const uses = parseUses(text);
  if (uses.kind === 'docker') return runImage(uses.image, setting, run);
  const native = nativeAction(uses, run);
  if (native) return runNative(native, setting, run);
  if (run.depth >= MAX_DEPTH) return broken(`${text} stands ${MAX_DEPTH} actions deep, which is the limit`);
  const loaded = await loadAction(text, uses, run);
  if (!loaded.ok) return run.signal.aborted ? { ...broken('cancelled'), how: 'cancelled' } : broken(loaded.error);
  const action = loaded.value;
  const inputs = giveInputs(setting.step, action.definition, { scope: run.scope, stepEnv: setting.stepEnv });
  const attempt = await runLoaded(action, { ...setting, inputs: inputs.values }, run);
  return {
    ...attempt,
    ledger: [...action.ledger, ...attempt.ledger],
    annotations: [...inputs.warnings, ...attempt.annotations],
  };
}

/** By full name, `actions/cache/restore` too. What the user puts in an action's place comes before it. */
export function nativeAction(uses: Uses, run: StepRun): NativeAction | undefined {
  if (uses.kind !== 'repository' || run.repositories.isReplaced(uses)) return undefined;
  const name = uses.name.toLowerCase();
  return Object.hasOwn(run.actions, name) ? run.actions[name] : undefined;
}

interface LoadedSetting extends ActionSetting {
  readonly inputs: Readonly<Record<string, string>>;
}

async function runLoaded(action: LoadedAction, setting: LoadedSetting, run: StepRun): Promise<Attempt> {
  const { step, index, files, stepEnv, timeoutMs, inputs } = setting;
  const { runs } = action.definition;
  const frame = frameOf(action, actionName(step, run.siblings));
  const name = run.redact(nameOf(step, run));
  const variables = { ...inputVariables(inputs), ...actionVariables(frame) };
  switch (runs.kind) {
    case 'composite': {
      const scope = run.scope.nested({ env: stepEnv, inputs, github: frame });
      return runComposite({ action, steps: runs.steps, name, index, files: files.folder, scope, timeoutMs }, run);
    }
    case 'node':
      return runNodeMain({ action, runs, name, index, files, stepEnv, variables, timeoutMs }, run);
    case 'docker': {
      const env = run.scope.environment(stepEnv, { ...variables, ...files.variables });
      return runContainerAction(
        { runs, folder: action.folder, inputs, index, env, files: files.folder, timeoutMs },
        run,
      );
    }
    default:
      return unreachable(runs);
  }
}

function nameOf(step: UsesStep, run: StepRun): string {
  try {
    return run.scope.evaluate(stepName(step));
  } catch {
    return stepName(step);
  }
}

async function runImage(image: string, setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const { step, index, files, stepEnv, timeoutMs } = setting;
  const inputs = run.scope.evaluateAll(step.with, stepEnv);
  const variables = { ...inputVariables(inputs), GITHUB_ACTION: actionName(step, run.siblings) };
  const env = run.scope.environment(stepEnv, { ...variables, ...files.variables });
  const runs = { kind: 'docker', image: `docker://${image}`, args: [], env: {} } as const;
  return runContainerAction({ runs, inputs, index, env, files: files.folder, timeoutMs }, run);
}

async function runNative(action: NativeAction, setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const { step, index } = setting;
  const output = run.openOutput(index, setting.files.folder);
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
  if (post) addNativePost(post, step.uses.value.replace(/@.*$/, ''), setting, run);
  return { how: 'ok', why: '', ...common, annotations: [...output.annotations, ...(result.annotations ?? [])] };
}

/** After a crash: the action's `main` is done, its `post` still due. */
export function duePost(setting: Omit<ActionSetting, 'timeoutMs'>, run: StepRun): void {
  const post = nativeAction(parseUses(setting.step.uses.value), run)?.post;
  const name = setting.step.uses.value.replace(/@.*$/, '');
  if (post) addNativePost(post, name, { ...setting, timeoutMs: undefined }, run);
}

type Post = (context: ActionContext) => Promise<{ readonly kind: 'done' | 'failed'; readonly why?: string }>;

// oxlint-disable-next-line max-params -- what is done, its name, and where
function addNativePost(post: Post, name: string, setting: ActionSetting, run: StepRun): void {
  const { scope } = run;
  run.addPost({
    kind: 'native',
    name: `Post ${name}`,
    index: run.stepIndex,
    // Within an action, names such as `inputs` mean what they meant at the step.
    run: async (later) =>
      postOf(post, setting, { ...later, scope, openOutput: (index, files) => run.openOutput(index, files) }),
  });
}

async function postOf(post: Post, setting: ActionSetting, run: StepRun): Promise<{ ok: boolean; why: string }> {
  const output = run.openOutput(setting.index, setting.files.folder);
  const result = await post(actionContext(setting, run, output));
  output.end();
  return { ok: result.kind === 'done', why: result.why ?? '' };
}

function actionContext(setting: ActionSetting, run: StepRun, output: StepOutput): ActionContext {
  const { step, stepEnv, files } = setting;
  const inputs: Record<string, string> = {};
  for (const [name, value] of Object.entries(run.scope.evaluateAll(step.with, stepEnv)))
    inputs[name.toLowerCase()] = value;
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
