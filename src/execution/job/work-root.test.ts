import { deepEqual, equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkRoot } from './work-root.ts';

test('the folder of all jobs is private, and on ext4 its folders are spread', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'gantry-work-root-'));
  t.after(() => spawnSync('rm', ['-rf', '--', parent]));
  const root = join(parent, 'state', 'work');
  makeWorkRoot(root);
  equal(statSync(root).mode & 0o777, 0o700);
  const flags = spawnSync('lsattr', ['-d', '--', root], { encoding: 'utf8' }).stdout;
  const isExt4 = statfsSync(parent).type === 0xef53;
  equal(flags?.split(' ')[0]?.includes('T') ?? isExt4, isExt4, flags ?? 'no lsattr here');
});

test('a folder of jobs that is there stays as it is', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'gantry-work-root-'));
  t.after(() => spawnSync('rm', ['-rf', '--', root]));
  writeFileSync(join(root, 'kept'), 'kept');
  makeWorkRoot(root);
  deepEqual(statSync(join(root, 'kept')).size, 4);
});
