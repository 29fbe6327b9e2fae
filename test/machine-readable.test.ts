/** What commands print as JSON is what the published schemas say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { openProjectOf } from './export/on-github.ts';

const SCHEMAS = join(import.meta.dirname, '../docs/schemas');

function problems(name: string, printed: string): readonly string[] {
  const schema = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8')));
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  if (validate(JSON.parse(printed))) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

const PIPELINE = `on: { push: { branches: [main] }, workflow_dispatch: }
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [1, 2] } }
    outputs: { x: '\${{ steps.s.outputs.x }}' }
    steps:
      - { id: s, run: 'echo x=1 >> "$GITHUB_OUTPUT"; exit 1', fallback: [{ loss: speed, run: 'true' }] }
  windows: { runs-on: windows-latest, steps: [{ run: dir }] }
  after: { needs: build, if: github.ref == 'x', runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
`;

test('run, show, plan and check print what their schemas say', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE });
  const run = await project.gantry(['run', '--format', 'json']);
  assert.equal(run.exitCode, 11);
  assert.deepEqual(problems('report.v1.json', run.stdout), []);
  assert.deepEqual(problems('report.v1.json', (await project.gantry(['show', '--format', 'json'])).stdout), []);
  const plan = await project.gantry(['plan', '--format', 'json']);
  assert.deepEqual(problems('plan.v1.json', plan.stdout), []);
  const notStarted = await project.gantry(['plan', '--format', 'json', '-e', 'pull_request']);
  assert.deepEqual(problems('plan.v1.json', notStarted.stdout), []);
  assert.deepEqual(problems('check.v1.json', (await project.gantry(['check', '--format', 'json'])).stdout), []);
});

test('audit prints what its schema says, with and without findings', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE.replace('run: dir', 'run: pytest || true') });
  const found = await project.gantry(['audit', '--format', 'json']);
  assert.equal(found.exitCode, 1);
  assert.deepEqual(problems('audit.v1.json', found.stdout), []);
  assert.notDeepEqual(problems('audit.v1.json', '{"version":1,"findings":[{}]}'), []);
});

const MOODY = `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Unit tests
        run: |
          if [ -e tried ]; then bad=''; else bad='<failure/>'; fi
          echo "<testsuite><testcase name='moody'>$bad</testcase></testsuite>" > report.xml
          [ -e tried ] || { touch tried; exit 1; }
        retry: { attempts: 2, delay: 1ms }
        expect: { tests: { report: report.xml } }
`;

test('flaky prints what its schema says, and the report names the tests that were flaky', async () => {
  using project = openProjectOf({ 'gantry.yml': MOODY });
  const run = await project.gantry(['run', '--format', 'json']);
  assert.equal(run.exitCode, 0);
  assert.deepEqual(problems('report.v1.json', run.stdout), []);
  const { stdout } = await project.gantry(['flaky', '--format', 'json']);
  assert.deepEqual(problems('flaky.v1.json', stdout), []);
  const told: unknown = JSON.parse(stdout);
  const moody = { name: 'moody', workflow: 'gantry.yml', job: 'test', step: 'Unit tests', times: 1, runs: 1, rate: 1 };
  assert.partialDeepStrictEqual(told, { version: 1, tests: [{ ...moody, last: { how: 'retry' } }] });
  assert.notDeepEqual(problems('flaky.v1.json', '{"version":1,"tests":[{}]}'), []);
});

test('check prints a diagnostic with its code, place, message and cure', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE.replace('needs: build', 'needs: biuld') });
  const check = await project.gantry(['check', '--format', 'json']);
  assert.equal(check.exitCode, 12);
  assert.deepEqual(problems('check.v1.json', check.stdout), []);
  assert.deepEqual(JSON.parse(check.stdout), {
    version: 1,
    diagnostics: [
      {
        code: 'WF014',
        severity: 'error',
        file: 'gantry.yml',
        message: 'job "after" needs "biuld", which does not exist. Did you mean "build"?',
        cure: 'name a job of this workflow, or remove the entry',
        line: 10,
        column: 19,
      },
    ],
  });
});

test('a field that is missing is noticed', () => {
  assert.notDeepEqual(problems('check.v1.json', '{"version":1}'), []);
  assert.notDeepEqual(problems('plan.v1.json', '{"version":2}'), []);
});
