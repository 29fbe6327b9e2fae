// One try of one step, by whichever way it is done. What it changed stands in its files and is read by the caller.
import { randomUUID } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import { toInside } from '../container/container-paths.ts';
import { maskedEntries } from '#run/masked.ts';
import { UnusableTemplate } from '../job/job-scope.ts';
import { recordMasked } from '../masked/record-masked.ts';
import type { RecordedScript } from '../masked/record-masked.ts';
import { watchEnd } from '../masked/watch-end.ts';
import { runAction } from './action-step.ts';
import { attemptOf, broken } from './attempt-result.ts';
import type { Attempt } from './attempt-result.ts';
import { keepFailedScript } from './keep-failed-script.ts';
import { scriptCommand } from './script.ts';
import { resolveScript } from './script-of-step.ts';
import { makeStepFiles } from './step-files.ts';
import type { StepFiles } from './step-files.ts';
import { isCleanUp } from './step-run.ts';
import type { StepRun } from './step-run.ts';

export async function attemptStep(step: RunStep | UsesStep, index: number, given: StepRun): Promise<Attempt> {
  const files = makeStepFiles(given.folders.private, index);
  // What an action does inside is part of the try of its step.
  const run = given.around.length === 0 ? { ...given, stepTry: { step: index, id: randomUUID() } } : given;
  try {
    const stepEnv = run.scope.evaluateAll(step.env, {});
    const timeoutMs = timeoutOf(step, run);
    if (step.kind === 'uses') return await runAction({ step, index, stepEnv, files, timeoutMs }, run);
    return await runScript(step, { index, stepEnv, files, timeoutMs }, run);
  } catch (cause) {
    if (cause instanceof UnusableTemplate) return broken(cause.message);
    throw cause;
  }
}

interface ScriptSetting {
  readonly index: number;
  readonly stepEnv: Readonly<Record<string, string>>;
  readonly files: StepFiles;
  readonly timeoutMs: number | undefined;
}

async function runScript(step: RunStep, setting: ScriptSetting, run: StepRun): Promise<Attempt> {
  const { stepEnv } = setting;
  const { script, shell, folder } = resolveScript(step, stepEnv, run);
  const env = run.scope.environment(stepEnv, setting.files.variables);
  let file = '';
  const command = scriptCommand({
    script,
    shell,
    path: run.containers.mounts.length > 0 ? undefined : (env['PATH'] ?? ''),
    file: (extension) => {
      file = join(run.folders.temporary, `${randomUUID()}${extension}`);
      return toInside(run.containers.mounts, file);
    },
  });
  if (!command.ok) return broken(command.error);
  // The script may hold values of secrets that its author wrote into it, so it lives no longer than the attempt.
  const { argv, content } = command.value;
  const isOnHost = run.containers.mounts.length === 0;
  const recorded: RecordedScript = isOnHost
    ? await recordMasked({ content, argv, file, env, folder: setting.files.folder, cleansUp: cleansUp(step, run) })
    : { content, read: () => undefined };
  const end = isOnHost ? watchEnd({ content, argv, file, env, folder: setting.files.folder }) : undefined;
  writeFileSync(file, recorded.content, { mode: 0o700 });
  const atMs = statSync(file).birthtimeMs;
  const output = run.openOutput(setting.index, { env: run.scope.variables(stepEnv) });
  try {
    const result = await run.start({
      argv,
      cwd: folder,
      env: { ...env, ...end?.env },
      onOutput: (stream, chunk) => output.write(stream, chunk),
      onSpawn: (pid) => run.noteProcess(pid),
      signal: run.signal,
      ...(setting.timeoutMs === undefined ? {} : { timeoutMs: setting.timeoutMs }),
    });
    output.end();
    const ended = attemptOf(result, output);
    const failedCommand = await end?.named(ended.exitCode);
    const ran = { script, folder, argv, file, content, atMs };
    const attempt: Attempt = { ...ended, ran, ...(failedCommand ? { failedCommand } : {}) };
    const { how, why } = attempt;
    if (isOnHost && (how === 'exit-code' || how === 'signal' || how === 'timeout'))
      keepFailedScript({ index: setting.index, why, argv, file, content, folder, env, files: setting.files }, run);
    const masked = recorded.read(attempt.how === 'cancelled' || attempt.how === 'timeout');
    return masked ? { ...attempt, masked, ledger: [...attempt.ledger, ...maskedEntries(masked)] } : attempt;
  } finally {
    rmSync(file, { force: true });
    run.noteProcess(undefined);
  }
}

/** Whether the step, or one that it is part of, runs whatever happened before it. */
function cleansUp(step: RunStep, run: StepRun): boolean {
  return run.cleansUp === true || isCleanUp(step);
}

function timeoutOf(step: RunStep | UsesStep, run: StepRun): number | undefined {
  if (!step.timeoutMinutes) return undefined;
  const written = step.timeoutMinutes.value;
  const value = typeof written === 'number' ? written : Number(run.scope.evaluate(written));
  if (!Number.isFinite(value) || value <= 0)
    throw new UnusableTemplate(`timeout-minutes is "${written}", which is no number above 0`);
  return value * 60_000;
}
