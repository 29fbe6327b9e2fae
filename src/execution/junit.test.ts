import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '#base/result.ts';
import type { FailedTest, TestCounts } from '#run/events.ts';
import { readJUnit as readTests } from './junit.ts';

/** Numbers alone. */
function readJUnit(texts: readonly string[]): Result<TestCounts, string> {
  const read = readTests(texts);
  if (!read.ok) return read;
  const { total, failed, skipped } = read.value.counts;
  return { ok: true, value: { total, failed, skipped } };
}

function failures(text: string): readonly FailedTest[] {
  const read = readTests([text]);
  assert.ok(read.ok);
  return read.value.counts.failures ?? [];
}

const counts = (total: number, failed: number, skipped: number): object => ({
  ok: true,
  value: { total, failed, skipped },
});

test('cases are counted, whatever the attributes claim', () => {
  const report = `<?xml version="1.0" encoding="utf-8"?>
    <testsuites><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="99">
      <testcase classname="a" name="one" time="0.1"/>
      <testcase classname="a" name="two"><failure message="1 &lt; 2">trace</failure></testcase>
      <testcase classname="a" name="three"><error message="x"/></testcase>
      <testcase classname="a" name="four"><skipped type="pytest.skip" message="no cv2"/></testcase>
    </testsuite></testsuites>`;
  assert.deepEqual(readJUnit([report]), counts(4, 2, 1));
});

test('suites inside suites and several reports are summed', () => {
  const nested = `<testsuite><testsuite><testcase name="a"/><testsuite><testcase name="b"/></testsuite></testsuite>
    <testcase name="c"/></testsuite>`;
  assert.deepEqual(readJUnit([nested, '<testsuites><testcase name="d"/></testsuites>']), counts(4, 0, 0));
});

test('a suite without tests counts zero, and so does no report', () => {
  assert.deepEqual(readJUnit(['<testsuites><testsuite tests="0"/></testsuites>']), counts(0, 0, 0));
  assert.deepEqual(readJUnit(['<testsuites/>']), counts(0, 0, 0));
  assert.deepEqual(readJUnit([]), counts(0, 0, 0));
});

test('a case with two failures is one failed test, and failed wins over skipped', () => {
  const report = `<testsuite><testcase><failure/><failure/><error/></testcase>
    <testcase><failure/><skipped/></testcase></testsuite>`;
  assert.deepEqual(readJUnit([report]), counts(2, 2, 0));
});

test('a suite that could not be loaded is a failed test', () => {
  assert.deepEqual(readJUnit(['<testsuite><error message="cannot import"/></testsuite>']), counts(1, 1, 0));
});

test('a flaky case that passed in the end is not a failure', () => {
  assert.deepEqual(readJUnit(['<testsuite><testcase><flakyFailure/></testcase></testsuite>']), counts(1, 0, 0));
});

test('output that looks like a report counts nothing', () => {
  const report = `<testsuite><testcase><system-out><![CDATA[<testcase><failure/></testcase>]]></system-out></testcase>
    <!-- <testcase/> --></testsuite>`;
  assert.deepEqual(readJUnit([report]), counts(1, 0, 0));
});

test('a disabled case of GoogleTest is skipped', () => {
  assert.deepEqual(readJUnit(['<testsuite><testcase status="notrun"/></testsuite>']), counts(1, 0, 1));
});

test('a report that was cut off is an error, not fewer tests', () => {
  const result = readJUnit(['<testsuite/>', '<testsuite><testcase name="a"/><testcase']);
  assert.ok(!result.ok);
  assert.match(result.error, /^report 2: the test report is not XML: .+ \(line 1\)$/);
  assert.ok(!readJUnit(['<testsuite><testcase name="a"/>']).ok);
});

test('what is no test report is refused', () => {
  assert.deepEqual(readJUnit(['']), { ok: false, error: 'the test report is empty' });
  assert.deepEqual(readJUnit(['<html><body/></html>']), {
    ok: false,
    error: 'the test report is not JUnit: its root is <html>, not <testsuites> or <testsuite>',
  });
  assert.ok(!readJUnit(['{"tests": 5}']).ok);
});

