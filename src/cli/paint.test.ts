import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choosePaint } from './paint.ts';

const RED = `${String.fromCodePoint(27)}[31mno${String.fromCodePoint(27)}[39m`;

for (const [isTerminal, env, expected, when] of [
  [true, {}, RED, 'a terminal gets colours'],
  [false, {}, 'no', 'a pipe gets none'],
  [true, { TERM: 'dumb' }, 'no', 'a dumb terminal gets none'],
  [true, { NO_COLOR: '1' }, 'no', 'NO_COLOR turns them off'],
  [true, { NO_COLOR: '' }, RED, 'an empty NO_COLOR says nothing'],
  [false, { FORCE_COLOR: '1' }, RED, 'FORCE_COLOR turns them on'],
  [true, { FORCE_COLOR: '0' }, 'no', 'FORCE_COLOR=0 turns them off'],
  [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'no', 'NO_COLOR wins over FORCE_COLOR'],
] as const) {
  test(when, () => assert.equal(choosePaint({ isTerminal, env })('bad', 'no'), expected));
}
