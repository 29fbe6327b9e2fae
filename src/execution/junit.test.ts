import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJUnit } from './junit.ts';

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
