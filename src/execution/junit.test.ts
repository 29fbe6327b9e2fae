import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '#base/result.ts';
import type { FailedTest, TestCounts } from '#run/events.ts';
import { readJUnit as readTests } from './junit.ts';

/** Numbers alone. */
async function readJUnit(texts: readonly string[]): Promise<Result<TestCounts, string>> {
  const read = await readTests(texts.map((text) => [text]));
  if (!read.ok) return read;
  const { total, failed, skipped } = read.value.counts;
  return { ok: true, value: { total, failed, skipped } };
}

async function failures(text: string): Promise<readonly FailedTest[]> {
  const read = await readTests([[text]]);
  assert.ok(read.ok);
  return read.value.counts.failures ?? [];
}

const counts = (total: number, failed: number, skipped: number): object => ({
  ok: true,
  value: { total, failed, skipped },
});

test('cases are counted, whatever the attributes claim', async () => {
  const report = `<?xml version="1.0" encoding="utf-8"?>
    <testsuites><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="99">
      <testcase classname="a" name="one" time="0.1"/>
      <testcase classname="a" name="two"><failure message="1 &lt; 2">trace</failure></testcase>
      <testcase classname="a" name="three"><error message="x"/></testcase>
      <testcase classname="a" name="four"><skipped type="pytest.skip" message="no cv2"/></testcase>
    </testsuite></testsuites>`;
  assert.deepEqual(await readJUnit([report]), counts(4, 2, 1));
});

test('suites inside suites and several reports are summed', async () => {
  const nested = `<testsuite><testsuite><testcase name="a"/><testsuite><testcase name="b"/></testsuite></testsuite>
    <testcase name="c"/></testsuite>`;
  assert.deepEqual(await readJUnit([nested, '<testsuites><testcase name="d"/></testsuites>']), counts(4, 0, 0));
});

test('a suite without tests counts zero, and so does no report', async () => {
  assert.deepEqual(await readJUnit(['<testsuites><testsuite tests="0"/></testsuites>']), counts(0, 0, 0));
  assert.deepEqual(await readJUnit(['<testsuites/>']), counts(0, 0, 0));
  assert.deepEqual(await readJUnit([]), counts(0, 0, 0));
});

test('a case with two failures is one failed test, and failed wins over skipped', async () => {
  const report = `<testsuite><testcase><failure/><failure/><error/></testcase>
    <testcase><failure/><skipped/></testcase></testsuite>`;
  assert.deepEqual(await readJUnit([report]), counts(2, 2, 0));
});

test('a suite that could not be loaded is a failed test', async () => {
  assert.deepEqual(await readJUnit(['<testsuite><error message="cannot import"/></testsuite>']), counts(1, 1, 0));
});

test('a flaky case that passed in the end is not a failure', async () => {
  assert.deepEqual(await readJUnit(['<testsuite><testcase><flakyFailure/></testcase></testsuite>']), counts(1, 0, 0));
});

test('output that looks like a report counts nothing', async () => {
  const report = `<testsuite><testcase><system-out><![CDATA[<testcase><failure/></testcase>]]></system-out></testcase>
    <!-- <testcase/> --></testsuite>`;
  assert.deepEqual(await readJUnit([report]), counts(1, 0, 0));
});

test('a disabled case of GoogleTest is skipped', async () => {
  assert.deepEqual(await readJUnit(['<testsuite><testcase status="notrun"/></testsuite>']), counts(1, 0, 1));
});

test('a report that was cut off is an error, not fewer tests', async () => {
  const result = await readJUnit(['<testsuite/>', '<testsuite><testcase name="a"/><testcase']);
  assert.ok(!result.ok);
  assert.match(result.error, /^report 2: the test report is not XML: .+ \(line 1\)$/);
  assert.ok(!(await readJUnit(['<testsuite><testcase name="a"/>'])).ok);
});

test('what is no test report is refused', async () => {
  assert.deepEqual(await readJUnit(['']), { ok: false, error: 'the test report is empty' });
  assert.deepEqual(await readJUnit(['<html><body/></html>']), {
    ok: false,
    error: 'the test report is not JUnit: its root is <html>, not <testsuites> or <testsuite>',
  });
  assert.ok(!(await readJUnit(['{"tests": 5}'])).ok);
});

test('entities are not expanded, neither in text nor where they would change a count', async () => {
  const doctype = '<!DOCTYPE x [<!ENTITY s "notrun"><!ENTITY t "&s;&s;&s;">]>';
  const report = `${doctype}<testsuite><testcase status="&s;" name="&t;">&t;</testcase></testsuite>`;
  assert.deepEqual(await readJUnit([report]), counts(1, 0, 0));
});

test('a report that names a file of this machine does not get it', async () => {
  const doctype = '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>';
  const named = `<testcase name="&c;"><failure>&c;</failure></testcase>`;
  assert.deepEqual(await failures(`${doctype}<testsuite>${named}</testsuite>`), [{ name: '&c;', message: '&c;' }]);
});

