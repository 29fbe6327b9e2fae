import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasAlarm, mayAlarm } from './alarm.ts';

const SAMPLES = join(import.meta.dirname, '../signatures/samples');

function may(line: string): boolean {
  const bytes = Buffer.from(`before${line}behind`);
  return mayAlarm(bytes, 6, bytes.byteLength - 6);
}

/** At least one line for each pattern: at the beginning, at the end, in both cases, and as it stands in logs. */
const ALARMING =
  `error: x|a err!|ERR_X|E   assert|___|a [-] b|Failed|FATAL|exceptions|aborts|panic|crash|denied|not ok|cannot
  |could not|did not|does not|unable|unauthorized|can't|can’t|couldn't|no such|no space|missing|mismatch|undefined
  |unresolved|unreachable|invalid|illegal|killed|unexpected|expected|conflict|timed out|time-out|timeout|out of memory
  |refused|reset by peer|signal|terminated|traceback|caused by|asserts|segmentation|core dumped|too many|limit|unsatisfied
  |unmet|incompatible|require|violates|forbidden|rejected|bad x|broken|corrupt|exit|exited|returned|returning|status|cancel
  |stopped|  3) a test|12) b|**|a **|--- a|+++ b|@@ -1|##[group]|a: warning|differs|Diff in a|would be|should|dead|leak
  |please|overflow|must|need x|needs x|didn't|doesn't|wrong|problem|issue|suspect|no|NO|not|is not|no.|unbound|format
  |ImagePullBackOff|DATA RACE|deprecated|changed|EACCES|ENOENT|EMFILE|EADDRINUSE|backoff|back-off|waiting|proxy|took 3
  |ECONNRESET|coverage|a.c:3:1: x|✗ a|×`
    .split(/\n? *\|/u)
    .filter((line) => line !== '');

test('each pattern is told by its sign', () => {
  assert.ok(ALARMING.length > 115);
  for (const line of ALARMING) {
    assert.equal(hasAlarm(line), true, line);
    assert.equal(may(line), true, line);
  }
});

test('no line that speaks of failure is passed over, and most others are', () => {
  const lines = readdirSync(SAMPLES).flatMap((name) => readFileSync(join(SAMPLES, name), 'utf8').split('\n'));
  for (const line of lines) assert.ok(may(line) || !hasAlarm(line), line);
  const quiet = [
    'compiling module 12',
    '[ 36%] Building CXX object src/CMakeFiles/a.dir/a.cpp.o',
    '   ok ✓ reads a list (12 ms)',
    'npm http fetch GET 200',
    'tests/a.py::test_b PASSED',
  ];
  assert.deepEqual(quiet.filter(may), []);
});
