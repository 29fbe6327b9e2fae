import assert from 'node:assert/strict';
import { test } from 'node:test';

import { jobId } from '#base/ids.ts';
import type { RunEvent } from '#run/events.ts';
import { evolve } from '#run/evolve.ts';
import { unpainted } from '#run/report/words.ts';
import type { RunState } from '#run/state.ts';
import { UNBORN } from '#run/state.ts';
import type { RunScript } from '#test/support/report-runs.ts';
import { runEvents, START_MS } from '#test/support/report-runs.ts';
import { CANCELLED, DEGRADED, FAILED, PASSED, UNKNOWN } from '#test/support/report-scripts.ts';

import { createPlainLines } from './plain-lines.ts';

/** What is written when every event is told twice. */
function told(script: RunScript, more: readonly RunEvent[] = []): string {
  let text = '';
  const tell = createPlainLines({ write: (lines) => (text += lines) }, unpainted);
  let state: RunState = UNBORN;
  for (const event of [...runEvents(script), ...more].flatMap((each) => [each, each])) {
    state = evolve(state, event);
    tell(state);
  }
  return text;
}

test('a passed run is told line by line, each thing once', () => {
  const expected = `\
run r-20261123-094012-7f3a: Space Intelligence pipeline
Comprehensive testing │ started
Comprehensive testing │ ✓ actions/checkout@v4  0.1 s
Comprehensive testing │ ✓ Unit tests  2.0 s · 24 tests: 22 passed, 2 skipped
Comprehensive testing │ ✓ passed in 2.3 s
Deploy to production │ started
Deploy to production │ ✓ gantry/deploy@v1  9.9 s
Deploy to production │ ✓ passed in 10.0 s
`;
  assert.equal(told(PASSED), expected);
});

test('a degraded run is told line by line, each thing once', () => {
  const expected = `\
run r-20261123-094012-7f3a: Space Intelligence pipeline
Comprehensive testing │ started
Comprehensive testing │ ✓ actions/checkout@v4  0.1 s
Comprehensive testing │ ◐ Install Python dependencies  1 m 01 s
Comprehensive testing │   ledger: fallback: pip install -r requirements.txt → Core packages only (exit code 1: no matching distribution found for opencv-python-headless==4.10.0.84, and the index that was asked is the only one there is); loss: no solar image analysis; until 2027-03-01
Comprehensive testing │ ◐ flake8  0.8 s
Comprehensive testing │   ledger: advisory: no findings → 12 findings (exit code 1)
Comprehensive testing │ ◐ degraded in 1 m 15 s
`;
  assert.equal(told(DEGRADED), expected);
});

test('an unknown run is told line by line, each thing once', () => {
  const expected = `\
run r-20261123-094012-7f3a: Space Intelligence pipeline
test │ started
test │ ✓ actions/checkout@v4  0.1 s
test │ ? Unit tests  0.6 s · no tests ran · expected at least 1 test, and report.xml says that none ran
test │ ? unknown in 2.9 s: step "Unit tests" failed
deploy │   ledger: unproven: the job → not run (test did not succeed)
deploy │ – not run: test did not succeed
`;
  assert.equal(told(UNKNOWN), expected);
});

test('a failed run is told line by line, each thing once', () => {
  const expected = `\
run r-20261123-094012-7f3a: Space Intelligence pipeline
deploy │ started
deploy │ ✗ gantry/deploy@v1  8.0 s · the release did not become healthy within 5 s: GET /health answered 503
deploy │ – Tell the world  skipped
deploy │ ✗ failed in 8.9 s: step "gantry/deploy@v1" failed
`;
  assert.equal(told(FAILED), expected);
});

test('a cancelled run is told line by line, each thing once', () => {
  const expected = `\
run r-20261123-094012-7f3a: Space Intelligence pipeline
test │ started
test │ ✓ actions/checkout@v4  0.1 s
test │ – Unit tests  3.0 s
cancelling: interrupted from the terminal
test │ – cancelled in 4.0 s: the run was cancelled
deploy │ – cancelled: the run was cancelled
`;
  assert.equal(told(CANCELLED), expected);
});

test('a job whose engine died is told as lost and started again, without the steps it carries over', () => {
  const id = jobId('test');
  const carried = { index: 0, name: 'actions/checkout@v4', outputs: {}, ledger: [], annotations: [], durationMs: 120 };
  const steps = [{ ...carried, outcome: 'success', conclusion: 'success' } as const];
  const start = { type: 'job.started', v: 1, atMs: START_MS, workspace: '/tmp/work/test' } as const;
  const text = told({ jobs: [{ key: 'test', name: 'test', steps, running: { name: 'Unit tests', atMs: 200 } }] }, [
    { type: 'job.lost', v: 1, atMs: START_MS, jobId: id, attempt: 1, lastSeq: 4, interrupted: 'Unit tests' },
    { type: 'job.dispatched', v: 1, atMs: START_MS, jobId: id, attempt: 2, carried: steps },
    { type: 'job.reported', v: 1, delivery: { jobId: id, attempt: 2, seq: 1, fact: start } },
  ]);
  const expected = `\
run r-20261123-094012-7f3a: Space Intelligence pipeline
test │ started
test │ ✓ actions/checkout@v4  0.1 s
test │ ? lost during Unit tests
test │ started again
`;
  assert.equal(text, expected);
});
