import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { liveRun } from '#test/support/report-runs.ts';
import { CANCELLED, DEGRADED, FAILED, PASSED, UNKNOWN } from '#test/support/report-scripts.ts';

import { buildReport } from './report.ts';

const SCHEMA: unknown = JSON.parse(
  readFileSync(new URL('../../../docs/schemas/report.v1.json', import.meta.url), 'utf8'),
);

for (const [name, script] of Object.entries({ PASSED, DEGRADED, UNKNOWN, FAILED, CANCELLED })) {
  test(`the report of a run that ended ${name.toLowerCase()} is what the published schema says`, () => {
    const report: unknown = JSON.parse(JSON.stringify(buildReport(liveRun(script))));
    assert.deepEqual(mismatches(report, SCHEMA, 'report'), []);
  });
}

test('the report of a run that goes on is what the published schema says, and has no verdict', () => {
  const { endsAtMs: _ends, ...goesOn } = PASSED;
  const report = buildReport(liveRun(goesOn));
  assert.deepEqual(mismatches(JSON.parse(JSON.stringify(report)), SCHEMA, 'report'), []);
  assert.deepEqual([report.finished, report.verdict, report.conclusion, report.durationMs], [false, null, null, null]);
});

test('the schema check sees a wrong type, a missing field and a field that is not published', () => {
  const { run: _run, ...rest } = buildReport(liveRun(PASSED));
  const wrong: unknown = JSON.parse(JSON.stringify({ ...rest, verdict: 'fine', jobs: {}, extra: 1 }));
  assert.deepEqual(mismatches(wrong, SCHEMA, 'report'), [
    'report.run is missing',
    'report.verdict is none of passed, degraded, unknown, failed, null',
    'report.jobs is not array',
    'report.extra is not in the schema',
  ]);
});

test('verdict and conclusion are those of the run', () => {
  const said = [PASSED, DEGRADED, UNKNOWN, FAILED, CANCELLED].map((script) => {
    const { verdict, conclusion } = buildReport(liveRun(script));
    return `${verdict} ${conclusion}`;
  });
  assert.deepEqual(said, [
    'passed success',
    'degraded success',
    'unknown failure',
    'failed failure',
    'unknown cancelled',
  ]);
});

test('a job that was not run or was cancelled has no verdict, and so has a skipped step', () => {
  const cancelled = buildReport(liveRun(CANCELLED));
  assert.deepEqual(
    cancelled.jobs.map((job) => [job.conclusion, job.verdict]),
    [
      ['cancelled', null],
      ['cancelled', null],
    ],
  );
  assert.equal(buildReport(liveRun(FAILED)).jobs[0]?.steps[1]?.verdict, null);
});

test('the last release of the run stands in the report, and each with its step', () => {
  const report = buildReport(liveRun(PASSED));
  assert.equal(report.release?.['version'], '2026.11.23-2');
  assert.equal(report.jobs[1]?.steps[0]?.release, report.release);
});

/** As much of JSON Schema as the file uses; also finds fields that nobody published. */
function mismatches(value: unknown, schema: unknown, at: string): readonly string[] {
  const rule = record(schema);
  if (typeof rule['$ref'] === 'string') return mismatches(value, definition(rule['$ref']), at);
  if (Array.isArray(rule['anyOf'])) {
    const options = rule['anyOf'].map((option: unknown) => mismatches(value, option, at));
    return options.some((found) => found.length === 0) ? [] : options.flat();
  }
  if ('const' in rule) return value === rule['const'] ? [] : [`${at} is not ${String(rule['const'])}`];
  if (Array.isArray(rule['enum']))
    return rule['enum'].includes(value) ? [] : [`${at} is none of ${rule['enum'].map(String).join(', ')}`];
  if (typeOf(value) !== rule['type']) return [`${at} is not ${String(rule['type'])}`];
  if (Array.isArray(value)) return value.flatMap((each, index) => mismatches(each, rule['items'], `${at}[${index}]`));
  return rule['type'] === 'object' ? objectMismatches(record(value), rule, at) : [];
}

function objectMismatches(
  value: Record<string, unknown>,
  rule: Record<string, unknown>,
  at: string,
): readonly string[] {
  const required = Array.isArray(rule['required']) ? rule['required'].map(String) : [];
  const missing = required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const isOpen = !rule['properties'] && !rule['additionalProperties'];
  const found = Object.entries(value).flatMap(([name, each]) => {
    const own = record(rule['properties'])[name] ?? rule['additionalProperties'];
    if (own) return mismatches(each, own, `${at}.${name}`);
    return isOpen ? [] : [`${at}.${name} is not in the schema`];
  });
  return [...missing, ...found];
}

function definition(reference: string): unknown {
  const name = reference.replace('#/$defs/', '');
  const found = record(record(SCHEMA)['$defs'])[name];
  assert.ok(found, `${reference} is not defined`);
  return found;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}
