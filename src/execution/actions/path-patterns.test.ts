import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { findPaths, readPatterns } from './path-patterns.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-[patterns]-'));
after(() => rmSync(root, { recursive: true, force: true }));
for (const file of ['a/1.txt', 'a/b/2.txt', 'a/b/2.log', 'a/.hidden/3.txt', 'a/.env', 'c/4.txt', 'x[1]y/5.txt']) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), file);
}
symlinkSync('b', join(root, 'a/link'));
symlinkSync('../a', join(root, 'a/b/circle'));
symlinkSync('nowhere', join(root, 'a/broken'));

async function found(text: string, excludeHidden = true): Promise<readonly string[]> {
  const read = readPatterns(text, { workspace: root, home: join(root, 'c') });
  assert.ok(read.ok);
  const names: string[] = [];
  for await (const { path, isFolder } of findPaths(read.value, { descendants: true, excludeHidden }))
    if (!isFolder) names.push(relative(root, path));
  return names.filter((name) => !name.includes('circle')).toSorted();
}

test('a folder stands for all that lies in it, but for hidden names, broken links and circles', async () => {
  assert.deepEqual(await found('a'), ['a/1.txt', 'a/b/2.log', 'a/b/2.txt', 'a/link/2.log', 'a/link/2.txt']);
  assert.deepEqual(await found('a/', false).then((all) => all.filter((name) => name.includes('/.'))), [
    'a/.env',
    'a/.hidden/3.txt',
  ]);
});

test('wildcards, home and escapes mean what they mean to GitHub', async () => {
  assert.deepEqual(await found('a/**/*.txt\n!a/link'), ['a/1.txt', 'a/b/2.txt']);
  assert.deepEqual(await found('./a/*.txt'), ['a/1.txt']);
  assert.deepEqual(await found('~/4.txt'), ['c/4.txt']);
  assert.deepEqual(await found('~'), ['c/4.txt']);
  assert.deepEqual(await found('x\\[1\\]y/*'), ['x[1]y/5.txt']);
  assert.deepEqual(await found('{a,c}/*.txt'), []);
});

test('the last pattern that matches decides, and an exclusion takes a whole folder out', async () => {
  assert.deepEqual(await found('a\n!a/b\n!a/link'), ['a/1.txt']);
  assert.deepEqual(await found('a\n!a/b\n!a/link\na/b/2.log'), ['a/1.txt', 'a/b/2.log']);
  assert.deepEqual(await found('a\n!**/*.txt\n!a/link'), ['a/b/2.log']);
});

test('hidden folders above the search do not matter, the name itself does', async () => {
  assert.deepEqual(await found('a/.hidden/3.txt'), ['a/.hidden/3.txt']);
  assert.deepEqual(await found('a/.env'), []);
});

test('search paths inside others are left out, and the name of a circle does not repeat', () => {
  const read = readPatterns('a/b/*.txt\na\nc/*\n!d', { workspace: '/w', home: '/h' });
  assert.ok(read.ok);
  assert.deepEqual(read.value.searchPaths, ['/w/a', '/w/c']);
});

test('dots in the middle of a pattern are refused', () => {
  const read = readPatterns('a/../b', { workspace: '/w', home: '/h' });
  assert.deepEqual(read, { ok: false, error: 'the path "a/../b" has "." or ".." in it, which patterns may not have' });
});
