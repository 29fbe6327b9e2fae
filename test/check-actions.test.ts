/** `gantry check` looks into the actions that steps use, where they lie in the project or come with Gantry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProjectOf } from './export/on-github.ts';

const SETUP = `name: setup
inputs:
  version: { required: true }
  flags: { required: true, default: x }
outputs: { made: { value: '\${{ steps.two.outputs.x }}' } }
runs:
  using: composite
  steps:
    - id: one
      run: echo \${{ inputs.vesion }} \${{ github.evnt }}
      shell: bash
    - uses: actions/cache@v4
      with: { path: x, kye: y }
    - uses: ./actions/setup
      with: { version: 1 }
`;
const FILES = {
  'actions/setup/action.yml': SETUP,
  'actions/broken/action.yml': 'runs: { using: composite }\n',
  'actions/image/Dockerfile': 'FROM scratch\n',
};
const OF_SETUP = [
  'WF050 actions/setup/action.yml:5:38 warning: this action has no step with the id "two"',
  'WF054 actions/setup/action.yml:10:28 warning: "vesion" is not among the inputs of this action, so it is empty. Did you mean "version"?',
  'WF055 actions/setup/action.yml:10:49 warning: "github" has no field "evnt", so it is empty. Did you mean "event"?',
  'WF111 actions/setup/action.yml:13:29 warning: "actions/cache@v4" has no input "kye". Did you mean "key"?',
];

const workflow = (steps: string, on = 'push'): string =>
  `on: ${on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;
const CHECKOUT = '      - uses: actions/checkout@v4\n';

async function told(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  using project = openProjectOf({ ...FILES, ...files });
  const { stdout } = await project.gantry(['check']);
  return stdout.split('\n').filter((line) => line.startsWith('WF'));
}

test('a local action that is not there is told with the one that was meant', async () => {
  const steps = `${CHECKOUT}      - uses: ./actions/stup\n      - uses: $/actions/image\n`;
  const says = 'there is no action.yml in "./actions/stup". Did you mean "./actions/setup"?';
  assert.deepEqual(await told({ 'gantry.yml': workflow(steps) }), [`WF110 gantry.yml:7:15 ${says}`]);
  assert.deepEqual(await told({ '.github/workflows/ci.yml': workflow(steps) }), [
    `WF110 .github/workflows/ci.yml:7:15 warning: ${says}`,
  ]);
});

test('what a step may make, or another repository holds, is not taken to be missing', async () => {
  const made = `${CHECKOUT}      - run: make\n      - uses: ./dist/action\n`;
  assert.deepEqual(await told({ 'gantry.yml': workflow(made) }), [
    'WF110 gantry.yml:8:15 warning: there is no action.yml in "./dist/action", unless a step makes it',
  ]);
  const others = `${CHECKOUT}${CHECKOUT}        with: { repository: some/tools, path: tools }
      - uses: ./tools/anything
      - uses: actions/checkout@v4
        with: { path: here }
      - uses: ./here/actions/image
      - uses: ./here/actions/nothing
`;
  assert.deepEqual(await told({ 'gantry.yml': workflow(others) }), [
    'WF110 gantry.yml:13:15 warning: there is no action.yml in "./here/actions/nothing", unless a step makes it',
  ]);
});

test('a local action before the project is checked out is told', async () => {
  assert.deepEqual(await told({ 'gantry.yml': workflow('      - uses: ./actions/image\n') }), [
    'WF113 gantry.yml:6:15 "./actions/image" is looked for in the workspace, and no step before this one has put anything there',
  ]);
});

test('inputs that a local action does not have or that it needs are told, and what is wrong inside', async () => {
  const steps = `${CHECKOUT}      - uses: ./actions/setup
        with: { verson: 1, flags: y }
      - uses: ./actions/setup
      - uses: ./actions/setup
        with: { Version: 1 }
      - uses: ./actions/broken
`;
  assert.deepEqual(await told({ 'gantry.yml': workflow(steps) }), [
    'WF111 gantry.yml:8:25 warning: "./actions/setup" has no input "verson". Did you mean "version"?',
    'WF112 gantry.yml:9:15 warning: "./actions/setup" needs the input "version"',
    ...OF_SETUP,
    'WF013 actions/broken/action.yml:1:7 a composite action needs the key "steps"',
  ]);
});

test('inputs of actions that come with Gantry are told, where they fail the step as errors', async () => {
  const steps = `${CHECKOUT}        with: { fetch-dpeth: 0 }
      - uses: actions/upload-artifact@v4
      - uses: actions/cache@v4
        with: { path: x, key: y, enableCrossOsArchive: true }
      - uses: gantry/deploy@v1
        with: { comand: ./run }
        fallback: [{ loss: the release, uses: gantry/health@v1 }]
`;
  assert.deepEqual(await told({ 'gantry.yml': workflow(steps) }), [
    'WF111 gantry.yml:7:30 warning: "actions/checkout@v4" has no input "fetch-dpeth". Did you mean "fetch-depth"?',
    'WF112 gantry.yml:8:15 "actions/upload-artifact@v4" needs the input "path"',
    'WF111 gantry.yml:12:25 "gantry/deploy@v1" has no input "comand". Did you mean "command"?',
    'WF112 gantry.yml:13:47 "gantry/health@v1" needs the input "url"',
  ]);
});

test('an output that a called workflow does not give is told, also where nothing else is wrong', async () => {
  const caller = `on: push
jobs:
  tests: { uses: ./.github/workflows/called.yml }
  after:
    needs: tests
    runs-on: ubuntu-latest
    steps: [{ run: 'echo \${{ needs.tests.outputs.verson }} \${{ needs.tests.outputs.VERSION }}' }]
`;
  const called =
    "on: { workflow_call: { outputs: { version: { value: '1' } } } }\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n";
  assert.deepEqual(await told({ 'gantry.yml': caller, '.github/workflows/called.yml': called }), [
    'WF056 gantry.yml:7:50 warning: job "tests" has no output "verson", so this is empty. Did you mean "version"?',
  ]);
});

test('the steps of a called workflow are looked at as well, each file once', async () => {
  const caller =
    'on: push\njobs:\n  a: { uses: ./.github/workflows/called.yml }\n  b: { uses: ./.github/workflows/called.yml }\n';
  const called = workflow(`${CHECKOUT}      - uses: ./actions/stup\n`, 'workflow_call');
  assert.deepEqual(await told({ 'gantry.yml': caller, '.github/workflows/called.yml': called }), [
    'WF110 .github/workflows/called.yml:7:15 warning: there is no action.yml in "./actions/stup". Did you mean "./actions/setup"?',
  ]);
});
