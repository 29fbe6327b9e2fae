// The ways of a step in their order: as it is written, and then its fallbacks, until one succeeds.
import type { Expectation, RunStep, UsesStep } from '#workflow/model.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import { announce } from './announce.ts';
import type { Attempt } from './attempt-result.ts';
import { causeOf, diagnosed, sureCause, whyInWords } from './explain-attempt.ts';
import type { FailedAttempt } from './explain-attempt.ts';
import { withRetries } from './retries.ts';
import { stepName } from './step-name.ts';
import type { StepRun } from './step-run.ts';

export interface Outcome {
  readonly attempt: Attempt;
  /** What the way that won has to prove: its own `expect`, or else the step's. */
  readonly expect?: Expectation;
  /** By name, in the attempts before it. */
  readonly failedTests: ReadonlySet<string>;
  /** What it took to get there. */
  readonly entries: readonly ActionEntry[];
  /** There was no other attempt and no other way. */
  readonly isOnly?: boolean;
  /** When the attempt began that counts, if there were others before it. */
  readonly sinceMs?: number;
  /** For how long somebody looked at its failures. */
  readonly pausedMs?: number;
  /** A fallback was used after the day its allowance ended. */
  readonly expired?: string;
}

export async function firstThatSucceeds(step: RunStep | UsesStep, name: string, run: StepRun): Promise<Outcome> {
  const { index } = step;
  let way: Pick<FailedAttempt, 'step' | 'name'> = { step, name };
  let last = await withRetries(step, { index, name, retry: step.retry, expect: step.expect }, run);
  const failures: Attempt[] = [];
  const whys: string[] = [];
  const told = (why: string): string => (failures.length > 0 ? `${way.name}: ${why}` : why);
  for (const fallback of step.fallback) {
    if (last.attempt.how === 'ok' || last.attempt.how === 'cancelled') break;
    const failed = await diagnosed(
      last.attempt,
      { ...way, index, startedAtMs: last.sinceMs, sinceMs: last.sinceMs },
      run,
    );
    whys.push(told(whyInWords(failed)));
    failures.push(failed);
    const lesser = fallback.step;
    way = { step: lesser, name: run.redact(stepName(lesser)) };
    announce(run, index, `falling back to: ${way.name} (${whys.join('; ')})`);
    const expect = lesser.expect ?? step.expect;
    last = await withRetries(lesser, { index, name: way.name, retry: lesser.retry, expect }, run);
    if (last.attempt.how !== 'ok') continue;
    const until = fallback.until?.value;
    const entry: ActionEntry = {
      what: 'fallback',
      wanted: name,
      used: way.name,
      why: whys.join('; '),
      ...causeOf(failures),
      loss: fallback.loss,
      ...(until === undefined ? {} : { until }),
    };
    // The tries that failed before it are in this entry's why; their retries are no longer news.
    return {
      attempt: last.attempt,
      entries: [entry, ...last.entries],
      failedTests: last.failedTests,
      ...(lesser.expect ? { expect: lesser.expect } : {}),
      ...(hasPassed(until, run) ? { expired: `the fallback "${way.name}" was allowed until ${until}` } : {}),
    };
  }
  const { attempt, entries, attempts, sinceMs, failedTests } = last;
  if (failures.length === 0)
    return { attempt, entries, failedTests, isOnly: attempts === 1, ...(attempts > 1 ? { sinceMs } : {}) };
  // What broke is the way that was wanted; the others only did not help.
  const cause = sureCause(failures[0]?.diagnosis);
  const why = [...whys, told(attempt.why)].join('; ');
  return { attempt: { ...attempt, why, ...(cause ? { diagnosis: cause } : {}) }, entries, failedTests };
}

/** `until` is the last day on which it is still allowed, by UTC. */
export function hasPassed(until: string | undefined, run: StepRun): boolean {
  return until !== undefined && new Date(run.now()).toISOString().slice(0, 10) > until;
}
