import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openSqliteTestHistory } from './test-history-sqlite.ts';
import type { SeenTests, TestHistory } from './test-history.ts';

const DAY_MS = 24 * 3_600_000;

let folder = '';
let history: TestHistory;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-tests-'));
  history = openSqliteTestHistory(join(folder, 'state', 'tests.db'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let clock = 1_000 * DAY_MS;
const seen = (given: Partial<Omit<SeenTests, 'passed'>> & { run: string; passed?: readonly string[] }): SeenTests => ({
  place: { workflow: 'gantry.yml', job: 'test', step: 'Unit tests' },
  atMs: (clock += 1_000),
  failed: [],
  flaky: [],
  ...given,
  passed: new Set(given.passed),
});

test('nothing is known, and nothing is made, before a first report', () => {
  assert.deepEqual(history.flaky(), []);
});

test('a test that failed and passes at the same commit is told once', () => {
  history.record(seen({ run: 'r-1', commit: 'c1', failed: ['a', 'b'] }));
  const told = history.record(seen({ run: 'r-2', commit: 'c1', failed: ['b'], passed: ['a'] }));
  assert.deepEqual(told.flaky, [{ name: 'a', how: 'commit', run: 'r-1' }]);
  assert.deepEqual(history.record(seen({ run: 'r-3', commit: 'c1', passed: ['a'] })).flaky, []);
});

test('passing at another commit, in another step, or with uncommitted changes proves nothing', () => {
  history.record(seen({ run: 'r-1', commit: 'c1', failed: ['a'] }));
  const elsewhere = { workflow: 'gantry.yml', job: 'test', step: 'Slow tests' };
  assert.deepEqual(history.record(seen({ run: 'r-2', commit: 'c2', passed: ['a'] })).flaky, []);
  assert.deepEqual(history.record(seen({ run: 'r-3', commit: 'c1', passed: ['a'], place: elsewhere })).flaky, []);
  assert.deepEqual(history.record(seen({ run: 'r-4', passed: ['a'] })).flaky, []);
  assert.deepEqual(history.flaky(), []);
});

test('a failure of 31 days ago is forgotten', () => {
  history.record(seen({ run: 'r-1', commit: 'c1', failed: ['a'] }));
  clock += 31 * DAY_MS;
  history.record(seen({ run: 'r-2', commit: 'c2' }));
  assert.deepEqual(history.record(seen({ run: 'r-3', commit: 'c1', passed: ['a'] })).flaky, []);
});

test('a test that was flaky before is known when it fails again', () => {
  history.record(seen({ run: 'r-1', passed: ['a'], flaky: [{ name: 'a', how: 'retry' }] }));
  const { before } = history.record(seen({ run: 'r-2', failed: ['a', 'b'] }));
  assert.deepEqual([...before], [['a', 1]]);
});

test('how often is counted in runs since it was flaky first, and the one that was so last comes first', () => {
  history.record(seen({ run: 'r-1', passed: ['a', 'b'] }));
  history.record(seen({ run: 'r-2', passed: ['a', 'b'], flaky: [{ name: 'a', how: 'retry' }] }));
  history.record(seen({ run: 'r-3', passed: ['a', 'b'] }));
  const lastAtMs = clock + 1_000;
  history.record(seen({ run: 'r-4', passed: ['a', 'b'], flaky: [{ name: 'a', how: 'tool' }] }));
  history.record(seen({ run: 'r-5', passed: ['a', 'b'], flaky: [{ name: 'b', how: 'retry' }] }));
  const place = { workflow: 'gantry.yml', job: 'test', step: 'Unit tests' };
  assert.deepEqual(history.flaky(), [
    { ...place, name: 'b', times: 1, runs: 1, lastRun: 'r-5', lastAtMs: clock, lastHow: 'retry' },
    { ...place, name: 'a', times: 2, runs: 4, lastRun: 'r-4', lastAtMs, lastHow: 'tool' },
  ]);
});

test('a run that is told of twice, as after a crash, counts once', () => {
  const once = { run: 'r-1', passed: ['a'], flaky: [{ name: 'a', how: 'retry' }] } as const;
  history.record(seen(once));
  history.record(seen(once));
  assert.partialDeepStrictEqual(history.flaky(), [{ name: 'a', times: 1, runs: 1 }]);
});

test('a file that is no history is told by its name', () => {
  const file = join(folder, 'broken.db');
  writeFileSync(file, 'x'.repeat(5_000));
  assert.throws(() => openSqliteTestHistory(file).flaky(), /opening the history of tests .*broken\.db/);
});
