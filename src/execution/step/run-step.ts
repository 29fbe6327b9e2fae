// One step from its `if:` to its result: retries, fallbacks in order, proof, and what is tolerated. Facts only; the
// verdict follows from them in run/verdict.ts.
import { unreachable } from '#base/unreachable.ts';
import type { StepDiagnosis } from '#run/diagnosis.ts';
import type { Annotation, Conclusion, StepResult } from '#run/events.ts';
import type { LedgerEntry } from '#run/ledger.ts';
import type { StepMasked } from '#run/masked.ts';
import { evaluateCondition, evaluateMapping, evaluateValue, isFalseByStatus } from '#workflow/expressions.ts';
import type { Expectation, RunStep, UsesStep } from '#workflow/model.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import { replayable } from '../replay/replayable.ts';
import type { TestNames } from '../junit.ts';
import { say } from './announce.ts';
import type { Attempt } from './attempt-result.ts';
import { checkExpectation, failuresAsAnnotations } from './expectation.ts';
import type { Proof } from './expectation.ts';
import { causeOf, diagnosed, explainAttempt, swallowedBy, whyInWords, withCause } from './explain-attempt.ts';
import type { FailedAttempt } from './explain-attempt.ts';
import { firstThatSucceeds, hasPassed } from './fallbacks.ts';
import type { Outcome } from './fallbacks.ts';
import { withPauses } from './pause-step.ts';
import { namesOfTests, rememberTests, withFlaky } from './remember-tests.ts';
import { keepWhatItMade, lookForKept, tellMiss, tellNotKept, tellReuse, withoutProof } from './reusable-step.ts';
import type { Looked } from './reusable-step.ts';
import { readStepFiles, stepFileVariables, stepOutputs } from './step-files.ts';
import type { StepChanges } from './step-files.ts';
import type { StepRun } from './step-run.ts';

export async function runStep(step: RunStep | UsesStep, name: string, given: StepRun): Promise<StepResult> {
  const files = stepFileVariables(given.folders.private, step.index);
  const run = { ...given, scope: given.scope.withFiles(files) };
  const startedAtMs = run.now();
  const wanted = wantsToRun(step, run);
  if (wanted.kind === 'skip') return finish({ step, name, startedAtMs, run }, { outcome: 'skipped', why: wanted.why });
  if (wanted.kind === 'broken')
    return finish({ step, name, startedAtMs, run }, { outcome: 'failure', why: wanted.why });
  return reuseOrRun({ step, name, startedAtMs, run });
}

/** What an earlier run made stands for the step when it proves what the step has to prove. */
async function reuseOrRun(frame: Frame): Promise<StepResult> {
  const { step, run } = frame;
  const look = await lookForKept(step, run);
  switch (look.kind) {
    case 'plain':
      return conclude(frame, await settled(frame));
    case 'broken':
      return conclude(frame, atOnce(look.attempt));
    case 'always': {
      tellReuse(step.index, look.reuse, run);
      return { ...(await conclude(frame, await settled(frame))), reuse: look.reuse };
    }
    case 'miss':
      return runAndKeep(frame, look.looked);
    case 'restored': {
      const result = await conclude(frame, atOnce(look.attempt));
      if (result.conclusion !== 'success' || result.ledger.length > 0 || result.refuted)
        return runAndKeep(frame, withoutProof(look.looked, look.reuse));
      tellReuse(step.index, look.reuse, run);
      return { ...result, reuse: look.reuse };
    }
    default:
      return unreachable(look);
  }
}

async function runAndKeep(frame: Frame, looked: Looked): Promise<StepResult> {
  const { step, run } = frame;
  tellMiss(looked, run);
  const result = await conclude(frame, await settled(frame));
  const reuse = await keepWhatItMade(step, result, { looked, run });
  tellNotKept(step.index, reuse, run);
  return { ...result, reuse };
}

interface Frame {
  readonly step: RunStep | UsesStep;
  readonly name: string;
  readonly startedAtMs: number;
  readonly run: StepRun;
}

function atOnce(attempt: Attempt): Outcome {
  return { attempt, entries: [], failedTests: new Set() };
}

type Wanted = { readonly kind: 'run' } | { readonly kind: 'skip' | 'broken'; readonly why: string };

/**
 * As on GitHub the step's `env:` comes first, also for a step that will be skipped, and what goes wrong in either is no
 * failure of what the step does: `continue-on-error` does not tolerate it.
 */
