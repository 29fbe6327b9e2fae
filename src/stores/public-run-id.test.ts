import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { runId } from '#base/ids.ts';
import { publicRunId, runIdFrom } from './public-run-id.ts';

const OTHER = runId('r-20260101-000000-0000');

test('the number of a run leads back to the run, and is exact', () => {
  const seconds = fc.integer({ min: 1_700_000_000, max: 4_000_000_000 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 65_535 }), (second, rest) => {
      const digits = new Date(second * 1_000).toISOString().replace(/[-:T]/g, '');
      const id = runId(`r-${digits.slice(0, 8)}-${digits.slice(8, 14)}-${rest.toString(16).padStart(4, '0')}`);
      const number = publicRunId(id);
      assert.equal(String(Number(number)), number);
      assert.equal(runIdFrom(number, OTHER), id);
    }),
  );
});

test('an id of another form stays as it is, in both directions', () => {
  assert.equal(publicRunId(runId('r-1')), 'r-1');
  assert.equal(runIdFrom('r-20261126-051354-7f43', OTHER), 'r-20261126-051354-7f43');
  assert.equal(runIdFrom('12', OTHER), '12');
});

test('every attempt of a run has its number, which inside an attempt means that attempt', () => {
  const first = runId('r-20261126-051354-7f43');
  const second = runId('r-20261126-051354-7f43.2');
  assert.equal(publicRunId(second), publicRunId(first));
  assert.equal(runIdFrom(publicRunId(first), second), second);
  assert.equal(runIdFrom(publicRunId(first), first), first);
  assert.equal(runIdFrom(publicRunId(first), OTHER), first);
});
