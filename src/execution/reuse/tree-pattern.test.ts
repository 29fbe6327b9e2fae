import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { idlePatterns, matchTree, patternProblem } from './tree-pattern.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-pattern-'));
after(() => rmSync(root, { recursive: true }));

const FILES = [
  '.env',
  '.git/config',
  'a.txt',
  'src/.hidden/x.py',
  'src/a.py',
  'src/deep/b.py',
  'src/deep/b.pyc',
  'x[1]',
];
for (const file of FILES) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), '');
}
mkdirSync(join(root, 'src/empty'));
symlinkSync('../src', join(root, 'src/loop'));

function matched(...patterns: readonly string[]): string {
  return matchTree(root, patterns)
    .map(({ path, stats }) => (stats.isDirectory() ? `${path}/` : path))
    .join(' ');
}

const ALL_OF_SRC = 'src/.hidden/ src/.hidden/x.py src/a.py src/deep/ src/deep/b.py src/deep/b.pyc src/empty/ src/loop';

test('a folder means all that is in it, hidden or empty, and links are not followed', () => {
  assert.equal(matched('src'), `src/ ${ALL_OF_SRC}`);
  assert.equal(matched('./src/'), `src/ ${ALL_OF_SRC}`);
  assert.equal(matched('src/**'), ALL_OF_SRC);
  assert.equal(matched('s*'), `src/ ${ALL_OF_SRC}`);
});

test('the workspace itself and "**" mean everything but .git', () => {
  assert.equal(matched('.'), `.env a.txt src/ ${ALL_OF_SRC} x[1]`);
  assert.equal(matched('**'), `.env a.txt src/ ${ALL_OF_SRC} x[1]`);
  assert.equal(matched('.git'), '');
});

test('"*" stays in its folder and "**/" crosses any number of them, none included', () => {
  assert.equal(matched('*.txt'), 'a.txt');
  assert.equal(matched('**/*.py'), 'src/.hidden/x.py src/a.py src/deep/b.py');
  assert.equal(matched('**/a.*'), 'a.txt src/a.py');
  assert.equal(matched('src/{a,deep/b}.py'), 'src/a.py src/deep/b.py');
  assert.equal(matched('src/?.py'), 'src/a.py');
});

test('"!" takes out what stands before it, with all that is in it, and what stands behind it brings it back', () => {
  assert.equal(matched('src', '!src/deep', '!**/.hidden', '!src/loop'), 'src/ src/a.py src/empty/');
  assert.equal(matched('**/*.py', '!src', 'src/deep'), 'src/deep/ src/deep/b.py src/deep/b.pyc');
  assert.equal(matched('src/deep', '!src'), '');
});

test('a pattern that matches nothing is found out, one that takes out is not asked', () => {
  assert.deepEqual(idlePatterns(root, ['src', 'dist', '*.whl', '!nothing']), ['dist', '*.whl']);
});

test('a path outside the workspace is no pattern', () => {
  assert.deepEqual(['/etc', '../x', 'a/../../x', '~/x', '!/etc', ' ', 'a..b/c'].map(patternProblem), [
    'it is absolute, and only the workspace counts',
    'it leaves the workspace',
    'it leaves the workspace',
    'it lies outside the workspace',
    'it is absolute, and only the workspace counts',
    'it is empty',
    undefined,
  ]);
});
