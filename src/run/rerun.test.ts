import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobId, runId } from '#base/ids.ts';
import { planOf, SimulatedRun } from '#test/support/simulated-run.ts';
import type { JobEnd } from '#test/support/simulated-run.ts';
import { foldEvents } from './evolve.ts';
import { needsContext, runVerdict } from './outcome.ts';
import { carriedFrom, missedJobs, planRerun, withCalledJobs } from './rerun.ts';
import type { RerunWish } from './rerun.ts';

const STEPS = 'runs-on: linux, steps: [{ run: x }]';
const FAILURE: JobEnd = { outcome: 'failure', steps: [{ outcome: 'failure', conclusion: 'failure' }] };
const PIPELINE = [
  `  build: { ${STEPS} }`,
  `  lint: { ${STEPS} }`,
  `  test: { needs: build, strategy: { fail-fast: true, matrix: { n: [1, 2, 3] } }, ${STEPS} }`,
  `  ship: { needs: [test, lint], ${STEPS} }`,
  `  tidy: { needs: test, if: always(), ${STEPS} }`,
  `  never: { if: false, ${STEPS} }`,
].join('\n');

/** Two of the combinations fail at once. */
function firstAttempt(): SimulatedRun {
  const run = new SimulatedRun(planOf(PIPELINE));
  run.settle();
  run.finish('build', { outputs: { version: '7' } });
  run.finish('lint');
  run.finish('test (1)');
  run.finish('test (2)', FAILURE);
  run.finish('test (3)', { outcome: 'cancelled' });
  run.finish('tidy');
  assert.ok(run.state.finished);
  return run;
}

function again(run: SimulatedRun, jobs: RerunWish['jobs'], attempt = 2): SimulatedRun {
  const plan = planRerun(run.state, { attempt, actor: 'ann', ...(jobs ? { jobs } : {}) });
  const next = new SimulatedRun(plan, 10, runId(`r-1.${attempt}`));
  next.settle();
  return next;
}

function named(run: SimulatedRun, ...ids: readonly string[]): ReadonlySet<ReturnType<typeof jobId>> {
  return withCalledJobs(run.state, new Set(ids.map(jobId)));
}

test('all jobs run again under the next attempt of the same run', () => {
  const next = again(firstAttempt(), undefined);
  assert.deepEqual(next.running, ['build', 'lint']);
  assert.equal(next.state.plan.github['run_attempt'], '2');
  assert.equal(next.state.plan.github['triggering_actor'], 'ann');
  assert.deepEqual(carriedFrom(next.state), []);
});

test('what failed, what was cancelled and what depends on it runs again, with the outputs of what passed', () => {
  const run = firstAttempt();
  assert.deepEqual([...missedJobs(run.state)], ['test (2)', 'test (3)']);
  const next = again(run, missedJobs(run.state));
  assert.deepEqual(next.running, ['test (2)', 'test (3)']);
  assert.deepEqual(carriedFrom(next.state), [{ from: 'r-1', jobs: ['build', 'lint', 'test (1)'] }]);
  assert.deepEqual(needsContext(next.state, ['build'], ''), {
    build: { result: 'success', outputs: { version: '7' }, verdict: 'passed' },
  });
  next.finish('test (2)');
  next.finish('test (3)');
  assert.deepEqual(next.running, ['ship', 'tidy']);
  next.finish('ship');
  next.finish('tidy');
  assert.ok(next.state.finished);
  assert.equal(runVerdict(next.state), 'passed');
  const never = next.state.jobs.get(jobId('never'))?.state;
  assert.equal(never?.kind === 'skipped' && never.carriedFrom, 'r-1');
});

test('a job that is named runs with all that depends on it, and a failure that is kept ends nothing', () => {
  const run = firstAttempt();
  const next = again(run, named(run, 'test (3)'));
  assert.deepEqual(next.running, ['test (3)']);
  next.finish('test (3)');
  assert.deepEqual(next.running, ['tidy']);
  next.finish('tidy');
  assert.equal(runVerdict(next.state), 'failed');
});

test('what a named job needs and did not succeed runs before it', () => {
  const run = firstAttempt();
  const next = again(run, named(run, 'ship'));
  assert.deepEqual(next.running, ['test (2)', 'test (3)']);
});

test('a third attempt says of each job which attempt ran it', () => {
  const run = firstAttempt();
  const second = again(run, missedJobs(run.state));
  second.finish('test (2)');
  second.finish('test (3)', FAILURE);
  second.finish('tidy');
  const third = again(second, missedJobs(second.state), 3);
  assert.deepEqual(third.running, ['test (3)']);
  assert.deepEqual(carriedFrom(third.state), [
    { from: 'r-1.2', jobs: ['test (2)'] },
    { from: 'r-1', jobs: ['build', 'lint', 'test (1)'] },
  ]);
});

test('the journal of the attempt alone gives the same state again', () => {
  const run = firstAttempt();
  const next = again(run, missedJobs(run.state));
  next.finish('test (2)');
  const stored: unknown = JSON.parse(JSON.stringify(next.events));
  assert.ok(Array.isArray(stored));
  const folded = foldEvents(stored);
  assert.ok(folded.kind === 'live');
  assert.deepEqual(carriedFrom(folded), carriedFrom(next.state));
  assert.deepEqual(folded.jobs, next.state.jobs);
});

test('a cancellation ends what runs again', () => {
  const run = firstAttempt();
  const next = again(run, missedJobs(run.state));
  next.cancel();
  assert.deepEqual(
    next.effects().map((effect) => effect.id),
    ['test (2)/1/cancel', 'test (3)/1/cancel'],
  );
});
