import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { CacheStore } from './cache.ts';
import { openFileCache } from './cache-files.ts';
import { cacheContract, textAt, workspaceIn } from './cache.contract.ts';

const root = mkdtempSync(path.join(tmpdir(), 'gantry-cache-'));
after(() => {
  // The trees hold folders without write permission.
  execFileSync('chmod', ['-R', 'u+rwX', root]);
  execFileSync('rm', ['-rf', '--', root]);
});

const workspace = workspaceIn(root);

function freshCache(limits: { maxBytes?: number; unusedMs?: number } = {}) {
  const dir = path.join(workspace(), 'cache');
  const home = workspace();
  let savedAtMs = 0;
  // Seconds, because file systems keep times no finer than some part of one.
  const nowMs = (): number => (savedAtMs += 1000);
  return { dir, home, cache: openFileCache(dir, { home, nowMs, ...limits }) };
}

cacheContract('files', () => {
  const { cache, home } = freshCache();
  return { cache, home, workspace };
});

test('a draft is gone after a save, a refused save and a failed one', async () => {
  const { cache, dir } = freshCache();
  const from = workspace({ 'a/x': '1' });
  await Promise.all([
    cache.save({ key: 'k', paths: ['a'], workspace: from }),
    cache.save({ key: 'k', paths: ['a'], workspace: from }),
  ]);
  // A folder cannot be copied into itself.
  await assert.rejects(cache.save({ key: 'self', paths: [path.dirname(dir)], workspace: from }), /copying/);
  assert.deepEqual(readdirSync(path.join(dir, 'tmp')), []);
});

test('a draft that a dead process left is removed by a later save, a fresh one is left alone', async () => {
  const { cache, dir } = freshCache();
  const drafts = path.join(dir, 'tmp');
  for (const name of ['old', 'fresh']) mkdirSync(path.join(drafts, name, 'tree/0'), { recursive: true });
  writeFileSync(path.join(drafts, 'old/tree/0/x'), '1');
  chmodSync(path.join(drafts, 'old/tree/0'), 0o555);
  utimesSync(path.join(drafts, 'old'), 1000, 1000);
  await cache.save({ key: 'k', paths: ['a'], workspace: workspace({ a: '1' }) });
  assert.deepEqual(readdirSync(drafts), ['fresh']);
});

test('an entry that is damaged is passed over', async () => {
  const { cache, dir } = freshCache();
  await cache.save({ key: 'k-1', paths: ['a'], workspace: workspace({ a: 'whole' }) });
  await cache.save({ key: 'k-2', paths: ['a'], workspace: workspace({ a: 'damaged' }) });
  const version = readdirSync(dir).find((name) => name !== 'tmp') ?? '';
  writeFileSync(path.join(dir, version, 'k-2', 'manifest.json'), '{');
  writeFileSync(path.join(dir, version, 'stray-file'), '');
  const to = workspace();
  assert.deepEqual(await cache.restore({ key: 'k-2', restoreKeys: ['k-'], paths: ['a'], workspace: to }), {
    hit: 'partial',
    key: 'k-1',
  });
  assert.equal(textAt(to, 'a'), 'whole');
});

async function keysLeft(cache: CacheStore, keys: readonly string[]): Promise<readonly string[]> {
  const left: string[] = [];
  for (const key of keys) {
    const found = await cache.lookup({ key, paths: ['a'], workspace: workspace() });
    if (found.key === key) left.push(key);
  }
  return left;
}

test('when there is no room for all, what was not used longest goes', async () => {
  const { cache } = freshCache({ maxBytes: 25_000 });
  const text = 'x'.repeat(10_000);
  for (const key of ['one', 'two']) await cache.save({ key, paths: ['a'], workspace: workspace({ a: text }) });
  await cache.restore({ key: 'one', paths: ['a'], workspace: workspace() });
  await cache.save({ key: 'three', paths: ['a'], workspace: workspace({ a: text }) });
  assert.deepEqual(await keysLeft(cache, ['one', 'two', 'three']), ['one', 'three']);
});

test('an entry that nobody used for long goes, and a new one stays however large it is', async () => {
  const { cache } = freshCache({ maxBytes: 5000, unusedMs: 1500 });
  await cache.save({ key: 'old', paths: ['a'], workspace: workspace({ a: '1' }) });
  await cache.restore({ key: 'nothing', paths: ['a'], workspace: workspace() });
  await cache.save({ key: 'k-1', paths: ['a'], workspace: workspace({ a: '2' }) });
  await cache.save({ key: 'large', paths: ['a'], workspace: workspace({ a: 'x'.repeat(20_000) }) });
  assert.deepEqual(await keysLeft(cache, ['old', 'k-1', 'large']), ['large']);
});

test('a cache into which nothing is saved any more can be tidied, and asked before what that would remove', async () => {
  const { cache } = freshCache({ unusedMs: 2500 });
  assert.deepEqual(await cache.tidy(), { entries: 0, bytes: 0 });
  for (const key of ['old', 'new']) await cache.save({ key, paths: ['a'], workspace: workspace({ a: '1' }) });
  // Each look at the clock is a second later.
  await cache.restore({ key: 'new', paths: ['a'], workspace: workspace() });
  const shown = await cache.tidy({ isTrial: true });
  assert.equal(shown.entries, 1);
  assert.ok(shown.bytes > 0);
  assert.deepEqual(await keysLeft(cache, ['old', 'new']), ['old', 'new']);
  assert.equal((await cache.tidy()).entries, 1);
  assert.deepEqual(await keysLeft(cache, ['old', 'new']), ['new']);
});

test('an entry that is being read is never removed', async () => {
  const { cache } = freshCache({ maxBytes: 1 });
  mkdirSync(cache.drafts, { recursive: true });
  const file = path.join(cache.drafts, 'archive');
  writeFileSync(file, 'whole');
  await cache.saveArchive({ key: 'k', version: 'v', file });
  const save = async (key: string) => cache.save({ key, paths: ['a'], workspace: workspace({ a: '1' }) });
  {
    using reader = await cache.findArchive({ key: 'k', version: 'v' });
    await save('one');
    assert.equal(textAt(reader?.file ?? ''), 'whole');
  }
  await save('two');
  assert.equal(await cache.findArchive({ key: 'k', version: 'v' }), undefined);
});
