// Why an attempt failed, asked before anything else happens: what made it fail may still be there to be seen.
import type { FailedCommand, StepDiagnosis } from '#run/diagnosis.ts';
import type { Replayable } from '#run/replay.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import { evaluateMapping } from '#workflow/expressions.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import type { Attempt } from './attempt-result.ts';
import type { StepRun } from './step-run.ts';

export interface FailedAttempt {
  readonly step: RunStep | UsesStep;
  readonly index: number;
  readonly name: string;
  readonly startedAtMs: number;
  /** The log from then on is all that counts; absent: the whole of the step's. */
  readonly sinceMs?: number;
  readonly replay?: Replayable;
}

export async function explainAttempt(
  attempt: Attempt,
  { step, index, name, startedAtMs, sinceMs, replay }: FailedAttempt,
  run: StepRun,
): Promise<StepDiagnosis | undefined> {
  if (attempt.diagnosis) return attempt.diagnosis;
  if (run.explain === undefined || attempt.how === 'broken' || attempt.how === 'cancelled') return undefined;
  const { how, signal, ran, failedCommand } = attempt;
  const swallowed = swallowedBy(attempt);
  // A script that swallowed its failures ended with 0 all the same.
  const exitCode = swallowed[0]?.status ?? attempt.exitCode;
  const commands = failedCommand ? [failedCommand] : swallowed;
  const env = evaluateMapping(step.env, run.scope.scope());
  return run.explain({
    index,
    name,
    durationMs: run.now() - startedAtMs,
    ...(sinceMs === undefined ? {} : { sinceMs }),
    env: run.scope.environment(env.ok ? env.value : {}, {}),
    facts: {
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(signal === undefined ? {} : { signal }),
      ...(how === 'timeout' ? { timedOut: true } : {}),
    },
    ...(ran ? { ran } : {}),
    ...(replay ? { replay } : {}),
    ...(commands.length > 0 ? { commands } : {}),
  });
}

/** Failures that count, of a script that went on after them and ended well. */
export function swallowedBy({ how, masked }: Attempt): readonly FailedCommand[] {
  if (how !== 'ok') return [];
  return (masked?.failures ?? []).flatMap(({ command, line, status, mask, noted }) =>
    noted === undefined ? [{ text: command, line, status, mask }] : [],
  );
}

/** What is known of the one failure that a diagnosis is about stands in its entry too. */
export function withCause(
  entries: readonly ActionEntry[],
  diagnosis: StepDiagnosis | undefined,
): readonly ActionEntry[] {
  const sure = sureCause(diagnosis);
  const { text, mask, line } = sure?.command ?? {};
  if (sure === undefined || mask === undefined) return entries;
  return entries.map((entry) => {
    const isIt = entry.what === 'masked' && entry.wanted === text && entry.used === mask;
    if (!isIt || !entry.why.endsWith(` line ${line}`)) return entry;
    return { ...entry, why: `${entry.why} (${sure.layer}: ${sure.cause})`, cause: sure.layer };
  });
}

export async function diagnosed(attempt: Attempt, failed: FailedAttempt, run: StepRun): Promise<Attempt> {
  const diagnosis = await explainAttempt(attempt, failed, run);
  return diagnosis ? { ...attempt, diagnosis } : attempt;
}

/** Less sure than this, a cause is as good as unknown. */
const SURE = 0.7;

/** What may be said of the cause without saying too much. */
export function sureCause(diagnosis: StepDiagnosis | undefined): StepDiagnosis | undefined {
  return diagnosis && diagnosis.layer !== 'unknown' && diagnosis.confidence >= SURE ? diagnosis : undefined;
}

/** `exit code 6 (network: curl: (6) Could not resolve host: example.org)`. */
export function whyInWords({ why, diagnosis }: Attempt): string {
  const sure = sureCause(diagnosis);
  return sure ? `${why} (${sure.layer}: ${sure.cause})` : why;
}

/** Of the failures behind an entry of the ledger, the last that is known. */
export function causeOf(attempts: readonly Attempt[]): Pick<ActionEntry, 'cause'> {
  const cause = attempts.flatMap(({ diagnosis }) => sureCause(diagnosis)?.layer ?? []).at(-1);
  return cause === undefined ? {} : { cause };
}
