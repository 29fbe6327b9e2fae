/**
 * A step is tried again when its failure is one that `retry.on` names: by how the attempt ended, or by its cause, which
 * is diagnosed on the spot. What cannot be told is `unknown`, and is retried only where that is named too.
 */
import { unreachable } from '#base/unreachable.ts';
import { backoffMs } from '#base/backoff.ts';
import type { Expectation, Retry, RetryCause, RunStep, UsesStep } from '#workflow/model.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import { announce } from './announce.ts';
import { attemptStep } from './attempt.ts';
import type { Attempt } from './attempt-result.ts';
import { causeOf, diagnosed, sureCause, whyInWords } from './explain-attempt.ts';
import { namesOfTests } from './remember-tests.ts';
import type { StepRun } from './step-run.ts';

export interface Tried {
  readonly attempt: Attempt;
  /** When the last attempt began; what the log holds from before is not of it. */
  readonly sinceMs: number;
  readonly attempts: number;
  /** By name, in the attempts before the last. */
  readonly failedTests: ReadonlySet<string>;
  /** What it took to get there. */
  readonly entries: readonly ActionEntry[];
}

export interface RetrySetting {
  readonly index: number;
  readonly name: string;
  readonly retry: Retry | undefined;
  readonly expect: Expectation | undefined;
}

export async function withRetries(step: RunStep | UsesStep, setting: RetrySetting, run: StepRun): Promise<Tried> {
  const { index, name, retry } = setting;
  let sinceMs = run.now();
  let attempt = await attemptStep(step, index, run);
  const failures: Attempt[] = [];
  const failedTests = new Set<string>();
  for (let count = 1; retry && count < retry.attempts; count++) {
    const ending = endedBadly(attempt);
    if (ending === undefined) break;
    attempt = await diagnosed(attempt, { step, index, name, startedAtMs: sinceMs, sinceMs }, run);
    if (!retry.on.includes(ending) && !isNamed(retry, attempt)) {
      announce(run, index, refusalInWords(retry, attempt));
      break;
    }
    failures.push(attempt);
    const names = await namesOfTests(step, { expect: setting.expect, sinceMs }, run);
    for (const test of names?.failed ?? []) failedTests.add(test);
    const delayMs = backoffMs(retry.delayMs, count, run.random());
    const again = `again in ${(delayMs / 1000).toFixed(1)} s`;
    announce(run, index, `attempt ${count} of ${retry.attempts}: ${whyInWords(attempt)}; ${again}`);
    await pause(delayMs, run.signal);
    if (run.signal.aborted) break;
    sinceMs = run.now();
    attempt = await attemptStep(step, index, run);
  }
  const attempts = failures.length + 1;
  if (failures.length === 0 || attempt.how !== 'ok') return { attempt, sinceMs, attempts, failedTests, entries: [] };
  const entry: ActionEntry = {
    what: 'retry',
    wanted: `${name}, at the first attempt`,
    used: `attempt ${attempts} of ${retry?.attempts ?? 1}`,
    why: failures.map(whyInWords).join('; '),
    ...causeOf(failures),
  };
  return { attempt, sinceMs, attempts, failedTests, entries: [entry] };
}

function endedBadly({ how }: Attempt): Extract<RetryCause, Attempt['how']> | undefined {
  switch (how) {
    case 'exit-code':
    case 'signal':
    case 'timeout':
      return how;
    case 'ok':
    case 'cancelled':
    case 'broken':
      return undefined;
    default:
      return unreachable(how);
  }
}

/** A weak word for a cause that is named is good enough: one attempt more costs little. */
function isNamed(retry: Retry, { diagnosis }: Attempt): boolean {
  const causes: readonly string[] = retry.on;
  if (diagnosis && causes.includes(diagnosis.layer)) return true;
  return sureCause(diagnosis) === undefined && causes.includes('unknown');
}

function refusalInWords({ on }: Retry, { why, diagnosis }: Attempt): string {
  const sure = sureCause(diagnosis);
  const cause = sure ? `its cause is ${sure.layer} (${sure.cause})` : 'its cause is not known';
  return `not tried again after ${why}: ${cause}, and the retry is on ${on.join(', ')}`;
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener('abort', done);
  });
}
