import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Conclusion, StepResult } from './events.ts';
import type { LedgerEntry } from './ledger.ts';
import { entryVerdict, isAtMost, stepVerdict, VERDICTS, worst } from './verdict.ts';

const verdict = fc.constantFrom(...VERDICTS);
const KINDS: readonly LedgerEntry['what'][] = [
  'fallback',
  'retry',
  'tolerated',
  'masked',
  'advisory',
  'stale',
  'unproven',
];
const entry = fc
  .constantFrom(...KINDS)
  .map((what): LedgerEntry => ({ what, where: 'job / step', wanted: 'it', used: 'less', why: 'because' }));
const conclusions: readonly Conclusion[] = ['success', 'failure', 'cancelled', 'skipped'];
const step = fc.record({
  conclusion: fc.constantFrom(...conclusions),
  ledger: fc.array(entry, { maxLength: 4 }),
  refuted: fc.boolean(),
  nothingRan: fc.boolean(),
});

/** A step that says of itself that it did what it was asked to. */
function successful(ledger: readonly LedgerEntry[]): Pick<StepResult, 'conclusion' | 'ledger'> {
  return { conclusion: 'success', ledger };
}

test('verdicts combine in any order and any grouping', () => {
  fc.assert(
    fc.property(verdict, verdict, verdict, (a, b, c) => {
      assert.equal(worst(a, b), worst(b, a));
      assert.equal(worst(a, worst(b, c)), worst(worst(a, b), c));
      assert.equal(worst(a, b, c), worst(a, worst(b, c)));
    }),
  );
});

test('a verdict with itself is itself, passed changes nothing, failed swallows all', () => {
  assert.equal(worst(), 'passed');
  for (const each of VERDICTS) {
    assert.equal(worst(each, each), each);
    assert.equal(worst('passed', each), each);
    assert.equal(worst('failed', each), 'failed');
  }
});

test('what is combined is no better than any of its parts, and is one of them', () => {
  fc.assert(
    fc.property(fc.array(verdict, { minLength: 1 }), (verdicts) => {
      const combined = worst(...verdicts);
      assert.ok(verdicts.includes(combined));
      assert.ok(verdicts.every((each) => isAtMost(each, combined)));
    }),
  );
});

test('the order is passed, degraded, unknown, failed', () => {
  fc.assert(
    fc.property(verdict, verdict, (a, b) => {
      assert.equal(isAtMost(a, b), VERDICTS.indexOf(a) <= VERDICTS.indexOf(b));
      assert.equal(isAtMost(a, b), worst(a, b) === b);
    }),
  );
  assert.deepEqual(VERDICTS, ['passed', 'degraded', 'unknown', 'failed']);
});

test('every entry lowers the verdict of a successful step, and nothing else does', () => {
  fc.assert(
    fc.property(fc.array(entry), (ledger) => {
      const said = stepVerdict(successful(ledger));
      assert.equal(said === 'passed', ledger.length === 0);
      assert.equal(said, worst(...ledger.map(entryVerdict)));
    }),
  );
  for (const what of KINDS) {
    const lowered = stepVerdict(successful([{ what, where: '', wanted: '', used: '', why: '' }]));
    assert.equal(lowered, what === 'unproven' ? 'unknown' : 'degraded', what);
  }
});

test('one more entry never makes a step better, and no step is better than its entries', () => {
  fc.assert(
    fc.property(step, entry, (before, more) => {
      const after = stepVerdict({ ...before, ledger: [...before.ledger, more] });
      assert.ok(isAtMost(stepVerdict(before), after));
      if (before.conclusion === 'success') assert.ok(isAtMost(entryVerdict(more), after));
    }),
  );
});

test('a failure is failed, but for the one in which not a single test ran; refuted success is failed', () => {
  fc.assert(
    fc.property(step, (each) => {
      const said = stepVerdict(each);
      if (each.refuted) assert.equal(said, 'failed');
      else if (each.conclusion === 'cancelled') assert.equal(said, 'failed');
      else if (each.conclusion === 'failure') assert.equal(said, each.nothingRan ? 'unknown' : 'failed');
      if (said === 'passed') assert.ok(each.conclusion === 'success' || each.conclusion === 'skipped');
    }),
  );
});
