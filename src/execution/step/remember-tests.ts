// What the test reports of a step tell, compared with its earlier attempts and with earlier runs: which tests are flaky.
import { isJsonObject } from '#base/json.ts';
import type { FlakyTest, TestCounts } from '#run/events.ts';
import { flakyInWords } from '#run/flaky.ts';
import type { Expectation, RunStep, UsesStep } from '#workflow/model.ts';
import type { TestNews, TestPlace } from '#stores/tests/test-history.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import type { TestNames } from '../junit.ts';
import { announce } from './announce.ts';
import { namesSince } from './expectation.ts';
import type { Proof } from './expectation.ts';
import type { StepRun } from './step-run.ts';

export interface StepOfTests {
  readonly index: number;
  readonly name: string;
  /** Tests that failed in its earlier attempts. */
  readonly failedBefore: ReadonlySet<string>;
  /** Those of a replay of its failure, if there was one. */
  readonly replayed: TestNames | undefined;
}

/** More are remembered, and not told. */
const MOST_TOLD = 50;
const MOST_NAMED = 5;

/** What the reports that the step wrote since then say of its tests, in passing. */
export async function namesOfTests(
  step: RunStep | UsesStep,
  { expect, sinceMs }: { readonly expect: Expectation | undefined; readonly sinceMs: number },
  run: StepRun,
): Promise<TestNames | undefined> {
  if (!expect?.tests) return undefined;
  const report = run.scope.evaluate(expect.tests.report.value, run.scope.evaluateAll(step.env, {}));
  return namesSince(report, sinceMs, run.folders.workspace);
}

/** The counts of a report, with what is known of the tests that it names. */
export function rememberTests({ tests, names }: Proof, step: StepOfTests, run: StepRun): TestCounts | undefined {
  if (!tests || !names || !run.testHistory) return tests;
  const { flaky, before } = news(names, step, run);
  const failures = tests.failures?.map((test) => {
    const times = before.get(run.redact(test.name)) ?? 0;
    return times > 0 ? { ...test, flakyBefore: times } : test;
  });
  return {
    ...tests,
    ...(failures ? { failures } : {}),
    ...(flaky.length > 0 ? { flaky: flaky.slice(0, MOST_TOLD) } : {}),
  };
}

function news(names: TestNames, { index, name, failedBefore, replayed }: StepOfTests, run: StepRun): TestNews {
  const seen = new Map<string, FlakyTest>();
  for (const test of names.rerun) seen.set(test, { name: run.redact(test), how: 'tool' });
  for (const test of failedBefore) if (names.passed.has(test)) seen.set(test, { name: run.redact(test), how: 'retry' });
  for (const test of names.failed)
    if (replayed?.passed.has(test)) seen.set(test, { name: run.redact(test), how: 'replay' });
  const flaky = [...seen.values()];
  const commit = commitOf(run);
  const redactAll = (all: ReadonlySet<string>): readonly string[] => [...all].map((each) => run.redact(each));
  try {
    return (
      run.testHistory?.record({
        place: placeOf(name, run),
        run: run.order.runId,
        atMs: run.now(),
        ...(commit === undefined ? {} : { commit }),
        failed: redactAll(names.failed),
        passed: new Set(redactAll(names.passed)),
        flaky,
      }) ?? { flaky, before: new Map() }
    );
  } catch (cause) {
    // The step is what it is without a memory of it.
    const inner = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
    announce(
      run,
      index,
      `its tests were not remembered: ${cause instanceof Error ? cause.message : String(cause)}${inner}`,
    );
    return { flaky, before: new Map() };
  }
}

/** Uncommitted changes are part of what ran, so the commit alone does not say what it was. */
function commitOf({ order }: StepRun): string | undefined {
  const { github } = order.contexts;
  const sha = isJsonObject(github) ? github['sha'] : undefined;
  return order.dirty || typeof sha !== 'string' || sha === '' ? undefined : sha;
}

function placeOf(step: string, { order }: StepRun): TestPlace {
  const { job } = order.contexts;
  const file = isJsonObject(job) ? job['workflow_file_path'] : undefined;
  return { workflow: typeof file === 'string' ? file : '', job: order.jobId, step };
}

/**
 * What took the run down from passed. A step that passed at a later attempt has an entry already: why there was an earlier
 * one is what is known now.
 */
export function withFlaky(entries: readonly ActionEntry[], tests: TestCounts | undefined): readonly ActionEntry[] {
  const flaky = tests?.flaky ?? [];
  if (flaky.length === 0) return entries;
  const named = flaky.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = flaky.length > named.length ? ` and ${flaky.length - named.length} more` : '';
  const used = `flaky: ${named.join(', ')}${more}`;
  const isRetried = flaky.every(({ how }) => how === 'retry');
  if (isRetried && entries.some(({ what }) => what === 'retry'))
    return entries.map((entry) =>
      entry.what === 'retry' ? { ...entry, why: `${entry.why}; ${used}`, cause: 'flaky' } : entry,
    );
  const whys = new Set(flaky.map(flakyInWords));
  const wanted = flaky.length === 1 ? 'a test that always passes' : 'tests that always pass';
  return [...entries, { what: 'retry', wanted, used, why: [...whys].join('; '), cause: 'flaky' }];
}
