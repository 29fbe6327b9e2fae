// One step from its `if:` to its result: retries, fallbacks in order, proof, and what is tolerated. Facts only; the
// verdict follows from them in run/verdict.ts.
import { unreachable } from '#base/unreachable.ts';
import { backoffMs } from '#base/backoff.ts';
import type { StepDiagnosis } from '#run/diagnosis.ts';
import type { Annotation, Conclusion, StepResult } from '#run/events.ts';
import type { LedgerEntry } from '#run/ledger.ts';
import type { StepMasked } from '#run/masked.ts';
import { evaluateCondition, evaluateMapping, evaluateValue } from '#workflow/expressions.ts';
import type { Expectation, Retry, RetryCause, RunStep, UsesStep } from '#workflow/model.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import { attemptStep } from './attempt.ts';
import type { Attempt } from './attempt-result.ts';
import { checkExpectation, failuresAsAnnotations } from './expectation.ts';
import type { Proof } from './expectation.ts';
import { keepWhatItMade, lookForKept, tellMiss, tellNotKept, tellReuse, withoutProof } from './reusable-step.ts';
import type { Looked } from './reusable-step.ts';
import { readStepFiles, stepFileVariables, stepOutputs } from './step-files.ts';
import { stepName } from './step-name.ts';
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
  const { step, name, run } = frame;
  const look = await lookForKept(step, run);
  switch (look.kind) {
    case 'plain':
      return conclude(frame, await firstThatSucceeds(step, name, run));
    case 'broken':
      return conclude(frame, { attempt: look.attempt, entries: [] });
    case 'always': {
      tellReuse(step.index, look.reuse, run);
      return { ...(await conclude(frame, await firstThatSucceeds(step, name, run))), reuse: look.reuse };
    }
    case 'miss':
      return runAndKeep(frame, look.looked);
    case 'restored': {
      const result = await conclude(frame, { attempt: look.attempt, entries: [] });
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
  const { step, name, run } = frame;
  tellMiss(looked, run);
  const result = await conclude(frame, await firstThatSucceeds(step, name, run));
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

interface Outcome {
  readonly attempt: Attempt;
  /** What the way that won has to prove: its own `expect`, or else the step's. */
  readonly expect?: Expectation;
  /** What it took to get there. */
  readonly entries: readonly ActionEntry[];
  /** A fallback was used after the day its allowance ended. */
  readonly expired?: string;
}

type Wanted = { readonly kind: 'run' } | { readonly kind: 'skip' | 'broken'; readonly why: string };

/**
 * As on GitHub the step's `env:` comes first, also for a step that will be skipped, and what goes wrong in either is no
 * failure of what the step does: `continue-on-error` does not tolerate it.
 */
function wantsToRun(step: RunStep | UsesStep, run: StepRun): Wanted {
  const env = evaluateMapping(step.env, run.scope.scope());
  if (!env.ok) return { kind: 'broken', why: env.error };
  const condition = evaluateCondition(step.if?.value, run.scope.scope(env.value));
  if (!condition.ok) return { kind: 'broken', why: `its if: ${condition.error.message}` };
  if (condition.value) return { kind: 'run' };
  if (step.if) return { kind: 'skip', why: `its if: is false: ${step.if.value}` };
  return { kind: 'skip', why: run.scope.status === 'cancelled' ? 'the job was cancelled' : 'a step before it failed' };
}

async function firstThatSucceeds(step: RunStep | UsesStep, name: string, run: StepRun): Promise<Outcome> {
  const first = await withRetries(step, { index: step.index, name, retry: step.retry }, run);
  const whys = [first.attempt.why];
  let last = first;
  for (const fallback of step.fallback) {
    if (last.attempt.how === 'ok' || last.attempt.how === 'cancelled') break;
    const lesser = fallback.step;
    const lesserName = run.redact(stepName(lesser));
    announce(run, step.index, `falling back to: ${lesserName} (${last.attempt.why})`);
    const next = await withRetries(lesser, { index: step.index, name: lesserName, retry: lesser.retry }, run);
    if (next.attempt.how !== 'ok') {
      whys.push(`${lesserName}: ${next.attempt.why}`);
      last = { attempt: { ...next.attempt, why: whys.join('; ') }, entries: [...last.entries, ...next.entries] };
      continue;
    }
    const until = fallback.until?.value;
    const entry: ActionEntry = {
      what: 'fallback',
      wanted: name,
      used: lesserName,
      why: whys.join('; '),
      loss: fallback.loss,
      ...(until === undefined ? {} : { until }),
    };
    // The tries that failed before it are in this entry's why; their retries are no longer news.
    last = {
      attempt: next.attempt,
      entries: [entry, ...next.entries],
      ...(lesser.expect ? { expect: lesser.expect } : {}),
      ...(hasPassed(until, run) ? { expired: `the fallback "${lesserName}" was allowed until ${until}` } : {}),
    };
  }
  return last;
}

interface RetrySetting {
  readonly index: number;
  readonly name: string;
  readonly retry: Retry | undefined;
}

async function withRetries(step: RunStep | UsesStep, setting: RetrySetting, run: StepRun): Promise<Outcome> {
  const { index, name, retry } = setting;
  let attempt = await attemptStep(step, index, run);
  const whys: string[] = [];
  for (let count = 1; retry && count < retry.attempts && isRetried(retry, attempt); count++) {
    whys.push(attempt.why);
    const delayMs = backoffMs(retry.delayMs, count, run.random());
    announce(
      run,
      index,
      `attempt ${count} of ${retry.attempts}: ${attempt.why}; again in ${(delayMs / 1000).toFixed(1)} s`,
    );
    await pause(delayMs, run.signal);
    if (run.signal.aborted) break;
    attempt = await attemptStep(step, index, run);
  }
  if (whys.length === 0 || attempt.how !== 'ok') return { attempt, entries: [] };
  const used = `attempt ${whys.length + 1} of ${retry?.attempts ?? 1}`;
  return { attempt, entries: [{ what: 'retry', wanted: `${name}, at the first attempt`, used, why: whys.join('; ') }] };
}

const COARSE_CAUSES: readonly RetryCause[] = ['exit-code', 'signal', 'timeout'];

function isRetried(retry: Retry, attempt: Attempt): boolean {
  switch (attempt.how) {
    case 'exit-code':
    case 'signal':
    case 'timeout':
      // Until the cause of a failure is diagnosed, whoever names one is better served by a retry than by none.
      return retry.on.includes(attempt.how) || retry.on.some((cause) => !COARSE_CAUSES.includes(cause));
    case 'ok':
    case 'cancelled':
    case 'broken':
      return false;
    default:
      return unreachable(attempt.how);
  }
}

async function conclude(frame: Frame, won: Outcome): Promise<StepResult> {
  const { step, name, run } = frame;
  const { attempt } = won;
  const read = readStepFiles(run.folders.private, step.index);
  const entries = [...won.entries, ...attempt.ledger];
  const proof = await prove(step, won.expect ?? step.expect, { run, attempt });
  const nothingRan = attempt.how !== 'ok' && proof.tests !== undefined && proof.tests.total === 0 && !proof.refuted;
  if (attempt.how === 'ok' || nothingRan) entries.push(...proof.entries);
  // A process that failed says so first; one that did well may still have written what nobody can read.
  const problem = attempt.how === 'ok' ? read.problems[0] : undefined;
  let why = problem ?? won.expired ?? attempt.why;
  const succeeded = attempt.how === 'ok' && problem === undefined && won.expired === undefined;
  const outcome: Conclusion = succeeded ? 'success' : attempt.how === 'cancelled' ? 'cancelled' : 'failure';
  let conclusion = outcome;
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
      entries.push({ what: 'tolerated', wanted: name, used: 'its failure, tolerated by continue-on-error', why });
    }
  }
  if (proof.refuted && succeeded)
    why = `its report tells of ${proof.tests?.failed ?? 0} failed ${proof.tests?.failed === 1 ? 'test' : 'tests'}`;
  if (nothingRan) why = `${why}; not one test ran`;
  const diagnosis =
    conclusion === 'failure' || (proof.refuted && succeeded) ? await explain(frame, attempt) : undefined;
  return finish(frame, {
    outcome,
    conclusion,
    why,
    attempt,
    entries,
    ...(diagnosis ? { diagnosis } : {}),
    changes: read,
    ...(proof.tests ? { tests: proof.tests } : {}),
    refuted: proof.refuted && succeeded,
    nothingRan: nothingRan && outcome === 'failure',
  });
}

/** Before anything else happens: what made the step fail may still be there to be seen. */
async function explain({ step, name, startedAtMs, run }: Frame, attempt: Attempt): Promise<StepDiagnosis | undefined> {
  if (run.explain === undefined || attempt.how === 'broken') return undefined;
  const { how, signal, exitCode } = attempt;
  const env = evaluateMapping(step.env, run.scope.scope());
  return run.explain({
    index: step.index,
    name,
    durationMs: run.now() - startedAtMs,
    env: run.scope.environment(env.ok ? env.value : {}, {}),
    facts: {
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(signal === undefined ? {} : { signal }),
      ...(how === 'timeout' ? { timedOut: true } : {}),
    },
  });
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
    durationMs: run.now() - startedAtMs,
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

/** `until` is the last day on which it is still allowed, by UTC. */
function hasPassed(until: string | undefined, run: StepRun): boolean {
  return until !== undefined && new Date(run.now()).toISOString().slice(0, 10) > until;
}

function announce(run: StepRun, index: number, text: string): void {
  say(run, index, `gantry: ${text}`);
}

function say(run: StepRun, index: number, text: string): void {
  const output = run.openOutput(index);
  output.write('engine', Buffer.from(`${text}\n`));
  output.end();
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
