// Loads an XML parser: import this file when there is a report to read, not before. Reports are read as they come, piece by
// piece, so that a large one takes time and no memory.
import { createReadStream } from 'node:fs';
import { Parser } from 'htmlparser2';
import { err, ok, type Result } from '#base/result.ts';
import type { FailedTest, TestCounts } from '#run/events.ts';
import { failedTest, testName } from './failed-test.ts';
import type { TestElement } from './failed-test.ts';
import { Sections } from './xml-sections.ts';

type Attributes = TestElement['suite'];

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

/** Of all reports together. */
interface Sum {
  total: number;
  failed: number;
  skipped: number;
  readonly failures: FailedTest[];
  readonly names: { readonly passed: Set<string>; readonly failed: Set<string>; readonly rerun: Set<string> };
}

/** More are counted, and not remembered. */
const MOST_NAMES = 50_000;

/** More are counted, and named in the report of the tool alone. */
const MOST_FAILURES = 50;

/** Suites in suites go a few levels deep; who goes further means no tests. */
const MOST_LEVELS = 1_000;

/** Of what a failure says, in characters. */
const LONGEST_TEXT = 1024 * 1024;

/**
 * The sum over all reports, each given as its pieces. Cases are counted one by one, since tools disagree about what the
 * attributes of a suite include. A failure or error of a suite itself (it could not be loaded) counts as one failed test. One
 * report that cannot be read spoils the sum: the error says which (counted from 1) and why.
 */
export async function readJUnit(
  reports: readonly (AsyncIterable<string> | Iterable<string>)[],
): Promise<Result<TestReport, string>> {
  const names = { passed: new Set<string>(), failed: new Set<string>(), rerun: new Set<string>() };
  const sum: Sum = { total: 0, failed: 0, skipped: 0, failures: [], names };
  for (const [index, pieces] of reports.entries()) {
    const problem = await readReport(pieces, sum);
    if (problem !== undefined) return err(reports.length === 1 ? problem : `report ${index + 1}: ${problem}`);
  }
  for (const name of names.failed) {
    names.passed.delete(name);
    names.rerun.delete(name);
  }
  const { total, failed, skipped, failures } = sum;
  return ok({ counts: { total, failed, skipped, ...(failures.length === 0 ? {} : { failures }) }, names });
}

export async function readJUnitFiles(files: readonly string[]): Promise<Result<TestReport, string>> {
  return readJUnit(files.map((file) => createReadStream(file, { encoding: 'utf8', highWaterMark: 1024 * 1024 })));
}

/** Adds a report to the sum, or says why it cannot be read. */
async function readReport(pieces: AsyncIterable<string> | Iterable<string>, sum: Sum): Promise<string | undefined> {
  const report = new ReportReader(sum);
  const sections = new Sections();
  let lines = 1;
  let isEmpty = true;
  // A report comes from the code under test: nothing in it is expanded.
  const parser = new Parser(report, { xmlMode: true, decodeEntities: false });
  for await (const piece of pieces) {
    isEmpty &&= /^[\s\uFEFF]*$/.test(piece);
    parser.write(sections.take(piece));
    if (report.problem !== undefined) return report.problem;
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) lines++;
  }
  if (isEmpty) return 'the test report is empty';
  parser.end(sections.end());
  if (report.unclosed !== undefined)
    return `the test report is not XML: <${report.unclosed}> is not closed (line ${lines})`;
  return (
    report.problem ?? (report.hasRoot ? undefined : `the test report is not XML: it has no element (line ${lines})`)
  );
}

interface Element {
  readonly kind: 'suite' | 'case' | 'problem' | 'other';
  readonly attributes: Attributes;
  /** Of the suites round it, the innermost first. */
  readonly suite: Attributes;
  /** Where its start ends, in the report. */
  readonly endIndex: number | undefined;
  /** The first failure in it, or else the first error. */
  problem?: { readonly isFailure: boolean; readonly attributes: Attributes; text: string };
  isSkipped?: boolean;
  wasFlaky?: boolean;
}