test('names of tests and elements cannot reach what objects inherit', async () => {
  const report = '<testsuite><testcase name="__proto__"/><__proto__><failure/></__proto__><constructor/></testsuite>';
  const result = await readJUnit([report]);
  assert.ok(!result.ok || result.value.failed === 0);
  assert.equal(Object.hasOwn(Object.prototype, 'failure'), false);
});

test('nesting without end is an error or a count, never a crash', async () => {
  const deep = `${'<testsuite>'.repeat(20_000)}<testcase/>${'</testsuite>'.repeat(20_000)}`;
  const result = await readJUnit([deep]);
  assert.ok(!result.ok);
});

test('failed tests are named, with what the report says of them', async () => {
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
  assert.deepEqual(await failures(report), [
    { name: 'tests.test_app.test_start', message: 'assert 1 < 0 more', file: 'tests/test_app.py', line: 7 },
    { name: 'tests.test_app.test_stop', message: 'def test_stop():', file: 'tests/test_app.py', line: 12 },
    { name: 'alone', message: 'ValueError', file: 'suite.py' },
    { name: 'broken', message: 'cannot import' },
  ]);
});

test('of very many failures the first fifty are named, and all are counted', async () => {
  const cases = Array.from({ length: 60 }, (_, index) => `<testcase name="t${index}"><failure/></testcase>`).join('');
  const read = await readTests([[`<testsuite>${cases}</testsuite>`]]);
  assert.ok(read.ok);
  assert.equal(read.value.counts.failed, 60);
  assert.equal(read.value.counts.failures?.length, 50);
  assert.deepEqual(read.value.counts.failures?.at(-1), { name: 't49', message: '' });
});

test('entities of the report’s own making are not expanded in names either', async () => {
  const report = '<!DOCTYPE x [<!ENTITY s "boom">]><testsuite><testcase name="&s;"><failure/></testcase></testsuite>';
  assert.deepEqual(await failures(report), [{ name: '&s;', message: '' }]);
});

test('tests are named by whether they passed, failed, or passed only when their tool ran them again', async () => {
  const read = await readTests([
    [
      `<testsuites><testsuite>
      <testcase classname="a" name="good"/>
      <testcase classname="a" name="bad"><failure/></testcase>
      <testcase classname="a" name="twice"/><testcase classname="a" name="twice"><error/></testcase>
      <testcase classname="a" name="moody"><flakyFailure message="late"/></testcase>
      <testcase classname="a" name="hopeless"><failure/><rerunFailure/></testcase>
      <testcase classname="a" name="left"><skipped/></testcase>
    </testsuite></testsuites>`,
    ],
  ]);
  assert.ok(read.ok);
  const { passed, failed, rerun } = read.value.names;
  assert.deepEqual(
    [[...passed], [...failed], [...rerun]],
    [['a.good', 'a.moody'], ['a.bad', 'a.twice', 'a.hopeless'], ['a.moody']],
  );
});

test('a report is read the same in whatever pieces it comes', async () => {
  const report = `\uFEFF<?xml version="1.0"?><!-- <testsuite> --><testsuites>
    <testsuite name="s"><testcase name="a"><system-out><![CDATA[ <testcase/> ]] ]]]></system-out></testcase>
    <!-- </testsuite> -- --><testcase name="b"><failure message="m"><![CDATA[x
a.py:3: < ]]>tail</failure></testcase></testsuite></testsuites>`;
  const whole = await readTests([[report]]);
  assert.ok(whole.ok);
  assert.deepEqual(whole.value.counts, {
    total: 2,
    failed: 1,
    skipped: 0,
    failures: [{ name: 'b', message: 'm', file: 'a.py', line: 3 }],
  });
  for (const length of [1, 2, 3, 5, 8, 13])
    assert.deepEqual(await readTests([report.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? []]), whole, `${length}`);
});

test('what is not closed is an error, wherever the report was cut off', async () => {
  const report =
    '<testsuite><testcase name="a"><system-out><![CDATA[x]]></system-out><!-- y --></testcase></testsuite>';
  for (let length = 1; length < report.length; length++)
    assert.ok(!(await readJUnit([report.slice(0, length)])).ok, report.slice(0, length));
  assert.deepEqual(await readJUnit([report]), counts(1, 0, 0));
});

test('a report of 320 MiB is read without being kept', async () => {
  const MIB = 1024 * 1024;
  let most = 0;
  function* pieces(): Generator<string> {
    yield '<testsuite><testcase name="a"><system-out><![CDATA[';
    for (let index = 0; index < 320; index++) {
      yield `${index} `.padEnd(MIB, 'output ');
      most = Math.max(most, process.memoryUsage().heapUsed);
    }
    yield ']]></system-out></testcase><testcase name="b"/></testsuite>';
  }
  const before = process.memoryUsage().heapUsed;
  assert.deepEqual((await readTests([pieces()])).ok, true);
  assert.ok(most - before < 100 * MIB, `${Math.round((most - before) / MIB)} MiB were kept`);
});
