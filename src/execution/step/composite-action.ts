// An action that is steps: run in order within the step that uses it, with a scope of their own. What they set reaches the
// job through the environment files of that step.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Annotation, StepResult } from '#run/events.ts';
import type { JsonObject } from '#base/json.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import type { LoadedAction } from '../actions/load-action.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import type { JobScope } from '../job/job-scope.ts';
import type { Attempt } from './attempt.ts';
import { readStepFiles } from './step-files.ts';
import { stepName } from './step-name.ts';
import type { StepRun } from './step-run.ts';

/** GitHub's limit. */
export const MAX_DEPTH = 10;
/** As for the steps of a job. */
const AFTER_CANCEL_MS = 5 * 60_000;

export interface CompositeUse {
  readonly action: LoadedAction;
  readonly steps: readonly (RunStep | UsesStep)[];
  /** The name of the step that uses the action. */
  readonly name: string;
  readonly index: number;
  readonly files: string;
  readonly scope: JobScope;
  readonly timeoutMs: number | undefined;
}

export async function runComposite(use: CompositeUse, run: StepRun): Promise<Attempt> {
  const { scope, steps } = use;
  const timeout = use.timeoutMs === undefined ? undefined : AbortSignal.timeout(use.timeoutMs);
  const stop = AbortSignal.any([run.signal, ...(timeout ? [timeout] : [])]);
  const collected = new Collected(use.files);
  for (const step of steps) {
    if (stop.aborted) scope.status = run.signal.aborted ? 'cancelled' : 'failure';
    const inner = innerRun(use, step, { run, stop });
    const name = run.redact(nameOf(step, scope));
    const result = await run.runStep(step, name, inner);
    announce(inner, { index: use.index, files: use.files }, result);
    scope.addStep(result);
    collected.take(result, inner.folders.private, scope);
  }
  for (const [name, template] of Object.entries(use.action.definition.outputs))
    collected.put('output', name, scope.evaluate(template.value));
  return endOf(collected, { run, timeout, scope });
}

/** What a step of the action is given. Its clock is its own once everything is to end. */
function innerRun(
  use: CompositeUse,
  step: RunStep | UsesStep,
  { run, stop }: { readonly run: StepRun; readonly stop: AbortSignal },
): StepRun {
  const folder = join(use.files, 'inner');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    ...run,
    scope: use.scope,
    folders: { ...run.folders, private: folder },
    signal: stop.aborted ? AbortSignal.timeout(AFTER_CANCEL_MS) : stop,
    where: `${run.where} / ${use.name}`,
    siblings: use.steps,
    depth: run.depth + 1,
    path: `${run.path}.${step.index}`,
    home: use.action.home,
    openOutput: (index, files) => run.openOutput(use.index, files ?? join(folder, `step-${index}`)),
  };
}

function nameOf(step: RunStep | UsesStep, scope: JobScope): string {
  try {
    return scope.evaluate(stepName(step));
  } catch {
    return stepName(step);
  }
}

/** A step of an action is not among the steps of the job, so the log is where its end is told. */
function announce(run: StepRun, at: { readonly index: number; readonly files: string }, result: StepResult): void {
  if (result.outcome === 'success') return;
  const output = run.openOutput(at.index, at.files);
  const tolerated = result.outcome === 'failure' && result.conclusion === 'success' ? ', tolerated' : '';
  const why = result.why === undefined ? '' : `: ${result.why}`;
  output.write('engine', Buffer.from(`gantry: ${result.name}: ${result.outcome}${tolerated}${why}\n`));
  output.end();
}

class Collected {
  readonly #files: string;
  readonly ledger: ActionEntry[] = [];
  readonly annotations: Annotation[] = [];
  failure: { readonly why: string; readonly exitCode: number } | undefined;
  release: JsonObject | undefined;

  constructor(files: string) {
    this.#files = files;
  }

  take(result: StepResult, privateFolder: string, scope: JobScope): void {
    this.ledger.push(...result.ledger);
    this.annotations.push(...result.annotations);
    this.release = result.release ?? this.release;
    if (result.conclusion === 'failure')
      this.failure ??= { why: `${result.name}: ${result.why ?? 'failed'}`, exitCode: result.exitCode ?? 1 };
    if (result.outcome === 'skipped') return;
    const changes = readStepFiles(privateFolder, result.index);
    if (!changes.ok) return;
    for (const [name, value] of changes.value.env) {
      scope.setVariable(name, value);
      this.put('env', name, value);
    }
    for (const folder of changes.value.paths) {
      scope.addPath(folder);
      appendFileSync(join(this.#files, 'path'), `${folder}\n`);
    }
    appendFileSync(join(this.#files, 'summary'), changes.value.summary);
  }

  put(file: 'env' | 'output', name: string, value: string): void {
    const delimiter = `gantry_${crypto.randomUUID()}`;
    appendFileSync(join(this.#files, file), `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
  }
}

interface Ending {
  readonly run: StepRun;
  readonly timeout: AbortSignal | undefined;
  readonly scope: JobScope;
}

function endOf(collected: Collected, { run, timeout, scope }: Ending): Attempt {
  const { ledger, annotations, failure, release } = collected;
  const common = { ledger, annotations, ...(release ? { release } : {}) };
  if (run.signal.aborted) return { how: 'cancelled', why: 'cancelled', ...common };
  if (timeout?.aborted) return { how: 'timeout', why: 'timed out', ...common };
  if (failure) return { how: 'exit-code', ...failure, ...common };
  if (scope.status === 'failure')
    return { how: 'exit-code', why: 'a step of the action failed', exitCode: 1, ...common };
  return { how: 'ok', why: '', ...common };
}

export function frameOf(action: LoadedAction, name: string): Readonly<Record<string, string>> {
  return { action: name, action_path: action.folder, action_repository: action.repository, action_ref: action.ref };
}
