// Loads an XML parser: import this file when there is a report to read, not before.
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { err, ok, type Result } from '#base/result.ts';
import type { FailedTest, TestCounts } from '#run/events.ts';
import { failedTest, testName } from './failed-test.ts';
import type { TestElement } from './failed-test.ts';

interface Counts extends TestCounts {
  readonly failures: readonly FailedTest[];
}

/** Which tests the reports name. One that stands there more than once has failed when any of them has. */
export interface TestNames {
  readonly passed: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  /** They passed after their tool had run them again, as Maven's does. */
  readonly rerun: ReadonlySet<string>;
}

export interface TestReport {
  readonly counts: TestCounts;
  readonly names: TestNames;
}

interface Collector {
  readonly passed: Set<string>;
  readonly failed: Set<string>;
  readonly rerun: Set<string>;
}

/** More are counted, and not remembered. */
const MOST_NAMES = 50_000;

const NOTHING: Counts = { total: 0, failed: 0, skipped: 0, failures: [] };

/** More are counted, and named in the report of the tool alone. */
const MOST_FAILURES = 50;

/**
 * The sum over all reports. Cases are counted one by one, since tools disagree about what the attributes of a suite
 * include. A failure or error of a suite itself (it could not be loaded) counts as one failed test. One report that
 * cannot be read spoils the sum: the error says which (counted from 1) and why.
 */
export function readJUnit(texts: readonly string[]): Result<TestReport, string> {
  let sum = NOTHING;
  const names: Collector = { passed: new Set(), failed: new Set(), rerun: new Set() };
  for (const [index, text] of texts.entries()) {
    const counts = readReport(text, names);
    if (!counts.ok) return err(texts.length === 1 ? counts.error : `report ${index + 1}: ${counts.error}`);
    sum = add(sum, counts.value);
  }
  const { failures, ...counts } = sum;
  for (const name of names.failed) {
    names.passed.delete(name);
    names.rerun.delete(name);
  }
  return ok({ counts: failures.length === 0 ? counts : sum, names });
}

function readReport(text: string, names: Collector): Result<Counts, string> {
  const body = text.replace(/^\uFEFF/, '');
  if (body.trim() === '') return err('the test report is empty');
  // The parser alone takes a report that was cut off for a whole one. The validator's successor is another package.
  // oxlint-disable-next-line typescript/no-deprecated
  const valid = XMLValidator.validate(body, { allowBooleanAttributes: false });
  if (valid !== true) return err(`the test report is not XML: ${valid.err.msg} (line ${valid.err.line})`);
  try {
    return countRoot(newParser().parse(body), names);
  } catch (error) {
    return err(`the test report is not XML: ${error instanceof Error ? error.message : 'cannot be parsed'}`);
  }
}

function newParser(): XMLParser {
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    // A report comes from the code under test: nothing in it is expanded.
    processEntities: false,
    removeNSPrefix: true,
    isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
  });
}

function countRoot(document: unknown, names: Collector): Result<Counts, string> {
  const roots = isRecord(document) ? Object.keys(document).filter((name) => !/^[?#]/.test(name)) : [];
  const root = roots[0];
  if (roots.length !== 1 || (root !== 'testsuites' && root !== 'testsuite')) {
    return err(`the test report is not JUnit: its root is <${root ?? ''}>, not <testsuites> or <testsuite>`);
  }
  return ok(
    childrenOf(document, root)
      .map((suite) => countSuite(suite, {}, names))
      .reduce(add, NOTHING),
  );
}

/** `outer`: the attributes of the suites round it, the innermost first. */
function countSuite(suite: unknown, outer: TestElement['suite'], names: Collector): Counts {
  const own = attributesOf(suite);
  const attributes = { ...outer, ...own };
  const problem = problemIn(suite);
  const broken = problem
    ? { total: 1, failed: 1, skipped: 0, failures: [failedTest({ test: own, suite: outer, ...problem })] }
    : NOTHING;
  const cases = childrenOf(suite, 'testcase').map((test) => countCase(test, attributes, names));
  const inner = childrenOf(suite, 'testsuite').map((each) => countSuite(each, attributes, names));
  return [...cases, ...inner].reduce(add, broken);
}

function countCase(test: unknown, suite: TestElement['suite'], names: Collector): Counts {
  const problem = problemIn(test);
  // GoogleTest has no <skipped> for disabled tests, only a status.
  const skipped = !problem && (has(test, 'skipped') || (isRecord(test) && test['@status'] === 'notrun'));
  const attributes = attributesOf(test);
  const failures = problem ? [failedTest({ test: attributes, suite, ...problem })] : [];
  if (!skipped && names.passed.size + names.failed.size < MOST_NAMES) {
    const name = testName(attributes);
    (problem ? names.failed : names.passed).add(name);
    // Surefire's words for what failed first and passed when it was run again.
    if (!problem && (has(test, 'flakyFailure') || has(test, 'flakyError'))) names.rerun.add(name);
  }
  return { total: 1, failed: problem ? 1 : 0, skipped: skipped ? 1 : 0, failures };
}

/** What the first failure or error of an element says. */
function problemIn(element: unknown): Pick<TestElement, 'problem' | 'text'> | undefined {
  const [first] = [...childrenOf(element, 'failure'), ...childrenOf(element, 'error')];
  if (first === undefined && !has(element, 'failure') && !has(element, 'error')) return undefined;
  const text = isRecord(first) ? first['#text'] : first;
  return { problem: attributesOf(first), text: typeof text === 'string' ? text : '' };
}

function attributesOf(element: unknown): TestElement['suite'] {
  if (!isRecord(element)) return {};
  const entries = Object.entries(element).flatMap(([key, value]): [string, string][] =>
    key.startsWith('@') && typeof value === 'string' ? [[key.slice(1), value]] : [],
  );
  return Object.fromEntries(entries);
}

function has(element: unknown, name: string): boolean {
  return isRecord(element) && Object.hasOwn(element, name);
}

function childrenOf(element: unknown, name: string): readonly unknown[] {
  if (!isRecord(element) || !Object.hasOwn(element, name)) return [];
  const children = element[name];
  return Array.isArray(children) ? children : [children];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function add(a: Counts, b: Counts): Counts {
  return {
    total: a.total + b.total,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: b.failures.length === 0 ? a.failures : [...a.failures, ...b.failures].slice(0, MOST_FAILURES),
  };
}
