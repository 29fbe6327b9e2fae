import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { openFileCache } from './cache-files.ts';
import { cacheContract, textAt, workspaceIn } from './cache.contract.ts';

const root = mkdtempSync(path.join(tmpdir(), 'gantry-cache-'));
after(() => {
  // The trees hold folders without write permission.
  execFileSync('chmod', ['-R', 'u+rwX', root]);
  execFileSync('rm', ['-rf', '--', root]);
});

const workspace = workspaceIn(root);

function freshCache() {
  const dir = path.join(workspace(), 'cache');
  const home = workspace();
  let savedAtMs = 0;
  const nowMs = (): number => (savedAtMs += 1);
  return { dir, home, cache: openFileCache(dir, { home, nowMs }) };
}

cacheContract('files', () => {
  const { cache, home } = freshCache();
  return { cache, home, workspace };
});

test('a draft is gone after a save, a refused save and a failed one', async () => {
  const { cache, dir } = freshCache();
  const from = workspace({ 'a/x': '1' });
  await Promise.all([cache.save('k', ['a'], from), cache.save('k', ['a'], from)]);
  // A folder cannot be copied into itself.
  await assert.rejects(cache.save('self', [path.dirname(dir)], from), /copying/);
  assert.deepEqual(readdirSync(path.join(dir, 'tmp')), []);
});

test('a draft that a dead process left is removed by a later save, a fresh one is left alone', async () => {
  const { cache, dir } = freshCache();
  const drafts = path.join(dir, 'tmp');
  for (const name of ['old', 'fresh']) mkdirSync(path.join(drafts, name, 'tree/0'), { recursive: true });
  writeFileSync(path.join(drafts, 'old/tree/0/x'), '1');
  chmodSync(path.join(drafts, 'old/tree/0'), 0o555);
  utimesSync(path.join(drafts, 'old'), 1000, 1000);
  await cache.save('k', ['a'], workspace({ a: '1' }));
  assert.deepEqual(readdirSync(drafts), ['fresh']);
});

test('an entry that is damaged is passed over', async () => {
  const { cache, dir } = freshCache();
  await cache.save('k-1', ['a'], workspace({ a: 'whole' }));
  await cache.save('k-2', ['a'], workspace({ a: 'damaged' }));
  const version = readdirSync(dir).find((name) => name !== 'tmp') ?? '';
  writeFileSync(path.join(dir, version, 'k-2', 'manifest.json'), '{');
  writeFileSync(path.join(dir, version, 'stray-file'), '');
  const to = workspace();
  assert.deepEqual(await cache.restore('k-2', ['k-'], ['a'], to), { hit: 'partial', key: 'k-1' });
  assert.equal(textAt(to, 'a'), 'whole');
});
