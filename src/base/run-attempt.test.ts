import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runId } from './ids.ts';
import { attemptOfRun, idOfAttempt } from './run-attempt.ts';

test('the first attempt of a run bears the bare id, and the others say their number', () => {
  const first = runId('r-20261126-133000-7f3a');
  assert.deepEqual(attemptOfRun(first), { first, attempt: 1 });
  assert.equal(idOfAttempt({ first, attempt: 1 }), first);
  const second = idOfAttempt({ first, attempt: 2 });
  assert.equal(second, 'r-20261126-133000-7f3a.2');
  assert.deepEqual(attemptOfRun(second), { first, attempt: 2 });
  assert.deepEqual(attemptOfRun(runId(`${first}.13`)), { first, attempt: 13 });
});
