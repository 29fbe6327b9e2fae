import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobId, runId } from '#base/ids.ts';
import { circleOf } from './line-circle.ts';
import type { Holder, LineEntry } from './line.ts';

const RUN: Holder = { kind: 'run' };
const job = (id: string): Holder => ({ kind: 'job', jobId: jobId(id) });
const call = (id: string): Holder => ({ kind: 'call', jobId: jobId(id) });

/** A line of runs and what stands in it for them; the first holds the group. */
function line(...who: readonly (readonly [run: string, holder: Holder])[]): readonly LineEntry[] {
  return who.map(([run, holder], index) => ({
    runId: runId(run),
    holder,
    state: index === 0 ? 'held' : 'waiting',
    turn: 1,
  }));
}

/** What the last of the line `one` is told. */
function told(lines: Readonly<Record<string, readonly LineEntry[]>>): string | undefined {
  const newcomer = lines['one']?.at(-1);
  assert.ok(newcomer);
  return circleOf(new Map(Object.entries(lines)), 'one', newcomer);
}

test('two runs that hold a group each, with a job each that wants the other’s, are a circle', () => {
  assert.equal(
    told({ one: line(['r-a', RUN], ['r-b', job('y')]), two: line(['r-b', RUN], ['r-a', job('x')]) }),
    'a deadlock for the concurrency group "one": run r-a holds it, and waits itself for what this run holds',
  );
});

test('so are three, and those that wait behind others', () => {
  const three = {
    one: line(['r-a', RUN], ['r-c', job('z')]),
    two: line(['r-b', RUN], ['r-a', job('x')]),
    three: line(['r-c', RUN], ['r-d', job('w')], ['r-b', job('y')]),
  };
  assert.match(told(three) ?? '', /run r-a holds it/);
  const behind = { one: line(['r-d', job('w')], ['r-a', RUN], ['r-b', job('y')]), two: line(['r-b', RUN]) };
  assert.equal(told(behind), undefined);
});

test('calls that hold a group each, in one run or in two, are a circle by the jobs inside them alone', () => {
  const inside = (run: string): Readonly<Record<string, readonly LineEntry[]>> => ({
    one: line(['r-a', call('c')], [run, job('d / y')]),
    two: line([run, call('d')], ['r-a', job('c / x')]),
  });
  assert.match(told(inside('r-a')) ?? '', /job "c" of this run holds it/);
  assert.match(told(inside('r-b')) ?? '', /job "c" of run r-a holds it/);
  const beside = {
    one: line(['r-a', call('c')], ['r-b', job('d / y')]),
    two: line(['r-b', call('d')], ['r-a', job('e')]),
  };
  assert.equal(told(beside), undefined);
});

test('a job that calls holds its group until the jobs of its call have had theirs', () => {
  const lines = { one: line(['r-a', job('c')], ['r-b', job('y')]), two: line(['r-b', RUN], ['r-a', call('c')]) };
  assert.match(told(lines) ?? '', /job "c" of run r-a holds it/);
});

test('a job that holds a group ends by itself, and who waits for it may', () => {
  const lines = { one: line(['r-a', job('x')], ['r-b', job('y')]), two: line(['r-b', RUN], ['r-a', job('z')]) };
  assert.equal(told(lines), undefined);
});
