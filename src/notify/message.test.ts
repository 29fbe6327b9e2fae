import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '#run/failure.ts';
import type { LedgerEntry } from '#run/ledger.ts';
import { composeMessage } from './message.ts';

const STALE: LedgerEntry = {
  what: 'stale',
  where: 'data / kp',
  wanted: 'fresh data',
  used: 'last known good data',
  why: 'services.example.org answered 503',
  loss: 'today’s readings',
  until: '2027-03-01',
};
const FACTS = { verdict: 'passed', workflow: 'Space Intelligence', runId: 'r-1', ledger: [], failures: [] } as const;

test('a run that passed is one line and its number', () => {
  assert.deepEqual(composeMessage({ ...FACTS, commit: '3f2a1bc9d0', branch: 'main' }), {
    title: 'passed: Space Intelligence at 3f2a1bc (main)',
    lines: ['run r-1'],
  });
});

test('what was given up is counted in the title and told line by line', () => {
  const address = 'http://127.0.0.1:4000';
  assert.deepEqual(composeMessage({ ...FACTS, verdict: 'degraded', ledger: [STALE], address }), {
    title: 'degraded: Space Intelligence; 1 thing given up',
    lines: [
      'data / kp: last known good data instead of fresh data, because services.example.org answered 503; ' +
        'lost: today’s readings (allowed until 2027-03-01)',
      'live: http://127.0.0.1:4000',
      'run r-1',
    ],
  });
});

test('a long ledger is cut, and the message says so', () => {
  const { title, lines } = composeMessage({
    ...FACTS,
    verdict: 'degraded',
    ledger: Array.from({ length: 12 }, () => STALE),
  });
  assert.equal(title, 'degraded: Space Intelligence; 12 things given up');
  assert.equal(lines.length, 12);
  assert.equal(lines[10], 'and 2 more in the report');
});

test('a stopped run has no verdict, and a failed one says why', () => {
  assert.equal(composeMessage({ ...FACTS, cancelled: true }).title, 'cancelled: Space Intelligence');
  const failed = composeMessage({ ...FACTS, verdict: 'failed', why: 'test / pytest: exit code 1' });
  assert.deepEqual(failed.lines, ['test / pytest: exit code 1', 'run r-1']);
});

test('a branch name cannot add a line or a colour', () => {
  const { title } = composeMessage({ ...FACTS, branch: 'x\npassed: \u001b[32mall good\u2028!' });
  assert.equal(title, 'passed: Space Intelligence (x passed: [32mall good !)');
});

const BROKE: Failure = {
  where: 'test / Install',
  why: 'exit code 100',
  cause: 'the package libgl1-mesa-glx has no candidate',
  layer: 'dependency',
  confidence: 0.93,
  fix: 'install libgl1 instead',
};

test('what broke stands in one line with its cause, and what helps under it', () => {
  const { lines } = composeMessage({ ...FACTS, verdict: 'failed', failures: [BROKE] });
  assert.deepEqual(lines, [
    'broke: test / Install: exit code 100: the package libgl1-mesa-glx has no candidate (dependency, 93 % sure)',
    'fix: install libgl1 instead',
    'run r-1',
  ]);
});

test('a failure of which nothing is known says how it ended, and of many the first five are told', () => {
  const unknown: Failure = { where: 'build', why: 'the job has exceeded its time', layer: 'unknown', confidence: 0 };
  const { lines } = composeMessage({ ...FACTS, verdict: 'failed', failures: Array.from({ length: 7 }, () => unknown) });
  assert.deepEqual(lines, [
    ...Array.from({ length: 5 }, () => 'broke: build: the job has exceeded its time'),
    'and 2 more failed',
    'run r-1',
  ]);
});
