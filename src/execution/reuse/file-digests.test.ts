import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openFileDigests } from './file-digests.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-digests-'));
after(() => rmSync(root, { recursive: true }));
const file = join(root, 'a');

test('a file that is written again is read again, also within one tick of the clock', () => {
  const digests = openFileDigests(() => Date.now());
  for (const text of ['one', 'two', 'six']) {
    writeFileSync(file, text);
    assert.equal(digests.read(file).sha256, createHash('sha256').update(text).digest('hex'));
  }
});

test('an unchanged file is read once', () => {
  writeFileSync(file, 'x');
  const later = openFileDigests(() => Date.now() + 60_000);
  assert.equal(later.read(file), later.read(file));
  const atOnce = openFileDigests(() => Date.now() - 60_000);
  assert.notEqual(atOnce.read(file), atOnce.read(file));
});

test('variables of the runner are found in files of any size, across the pieces that are read', () => {
  const digests = openFileDigests(() => Date.now());
  writeFileSync(file, `${'x'.repeat(1024 * 1024 - 6)} $GITHUB_SHA and RUNNER_OS, MYGITHUB_X`);
  assert.deepEqual(digests.read(file).mentions, ['GITHUB_SHA', 'RUNNER_OS']);
});
