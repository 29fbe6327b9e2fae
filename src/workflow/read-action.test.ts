import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAction } from './read-action.ts';

function problems(text: string): readonly string[] {
  return readAction('action.yml', text).diagnostics.map(
    ({ code, at, message }) => `${code} ${at.line}:${at.column} ${message}`,
  );
}

test('a composite action is read with its inputs, outputs and steps', () => {
  const { action, diagnostics } = readAction(
    'action.yml',
    `name: Greet
description: says hello
author: somebody
branding: { icon: smile, color: green }
inputs:
  who: { description: whom, required: 'true', default: "\${{ github.actor }}" }
  old: { deprecationMessage: use who }
  bare:
outputs:
  said: { value: "\${{ steps.say.outputs.said }}" }
runs:
  using: composite
  steps:
    - { id: say, shell: bash, run: "echo \${{ inputs.who }}" }
    - { uses: actions/checkout@v4, if: failure() }
`,
  );
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(action && { ...action, outputs: Object.keys(action.outputs), runs: action.runs.kind }, {
    name: 'Greet',
    inputs: {
      who: { required: true, default: { value: '${{ github.actor }}', at: { line: 6, column: 56, length: 21 } } },
      old: { required: false, deprecationMessage: 'use who' },
      bare: { required: false },
    },
    outputs: ['said'],
    runs: 'composite',
  });
  assert.deepEqual(action?.runs.kind === 'composite' && action.runs.steps.map((step) => [step.kind, step.if?.value]), [
    ['run', undefined],
    ['uses', 'failure()'],
  ]);
});

test('a JavaScript action and a Docker action are read', () => {
  const node = readAction('a', 'runs: { using: node16, main: m.js, pre: p.js, post: q.js, post-if: "success()" }');
  assert.deepEqual(node.action?.runs, { kind: 'node', main: 'm.js', pre: 'p.js', post: 'q.js', postIf: 'success()' });
  const docker = readAction(
    'a',
    'runs: { using: docker, image: Dockerfile, args: ["${{ inputs.x }}"], env: { A: b } }',
  );
  assert.ok(docker.action?.runs.kind === 'docker');
  assert.deepEqual(
    docker.action.runs.args.map((each) => each.value),
    ['${{ inputs.x }}'],
  );
  assert.equal(docker.action.runs.env['A']?.value, 'b');
});

test('what is wrong with an action is told with its place', () => {
  assert.deepEqual(problems('name: x'), ['WF013 1:1 the action needs the key "runs"']);
  assert.deepEqual(problems('- 1'), ['WF010 1:1 the file is a list; an action is a mapping']);
  assert.deepEqual(problems('runs: { using: node19, main: x }'), [
    'WF019 1:16 "using" cannot be "node19". Did you mean "node12"?',
  ]);
  assert.deepEqual(problems('runs: { using: node20 }'), ['WF013 1:7 "runs" needs the key "main"']);
  assert.deepEqual(
    problems('runs:\n  using: composite\n  main: x\n  steps:\n    - { run: ls, timeout-minutes: 3 }\n'),
    [
      'WF011 3:3 a composite action has no key "main" in "runs"',
      'WF013 5:7 a step of an action that runs a script needs the key "shell"',
      'WF011 5:18 a step of an action has no key "timeout-minutes"',
    ],
  );
  for (const key of ['background', 'wait', 'cancel', 'parallel', 'retry'])
    assert.match(
      problems(`runs:\n  using: composite\n  steps:\n    - { run: ls, shell: sh, ${key}: x }`).join(),
      new RegExp(`has no key "${key}"`),
    );
  assert.match(
    problems('runs:\n  using: composite\n  steps:\n    - { run: "${{ secrets.A }}", shell: sh }').join(),
    /WF042 .* "secrets" is not available in a step of an action/,
  );
});
