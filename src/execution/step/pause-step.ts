// A step that failed waits for somebody who looks at it, where somebody does: run again by hand, or gone on with.
import { isAbsolute, join } from 'node:path';
import type { PauseAnswer } from '#run/events.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import { evaluateMapping } from '#workflow/expressions.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import type { Attempt } from './attempt-result.ts';
import { causeOf, diagnosed, whyInWords } from './explain-attempt.ts';
import type { StepRun } from './step-run.ts';

/** What whoever looks at it is given. */
export interface PausedStep {
  readonly index: number;
  readonly name: string;
  readonly why: string;
  /** Where it ran, and with which variables: those of secrets are among them. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** It did not run on this machine itself, where a shell would find something else. */
  readonly inContainer: boolean;
  /** Aborted when nobody waits for an answer any more. */
  readonly signal: AbortSignal;
}

export type PauseStep = (paused: PausedStep) => Promise<PauseAnswer>;

interface Tried {
  readonly attempt: Attempt;
  readonly entries: readonly ActionEntry[];
  readonly sinceMs?: number;
}

export interface PauseSetting {
  readonly step: RunStep | UsesStep;
  readonly name: string;
  readonly startedAtMs: number;
  /** Whether its failure is the job's: what is tolerated stops nobody. */
  readonly counts: () => boolean;
}

/** `tryAll`: its retries and its fallbacks. `pausedMs` is the time in which nothing was done. */
export async function withPauses<T extends Tried>(
  tryAll: () => Promise<T>,
  { step, name, startedAtMs, counts }: PauseSetting,
  run: StepRun,
): Promise<T & { readonly pausedMs: number }> {
  let tried = await tryAll();
  let pausedMs = 0;
  const failures: Attempt[] = [];
  while (run.pause && failed(tried.attempt) && !run.signal.aborted && counts()) {
    const since = { startedAtMs: tried.sinceMs ?? startedAtMs, ...(tried.sinceMs ? { sinceMs: tried.sinceMs } : {}) };
    const attempt = await diagnosed(tried.attempt, { step, index: step.index, name, ...since }, run);
    const beganAtMs = run.now();
    const answer = await run.pause({
      index: step.index,
      name,
      why: run.redact(whyInWords(attempt)),
      ...placeOf(step, attempt, run),
    });
    pausedMs += run.now() - beganAtMs;
    if (answer !== 'retry') return { ...tried, attempt, pausedMs };
    failures.push(attempt);
    const sinceMs = run.now();
    const again = await tryAll();
    tried = { ...again, sinceMs: again.sinceMs ?? sinceMs };
  }
  if (failures.length === 0 || tried.attempt.how !== 'ok') return { ...tried, pausedMs };
  const entry: ActionEntry = {
    what: 'retry',
    wanted: `${name}, at the first attempt`,
    used: `run again by hand, attempt ${failures.length + 1}`,
    why: failures.map(whyInWords).join('; '),
    ...causeOf(failures),
  };
  return { ...tried, entries: [entry, ...tried.entries], pausedMs };
}

function failed({ how }: Attempt): boolean {
  return how !== 'ok' && how !== 'cancelled';
}

function placeOf(
  step: RunStep | UsesStep,
  { ran }: Attempt,
  { scope, folders, containers, signal }: StepRun,
): Pick<PausedStep, 'folder' | 'env' | 'inContainer' | 'signal'> {
  const env = evaluateMapping(step.env, scope.scope());
  const folder = ran?.folder ?? folders.workspace;
  return {
    folder: isAbsolute(folder) ? folder : join(folders.workspace, folder),
    env: scope.environment(env.ok ? env.value : {}, scope.fileVariables),
    inContainer: containers.mounts.length > 0,
    signal,
  };
}
