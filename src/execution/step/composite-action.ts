// A composite action: steps of its own, run one after the other inside the step that uses it.
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Annotation, StepResult } from '#run/events.ts';
import type { StepMasked } from '#run/masked.ts';
import type { ActionRuns } from '#workflow/read-action.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import { UnusableTemplate } from '../job/job-scope.ts';
import type { JobScope } from '../job/job-scope.ts';
import type { ActionSetting } from './action-context.ts';
import type { Attempt } from './attempt-result.ts';
import type { PreparedAction } from './found-action.ts';
import { putValue } from './put-value.ts';
import { preFolderInside, readStepFiles } from './step-files.ts';
import { stepName } from './step-name.ts';
import { isCleanUp } from './step-run.ts';
import type { StepRun } from './step-run.ts';

/** As on GitHub: what still runs after a cancellation has five minutes. */
const AFTER_CANCEL_MS = 5 * 60_000;
/** As deep as GitHub lets actions use actions. */
export const MAX_DEPTH = 10;

interface Place {
  readonly setting: ActionSetting;
  readonly run: StepRun;
}

type CompositeRuns = Extract<ActionRuns, { kind: 'composite' }>;

export async function runComposite(action: PreparedAction, runs: CompositeRuns, place: Place): Promise<Attempt> {
  const { setting, run } = place;
  if (run.around.length >= MAX_DEPTH) {
    const why = `actions that use actions go ${MAX_DEPTH} deep at most; ${setting.step.uses.value} would be one more`;
    return { how: 'broken', why, ledger: [], annotations: [] };
  }
  const timeout = setting.timeoutMs === undefined ? undefined : AbortSignal.timeout(setting.timeoutMs);
  const signal = timeout ? AbortSignal.any([run.signal, timeout]) : run.signal;
  const inner = innerRun(action, { setting, run: { ...run, signal } });
  const { scope } = inner;
  const results: StepResult[] = [];
  for (const step of runs.steps) results.push(await runInner(step, inner, { setting, scope }));
  giveOutputs(runs, scope, setting);
  const ledger = results.flatMap((result): readonly ActionEntry[] => result.ledger);
  const annotations = results.flatMap((result): readonly Annotation[] => result.annotations);
  const masked = together(results);
  const common = { ledger, annotations, ...(masked ? { masked } : {}) };
  if (timeout?.aborted && !run.signal.aborted) return { how: 'timeout', why: 'timed out', ...common };
  if (run.signal.aborted && scope.status !== 'failure') return { how: 'cancelled', why: 'cancelled', ...common };
  const failed = results.find((result) => result.conclusion === 'failure');
  if (!failed) return { how: 'ok', why: '', ...common };
  const exitCode = failed.exitCode === undefined ? {} : { exitCode: failed.exitCode };
  return { how: 'exit-code', why: `${failed.name}: ${failed.why ?? 'failed'}`, ...exitCode, ...common };
}

/** The lines are those of the steps' own scripts, so each says whose it is. */
function together(results: readonly StepResult[]): StepMasked | undefined {
  const found = results.flatMap(({ name, masked }) => (masked ? [{ name, masked }] : []));
  if (found.length === 0) return undefined;
  return {
    failures: found.flatMap(({ masked }) => masked.failures),
    notRecorded: found.flatMap(({ name, masked }) => masked.notRecorded.map((each) => `${name}: ${each}`)),
  };
}

/** What the action's steps are given: the job's, but for contexts, defaults, and a place of their own for their files. */
export function innerRun(action: PreparedAction, { setting, run }: Place): StepRun {
  const { step, index, stepEnv } = setting;
  const { inputs, github } = action;
  const folder = join(setting.files.folder, 'steps');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { source: _outer, reuse: _ofTheStep, explain: _byTheStep, pause: _ofTheStepToo, ...rest } = run;
  return {
    ...rest,
    ...(action.source ? { source: action.source } : {}),
    scope: run.scope.nested({ inputs, github, stepEnv }),
    around: [...run.around, { uses: step.uses.value, index, stepEnv, inputs }],
    preFolder: preFolderInside(run.preFolder, index),
    ...(run.cleansUp || isCleanUp(step) ? { cleansUp: true } : {}),
    folders: { ...run.folders, private: folder },
    order: {
      ...run.order,
      name: `${run.order.name} / ${run.redact(safeName(step, run.scope))}`,
      defaults: {},
      job: { ...run.order.job, defaults: {} },
    },
    openOutput: (inner, place) =>
      run.openOutput(index, { ...place, files: place?.files ?? join(folder, `step-${inner}`) }),
    // To the job it is a matter of its own step.
    addPost: (post) => run.addPost({ ...post, index }),
  };
}

async function runInner(
  step: RunStep | UsesStep,
  inner: StepRun,
  { setting, scope }: { readonly setting: ActionSetting; readonly scope: JobScope },
): Promise<StepResult> {
  if (inner.signal.aborted && scope.status !== 'cancelled') scope.end('cancelled', 'the job was cancelled');
  const name = inner.redact(safeName(step, scope));
  let isNamed = false;
  // Its name stands before its first output, so that a step that is skipped leaves no trace in the log.
  const openOutput: StepRun['openOutput'] = (index, place) => {
    const output = inner.openOutput(index, place);
    if (!isNamed) output.write('engine', Buffer.from(`gantry: ${name}\n`));
    isNamed = true;
    return output;
  };
  // After a cancellation, what still runs has a clock of its own.
  const signal = inner.signal.aborted
    ? AbortSignal.any([AbortSignal.timeout(AFTER_CANCEL_MS), inner.force])
    : inner.signal;
  const result = await inner.runStep(step, name, { ...inner, openOutput, signal });
  scope.addStep(result);
  const changes = readStepFiles(inner.folders.private, step.index);
  if (result.outcome !== 'skipped') {
    for (const [variable, value] of changes.env) scope.setVariable(variable, value);
    for (const folder of changes.paths) scope.addPath(folder);
    // To the files of the step itself, by which all this reaches the job.
    for (const [variable, value] of changes.env) putValue(join(setting.files.folder, 'env'), variable, value);
    for (const file of ['path', 'summary']) passOn(join(inner.folders.private, `step-${step.index}`), setting, file);
  }
  return result;
}

function passOn(from: string, setting: ActionSetting, file: string): void {
  const text = readFileSync(join(from, file));
  if (text.length > 0)
    appendFileSync(join(setting.files.folder, file), text.at(-1) === 10 ? text : `${text.toString()}\n`);
}

function giveOutputs(runs: CompositeRuns, scope: JobScope, setting: ActionSetting): void {
  for (const [name, template] of Object.entries(runs.outputs)) {
    try {
      putValue(join(setting.files.folder, 'output'), name, scope.evaluate(template.value));
    } catch (cause) {
      if (!(cause instanceof UnusableTemplate)) throw cause;
      // As on GitHub: an output that cannot be made is empty.
    }
  }
}

function safeName(step: RunStep | UsesStep, scope: JobScope): string {
  try {
    return scope.evaluate(stepName(step));
  } catch {
    return stepName(step);
  }
}
