import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWorkflow } from './read-workflow.ts';

const CI = '.github/workflows/ci.yml';

function warnings(expression: string, file = CI): readonly string[] {
  const text = `on:
  push:
  workflow_call:
    inputs: { level: { type: string } }
    outputs: { made: { value: '\${{ jobs.build.outputs.version }}' } }
jobs:
  build:
    runs-on: ubuntu-latest
    outputs: { version: '1', Path: x }
    steps: [{ run: make }]
  called: { uses: ./.github/workflows/other.yml }
  test:
    needs: [build, called]
    runs-on: ubuntu-latest
    strategy: { matrix: { node: [20, 22] } }
    steps:
      - { id: made, run: make }
      - { id: kept, uses: actions/cache@v4, with: { path: x, key: y } }
      - run: echo \${{ ${expression} }}
`;
  const { diagnostics, workflow } = readWorkflow(file, text, { actions: [] });
  assert.ok(workflow, 'a field that is not there is no error: GitHub takes it as empty');
  return diagnostics.map(({ code, message }) => `${code} ${message}`);
}

test('a field that a context of GitHub does not have is a warning with the one that was meant', () => {
  assert.deepEqual(warnings('github.evnt.number'), [
    'WF055 "github" has no field "evnt", so it is empty. Did you mean "event"?',
  ]);
  assert.deepEqual(warnings("github['ref_nam']"), [
    'WF055 "github" has no field "ref_nam", so it is empty. Did you mean "ref_name"?',
  ]);
  assert.deepEqual(warnings('github.branch'), [
    'WF055 "github" has no field "branch", so it is empty. Did you mean "ref_name"?',
  ]);
  assert.deepEqual(warnings('runner.temporary || runner.tmp'), [
    'WF055 "runner" has no field "tmp", so it is empty. Did you mean "temp"?',
  ]);
  assert.deepEqual(warnings('job.stauts'), [
    'WF055 "job" has no field "stauts", so it is empty. Did you mean "status"?',
  ]);
  assert.deepEqual(warnings('strategy.job_index'), [
    'WF055 "strategy" has no field "job_index", so it is empty. Did you mean "job-index"?',
  ]);
});

test('an output that the needed job does not have is a warning, of a call it is not known', () => {
  assert.deepEqual(warnings('needs.build.outputs.verson'), [
    'WF056 job "build" has no output "verson", so this is empty. Did you mean "version"?',
  ]);
  assert.deepEqual(warnings('needs.called.outputs.anything'), []);
});

test('an output that an action which comes with Gantry does not give is a warning', () => {
  assert.deepEqual(warnings('steps.kept.outputs.cache-hti'), [
    'WF055 "actions/cache@v4" gives no output "cache-hti", so this is empty. Did you mean "cache-hit"?',
  ]);
  assert.deepEqual(warnings('steps.kept.outputs.cache-hit && steps.kept.outputs.something_that_github_adds'), []);
});

test('what may hold anything, and what GitHub has, is not warned of', () => {
  for (const expression of [
    'github.event.anything.at.all',
    'github.event["x"]'.replaceAll('"', "'"),
    'GitHub.Ref_Name',
    'github.repositoryurl',
    'github.something_that_github_adds_tomorrow',
    'github[inputs.level]',
    'toJSON(github)',
    'env.ANYTHING',
    'vars.anything',
    'secrets.anything',
    'runner.debug',
    'job.services.redis.id',
    'job.container.network',
    'steps.made.outputs.anything',
    'needs.build.outputs.VERSION',
    'needs.build.outputs.path',
    'needs.*.result',
    "needs['build'].outputs[inputs.level]",
    'matrix.node',
    'inputs.level',
    'strategy.job-index',
  ])
    assert.deepEqual(warnings(expression), [], expression);
});

test('the outputs of a workflow that can be called read jobs that there are, and outputs that these have', () => {
  const told = (value: string): readonly string[] => {
    const text = `on:\n  workflow_call:\n    outputs: { made: { value: '\${{ ${value} }}' } }\njobs:\n  build: { runs-on: x, outputs: { tag: '1' }, steps: [{ run: make }] }\n`;
    return readWorkflow(CI, text, { actions: [] }).diagnostics.map(({ code, message }) => `${code} ${message}`);
  };
  assert.deepEqual(told('jobs.build.outputs.tag || jobs.BUILD.result'), []);
  assert.deepEqual(told('jobs.biuld.outputs.tag'), [
    'WF055 there is no job "biuld", so this is empty. Did you mean "build"?',
  ]);
  assert.deepEqual(told('jobs.build.outputs.tags'), [
    'WF056 job "build" has no output "tags", so this is empty. Did you mean "tag"?',
  ]);
});

test('a verdict is warned of in a file that GitHub reads too', () => {
  assert.deepEqual(warnings('needs.build.verdict', 'gantry.yml'), []);
  assert.deepEqual(warnings('needs.build.verdict'), [
    'WF055 "verdict" is a field of Gantry\'s: on GitHub, "needs.build.verdict" is empty',
  ]);
  assert.deepEqual(warnings('steps.made.verdict'), [
    'WF055 "verdict" is a field of Gantry\'s: on GitHub, "steps.made.verdict" is empty',
  ]);
});