function wantsToRun(step: RunStep | UsesStep, run: StepRun): Wanted {
  if (run.force.aborted) return { kind: 'skip', why: 'the run was ended by force' };
  const env = evaluateMapping(step.env, run.scope.scope());
  if (!env.ok) return { kind: 'broken', why: env.error };
  const condition = evaluateCondition(step.if?.value, run.scope.scope(env.value));
  if (!condition.ok) return { kind: 'broken', why: `its if: ${condition.error.message}` };
  if (condition.value) return { kind: 'run' };
  const { because } = run.scope;
  if (because !== '' && isFalseByStatus(step.if?.value, run.scope.scope(env.value)))
    return { kind: 'skip', why: because };
  return { kind: 'skip', why: `its if: is false: ${step.if?.value ?? 'success()'}` };
}

async function settled({ step, name, startedAtMs, run }: Frame): Promise<Outcome> {
  const counts = (): boolean =>
    !(step.advisory && !hasPassed(step.advisory.until?.value, run)) && !continuesOnError(step, run);
  return withPauses(() => firstThatSucceeds(step, name, run), { step, name, startedAtMs, counts }, run);
}

async function conclude(frame: Frame, won: Outcome): Promise<StepResult> {
  const { step, name, startedAtMs, run } = frame;
  const { attempt, sinceMs } = won;
  const failed = {
    step,
    index: step.index,
    name,
    startedAtMs: sinceMs ?? startedAtMs,
    ...(sinceMs ? { sinceMs } : {}),
  };
  const read = readStepFiles(run.folders.private, step.index);
  const proof = await prove(step, won.expect ?? step.expect, { run, attempt });
  const entries = [...won.entries, ...attempt.ledger];
  const nothingRan = attempt.how !== 'ok' && proof.tests !== undefined && proof.tests.total === 0 && !proof.refuted;
  if (attempt.how === 'ok' || nothingRan) entries.push(...proof.entries);
  // A process that failed says so first; one that did well may still have written what nobody can read.
  const problem = attempt.how === 'ok' ? read.problems[0] : undefined;
  let why = problem ?? won.expired ?? attempt.why;
  const succeeded = attempt.how === 'ok' && problem === undefined && won.expired === undefined;
  const outcome: Conclusion = succeeded ? 'success' : attempt.how === 'cancelled' ? 'cancelled' : 'failure';
  let conclusion = outcome;
  let known = attempt;
  if (outcome === 'failure') {
    const advisory = step.advisory && !hasPassed(step.advisory.until?.value, run);
    if (advisory) {
      conclusion = 'success';
      const findings = attempt.annotations.length;
      const used = findings > 0 ? `${findings} ${findings === 1 ? 'finding' : 'findings'}` : 'its failure';
      const until = step.advisory?.until?.value;
      entries.push({ what: 'advisory', wanted: name, used, why, ...(until === undefined ? {} : { until }) });
    } else if (continuesOnError(step, run)) {
      conclusion = 'success';
      known = await diagnosed(attempt, failed, run);
      const used = 'its failure, tolerated by continue-on-error';
      entries.push({ what: 'tolerated', wanted: name, used, why: whyInWords({ ...known, why }), ...causeOf([known]) });
    }
  }
  if (proof.refuted && succeeded)
    why = `its report tells of ${proof.tests?.failed ?? 0} failed ${proof.tests?.failed === 1 ? 'test' : 'tests'}`;
  if (nothingRan) why = `${why}; not one test ran`;
  const isExplained = conclusion === 'failure' || proof.refuted || swallowedBy(attempt).length > 0;
  const replay = conclusion === 'failure' && won.isOnly ? replayOf(frame, attempt) : undefined;
  const explained = isExplained ? await explainAttempt(attempt, { ...failed, ...replay?.given }, run) : undefined;
  const diagnosis = known.diagnosis ?? explained;
  const replayed = replay?.names();
  const tests = rememberTests(proof, { index: step.index, name, failedBefore: won.failedTests, replayed }, run);
  return finish(frame, {
    outcome,
    conclusion,
    why,
    attempt,
    entries: withCause(succeeded && !proof.refuted ? withFlaky(entries, tests) : entries, diagnosis),
    ...(diagnosis ? { diagnosis } : {}),
    changes: read,
    ...(tests ? { tests } : {}),
    refuted: proof.refuted && succeeded,
    nothingRan: nothingRan && outcome === 'failure',
    pausedMs: won.pausedMs ?? 0,
  });
}

