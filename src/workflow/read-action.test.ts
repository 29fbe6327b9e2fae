import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAction } from './read-action.ts';

function problems(text: string): readonly string[] {
  const { action, diagnostics } = readAction('action.yml', text);
  assert.equal(action === undefined, diagnostics.length > 0);
  return diagnostics.map(({ code, at, message }) => `${code} ${at.line}:${at.column} ${message}`);
}

test('inputs, hooks and their conditions of a JavaScript action', () => {
  const { action } = readAction(
    'action.yml',
    `name: A\ninputs:\n  one: { required: true, default: '\${{ github.ref }}' }\n  two:\nruns: { using: Node20, pre: p.js, main: m.js, post: q.js, post-if: '\${{ failure() }}' }\nbranding: { icon: x }\n`,
  );
  assert.deepEqual(action?.inputs['one']?.required, true);
  assert.equal(action.inputs['one']?.default?.value, '${{ github.ref }}');
  assert.deepEqual(action.inputs['two'], { required: false });
  assert.deepEqual(action.runs, {
    kind: 'javascript',
    main: 'm.js',
    pre: { script: 'p.js', if: 'always()' },
    post: { script: 'q.js', if: 'failure()' },
  });
});

test('image, arguments, variables and hooks of an action that is a container', () => {
  const { action } = readAction(
    'action.yml',
    `runs: { using: docker, image: Dockerfile, entrypoint: /m, args: [a, '\${{ inputs.b }}'], env: { C: d }, pre-entrypoint: /p, pre-if: 'runner.os == ''Linux''', post-entrypoint: /q }\n`,
  );
  assert.equal(action?.runs.kind, 'container');
  const { image, entrypoint, args, env, pre, post } = action.runs;
  assert.deepEqual([image, entrypoint, env['C']?.value], ['Dockerfile', '/m', 'd']);
  assert.deepEqual(
    args?.map((arg) => arg.value),
    ['a', '${{ inputs.b }}'],
  );
  assert.deepEqual(
    [pre, post],
    [
      { script: '/p', if: "runner.os == 'Linux'" },
      { script: '/q', if: 'always()' },
    ],
  );
  assert.deepEqual(problems('runs: { using: docker, image: x, args: a b }\n'), [
    'WF012 1:40 "args" must be a list, not the text "a b"',
  ]);
});

test('outputs and steps of a composite action', () => {
  const { action } = readAction(
    'action.yml',
    "name: A\noutputs: { x: { value: '${{ steps.s.outputs.x }}' }, y: { description: none } }\nruns: { using: composite, steps: [{ id: s, shell: sh, run: make }, { uses: a/b@v1 }] }\n",
  );
  assert.equal(action?.runs.kind, 'composite');
  assert.deepEqual(Object.keys(action.runs.outputs), ['x']);
  assert.deepEqual(
    action.runs.steps.map((step) => step.kind),
    ['run', 'uses'],
  );
});

test('what makes an action unusable is told with its place', () => {
  assert.deepEqual(problems('name: A\n'), ['WF013 1:1 an action needs the key "runs"']);
  assert.deepEqual(problems('runs: { using: bash }\n'), ['WF019 1:16 "using" cannot be "bash"']);
  assert.deepEqual(problems('runs: { main: x }\n'), ['WF013 1:7 "runs" needs the key "using"']);
  assert.deepEqual(problems('runs: { using: node24 }\n'), ['WF013 1:7 "runs" needs the key "main"']);
  assert.deepEqual(problems('runs: { using: docker }\n'), ['WF013 1:7 "runs" needs the key "image"']);
  assert.deepEqual(problems('runs: { using: composite, steps: [{ run: make }] }\n'), [
    'WF013 1:35 a "run" step of a composite action needs the key "shell"',
  ]);
  assert.deepEqual(problems('runs: { using: composite, steps: [{ run: make, shell: sh, background: true }] }\n'), [
    'WF011 1:59 a step of a composite action has no key "background"',
  ]);
  assert.deepEqual(problems('- a\n'), ['WF012 1:1 an action must be a mapping, not a list']);
});

test('a metadata file that is no YAML is told as such and never thrown', () => {
  assert.match(problems('runs: { using: [')[0] ?? '', /^WF003 /);
});
