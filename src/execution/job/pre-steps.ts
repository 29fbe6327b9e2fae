// What fetched actions do before the first step of their job. Only fetched ones: what stands in the workspace is not there
// yet. An action that cannot be fetched is left to its step, which may have another way.
import { existsSync } from 'node:fs';
import type { Step, UsesStep } from '#workflow/model.ts';
import type { NodeRuns } from '#workflow/read-action.ts';
import { evaluateCondition } from '#workflow/expressions.ts';
import { loadAction, parseUses } from '../actions/load-action.ts';
import type { LoadedAction } from '../actions/load-action.ts';
import { startProcess } from '../process/host-process.ts';
import { giveInputs, inputVariables } from '../step/action-inputs.ts';
import { nativeAction } from '../step/action-step.ts';
import { fromProcess } from '../step/attempt-end.ts';
import { frameOf, MAX_DEPTH } from '../step/composite-action.ts';
import { makePreFolder, preFolder, programOf } from '../step/node-action.ts';
import { makeStepFiles, readStepFiles } from '../step/step-files.ts';
import { actionName } from '../step/step-name.ts';
import type { StepRun } from '../step/step-run.ts';
import { actionVariables, UnusableTemplate } from './job-scope.ts';
import type { JobScope } from './job-scope.ts';

export interface PreJob {
  readonly scope: JobScope;
  stepRun(index: number): StepRun;
  fail(why: string): void;
}

export async function runPres(steps: readonly Step[], job: PreJob): Promise<void> {
  for (const step of steps) {
    if (step.kind === 'uses') await prepare(step, job.stepRun(step.index), job);
  }
}

async function prepare(step: UsesStep, run: StepRun, job: PreJob): Promise<void> {
  const uses = parseUses(step.uses.value);
  const isFetched = uses.kind === 'repository' || (uses.kind === 'home' && run.home.kind === 'repository');
  if (!isFetched || nativeAction(uses, run) || run.depth >= MAX_DEPTH) return;
  const loaded = await loadAction(step.uses.value, uses, run);
  if (!loaded.ok) return;
  const action = loaded.value;
  const { runs } = action.definition;
  if (runs.kind === 'node' && runs.pre !== undefined) return runPre({ step, action, runs, pre: runs.pre }, run, job);
  if (runs.kind !== 'composite') return;
  const github = frameOf(action, actionName(step, run.siblings));
  const scope = run.scope.nested({ env: {}, inputs: inputsNow(step, action, run.scope), github });
  for (const inner of runs.steps) {
    if (inner.kind !== 'uses') continue;
    const innerRun = {
      ...run,
      scope,
      home: action.home,
      depth: run.depth + 1,
      path: `${run.path}.${inner.index}`,
      siblings: runs.steps,
    };
    await prepare(inner, innerRun, job);
  }
}

/** Before the first step, not everything that an input may read is there. */
function inputsNow(step: UsesStep, action: LoadedAction, scope: JobScope): Readonly<Record<string, string>> {
  try {
    return giveInputs(step, action.definition, { scope, stepEnv: {} }).values;
  } catch (cause) {
    if (cause instanceof UnusableTemplate) return {};
    throw cause;
  }
}

interface Pre {
  readonly step: UsesStep;
  readonly action: LoadedAction;
  readonly runs: NodeRuns;
  readonly pre: string;
}

async function runPre({ step, action, runs, pre }: Pre, run: StepRun, job: PreJob): Promise<void> {
  // A job that is taken up again has done it.
  const isDone = existsSync(preFolder(run.jobPrivate, run.path));
  const folder = makePreFolder(run.jobPrivate, run.path);
  const why = isDone ? undefined : await runProgram({ step, action, runs, pre }, run, folder);
  if (why !== undefined) return job.fail(`Pre ${step.uses.value}: ${why}`);
  const changes = readStepFiles(folder, 0);
  if (!changes.ok) return job.fail(`Pre ${step.uses.value}: ${changes.error}`);
  for (const [name, value] of changes.value.env) job.scope.setVariable(name, value);
  for (const path of changes.value.paths) job.scope.addPath(path);
}

async function runProgram({ step, action, runs, pre }: Pre, run: StepRun, folder: string): Promise<string | undefined> {
  const due = evaluateCondition(runs.preIf ?? 'always()', run.scope.scope());
  if (!due.ok) return `its pre-if: ${due.error.message}`;
  if (!due.value) return undefined;
  const program = programOf(action, pre);
  if (program === undefined) return `there is no file ${pre}`;
  const files = makeStepFiles(folder, 0);
  const variables = {
    ...inputVariables(inputsNow(step, action, run.scope)),
    ...actionVariables(frameOf(action, actionName(step, run.siblings))),
  };
  const output = run.openOutput(run.stepIndex, files.folder);
  output.write('engine', Buffer.from(`gantry: Pre ${step.uses.value}\n`));
  const result = await startProcess({
    argv: [process.execPath, program],
    cwd: run.folders.workspace,
    env: run.scope.environment(variables, files.variables),
    onOutput: (stream, chunk) => output.write(stream, chunk),
    onSpawn: (pid) => run.noteProcess(pid),
    signal: run.signal,
  });
  run.noteProcess(undefined);
  output.end();
  const end = fromProcess(result);
  return end.how === 'ok' ? undefined : end.why;
}
