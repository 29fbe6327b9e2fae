import assert from 'node:assert/strict';
import test from 'node:test';
import { maskedEntries, maskedInWords, type MaskedFailure, type StepMasked } from './masked.ts';
import { stepVerdict } from './verdict.ts';

const counted: MaskedFailure = { command: 'pytest -q', line: 3, status: 2, mask: '|| true' };
const asked: MaskedFailure = { command: 'grep -q a b', line: 4, status: 1, mask: '|| true', noted: 'question' };

function verdictOf(masked: StepMasked): string {
  const ledger = maskedEntries(masked).map((entry) => ({ ...entry, where: 'test / Tests' }));
  return stepVerdict({ conclusion: 'success', ledger });
}

test('a failure that a script swallowed degrades the step, with command, mask, status and line', () => {
  const masked = { failures: [counted, asked], notRecorded: [] };
  assert.equal(verdictOf(masked), 'degraded');
  assert.deepEqual(maskedEntries(masked), [
    {
      what: 'masked',
      wanted: 'pytest -q',
      used: '|| true',
      why: 'status 2 at line 3',
      loss: 'what it was to do is not done, or only in part',
    },
  ]);
});

test('what is only noted, and what could not be recorded, lowers nothing', () => {
  assert.equal(verdictOf({ failures: [asked], notRecorded: ['the script uses $_'] }), 'passed');
});

test('records that were turned off are an entry', () => {
  const off: StepMasked = { failures: [], notRecorded: [], isOff: true };
  assert.equal(verdictOf(off), 'degraded');
  assert.equal(maskedEntries(off)[0]?.why, 'it is turned off by GANTRY_RECORD_MASKED');
});

test('under the step stand three of those that are noted, and one reason why something was not recorded', () => {
  const noted = (['question', 'reader-gone', 'clean-up', 'alternative'] as const).map((each) => ({
    ...asked,
    noted: each,
  }));
  assert.deepEqual(
    maskedInWords({ failures: [counted, ...noted], notRecorded: ['line 2: a pipe', 'line 9: a pipe'] }),
    [
      'noted: line 4: grep -q a b ended with 1, which is an answer',
      'noted: line 4: grep -q a b ended with 1, because its reader had enough',
      'noted: line 4: grep -q a b ended with 1, while cleaning up',
      'noted: 1 more',
      'swallowed failures are not recorded: line 2: a pipe (and 1 more)',
    ],
  );
  assert.deepEqual(maskedInWords(undefined), []);
});
