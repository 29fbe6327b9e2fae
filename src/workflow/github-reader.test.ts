/** What GitHub's reader takes or refuses where it is not obvious; each by a file of GitHub's, and what we say of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWorkflow } from './read-workflow.ts';

const STEPS = 'steps: [{ run: make }]';

const job = (text: string): string => `on: push\njobs:\n  a:\n    runs-on: x\n    ${text}\n    ${STEPS}\n`;
const step = (text: string): string =>
  `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - { id: one, run: make }\n      - ${text}\n`;
const on = (text: string): string => `on: ${text}\njobs: { a: { runs-on: x, ${STEPS} } }\n`;

function say(text: string, file: string): readonly string[] {
  return readWorkflow(file, text, { actions: [] }).diagnostics.map(
    ({ code, severity, at }) => `${severity} ${code} ${at.line}:${at.column}`,
  );
}

const github = (text: string): readonly string[] => say(text, '.github/workflows/w.yml');
const ours = (text: string): readonly string[] => say(text, 'gantry.yml');

const lenient: readonly (readonly [what: string, text: string, said: string])[] = [
  ['a job without steps', `on: push\njobs: { a: { runs-on: x } }\n`, 'WF027 2:9'],
  ['a filter beside its opposite', on('{ push: { branches: [a], branches-ignore: [b] } }'), 'WF032 1:30'],
  ['a filter that lets nothing through', on("{ push: { branches: ['!a'] } }"), 'WF033 1:15'],
  ['a step whose script is missing', step('{ run: }'), 'WF012 7:16'],
  ['a shell that nobody knows', step('{ run: make, shell: fish }'), 'WF024 7:29'],
  ['a limit of no time', job('timeout-minutes: 0'), 'WF025 5:22'],
  ['a limit below zero', step('{ run: make, timeout-minutes: -5 }'), 'WF025 7:39'],
  ['a part of a job at once', job('strategy: { max-parallel: 1.5, matrix: { x: [1] } }'), 'WF025 5:31'],
  ['a variable with a space in its name', job('env: { "A B": x }'), 'WF026 5:12'],
  ['an output with a space in its name', job('outputs: { "a b": x }'), 'WF017 5:16'],
  ['an input that begins with a digit', on('{ workflow_dispatch: { inputs: { 1a: } } }'), 'WF017 1:38'],
  ['waiting for what has ended already', step('{ wait: one }'), 'WF029 7:17'],
  ['a key that workflow_dispatch does not have', on('{ workflow_dispatch: { unknown: 1 } }'), 'WF011 1:28'],
  ['an empty group for the whole workflow', `concurrency: ''\n${job('')}`, 'WF012 1:14'],
  ['half of the credentials', job('container: { image: x, credentials: { username: a } }'), 'WF013 5:41'],
];

for (const [what, text, said] of lenient) {
  test(`${what} is a warning in a file of GitHub's and an error in ours`, () => {
    assert.ok(github(text).includes(`warning ${said}`), github(text).join());
    assert.ok(!github(text).some((each) => each.startsWith('error')), github(text).join());
    assert.ok(ours(text).includes(`error ${said}`), ours(text).join());
  });
}

const accepted: readonly (readonly [what: string, text: string])[] = [
  ['a space of Unicode between the words of an expression', step('run: echo ${{ github.sha\u00A0}}')],
  ['an input that says nothing of itself', on('{ workflow_dispatch: { inputs: { a: } } }')],
  [
    'an empty text among the choices',
    on("{ workflow_dispatch: { inputs: { a: { type: choice, options: ['', b] } } } }"),
  ],
  ['the path of a local action as Windows writes it', step("{ uses: '.\\\\actions\\\\one' }")],
  [
    'a need that is written in another case',
    `on: push\njobs:\n  Ab: { runs-on: x, ${STEPS} }\n  c: { needs: aB, runs-on: x, ${STEPS} }\n`,
  ],
  ['an expression for the whole strategy', job('strategy: ${{ fromJSON(vars.S) }}')],
  ['the steps context in the env of a container', job("container: { image: x, env: { A: '${{ steps.one }}' } }")],
  ['a service with a command of its own', job('services: { db: { image: x, entrypoint: a, command: b -c } }')],
  ['a group of runners of an organization', `on: push\njobs: { a: { runs-on: { group: org/large }, ${STEPS} } }\n`],
  ['types of June 2026', on('{ issues: { types: [field_added, field_removed] }, pull_request: { types: stacked } }')],
  ['an id of 99 characters', `on: push\njobs: { ${'a'.repeat(99)}: { runs-on: x, ${STEPS} } }\n`],
  ['an image of the machine', job('snapshot: { image-name: base, version: 2.*, if: github.ref }')],
];

for (const [what, text] of accepted) {
  test(`${what} is accepted`, () => {
    assert.deepEqual(
      github(text).filter((each) => each.startsWith('error')),
      [],
    );
  });
}

const refused: readonly (readonly [what: string, text: string, said: string])[] = [
  ['a container whose image is nothing', job('container: { image: }'), 'WF012 5:25'],
  ['a service whose image is empty', job("services: { db: { image: '' } }"), 'WF012 5:30'],
  ['a service that is nothing', job('services: { db: }'), 'WF012 5:21'],
  ['a container that is only a scheme', job("container: 'docker://'"), 'WF012 5:16'],
  ['permissions that are nothing', on('push\npermissions:'), 'WF019 2:13'],
  ['inputs of a call that are nothing', on('{ workflow_call: { inputs: } }'), 'WF012 1:32'],
  ['a trigger for calls that is a word', on('{ workflow_call: x }'), 'WF012 1:22'],
  [
    'choices that are no list',
    on('{ workflow_dispatch: { inputs: { a: { type: choice, options: x } } } }'),
    'WF012 1:66',
  ],
  [
    'an expression as the default of an input',
    on("{ workflow_dispatch: { inputs: { a: { default: '${{ 1 }}' } } } }"),
    'WF046 1:52',
  ],
  [
    'a deprecation of an input',
    on('{ workflow_call: { inputs: { a: { type: string, deprecationMessage: x } } } }'),
    'WF011 1:53',
  ],
  ['not to wait for all', step('{ wait-all: false }'), 'WF012 7:21'],
  [
    'secrets of a call as an expression',
    `on: push\njobs: { a: { uses: ./.github/workflows/b.yml, secrets: '\${{ secrets }}' } }\n`,
    'WF012 2:56',
  ],
  ['a limit for cancelling that is no number', job('cancel-timeout-minutes: soon'), 'WF012 5:29'],
  ['a deployment that is no boolean', job('environment: { name: x, deployment: maybe }'), 'WF012 5:41'],
  ['an id of 100 characters', `on: push\njobs: { ${'a'.repeat(100)}: { runs-on: x, ${STEPS} } }\n`, 'WF017 2:9'],
  ['an image of the machine without a name', job('snapshot: { version: 1.* }'), 'WF013 5:15'],
  [
    'a filter of the matrix that names what is not there',
    job('strategy: { matrix: { x: [1], exclude: [{ y: 1 }] } }'),
    'WF061 5:25',
  ],
];

for (const [what, text, said] of refused) {
  test(`${what} is refused`, () => {
    assert.ok(github(text).includes(`error ${said}`), github(text).join());
  });
}

test('the first key that only one kind of job has says which kind is meant', () => {
  const call = 'uses: ./.github/workflows/b.yml';
  assert.deepEqual(github(`on: push\njobs:\n  a:\n    runs-on: x\n    ${call}\n    ${STEPS}\n`), ['error WF011 5:5']);
  assert.deepEqual(github(`on: push\njobs:\n  a:\n    ${call}\n    runs-on: x\n    ${STEPS}\n`), [
    'error WF011 5:5',
    'error WF011 6:5',
  ]);
});

test('a need is kept as the key that it means', () => {
  const text = `on: push\njobs:\n  Ab: { runs-on: x, ${STEPS} }\n  c: { needs: [aB], runs-on: x, ${STEPS} }\n`;
  const { workflow } = readWorkflow('gantry.yml', text, { actions: [] });
  assert.deepEqual(
    workflow?.jobs[1]?.needs.map((need) => need.value),
    ['Ab'],
  );
});

test('a circle of needs is told at every job of it, and not at those that only wait for it', () => {
  const need = (id: string, needs: string): string => `  ${id}: { needs: ${needs}, runs-on: x, ${STEPS} }\n`;
  const text = `on: push\njobs:\n  one: { runs-on: x, ${STEPS} }\n${need('two', '[one, three]')}${need('three', 'two')}${need('four', 'two')}`;
  assert.deepEqual(github(text), ['error WF016 4:23', 'error WF016 5:19']);
});

test('a need that is part of two circles is told once', () => {
  const need = (id: string, needs: string): string => `  ${id}: { needs: ${needs}, runs-on: x, ${STEPS} }\n`;
  const text = `on: push\njobs:\n${need('a', 'b')}${need('b', '[a, c]')}${need('c', 'a')}`;
  assert.deepEqual(github(text), ['error WF016 3:15', 'error WF016 4:16', 'error WF016 4:19', 'error WF016 5:15']);
});

test('an empty group of a job is an error, as it is for GitHub', () => {
  assert.deepEqual(github(job("concurrency: ''")), ['error WF012 5:18']);
});
