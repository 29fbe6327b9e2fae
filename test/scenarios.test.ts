/** Every folder under test/scenarios is a pipeline and what must be said of it; see `Expected`. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { openTestProject } from './support/gantry-command.ts';
import type { CommandResult, TestProject } from './support/gantry-command.ts';

const json = z.json();
const Fields = z.record(z.string(), json);
const Texts = z.array(z.string().min(1));
const OneRun = z.strictObject({
  exit: z.number(),
  /** `rerun`: of the run before. */
  command: z.enum(['run', 'rerun']).default('run'),
  args: z.array(z.string()).default([]),
  /** Commands that are run first, such as `["init"]`. Each must end with 0. */
  before: z.array(z.array(z.string())).default([]),
  env: z.record(z.string(), z.string()).default({}),
  /** A part of the report: objects may hold more than is asked for, lists may not. */
  report: Fields.default({}),
  /** Parts of jobs by id; their `steps` by name. An empty `steps` means that there are none. */
  jobs: z
    .record(z.string(), Fields.and(z.object({ steps: Fields.optional() })))
    .refine((jobs) => Object.keys(jobs).length > 0, 'an empty mapping of jobs says nothing')
    .default({}),
  onlyJobs: z.boolean().default(false),
  noReport: z.boolean().default(false),
  stderr: z.string().default(''),
  /** Of what `gantry logs` prints. */
  contains: Texts.default([]),
  lacks: Texts.default([]),
});
const Expected = OneRun.extend({
  /** Further runs of the same project, each after a script of the shell that changes it. */
  later: z.array(OneRun.extend({ change: z.string().default('') })).default([]),
});
const Named = z.looseObject({ name: z.string() });
const Report = z.looseObject({ jobs: z.array(z.looseObject({ id: z.string(), steps: z.array(Named) })) });

type OneRun = z.infer<typeof OneRun>;

const FOLDER = join(import.meta.dirname, 'scenarios');
const NAMES: readonly string[] = readdirSync(FOLDER).toSorted();

test('there are at least 120 scenarios, each with a number of its own', () => {
  const numbers = NAMES.map((name) => /^(\d{2,3})-[a-z]/.exec(name)?.[1] ?? `no number: ${name}`);
  assert.ok(NAMES.length >= 120, `${NAMES.length} scenarios`);
  assert.deepEqual(
    numbers.filter((number, index) => number.startsWith('no') || numbers.indexOf(number) !== index),
    [],
  );
});

test('an expectation that could not fail is refused', () => {
  for (const idle of [
    { exit: 0 },
    { exit: 0, jobs: {} },
    { exit: 0, contains: [''] },
    { exit: 0, contians: ['misspelt'] },
    { exit: 12, noReport: true },
    { exit: 12, noReport: true, stderr: 'WF014', contains: ['nobody looks for it'] },
    { exit: 0, contains: ['there'], later: [{ exit: 0 }] },
  ])
    assert.throws(() => readExpected(JSON.stringify(idle)), JSON.stringify(idle));
});

describe('scenarios', { concurrency: 2 }, () => {
  for (const name of NAMES) {
    const folder = join(FOLDER, name);
    test(name, async () => {
      const expected = readExpected(readFileSync(join(folder, 'expect.json'), 'utf8'));
      using project = openTestProject(folder, ['expect.json']);
      await runOnce(project, expected);
      for (const next of expected.later) {
        execFileSync('sh', ['-ec', next.change], { cwd: project.folder });
        await runOnce(project, next);
      }
    });
  }
});

/** Something must be said beside how a run exits (of one that prepares others, there), and nothing that nobody looks at. */
function readExpected(text: string): z.infer<typeof Expected> {
  const expected = Expected.parse(JSON.parse(text));
  for (const run of [expected, ...expected.later]) {
    const { report, jobs, onlyJobs, contains, lacks, noReport, stderr } = run;
    const parts = [...Object.keys(report), ...Object.keys(jobs), ...contains, ...lacks];
    const prepares = run === expected && expected.later.length > 0;
    assert.ok(prepares || parts.length > 0 || stderr !== '', 'only an exit code is asked for');
    assert.ok(
      !noReport || (parts.length === 0 && !onlyJobs),
      'without a report there are no jobs and no logs to look at',
    );
  }
  return expected;
}

async function runOnce(project: TestProject, expected: OneRun): Promise<void> {
  for (const command of expected.before) {
    const made = await project.gantry(command, expected.env);
    assert.equal(made.exitCode, 0, `gantry ${command.join(' ')}\n${made.stdout}\n${made.stderr}`);
  }
  const vars = expected.command === 'run' ? ['--var', `SHARED=${project.shared}`] : [];
  const args = [expected.command, '--format', 'json', ...vars, ...expected.args];
  const result = await project.gantry(args, expected.env);
  assert.equal(result.exitCode, expected.exit, `${result.stdout}\n${result.stderr}`);
  assert.ok(result.stderr.includes(expected.stderr), result.stderr);
  if (expected.noReport) return assert.equal(result.stdout, '');
  compareReport(result, expected);
  const logs = (await project.gantry(['logs', '--raw'])).stdout;
  for (const text of expected.contains) assert.ok(logs.includes(text), `"${text}" is not in the log:\n${logs}`);
  for (const text of expected.lacks) assert.ok(!logs.includes(text), `"${text}" is in the log:\n${logs}`);
}

function compareReport(result: CommandResult, expected: OneRun): void {
  const report: unknown = JSON.parse(result.stdout);
  assertPart(report, expected.report, 'report');
  const jobs = new Map(Report.parse(report).jobs.map((job) => [job.id, job]));
  for (const [id, { steps, ...wanted }] of Object.entries(expected.jobs)) {
    const job = jobs.get(id);
    assert.ok(job, `there is no job ${id}, but ${[...jobs.keys()].join('; ')}`);
    assertPart(job, wanted, id);
    if (steps === undefined) continue;
    const named = Object.fromEntries(job.steps.map((step) => [step.name, step]));
    if (Object.keys(steps).length === 0) assert.deepEqual(named, {}, id);
    assertPart(named, steps, id);
  }
  if (expected.onlyJobs) assert.deepEqual([...jobs.keys()].toSorted(), Object.keys(expected.jobs).toSorted());
}

function assertPart(actual: unknown, wanted: unknown, where: string): void {
  if (Array.isArray(wanted)) {
    assert.ok(Array.isArray(actual), `${where} is no list`);
    assert.equal(actual.length, wanted.length, `${where}: ${JSON.stringify(actual, null, 2)}`);
    for (const [index, each] of wanted.entries()) assertPart(actual[index], each, `${where}[${index}]`);
  } else if (typeof wanted === 'object' && wanted !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${where} is ${JSON.stringify(actual)}`);
    const fields = new Map<string, unknown>(Object.entries(actual));
    for (const [key, each] of Object.entries(wanted)) assertPart(fields.get(key), each, `${where}.${key}`);
  } else assert.deepEqual(actual, wanted, where);
}