test('entities are not expanded, neither in text nor where they would change a count', () => {
  const doctype = '<!DOCTYPE x [<!ENTITY s "notrun"><!ENTITY t "&s;&s;&s;">]>';
  const report = `${doctype}<testsuite><testcase status="&s;" name="&t;">&t;</testcase></testsuite>`;
  assert.deepEqual(readJUnit([report]), counts(1, 0, 0));
});

test('a report that names a file of this machine does not get it', () => {
  const result = readJUnit(['<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]><testsuite>&c;</testsuite>']);
  assert.ok(!result.ok);
  assert.doesNotMatch(result.error, /root:/);
});

test('names of tests and elements cannot reach what objects inherit', () => {
  const report = '<testsuite><testcase name="__proto__"/><__proto__><failure/></__proto__><constructor/></testsuite>';
  const result = readJUnit([report]);
  assert.ok(!result.ok || result.value.failed === 0);
  assert.equal(Object.hasOwn(Object.prototype, 'failure'), false);
});

test('nesting without end is an error or a count, never a crash', () => {
  const deep = `${'<testsuite>'.repeat(20_000)}<testcase/>${'</testsuite>'.repeat(20_000)}`;
  const result = readJUnit([deep]);
  assert.ok(!result.ok);
});

test('failed tests are named, with what the report says of them', () => {
  const report = `<testsuites><testsuite name="pytest" file="suite.py">
    <testcase classname="tests.test_app" name="test_start" file="tests/test_app.py" line="6">
      <failure message="assert 1 &lt; 0&#10;  more">trace</failure></testcase>
    <testcase classname="tests.test_app" name="test_stop"><failure>

def test_stop():
&gt;       assert stop()

tests/conftest.py:3: in fixture
tests/test_app.py:12: AssertionError</failure></testcase>
    <testcase name="alone"><error type="ValueError"/></testcase>
    <testcase name="passes"/></testsuite>
    <testsuite name="broken"><error message="cannot import"/></testsuite></testsuites>`;
  assert.deepEqual(failures(report), [
    { name: 'tests.test_app.test_start', message: 'assert 1 < 0 more', file: 'tests/test_app.py', line: 7 },
    { name: 'tests.test_app.test_stop', message: 'def test_stop():', file: 'tests/test_app.py', line: 12 },
    { name: 'alone', message: 'ValueError', file: 'suite.py' },
    { name: 'broken', message: 'cannot import' },
  ]);
});

test('of very many failures the first fifty are named, and all are counted', () => {
  const cases = Array.from({ length: 60 }, (_, index) => `<testcase name="t${index}"><failure/></testcase>`).join('');
  const read = readTests([`<testsuite>${cases}</testsuite>`]);
  assert.ok(read.ok);
  assert.equal(read.value.counts.failed, 60);
  assert.equal(read.value.counts.failures?.length, 50);
  assert.deepEqual(read.value.counts.failures?.at(-1), { name: 't49', message: '' });
});

test('entities of the report’s own making are not expanded in names either', () => {
  const report = '<!DOCTYPE x [<!ENTITY s "boom">]><testsuite><testcase name="&s;"><failure/></testcase></testsuite>';
  assert.deepEqual(failures(report), [{ name: '&s;', message: '' }]);
});

test('tests are named by whether they passed, failed, or passed only when their tool ran them again', () => {
  const read = readTests([
    `<testsuites><testsuite>
      <testcase classname="a" name="good"/>
      <testcase classname="a" name="bad"><failure/></testcase>
      <testcase classname="a" name="twice"/><testcase classname="a" name="twice"><error/></testcase>
      <testcase classname="a" name="moody"><flakyFailure message="late"/></testcase>
      <testcase classname="a" name="hopeless"><failure/><rerunFailure/></testcase>
      <testcase classname="a" name="left"><skipped/></testcase>
    </testsuite></testsuites>`,
  ]);
  assert.ok(read.ok);
  const { passed, failed, rerun } = read.value.names;
  assert.deepEqual(
    [[...passed], [...failed], [...rerun]],
    [['a.good', 'a.moody'], ['a.bad', 'a.twice', 'a.hopeless'], ['a.moody']],
  );
});
