import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runId } from '#base/ids.ts';
import { createDummyRunner } from '#execution/dummy/dummy-runner.ts';
import { makePlan } from '#run/make-plan.ts';
import { runVerdict } from '#run/outcome.ts';
import type { Plan } from '#run/plan.ts';
import type { LiveRun } from '#run/state.ts';
import { openMemoryJournal } from '#stores/journal/journal-memory.ts';
import { openMemoryLogStore } from '#stores/logs/log-memory.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';
import { Engine } from './engine.ts';
import type { EngineDeps } from './engine.ts';
import { EngineError } from './engine-error.ts';

function planOf(jobs: string): Plan {
  const { workflow, diagnostics } = readWorkflow('gantry.yml', `on: push\njobs:\n${jobs}`, { actions: [] });
  assert.ok(workflow, JSON.stringify(diagnostics));
  const context = { github: { event_name: 'push' }, vars: {}, inputs: {} };
  return makePlan({ workflow, project: '/', dirty: false, secretNames: [], labels: ['linux', 'dummy'], ...context });
}

function job(key: string, lines: readonly string[], more: readonly string[] = []): string {
  const head = [`  ${key}:`, '    runs-on: dummy', ...more.map((line) => `    ${line}`), '    steps:'];
  return [...head, ...lines.map((env) => `      - run: x\n        env: { ${env} }`), ''].join('\n');
}

function depsFor(watch?: (run: LiveRun) => void): EngineDeps {
  const logs = openMemoryLogStore();
  return {
    journal: openMemoryJournal(),
    runner: createDummyRunner({ logs, now: () => Date.now() }),
    self: { pid: process.pid, startTicks: 'test' },
    isAlive: () => false,
    slots: 2,
    now: () => Date.now(),
    ...(watch ? { watch } : {}),
  };
}

const conclusions = (run: LiveRun): Record<string, string> =>
  Object.fromEntries(
    [...run.jobs].map(([id, { state }]) => [id, 'conclusion' in state ? state.conclusion : state.kind]),
  );

test('a job starts when its needs are done, and one that needs a failed job is not run', async () => {
  const deps = depsFor();
  const text =
    job('a', ['DUMMY_EXIT: 0']) + job('b', ['DUMMY_EXIT: 1'], ['needs: a']) + job('c', ['DUMMY_EXIT: 0'], ['needs: b']);
  using engine = Engine.submit(deps, runId('r-1'), planOf(text));
  const run = await engine.finish();
  assert.deepEqual(conclusions(run), { a: 'success', b: 'failure', c: 'skipped' });
  assert.equal(runVerdict(run), 'failed');
});

test('cancelling ends the job that is running, and those that wait are not run', async () => {
  let cancelled = false;
  const deps = depsFor((run) => {
    const isAsleep = [...run.jobs.values()].some(
      ({ state }) => state.kind === 'running' && state.currentSteps.length > 0,
    );
    if (!isAsleep || cancelled) return;
    cancelled = true;
    queueMicrotask(() => engine.cancel('by the test'));
  });
  const text = job('a', ['DUMMY_SLEEP_MS: forever']) + job('b', ['DUMMY_EXIT: 0'], ['needs: a']);
  using engine = Engine.submit(deps, runId('r-2'), planOf(text));
  const run = await engine.finish();
  assert.deepEqual(conclusions(run), { a: 'cancelled', b: 'cancelled' });
  assert.equal(run.finished?.cancelled, true);
});

test('fail-fast ends the siblings that run', async () => {
  const matrix = ['strategy:', '  matrix:', '    n: [1, 0]'];
  const text = [
    '  m:',
    '    runs-on: dummy',
    ...matrix.map((line) => `    ${line}`),
    '    steps:',
    '      - run: x',
    '        env: { DUMMY_EXIT: 1 }',
    '      - run: x',
    '        env: { DUMMY_SLEEP_MS: forever }',
    '',
  ].join('\n');
  using engine = Engine.submit(depsFor(), runId('r-3'), planOf(text));
  const run = await engine.finish();
  assert.ok(Object.values(conclusions(run)).includes('failure'));
});

test('a fault of the runner is a fault of the engine, not a failing step', async () => {
  using engine = Engine.submit(depsFor(), runId('r-4'), planOf(job('a', ['DUMMY_FAULT: 1'])));
  await assert.rejects(engine.finish(), EngineError);
});

test('two engines in one process do not know of each other', async () => {
  const text = job('a', ['DUMMY_SLEEP_MS: 5']) + job('b', ['DUMMY_EXIT: 0'], ['needs: a']);
  const [first, second] = [depsFor(), depsFor()];
  using one = Engine.submit(first, runId('r-5'), planOf(text));
  using two = Engine.submit(second, runId('r-5'), planOf(text));
  const runs = await Promise.all([one.finish(), two.finish()]);
  assert.deepEqual(runs.map(runVerdict), ['passed', 'passed']);
  assert.deepEqual(first.journal.runs(10), ['r-5']);
});

test('a run that is driven by a living process is not taken from it', () => {
  const deps = { ...depsFor(), isAlive: () => true };
  using engine = Engine.submit(deps, runId('r-6'), planOf(job('a', ['DUMMY_EXIT: 0'])));
  assert.ok(engine);
  assert.throws(() => Engine.resume(deps, runId('r-6')), EngineError);
});
