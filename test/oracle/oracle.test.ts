/** GitHub's own reader is asked whether a workflow is valid, and so is ours. Where they differ, the reason stands here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWorkflow } from '#workflow/read-workflow.ts';
import { CORPUS } from './corpus.ts';
import { PLACES, withExpression } from './places.ts';
import { errorsOfGitHub } from './github-reader.ts';

async function githubAccepts(text: string): Promise<boolean> {
  return (await errorsOfGitHub(text)).length === 0;
}

function weAccept(text: string): boolean {
  return readWorkflow('.github/workflows/w.yml', text, { actions: [] }).workflow !== undefined;
}

const NOT_JUDGED = 'this reader leaves it to the server of GitHub, which rejects it';
const SERVER_TAKES_IT = 'this reader is an editor’s and stricter than the server of GitHub, which takes it';
const AT_RUN_TIME = 'GitHub finds out when the job is to run, and fails it';

/** By case, why we differ. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'job: { runs-on: x, steps: [] }': NOT_JUDGED,
  'on []': NOT_JUDGED,
  'root concurrency: { group: one, queue: max, cancel-in-progress: true }': NOT_JUDGED,
  'on schedule': NOT_JUDGED,
  'on { schedule: [] }': NOT_JUDGED,
  'on { workflow_dispatch: { inputs: { a: { type: number, default: x } } } }': NOT_JUDGED,
  'on { workflow_dispatch: { inputs: { a: { type: choice, options: [x], default: y } } } }': NOT_JUDGED,
  'on { workflow_call: { inputs: { a: { type: number, default: x } } } }': NOT_JUDGED,
  'step { uses: o/r }': NOT_JUDGED,
  'step { uses: r@v1 }': NOT_JUDGED,
  'step { run: make, id: TWO }': NOT_JUDGED,
  'step { parallel: [] }': NOT_JUDGED,
  'job: { uses: o/r@v1 }': NOT_JUDGED,
  'job: { uses: ./.github/workflows/w.yml@v1 }': NOT_JUDGED,
  'job: { runs-on: [], steps: [{ run: make }] }': NOT_JUDGED,
  "job container: 'docker://'": NOT_JUDGED,
  'job snapshot: { image-name: x, version: 1.2 }': NOT_JUDGED,
  'a script with an expression of 21001 characters': NOT_JUDGED,
  'a tag that a value does not fit': NOT_JUDGED,
  'a tag for numbers at a text in quotes': NOT_JUDGED,
  'an action without an owner before a slash': NOT_JUDGED,
  'matrix { x: [] }': NOT_JUDGED,
  'matrix {}': NOT_JUDGED,
  'matrix { exclude: [{ x: 1 }] }': NOT_JUDGED,
  'matrix { x: [1], exclude: [{ y: 1 }] }': NOT_JUDGED,
  'matrix { x: [1], exclude: [{}] }': NOT_JUDGED,
  'matrix { x: [1], include: [{}] }': NOT_JUDGED,
  "matrix { x: 'a ${{ github.ref }}' }": AT_RUN_TIME,
  'matrix { x: [1], exclude: [{ x: 1 }] }': AT_RUN_TIME,
  "job timeout-minutes: '1${{ vars.T }}'": AT_RUN_TIME,
  'on repository_dispatch': SERVER_TAKES_IT,
  'on { repository_dispatch: { types: a } }': SERVER_TAKES_IT,
  'on { create: {} }': SERVER_TAKES_IT,
  'on { workflow_dispatch: { inputs: } }': SERVER_TAKES_IT,
  'on { workflow_dispatch: { other: x } }': SERVER_TAKES_IT,
  'on { workflow_dispatch: { inputs: { a: } } }': SERVER_TAKES_IT,
  'on { workflow_call: { inputs: { a: { type: string, default: true } } } }': SERVER_TAKES_IT,
  'step { run: "${{ format(\'{1}\', 1) }}" }':
    'later readers of GitHub refuse a format that is written out and cannot work',
  'job needs: B': SERVER_TAKES_IT,
  "job services: { '${{ matrix.x }}': y }": SERVER_TAKES_IT,
  'job services: ${{ fromJSON(vars.S) }}': SERVER_TAKES_IT,
  'job env: { 1: x }': 'this reader throws on a name that is a number',
  "job concurrency: { group: a, queue: '${{ vars.Q }}' }":
    'it says at once that it must be single or max, which no expression can be sure of',
};

test('the corpus is large enough to mean something', () => {
  assert.ok(Object.keys(CORPUS).length >= 150, String(Object.keys(CORPUS).length));
});

test('we accept and reject what GitHub’s own reader does, but for differences with a reason', async () => {
  const found: string[] = [];
  for (const [name, text] of Object.entries(CORPUS)) {
    const [theirs, ours] = [await githubAccepts(text), weAccept(text)];
    if (theirs !== ours)
      found.push(`${name}: GitHub ${theirs ? 'accepts' : 'rejects'}, we ${ours ? 'accept' : 'reject'}`);
  }
  const explained = Object.keys(DIFFERENCES);
  assert.deepEqual(
    found.filter((line) => !explained.some((name) => line.startsWith(`${name}: `))),
    [],
  );
  assert.deepEqual(
    explained.filter((name) => !found.some((line) => line.startsWith(`${name}: `))),
    [],
    'no longer differs',
  );
});

const WORDS = `
  github
  env
  vars
  job
  jobs
  steps
  runner
  secrets
  strategy
  matrix
  needs
  inputs
  nothing
  success()
  failure()
  always()
  cancelled()
  success('b')
  failure('b')
  always('b')
  hashFiles('a')
  hashFiles('a', 'b')
  hashFiles()
  toJSON('a')
  fromJSON()
  format('{0}', 1)
  contains('a')
  join(1)
  case(true, 1, 2)
  case(true, 1)
  nothing()
`;

test('every context and function may be used in the same places', async () => {
  const found: string[] = [];
  for (const place of Object.keys(PLACES)) {
    for (const word of WORDS.trim().split(/\n\s*/)) {
      const text = withExpression(place, word);
      const [theirs, ours] = [await githubAccepts(text), weAccept(text)];
      if (theirs !== ours) found.push(`${place}: ${word}: GitHub ${theirs ? 'accepts' : 'rejects'} it`);
    }
  }
  assert.deepEqual(found, []);
});
