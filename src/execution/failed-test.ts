// What a JUnit report says of a test that failed. Tools agree on little beyond the name and the message.
import type { FailedTest } from '#run/events.ts';

type Attributes = Readonly<Record<string, string>>;

export interface TestElement {
  /** Attributes of the case, or of the suite that could not be loaded. */
  readonly test: Attributes;
  /** Of the suites round it. */
  readonly suite: Attributes;
  /** Of the failure. */
  readonly problem: Attributes;
  /** The failure's text: mostly a trace. */
  readonly text: string;
}

const LONGEST_NAME = 300;
const LONGEST_MESSAGE = 1_000;

/** With what it belongs to in front, such as `tests.test_app.test_start`. */
export function testName({ name = '', classname = '' }: Attributes): string {
  const isWithin = classname !== '' && !name.startsWith(classname);
  return plain(isWithin ? `${classname}.${name}` : name || 'a test without a name', LONGEST_NAME);
}

export function failedTest({ test, suite, problem, text }: TestElement): FailedTest {
  const file = test['file'] ?? placeIn(text)?.file ?? suite['file'];
  const line = lineOf(test, suite) ?? placeIn(text)?.line;
  return {
    name: testName(test),
    message: plain(problem['message'] || firstLine(text) || problem['type'] || '', LONGEST_MESSAGE),
    ...(file ? { file: decode(file) } : {}),
    ...(file && line !== undefined ? { line } : {}),
  };
}

/** pytest counts the lines of a file from 0, everyone else from 1. */
function lineOf(test: Attributes, suite: Attributes): number | undefined {
  const written = test['line'] ?? '';
  if (!/^\d{1,9}$/.test(written)) return undefined;
  const line = Number(written) + (suite['name'] === 'pytest' ? 1 : 0);
  return line > 0 ? line : undefined;
}

/** `file:line:` at the beginning of a line; the last one is the nearest to what failed. */
function placeIn(text: string): { readonly file: string; readonly line: number } | undefined {
  const last = [...text.matchAll(/^([^\s:"'<>()]{1,300}\.\w{1,8}):(\d{1,9}):/gm)].at(-1);
  return last?.[1] === undefined ? undefined : { file: last[1], line: Number(last[2]) };
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}

function plain(text: string, length: number): string {
  return decode(text).replaceAll(/\s+/g, ' ').trim().slice(0, length);
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** What XML itself defines, and nothing that a report defines. */
function decode(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot|apos));/gi, (whole, ten, hex, name) => {
    if (typeof name === 'string') return NAMED[name.toLowerCase()] ?? whole;
    const code = typeof ten === 'string' ? Number(ten) : parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
