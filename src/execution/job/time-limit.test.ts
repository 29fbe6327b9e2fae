import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeLimit } from './time-limit.ts';

test('a limit that is held does not go on, and is over when what was left has passed', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const over: number[] = [];
  using limit = new TimeLimit({ limitMs: 100, onOver: () => over.push(Date.now()), now: () => Date.now() });
  context.mock.timers.tick(60);
  const first = limit.hold();
  const second = limit.hold();
  context.mock.timers.tick(1_000);
  first[Symbol.dispose]();
  context.mock.timers.tick(1_000);
  second[Symbol.dispose]();
  context.mock.timers.tick(39);
  assert.deepEqual(over, []);
  context.mock.timers.tick(1);
  assert.deepEqual(over, [2_100]);
});

test('a limit that is gone is never over', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let isOver = false;
  const limit = new TimeLimit({ limitMs: 100, onOver: () => (isOver = true), now: () => Date.now() });
  const held = limit.hold();
  limit[Symbol.dispose]();
  held[Symbol.dispose]();
  context.mock.timers.tick(1_000);
  assert.equal(isOver, false);
});