/** At most one, of a step that was tried in one way and once. */
function replayOf({ step, startedAtMs, run }: Frame, attempt: Attempt): ReplayOfStep {
  let names: TestNames | undefined;
  const durationMs = run.now() - startedAtMs;
  const stepEnv = run.scope.evaluateAll(step.env, {});
  const look = async (sinceMs: number): Promise<void> => {
    names = await namesOfTests(step, { expect: step.expect, sinceMs }, run);
  };
  return { given: { replay: replayable({ step, attempt, durationMs, stepEnv, look }, run) }, names: () => names };
}

interface ReplayOfStep {
  readonly given: Pick<FailedAttempt, 'replay'>;
  /** Of the tests that it ran. */
  readonly names: () => TestNames | undefined;
}

async function prove(
  step: RunStep | UsesStep,
  expect: Expectation | undefined,
  { run, attempt }: { readonly run: StepRun; readonly attempt: Attempt },
): Promise<Proof> {
  if (!expect || attempt.how === 'cancelled' || attempt.how === 'broken') return { entries: [], refuted: false };
  const stepEnv = run.scope.evaluateAll(step.env, {});
  const { files, tests } = expect;
  return checkExpectation(
    {
      files: files.map((file) => run.scope.evaluate(file.value, stepEnv)),
      ...(tests ? { tests: { report: run.scope.evaluate(tests.report.value, stepEnv), min: tests.min } } : {}),
    },
    run.folders.workspace,
  );
}

interface Finish {
  readonly diagnosis?: StepDiagnosis;
  readonly outcome: Conclusion;
  readonly conclusion?: Conclusion;
  readonly why: string;
  readonly attempt?: Attempt;
  readonly entries?: readonly ActionEntry[];
  readonly changes?: StepChanges;
  readonly tests?: StepResult['tests'];
  readonly refuted?: boolean;
  readonly nothingRan?: boolean;
  readonly pausedMs?: number;
}

function finish({ step, name, startedAtMs, run }: Frame, end: Finish): StepResult {
  const where = `${run.order.name} / ${name}`;
  const ledger = (end.entries ?? []).map((entry): LedgerEntry => ({
    ...entry,
    where: entry.where ?? where,
    wanted: run.redact(entry.wanted),
    used: run.redact(entry.used),
    why: run.redact(entry.why),
  }));
  const told = end.changes ? [...end.changes.problems, ...end.changes.refused] : [];
  if (told.length > 0) say(run, step.index, told.map((text) => `Error: ${text}`).join('\n'));
  return {
    index: step.index,
    ...(step.id === undefined ? {} : { id: step.id }),
    name,
    outcome: end.outcome,
    conclusion: end.conclusion ?? end.outcome,
    outputs: end.changes ? stepOutputs(end.changes) : {},
    ledger,
    annotations: [
      ...(end.attempt?.annotations ?? []),
      ...told.map((message): Annotation => ({ level: 'error', message: run.redact(message) })),
      ...failuresAsAnnotations(end.tests?.failures ?? []),
    ],
    durationMs: run.now() - startedAtMs - (end.pausedMs ?? 0),
    ...(end.attempt?.exitCode === undefined ? {} : { exitCode: end.attempt.exitCode }),
    ...(end.why === '' ? {} : { why: run.redact(end.why) }),
    ...(end.tests ? { tests: end.tests } : {}),
    ...(end.changes?.summary ? { summary: run.redact(end.changes.summary) } : {}),
    ...(end.refuted ? { refuted: true } : {}),
    ...(end.nothingRan ? { nothingRan: true } : {}),
    ...(end.diagnosis ? { diagnosis: end.diagnosis } : {}),
    ...(end.attempt?.release ? { release: end.attempt.release } : {}),
    ...(end.attempt?.masked ? { masked: redactMasked(end.attempt.masked, run) } : {}),
  };
}

function redactMasked(masked: StepMasked, run: StepRun): StepMasked {
  const failures = masked.failures.map((each) => ({
    ...each,
    command: run.redact(each.command),
    mask: run.redact(each.mask),
  }));
  return { ...masked, failures };
}

function continuesOnError(step: RunStep | UsesStep, run: StepRun): boolean {
  const written = step.continueOnError?.value;
  if (written === undefined || typeof written === 'boolean') return written === true;
  const value = evaluateValue(written, run.scope.scope(run.scope.evaluateAll(step.env, {})));
  return value.ok && (value.value === true || value.value === 'true');
}
