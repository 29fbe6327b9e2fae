import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runId } from '#base/ids.ts';
import { decideRetention } from './retention.ts';
import type { KnownRun, RetentionRules } from './retention.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 100 * DAY;
const RULES: RetentionRules = { nowMs: NOW, olderThanMs: 30 * DAY, keep: 1 };

function run(id: string, daysAgo: number, more: Partial<KnownRun> = {}): KnownRun {
  return {
    runId: runId(id),
    workflowFile: 'gantry.yml',
    startedAtMs: NOW - daysAgo * DAY,
    isLive: false,
    goodJobs: [],
    bytes: 10,
    ...more,
  };
}

function told(runs: readonly KnownRun[], rules: Partial<RetentionRules> = {}): readonly string[] {
  return decideRetention(runs, { ...RULES, ...rules }).map(
    (each) => `${each.run.runId} ${each.kind === 'keep' ? each.why : 'goes'}`,
  );
}

test('what is old goes; the newest of each pipeline stays however old it is', () => {
  const other = { workflowFile: 'other.yml' };
  assert.deepEqual(told([run('e', 40), run('d', 50), run('c', 60, other), run('b', 70, other)]), [
    'e newest',
    'd goes',
    'c newest',
    'b goes',
  ]);
  assert.deepEqual(told([run('c', 40), run('b', 50), run('a', 60)], { keep: 2 }), ['c newest', 'b newest', 'a goes']);
  assert.deepEqual(told([run('b', 1), run('a', 29)]), ['b newest', 'a young']);
});

test('a live run never goes, nor the run in which a job went well last, nor one whose artifacts were promised', () => {
  assert.deepEqual(
    told([
      run('g', 31),
      run('f', 40, { isLive: true }),
      run('e', 50, { goodJobs: ['test'] }),
      run('d', 60, { goodJobs: ['test', 'deploy'] }),
      run('c', 70, { goodJobs: ['test'] }),
      run('b', 80, { artifactsUntilMs: NOW + DAY }),
      run('a', 90, { artifactsUntilMs: NOW - DAY }),
    ]),
    ['g newest', 'f live', 'e last-good', 'd last-good', 'c goes', 'b artifacts', 'a goes'],
  );
});

test('an earlier attempt stays as long as a later one of the same run', () => {
  assert.deepEqual(told([run('r-1.2', 40), run('r-2', 45), run('r-1', 50)]), [
    'r-1.2 newest',
    'r-2 goes',
    'r-1 attempt',
  ]);
});

test('when there is too much, the oldest of the young go until the rest has room, and nothing that is protected', () => {
  const runs = [run('d', 1), run('c', 2), run('b', 3, { goodJobs: ['test'] }), run('a', 4)];
  assert.deepEqual(told(runs, { maxBytes: 30 }), ['d newest', 'c young', 'b last-good', 'a goes']);
  assert.deepEqual(told(runs, { maxBytes: 5 }), ['d newest', 'c goes', 'b last-good', 'a goes']);
});
