import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobId, runId } from '#base/ids.ts';
import type { RunId } from '#base/ids.ts';
import { joinLine, leaveLine, settleLine } from './line.ts';
import type { Holder, LineChange, LineEntry, LineView, Newcomer } from './line.ts';

const [a, b, c, d] = [runId('r-a'), runId('r-b'), runId('r-c'), runId('r-d')];
const RUN: Holder = { kind: 'run' };

function view(line: readonly LineEntry[], dead: readonly RunId[] = []): LineView {
  return { group: 'Deploy', line, isDriven: (id) => !dead.includes(id), nowMs: 7 };
}

function newcomer(id: RunId, more: Partial<Newcomer> = {}): Newcomer {
  return { runId: id, holder: RUN, turn: 1, queue: 'single', cancelInProgress: false, ...more };
}

/** Those of a line of runs, in words: `r-a!` holds the group. */
function inWords({ line }: LineChange): string {
  return line.map((entry) => `${entry.runId}${entry.state === 'held' ? '!' : ''}`).join(' ');
}

function told({ told: all }: LineChange): readonly string[] {
  return all.map(({ runId: id, event }) => {
    const reason = 'reason' in event ? ` ${event.reason}` : '';
    const behind = event.type === 'concurrency.queued' ? ` behind ${event.behind.runId}, ${event.ahead} ahead` : '';
    return `${id} ${event.type}${reason}${behind}`;
  });
}

/** The line after these have come, one after the other. */
function lineOf(...newcomers: readonly Newcomer[]): readonly LineEntry[] {
  return newcomers.reduce<readonly LineEntry[]>((line, each) => joinLine(view(line), each).line, []);
}

test('the first who comes holds the group', () => {
  const change = joinLine(view([]), newcomer(a));
  assert.equal(inWords(change), 'r-a!');
  assert.deepEqual(told(change), ['r-a concurrency.acquired']);
});

test('the second waits, and is told behind whom', () => {
  const change = joinLine(view(lineOf(newcomer(a))), newcomer(b));
  assert.equal(inWords(change), 'r-a! r-b');
  assert.deepEqual(told(change), ['r-b concurrency.queued behind r-a, 0 ahead']);
});

test('a newer one takes the place of the one that waits, which is cancelled and told by whom', () => {
  const change = joinLine(view(lineOf(newcomer(a), newcomer(b))), newcomer(c));
  assert.equal(inWords(change), 'r-a! r-c');
  assert.deepEqual(told(change), [
    'r-b run.cancel-requested superseded by run r-c',
    'r-c concurrency.queued behind r-a, 0 ahead',
  ]);
  const [cancel] = change.told;
  assert.ok(cancel?.event.type === 'run.cancel-requested' && cancel.event.supersededBy === c);
});

test('with cancel-in-progress the one that holds the group is asked to end too, and holds it until it has', () => {
  const change = joinLine(view(lineOf(newcomer(a), newcomer(b))), newcomer(c, { cancelInProgress: true }));
  assert.equal(inWords(change), 'r-a! r-c');
  assert.deepEqual(told(change), [
    'r-a run.cancel-requested superseded by run r-c',
    'r-b run.cancel-requested superseded by run r-c',
    'r-c concurrency.queued behind r-a, 0 ahead',
  ]);
});

test('with a queue nobody is dropped, and who leaves makes room for the one that came first', () => {
  const queue = { queue: 'max' } as const;
  const line = lineOf(newcomer(a, queue), newcomer(b, queue), newcomer(c, queue), newcomer(d, queue));
  assert.equal(inWords({ line, told: [] }), 'r-a! r-b r-c r-d');
  const change = leaveLine(view(line), { runId: a, holder: RUN, turn: 1 });
  assert.equal(inWords(change), 'r-b! r-c r-d');
  assert.deepEqual(told(change), [
    'r-a concurrency.released',
    'r-b concurrency.acquired',
    'r-c concurrency.queued behind r-b, 0 ahead',
    'r-d concurrency.queued behind r-b, 1 ahead',
  ]);
});

test('a queue of a hundred is full: the next one is cancelled, and the line is as it was', () => {
  const many = Array.from({ length: 101 }, (_, index) => newcomer(runId(`r-${index}`), { queue: 'max' }));
  const line = lineOf(...many);
  assert.equal(line.length, 101);
  const change = joinLine(view(line), newcomer(a, { queue: 'max' }));
  assert.deepEqual(change.line, line);
  assert.deepEqual(told(change), ['r-a run.cancel-requested 100 wait for the concurrency group "Deploy" already']);
});

test('one that waits and goes leaves the others as they are', () => {
  const queue = { queue: 'max' } as const;
  const line = lineOf(newcomer(a, queue), newcomer(b, queue), newcomer(c, queue));
  const change = leaveLine(view(line), { runId: b, holder: RUN, turn: 1 });
  assert.equal(inWords(change), 'r-a! r-c');
  assert.deepEqual(told(change), ['r-b concurrency.released']);
});

test('a holder whose process died has left: whoever looks lets the next one in', () => {
  const line = lineOf(newcomer(a), newcomer(b));
  const change = settleLine(view(line, [a]));
  assert.equal(inWords(change), 'r-b!');
  assert.deepEqual(told(change), ['r-b concurrency.acquired']);
  assert.equal(inWords(settleLine(view(line, [a, b]))), '');
});

test('a newcomer who finds a dead holder stands behind the one that waited', () => {
  const change = joinLine(view(lineOf(newcomer(a), newcomer(b)), [a]), newcomer(c, { queue: 'max' }));
  assert.equal(inWords(change), 'r-b! r-c');
  assert.deepEqual(told(change), ['r-b concurrency.acquired', 'r-c concurrency.queued behind r-b, 0 ahead']);
});

test('who is in the line already does not come a second time', () => {
  const line = lineOf(newcomer(a), newcomer(b));
  assert.deepEqual(joinLine(view(line), newcomer(b)), { line, told: [] });
});

test('a job is superseded by itself alone, with the words of its own run', () => {
  const job = (id: string): Holder => ({ kind: 'job', jobId: jobId(id) });
  const line = lineOf(newcomer(a, { holder: job('one') }), newcomer(a, { holder: job('two') }));
  const change = joinLine(view(line), newcomer(a, { holder: job('three') }));
  assert.deepEqual(told(change), [
    'r-a job.cancel-requested superseded by job "three" of this run',
    'r-a concurrency.queued behind r-a, 0 ahead',
  ]);
});
