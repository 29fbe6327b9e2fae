import assert from 'node:assert/strict';
import test from 'node:test';
import { noStatusesOf } from './questions.ts';
import { readShell } from './shell-text.ts';

/** Command -> the statuses that are its "no"; none: it does work, and each of its failures is one. */
const table: readonly (readonly [command: string, no: readonly number[] | undefined])[] = [
  ['grep -q a b', [1]],
  ['/usr/bin/egrep a b', [1]],
  ['fgrep a b', [1]],
  ['rg a', [1]],
  ['[ -f a ]', [1]],
  ['test -f a', [1]],
  ['[[ a == b ]]', [1]],
  ['(( a > b ))', [1]],
  ['diff -q a b', [1]],
  ['cmp a b', [1]],
  ['command -v jq', [1, 127]],
  ['command -v "$tool"', [1, 127]],
  ['command make', undefined],
  ['which jq', [1]],
  ['type jq', [1]],
  ['hash jq', [1]],
  ['pgrep nginx', [1]],
  ['pkill nginx', [1]],
  ['killall nginx', [1]],
  ['kill -0 12', [1]],
  ['kill 12', undefined],
  ['git diff --quiet', [1]],
  ['git diff --exit-code', [1]],
  ['git push', undefined],
  ['dpkg -s libgl1', [1]],
  ['dpkg -i a.deb', undefined],
  ['systemctl is-active app', [1, 3, 4]],
  ['systemctl restart app', undefined],
  ['cat a | grep b', [1]],
  ['grep b a | cat', undefined],
  ['sudo grep a b', [1]],
  ['pytest', undefined],
  ['curl -f a', undefined],
];

for (const [command, no] of table)
  test(`${command} ${no === undefined ? 'does work' : `says no by ${no.join(' or ')}`}`, () => {
    const statement = readShell(command)?.tree.commands[0];
    assert.ok(statement);
    assert.deepEqual(noStatusesOf(statement.command), no);
  });