/** What the parser tells of one report. */
class ReportReader {
  readonly #sum: Sum;
  readonly #open: Element[] = [];
  #parser: Parser | undefined;
  hasRoot = false;
  /** An element that ended because another one, or the report, did. */
  unclosed: string | undefined;
  problem: string | undefined;

  constructor(sum: Sum) {
    this.#sum = sum;
  }

  onparserinit(parser: Parser): void {
    this.#parser = parser;
  }

  onopentag(fullName: string, given: Readonly<Record<string, string>>): void {
    const name = fullName.replace(/^.*:/, '');
    const around = this.#open.at(-1);
    if (!around) this.#expectRoot(name);
    if (this.#open.length >= MOST_LEVELS) this.problem ??= 'the test report is nested too deeply';
    const attributes = Object.fromEntries(Object.entries(given));
    const suite = around?.kind === 'suite' ? { ...around.suite, ...around.attributes } : (around?.suite ?? {});
    const element: Element = { kind: kindOf(name, around), attributes, suite, endIndex: this.#parser?.endIndex };
    if (around && (around.kind === 'suite' || around.kind === 'case')) note(around, name, element);
    this.#open.push(element);
  }

  ontext(text: string): void {
    const element = this.#open.at(-1);
    const around = this.#open.at(-2);
    if (element?.kind !== 'problem' || !around?.problem || around.problem.attributes !== element.attributes) return;
    if (around.problem.text.length < LONGEST_TEXT) around.problem.text += text.slice(0, LONGEST_TEXT);
  }

  onclosetag(name: string, isImplied: boolean): void {
    const element = this.#open.pop();
    // The parser calls the end of `<x/>` implied, too; that is where it began.
    if (isImplied && element?.endIndex !== this.#parser?.endIndex) this.unclosed ??= name;
    if (element?.kind === 'case') this.#addCase(element);
    if (element?.kind === 'suite' && element.problem) this.#add(element, false);
  }

  #expectRoot(name: string): void {
    if (this.hasRoot) this.problem ??= 'the test report is not XML: it has more than one root';
    else if (name !== 'testsuites' && name !== 'testsuite')
      this.problem = `the test report is not JUnit: its root is <${name}>, not <testsuites> or <testsuite>`;
    this.hasRoot = true;
  }

  #addCase(test: Element): void {
    const { names } = this.#sum;
    // GoogleTest has no <skipped> for disabled tests, only a status.
    const isSkipped = !test.problem && (test.isSkipped === true || test.attributes['status'] === 'notrun');
    this.#add(test, isSkipped);
    if (isSkipped || names.passed.size + names.failed.size >= MOST_NAMES) return;
    const name = testName(test.attributes);
    (test.problem ? names.failed : names.passed).add(name);
    if (!test.problem && test.wasFlaky) names.rerun.add(name);
  }

  #add({ problem, attributes: test, suite }: Element, isSkipped: boolean): void {
    const sum = this.#sum;
    sum.total++;
    if (isSkipped) sum.skipped++;
    if (!problem) return;
    sum.failed++;
    if (sum.failures.length < MOST_FAILURES)
      sum.failures.push(failedTest({ test, suite, problem: problem.attributes, text: problem.text }));
  }
}

function kindOf(name: string, around: Element | undefined): Element['kind'] {
  if (!around) return 'suite';
  if (around.kind === 'suite' && (name === 'testsuite' || name === 'testcase'))
    return name === 'testsuite' ? 'suite' : 'case';
  const holdsProblems = around.kind === 'suite' || around.kind === 'case';
  return holdsProblems && (name === 'failure' || name === 'error') ? 'problem' : 'other';
}

/** What an element says of the case or suite that it stands in. */
function note(around: Element, name: string, { kind, attributes }: Element): void {
  const isFailure = name === 'failure';
  if (kind === 'problem' && (!around.problem || (isFailure && !around.problem.isFailure)))
    around.problem = { isFailure, attributes, text: '' };
  if (name === 'skipped') around.isSkipped = true;
  // Surefire's words for what failed first and passed when it was run again.
  if (name === 'flakyFailure' || name === 'flakyError') around.wasFlaky = true;
}
