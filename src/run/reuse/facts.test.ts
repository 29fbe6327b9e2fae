import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareFacts } from './facts.ts';
import type { StepFacts } from './facts.ts';
import { reasonInWords, reuseInWords } from './words.ts';

const FACTS: StepFacts = {
  v: 1,
  platform: 'linux x64 debian 12',
  workspace: '/work/build/project',
  work: { kind: 'script', script: 'one\ntwo\nthree\n', shell: '', folder: '' },
  produces: ['out'],
  variables: { A: '1', B: '2' },
  tools: { bash: '/bin/bash', cat: '/bin/cat' },
  before: {},
  files: { 'src/a': '644 x', 'src/b': '644 y' },
};

function told(change: Partial<StepFacts>): readonly string[] {
  return compareFacts(FACTS, { ...FACTS, ...change }).map(reasonInWords);
}

test('the same facts have no difference', () => {
  assert.deepEqual(compareFacts(FACTS, structuredClone(FACTS)), []);
});

test('each difference is told by what differs, and with its values where they are no secret', () => {
  assert.deepEqual(told({ files: { 'src/a': '755 x', 'src/c': '644 z' } }), [
    'src/a changed',
    'src/c added',
    'src/b removed',
  ]);
  assert.deepEqual(told({ variables: { A: '2', C: '' } }), [
    'variable A changed',
    'variable C added',
    'variable B removed',
  ]);
  assert.deepEqual(told({ tools: { bash: '/usr/bin/bash', tac: 'not there' } }), [
    'tool bash: /bin/bash → /usr/bin/bash',
    'tool tac: not asked for → not there',
    'tool cat: /bin/cat → not asked for',
  ]);
  assert.deepEqual(told({ before: { Install: 'fallback: Core' } }), [
    '"Install" before it: as wanted → fallback: Core',
  ]);
  assert.deepEqual(told({ produces: ['out', 'log'], platform: 'darwin', workspace: '/other' }), [
    'produces: out → out, log',
    'platform: linux x64 debian 12 → darwin',
    'workspace: /work/build/project → /other',
  ]);
});

test('a script is compared by its lines, however many were put in between', () => {
  const work = (script: string): Partial<StepFacts> => ({ work: { kind: 'script', script, shell: '', folder: '' } });
  assert.deepEqual(told(work('one\n2\nthree\n')), ['script line 2: "two" → "2"']);
  assert.deepEqual(told(work('one\ntwo\nand\nthree\n')), ['script line 3: added "and"']);
  assert.deepEqual(told(work('one\nthree\n')), ['script: removed "two"']);
  assert.deepEqual(told({ work: { kind: 'script', script: 'one\ntwo\nthree\n', shell: 'sh', folder: 'sub' } }), [
    'shell: none → sh',
    'working-directory: none → sub',
  ]);
});

test('a step that became an action, an action of another version, and one with other files are told apart', () => {
  const action = { kind: 'action', uses: './a', content: '1', inputs: { x: '1' } } as const;
  assert.deepEqual(told({ work: action }), ['action: a script → ./a']);
  const was = { ...FACTS, work: action };
  const words = (work: StepFacts['work']): readonly string[] => compareFacts(was, { ...was, work }).map(reasonInWords);
  assert.deepEqual(words({ ...action, uses: 'o/a@v2', content: '2' }), ['action: ./a → o/a@v2']);
  assert.deepEqual(words({ ...action, content: '2', inputs: { x: '2' } }), [
    'the files of ./a changed',
    'input x changed',
  ]);
});

test('a report says in one line what became of a step', () => {
  const key = 'k';
  assert.equal(
    reuseInWords({ how: 'restored', key, from: 'r-1', files: 2, bytes: 9 }),
    'restored from run r-1 (2 files): nothing that it depends on has changed',
  );
  assert.equal(reuseInWords({ how: 'always', why: 'X holds a secret' }), 'always runs: X holds a secret');
  const reasons = ['a', 'b', 'c'].map((name) => ({ what: 'file', change: 'changed', name }) as const);
  assert.equal(
    reuseInWords({ how: 'ran', key, from: 'r-1', reasons, more: 4, kept: false, why: 'it did not succeed' }, 2),
    'ran; since run r-1: a changed; b changed; and 5 more; not kept: it did not succeed',
  );
});
