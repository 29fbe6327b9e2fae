/** GitHub's own reader takes every exported workflow, and the same pipeline always gives the same text. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { errorsOfGitHub } from '../oracle/github-reader.ts';
import { exportText } from './export-text.ts';

const SCENARIOS = join(import.meta.dirname, '../scenarios');

/** Jobs without Gantry's keys are taken over, and these hold what GitHub's reader rejects itself. */
const REJECTED_AS_THEY_ARE = ['64-image-that-is-empty'];

test('the pipelines of all scenarios, as far as they are valid, give workflows that GitHub takes', async () => {
  let count = 0;
  for (const name of readdirSync(SCENARIOS)) {
    const file = join(SCENARIOS, name, 'gantry.yml');
    const exported = existsSync(file) ? exportText(readFileSync(file, 'utf8')) : undefined;
    if (exported?.text === undefined || REJECTED_AS_THEY_ARE.includes(name)) continue;
    count++;
    assert.deepEqual(await errorsOfGitHub(exported.text), [], `${name}:\n${exported.text}`);
  }
  assert.ok(count > 40, `only ${count} were exported`);
});

test('the example with everything in it gives a workflow that GitHub takes, and its data goes from job to job', async () => {
  const example = join(import.meta.dirname, '../../examples/space-intelligence/gantry.yml');
  const exported = exportText(readFileSync(example, 'utf8'));
  assert.deepEqual(
    exported?.diagnostics.map(({ code, severity }) => `${code} ${severity}`),
    ['WF167 warning'],
  );
  assert.deepEqual(await errorsOfGitHub(exported.text ?? ''), []);
  const workflow = Exported.parse(exported.exported);
  assert.equal(Object.values(workflow.jobs).filter(({ steps }) => steps.some(({ id }) => id === 'gantry')).length, 5);
  const carrying = Object.entries(workflow.jobs).flatMap(([key, { steps }]) =>
    steps.filter(({ uses }) => /load-artifact@/.test(uses ?? '')).map((step) => [key, step.uses, step.with?.['name']]),
  );
  assert.deepEqual(carrying, [
    ['data-update', 'actions/upload-artifact@v4', 'data'],
    ['deploy', 'actions/download-artifact@v4', 'data'],
  ]);
});

const Exported = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      steps: z.array(
        z.object({
          id: z.string().optional(),
          uses: z.string().optional(),
          with: z.record(z.string(), z.string()).optional(),
        }),
      ),
    }),
  ),
});

const text = fc.constantFrom(
  'a',
  'b c',
  "it's",
  '${{ github.ref }}',
  'yes',
  '3.10',
  '# no',
  '- x',
  'one\ntwo\n',
  'é: "ü"',
);
const gantryKeys = fc.record(
  {
    retry: fc.constantFrom(2, { attempts: 3, on: ['exit-code'], delay: '1s' }),
    fallback: fc.constant([{ loss: 'speed', run: 'true' }]),
    advisory: fc.constantFrom(true, { until: '2030-01-01' }),
    expect: fc.constantFrom({ files: ['x'] }, { tests: { report: '*.xml', min: 2 } }),
    consumes: fc.constant(['src/**']),
    produces: fc.constant(['dist']),
  },
  { requiredKeys: [] },
);
const gitHubKeys = fc.record(
  {
    name: text,
    if: fc.constantFrom('always()', '${{ success() }}', "github.ref == 'x'"),
    env: fc.record({ A: text, T: fc.constantFrom('${{ secrets.TOKEN }}', '${{ secrets.OTHER }}', '${{ vars.X }}') }),
    'continue-on-error': fc.constantFrom(true, '${{ 1 == 1 }}'),
    'timeout-minutes': fc.constantFrom(3, 2.5),
  },
  { requiredKeys: [] },
);
const work = fc.oneof(
  fc.record({ run: text, shell: fc.constantFrom('bash', 'sh'), 'working-directory': fc.constant('.') }),
  fc.record({
    uses: fc.constantFrom('actions/checkout@v4', 'some/tool/in@v1', './local', 'docker://alpine:3'),
    with: fc.record({ input: text, ref: fc.constant('main') }, { requiredKeys: [] }),
  }),
  fc.record({
    uses: fc.constant('actions/setup-python@v5'),
    with: fc.record({ 'python-version': fc.constantFrom('3.12', '${{ github.ref }}') }),
  }),
  fc.record({ uses: fc.constant('actions/cache@v4'), with: fc.record({ path: fc.constant('x'), key: text }) }),
  fc.record({
    uses: fc.constant('actions/upload-artifact@v4'),
    with: fc.record(
      { path: fc.constant('x'), name: text, 'retention-days': fc.constant(3), overwrite: fc.boolean() },
      { requiredKeys: ['path'] },
    ),
  }),
  fc.record({
    uses: fc.constant('actions/download-artifact@v4'),
    with: fc.record(
      { name: text, pattern: text, path: fc.constant('x'), 'merge-multiple': fc.boolean() },
      { requiredKeys: [] },
    ),
  }),
);
const step = fc
  .tuple(work, gitHubKeys, fc.option(gantryKeys))
  .map(([one, two, three]) => ({ ...one, ...two, ...three }));
