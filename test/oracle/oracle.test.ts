/** GitHub's own reader is asked whether a workflow is valid, and so is ours. Where they differ, the reason stands here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWorkflow } from '#workflow/read-workflow.ts';
import { CORPUS } from './corpus.ts';
import { errorsOfGitHub } from './github-reader.ts';

async function githubAccepts(text: string): Promise<boolean> {
  return (await errorsOfGitHub(text)).length === 0;
}

function weAccept(text: string): boolean {
  return readWorkflow('.github/workflows/w.yml', text, { actions: [] }).workflow !== undefined;
}

const NOT_JUDGED = 'this reader leaves it to the server of GitHub, which rejects it';

/** By case, why we differ. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'job: { runs-on: x }': NOT_JUDGED,
  'job: { runs-on: x, steps: [] }': NOT_JUDGED,
  'on []': NOT_JUDGED,
  'root concurrency: { group: one, queue: max, cancel-in-progress: true }': NOT_JUDGED,
  'on { push: { branches: [main], branches-ignore: [x] } }': NOT_JUDGED,
  'on { schedule: [] }': NOT_JUDGED,
  'step { uses: o/r }': NOT_JUDGED,
  'step { uses: r@v1 }': NOT_JUDGED,
  'step { run: }': 'GitHub runs an empty script, which proves nothing; whoever wrote it forgot the commands',
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
