import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCall, checkCallPermissions } from './check-call.ts';
import type { Permissions } from './model.ts';
import { readWorkflow } from './read-workflow.ts';

const CALLED = `on:
  workflow_call:
    inputs:
      name: { type: string, required: true }
      preset: { type: string, required: true, default: x }
      flag: { type: boolean }
      count: { type: number }
    secrets:
      TOKEN: { required: true }
      OTHER: {}
jobs: { a: { runs-on: x, steps: [{ run: make }] } }
`;

function problems(call: string, called = CALLED, inheritable?: ReadonlySet<string>): readonly string[] {
  const caller = `on: push\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n${call}`;
  const { workflow, diagnostics } = readWorkflow('gantry.yml', caller, { actions: [] });
  const callee = readWorkflow('.github/workflows/called.yml', called, { actions: [] });
  assert.ok(workflow && callee.workflow, JSON.stringify([...diagnostics, ...callee.diagnostics]));
  const [job] = workflow.jobs;
  assert.ok(job);
  return checkCall(job, callee.workflow, { file: 'gantry.yml', inheritable }).map(
    ({ code, file, at, message }) => `${code} ${file}:${at.line}:${at.column} ${message}`,
  );
}

const NAME = '"./.github/workflows/called.yml"';

test('a call that gives what is asked for is fine, whatever the case of its names', () => {
  assert.deepEqual(problems('    with: { NAME: a, flag: true, count: 1e3 }\n    secrets: { token: x }\n'), []);
  assert.deepEqual(problems('    with: { name: a }\n    secrets: inherit\n'), []);
});

test('a secret that is needed must be there to be inherited', () => {
  const call = '    with: { name: a }\n    secrets: inherit\n';
  assert.deepEqual(problems(call, CALLED, new Set(['token'])), []);
  assert.deepEqual(problems(call, CALLED, new Set(['other'])), [
    `WF104 gantry.yml:4:11 ${NAME} needs the secret "TOKEN", and there is none to inherit`,
  ]);
});

test('values of expressions are judged when they are known', () => {
  const call = '    with: { name: a, flag: "${{ github.ref }}" }\n    secrets: inherit\n';
  assert.deepEqual(problems(call), []);
  assert.deepEqual(problems('    with: ${{ fromJSON(vars.ALL) }}\n    secrets: inherit\n'), []);
});

test('a workflow without workflow_call is not called', () => {
  const called = CALLED.replace(/^on:[^]*?\njobs/, 'on: push\njobs');
  assert.deepEqual(problems('', called), [
    `WF100 gantry.yml:4:11 ${NAME} cannot be called: its "on:" has no "workflow_call"`,
  ]);
});

test('inputs that are missing, unknown or of another type are told at their place', () => {
  assert.deepEqual(problems('    with: { flga: true, flag: maybe, count: many }\n    secrets: inherit\n'), [
    `WF102 gantry.yml:4:11 ${NAME} needs the input "name"`,
    `WF101 gantry.yml:5:19 ${NAME} has no input "flga". Did you mean "flag"?`,
    `WF103 gantry.yml:5:31 the input "flag" of ${NAME} is a boolean, and "maybe" is none`,
    `WF103 gantry.yml:5:45 the input "count" of ${NAME} is a number, and "many" is none`,
  ]);
});

test('secrets are only those that are declared, and all that are required', () => {
  assert.deepEqual(problems('    with: { name: a }\n    secrets: { TOKNE: x }\n'), [
    `WF104 gantry.yml:6:23 ${NAME} has no secret "TOKNE". Did you mean "TOKEN"?`,
  ]);
});

function excess(called: string, allowed: Permissions): readonly string[] {
  const { workflow } = readWorkflow(
    'gantry.yml',
    `on: push\njobs:\n  call:\n    uses: ./.github/workflows/called.yml\n`,
    { actions: [] },
  );
  const callee = readWorkflow('.github/workflows/called.yml', called, { actions: [] }).workflow;
  const job = workflow?.jobs[0];
  assert.ok(job && callee);
  return checkCallPermissions(job, callee, { allowed, file: 'gantry.yml' }).map(
    ({ code, at, message }) => `${code} ${at.line}:${at.column} ${message}`,
  );
}

test('a called workflow that asks for more permissions than its caller has is told, and so is each of its jobs', () => {
  const called = `on: workflow_call
permissions: { contents: read, issues: write }
jobs:
  a: { permissions: { actions: write }, runs-on: x, steps: [{ run: make }] }
  b: { permissions: read-all, runs-on: x, steps: [{ run: make }] }
`;
  assert.deepEqual(excess(called, { contents: 'write', actions: 'read' }).slice(0, 2), [
    `WF183 3:3 ${NAME} asks for "issues: write", and this job allows "issues: none"`,
    `WF183 3:3 job "a" of ${NAME} asks for "actions: write", and this job allows "actions: read"`,
  ]);
  const all = Object.fromEntries(['actions', 'contents', 'issues'].map((scope): [string, 'write'] => [scope, 'write']));
  assert.match(
    excess(called, all).join(),
    /^WF183 3:3 job "b" of .* asks for "artifact-metadata: read, attestations: read/,
  );
});

test('a called workflow that asks for what its caller has, or for nothing, is fine', () => {
  const called =
    'on: workflow_call\npermissions: { contents: read }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n';
  assert.deepEqual(excess(called, { contents: 'read' }), []);
  assert.deepEqual(excess(called.replace(/^permissions.*\n/m, ''), {}), []);
});
