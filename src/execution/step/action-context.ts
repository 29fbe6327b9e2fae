// What a built-in action may see and do, made from the step that uses it.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UsesStep } from '#workflow/model.ts';
import type { ActionContext, CommandResult, CommandSpec } from '../actions/native-action.ts';
import { toHost } from '../container/container-paths.ts';
import { hashFiles } from '../job/hash-files.ts';
import { parseEnvironmentFile } from '../output/environment-file.ts';
import { startProcess } from '../process/host-process.ts';
import { putValue } from './put-value.ts';
import type { StepFiles } from './step-files.ts';
import type { StepOutput, StepRun } from './step-run.ts';

export interface ActionSetting {
  readonly step: UsesStep;
  readonly index: number;
  readonly stepEnv: Readonly<Record<string, string>>;
  readonly files: StepFiles;
  readonly timeoutMs: number | undefined;
  /** What `with:` came to when it was evaluated earlier. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/** Enough for what actions read of a tool: versions, listings, revisions. */
const MAX_CAPTURED_BYTES = 4 * 1024 * 1024;

export function actionContext(setting: ActionSetting, run: StepRun, output: StepOutput): ActionContext {
  const { step, stepEnv, files } = setting;
  const inputs: Record<string, string> = {};
  for (const [name, value] of Object.entries(setting.inputs ?? run.scope.evaluateAll(step.with, stepEnv)))
    // What is built in works on this machine, where the job's folders have other names than in its container.
    inputs[name.toLowerCase()] = toHost(run.containers.mounts, value);
  const env = run.scope.environment(stepEnv, files.variables);
  const put = (file: string, name: string, value: string): void => putValue(join(files.folder, file), name, value);
  return {
    order: run.order,
    ...(run.stepTry ? { stepTry: run.stepTry } : {}),
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
      return state.entries.findLast(([key]) => key === name)?.[1];
    },
    addMatchers: (matchers) => run.matchers.add(matchers),
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
