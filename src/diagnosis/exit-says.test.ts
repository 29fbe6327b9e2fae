import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certainEnd, likelyEnd } from './exit-says.ts';

test('137 is want of memory for certain only where the kernel has counted it', () => {
  for (const facts of [{ exitCode: 137 }, { signal: 'SIGKILL' }]) {
    assert.equal(certainEnd(facts, { killed: 1 })?.layer, 'resources');
    assert.equal(certainEnd(facts, { killed: 0 }), undefined);
    assert.ok((likelyEnd(facts)?.confidence ?? 1) < 0.5);
  }
  assert.equal(certainEnd({ exitCode: 1 }, { killed: 1 }), undefined);
});

test('124 is a time limit where the script sets one by the command timeout', () => {
  assert.equal(certainEnd({ exitCode: 124 }, { killed: 0, script: 'timeout 5 make test' })?.layer, 'timeout');
  assert.equal(certainEnd({ exitCode: 124 }, { killed: 0, script: 'make test' }), undefined);
});

test('a signal is a hint, and an ordinary status is none', () => {
  assert.deepEqual(
    [134, 139, 143, 1, 100].map((exitCode) => likelyEnd({ exitCode })?.layer),
    ['code', 'code', 'runner', undefined, undefined],
  );
});
