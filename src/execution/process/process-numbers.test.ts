import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { haveComeRound, isWithin, markProcesses, numbersSince, processIds } from './process-numbers.ts';

test('a process started since a mark is among the numbers given out since, and those that were there before are not', async () => {
  const before = spawn('sleep', ['60']);
  const mark = markProcesses();
  const since = spawn('sleep', ['60']);
  try {
    assert.ok(mark && before.pid !== undefined && since.pid !== undefined);
    const range = numbersSince(mark, since.pid);
    assert.ok(range, 'the numbers are known');
    const ids = processIds(range);
    assert.ok(ids.includes(since.pid), 'the one started since');
    assert.ok(!ids.includes(before.pid) && !ids.includes(process.pid), 'none that is older');
    assert.equal(numbersSince(mark, before.pid), undefined, 'a witness that is older says that the mark is wrong');
  } finally {
    for (const child of [before, since]) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});

test('numbers that start again from the lowest are told apart all the same', () => {
  const range = { after: 32_700, last: 310 };
  assert.deepEqual(
    [32_700, 32_701, 32_767, 301, 310, 311, 5_000].map((pid) => isWithin(range, pid)),
    [false, true, true, true, true, false, false],
  );
});

test('after as many starts as half of all numbers nothing is concluded from them', () => {
  assert.equal(haveComeRound(16_384, 32_768), false);
  assert.equal(haveComeRound(16_385, 32_768), true);
  assert.equal(haveComeRound(-1, 32_768), true, 'a count that goes back is no count');
});
