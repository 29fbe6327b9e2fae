// The keys that GitHub does not have: `retry`, `advisory`, `expect`, `accept`, and the `until` dates.
// `fallback` holds steps, and is read where steps are read.
import { parseDurationMs } from '#base/duration.ts';
import {
  readChoice,
  readFields,
  readFilledText,
  readNumber,
  readTemplate,
  readTextList,
  reportChoice,
  wrongType,
} from './fields.ts';
import { RETRY_CAUSES } from './model.ts';
import type { Acceptance, Advisory, Expectation, Retry, RetryCause, Template } from './model.ts';
import type { Located } from './position.ts';
import { report, type Reading, type Site } from './reading.ts';
import { scalarText, shorten, type YamlNode } from './yaml-node.ts';

/**
 * The transient ones, with what nobody can explain. A failed test is among them because only another attempt tells whether
 * it fails always; a dependency that does not exist and code that does not compile are not.
 */
const DEFAULT_CAUSES: readonly RetryCause[] = [
  'signal',
  'timeout',
  'network',
  'registry',
  'resources',
  'runner',
  'test',
  'unknown',
];
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_DELAY_MS = 1_000;
const ATTEMPTS = { what: '"attempts"', min: 1, max: 20, isWhole: true } as const;

export function readRetry(reading: Reading, node: YamlNode): Retry | undefined {
  const base: Retry = { at: node.at, attempts: DEFAULT_ATTEMPTS, on: DEFAULT_CAUSES, delayMs: DEFAULT_DELAY_MS };
  if (node.kind === 'scalar' && typeof node.value === 'number') {
    const attempts = readNumber(reading, node, { ...ATTEMPTS, what: '"retry"' });
    return attempts === undefined ? undefined : { ...base, attempts };
  }
  if (node.kind !== 'map') {
    wrongType(reading, node, {
      what: '"retry"',
      wanted: 'a number of attempts, or a mapping',
      cure: 'write "retry: 3", or attempts, on and delay',
    });
    return undefined;
  }
  const fields = readFields(reading, node, 'retry');
  const attempts = fields?.get('attempts');
  const on = fields?.get('on');
  const delay = fields?.get('delay');
  return {
    at: node.at,
    attempts: (attempts && readNumber(reading, attempts.value, ATTEMPTS)) ?? base.attempts,
    on: on ? readCauses(reading, on.value) : base.on,
    delayMs: (delay && readDelay(reading, delay.value)) ?? base.delayMs,
  };
}

function readCauses(reading: Reading, node: YamlNode): readonly RetryCause[] {
  const texts = readTextList(reading, node, '"on" of a retry');
  if (node.kind === 'list' && node.items.length === 0) {
    report(reading, { code: 'WF071', at: node.at, message: 'the retry names no cause, so it would never happen' });
  }
  return texts.flatMap((text) => {
    const cause = RETRY_CAUSES.find((each) => each === text.value);
    if (cause === undefined) reportChoice(reading, text, { what: 'a cause to retry on', from: RETRY_CAUSES });
    return cause ?? [];
  });
}

function readDelay(reading: Reading, node: YamlNode): number | undefined {
  const text = node.kind === 'scalar' ? scalarText(node) : '';
  const delayMs = parseDurationMs(text);
  if (node.kind === 'scalar' && delayMs !== undefined) return delayMs;
  const shown = node.kind === 'scalar' ? `"${shorten(text)}"` : 'this';
  report(reading, {
    code: 'WF071',
    at: node.at,
    message: `${shown} is not a delay`,
    cure: 'write a duration such as 500ms, 2s or 1m',
  });
  return undefined;
}

/** `advisory: false` is as good as none. */
export function readAdvisory(reading: Reading, node: YamlNode): Advisory | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value ? { at: node.at } : undefined;
  if (node.kind !== 'map') {
    wrongType(reading, node, { what: '"advisory"', wanted: 'true, false, or a mapping with "until"' });
    return undefined;
  }
  const until = readFields(reading, node, 'advisory')?.get('until');
  const date = until && readDate(reading, until.value);
  return { at: node.at, ...(date && { until: date }) };
}

export function readExpectation(reading: Reading, node: YamlNode, site: Site): Expectation | undefined {
  const fields = readFields(reading, node, 'expect');
  if (fields === undefined) return undefined;
  const files = fields.get('files');
  const tests = fields.get('tests');
  const fileList = files ? readFileList(reading, files.value, site) : [];
  if (!tests && fileList.length === 0) {
    report(reading, { code: 'WF075', at: node.at, message: '"expect" expects nothing' });
  }
  const proof = tests && readTests(reading, tests.value, site);
  return { at: node.at, files: fileList, ...(proof && { tests: proof }) };
}

function readFileList(reading: Reading, node: YamlNode, site: Site): readonly Template[] {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    const isEmpty = item.kind === 'scalar' && scalarText(item).trim() === '';
    if (isEmpty) wrongType(reading, item, { what: '"files"', wanted: 'a path, or a list of paths' });
    return isEmpty ? [] : (readTemplate(reading, item, { what: '"files"', site }) ?? []);
  });
}

function readTests(reading: Reading, node: YamlNode, site: Site): Expectation['tests'] {
  const fields = readFields(reading, node, 'expectTests');
  if (fields === undefined) return undefined;
  const entry = fields.get('report');
  if (entry === undefined) {
    report(reading, {
      code: 'WF075',
      at: node.at,
      message: '"expect.tests" names no report',
      cure: 'add "report:" with the path of a JUnit XML file',
    });
    return undefined;
  }
  const reportPath = readTemplate(reading, entry.value, { what: '"report"', site });
  const min = fields.get('min');
  // A minimum of zero would be no proof.
  const least = min && readNumber(reading, min.value, { what: '"min"', min: 1, isWhole: true });
  return reportPath && { report: reportPath, min: least ?? 1 };
}

export function readAcceptance(reading: Reading, node: YamlNode): Located<Acceptance> | undefined {
  return readChoice(reading, node, { what: '"accept"', from: ['passed', 'degraded'] });
}

/** `YYYY-MM-DD`, a day that exists. */
export function readDate(reading: Reading, node: YamlNode): Located<string> | undefined {
  const text = readFilledText(reading, node, '"until"');
  if (text === undefined || isDate(text.value)) return text;
  report(reading, { code: 'WF074', at: text.at, message: `"${shorten(text.value)}" is not a day` });
  return undefined;
}

function isDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const isLeap = (Number(year) % 4 === 0 && Number(year) % 100 !== 0) || Number(year) % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 0;
  return Number(day) >= 1 && Number(day) <= days;
}