const jobKeys = fc.record(
  {
    name: text,
    permissions: fc.constantFrom('read-all', {}, { contents: 'read', 'id-token': 'write' }),
    environment: fc.constantFrom('production', { name: 'staging', url: 'https://x/${{ steps.id0.outputs.y }}' }),
    concurrency: fc.constantFrom('one', { group: 'g-${{ github.ref }}', 'cancel-in-progress': true }),
    strategy: fc.constantFrom(
      { matrix: { n: [1, 2], os: ['a', 'b'], include: [{ n: 3, os: 'c' }] }, 'fail-fast': false, 'max-parallel': 1 },
      { matrix: '${{ fromJSON(\'{"x": [1]}\') }}' },
    ),
    'timeout-minutes': fc.constantFrom(10, '${{ fromJSON(vars.M) }}'),
    'continue-on-error': fc.constantFrom(true, '${{ github.ref == 1 }}'),
    env: fc.record({ B: text }),
    defaults: fc.constant({ run: { shell: 'bash' } }),
    outputs: fc.record({ o: fc.constantFrom('${{ steps.id0.outputs.y }}', 'literal') }),
    container: fc.constantFrom('node:20', { image: 'alpine', env: { C: '1' }, ports: [80] }),
    services: fc.constant({ db: { image: 'postgres', ports: ['5432:5432'] } }),
    accept: fc.constantFrom('passed', 'degraded'),
  },
  { requiredKeys: [] },
);
const job = fc
  .tuple(
    jobKeys,
    fc.array(step, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('ubuntu-latest', ['self-hosted', 'x64']),
  )
  .map(([keys, steps, runsOn]) => ({
    'runs-on': runsOn,
    ...keys,
    steps: steps.map((each, index) => ({ id: `id${index}`, ...each })),
  }));
const condition = fc.constantFrom(
  undefined,
  'always()',
  "needs.j0.verdict == 'passed'",
  "${{ needs['j0'].verdict != 'failed' && !cancelled() }}",
);
const pipeline = fc
  .record({
    on: fc.constantFrom('push', ['push', 'pull_request'], {
      push: { branches: ['main', '!x/**'], paths: ['src/**', '!src/x'] },
      workflow_dispatch: { inputs: { i: { type: 'choice', options: ['a'] } } },
      schedule: [{ cron: '1 2 * * 3' }],
    }),
    top: fc.record(
      {
        name: text,
        'run-name': fc.constant('${{ github.actor }}'),
        permissions: fc.constant({ contents: 'read' }),
        concurrency: fc.constant({ group: 'w', 'cancel-in-progress': true }),
        env: fc.record({ W: text }),
        defaults: fc.constant({ run: { 'working-directory': 'x' } }),
      },
      { requiredKeys: [] },
    ),
    jobs: fc.array(fc.tuple(job, condition), { minLength: 1, maxLength: 4 }),
  })
  .map(({ on, top, jobs }) => ({
    ...top,
    on,
    jobs: Object.fromEntries(
      jobs.map(([each, when], index) => [
        `j${index}`,
        {
          ...each,
          ...(index > 0 ? { needs: [`j${index - 1}`, ...(index > 1 ? ['j0'] : [])] } : {}),
          ...(index > 0 && when ? { if: when } : {}),
        },
      ]),
    ),
  }));

test('workflows exported from generated pipelines are taken by GitHub, read by us, and written the same each time', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(pipeline, async (made) => {
      const source = stringify(made);
      const exported = exportText(source);
      if (exported?.text === undefined) return;
      count++;
      assert.deepEqual(await errorsOfGitHub(exported.text), [], exported.text);
      assert.deepEqual(parse(exported.text), exported.exported);
      assert.equal(exportText(source)?.text, exported.text);
    }),
    // A fifth of what is made is a pipeline that can be exported.
    { numRuns: 350 },
  );
  assert.ok(count > 30, `only ${count} of the pipelines were valid`);
});
