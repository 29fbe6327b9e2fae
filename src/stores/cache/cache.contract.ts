import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync } from 'node:fs';
import { linkSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { CacheStore } from './cache.ts';

export interface CacheBench {
  readonly cache: CacheStore;
  /** An empty folder that `~/` stands for. */
  readonly home: string;
  /** Makes another empty workspace. */
  readonly workspace: (files?: Readonly<Record<string, string>>) => string;
}

/** Makes workspaces under `root`. */
export function workspaceIn(root: string): CacheBench['workspace'] {
  return (files = {}) => {
    const workspace = mkdtempSync(path.join(root, 'w-'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(workspace, name)), { recursive: true });
      writeFileSync(path.join(workspace, name), text);
    }
    return workspace;
  };
}

export function textAt(...parts: string[]): string {
  return readFileSync(path.join(...parts), 'utf8');
}

/** What every cache must do. `open` gives an empty one, whose entries are the newer the later they are saved. */
export function cacheContract(name: string, open: () => CacheBench): void {
  matchContract(name, open);
  describe(`cache, trees: ${name}`, () => {
    test('a tree comes back with links, modes, times and empty folders', async () => {
      const { cache, workspace } = open();
      const from = workspace({ 'deps/bin/tool': '#!', 'deps/a': 'a' });
      chmodSync(path.join(from, 'deps/bin/tool'), 0o755);
      utimesSync(path.join(from, 'deps/a'), 1_000_000, 1_000_000);
      symlinkSync('bin/tool', path.join(from, 'deps/link'));
      symlinkSync('nowhere', path.join(from, 'deps/dangling'));
      mkdirSync(path.join(from, 'deps/empty'));
      assert.equal(await cache.save({ key: 'k', paths: ['deps'], workspace: from }), 'saved');

      const to = workspace();
      assert.deepEqual(await cache.restore({ key: 'k', paths: ['deps'], workspace: to }), { hit: 'exact', key: 'k' });
      assert.equal(lstatSync(path.join(to, 'deps/bin/tool')).mode & 0o777, 0o755);
      assert.equal(lstatSync(path.join(to, 'deps/a')).mtimeMs, 1_000_000_000);
      assert.equal(readlinkSync(path.join(to, 'deps/link')), 'bin/tool');
      assert.equal(readlinkSync(path.join(to, 'deps/dangling')), 'nowhere');
      assert.ok(lstatSync(path.join(to, 'deps/empty')).isDirectory());
    });

    test('files, folders below others, ~/ and absolute paths go back to where they were', async () => {
      const { cache, home, workspace } = open();
      const from = workspace({ 'a/b/c/x': '1', 'single.txt': '2' });
      const outside = path.join(workspace(), 'store');
      writeFileSync(outside, '3');
      mkdirSync(path.join(home, '.tool'));
      writeFileSync(path.join(home, '.tool/y'), '4');
      const paths = ['./a/b/c/', 'single.txt', outside, '~/.tool', 'never-made'];
      await cache.save({ key: 'k', paths, workspace: from });
      writeFileSync(outside, 'changed');
      writeFileSync(path.join(home, '.tool/y'), 'changed');

      const to = workspace();
      assert.equal((await cache.restore({ key: 'k', paths, workspace: to })).hit, 'exact');
      assert.deepEqual(
        [textAt(to, 'a/b/c/x'), textAt(to, 'single.txt'), textAt(outside), textAt(home, '.tool/y')],
        ['1', '2', '3', '4'],
      );
      assert.ok(!existsSync(path.join(to, 'never-made')));
    });

    test('a restore replaces files of the entry, keeps others, and never writes through links', async () => {
      const { cache, workspace } = open();
      await cache.save({
        key: 'k',
        paths: ['deps'],
        workspace: workspace({ 'deps/a': 'cached', 'deps/b': 'cached', 'deps/hard': 'cached' }),
      });
      const to = workspace({ 'deps/a': 'old', 'deps/mine': 'mine', victim: 'safe', hard: 'safe' });
      symlinkSync('../victim', path.join(to, 'deps/b'));
      linkSync(path.join(to, 'hard'), path.join(to, 'deps/hard'));
      await cache.restore({ key: 'k', paths: ['deps'], workspace: to });
      assert.deepEqual(
        [textAt(to, 'deps/a'), textAt(to, 'deps/b'), textAt(to, 'deps/mine')],
        ['cached', 'cached', 'mine'],
      );
      assert.deepEqual([textAt(to, 'victim'), textAt(to, 'hard')], ['safe', 'safe']);
    });

    test('an entry does not change with what it was made of or restored to', async () => {
      const { cache, workspace } = open();
      const from = workspace({ 'deps/a': 'first' });
      await cache.save({ key: 'k', paths: ['deps'], workspace: from });
      writeFileSync(path.join(from, 'deps/a'), 'later');
      const to = workspace();
      await cache.restore({ key: 'k', paths: ['deps'], workspace: to });
      writeFileSync(path.join(to, 'deps/a'), 'later');
      const again = workspace();
      await cache.restore({ key: 'k', paths: ['deps'], workspace: again });
      assert.equal(textAt(again, 'deps/a'), 'first');
    });

    test('a relative path that leaves the workspace is refused', async () => {
      const { cache, workspace } = open();
      const from = workspace({ a: '1' });
      for (const bad of ['..', '../x', 'a/../../x', './..']) {
        await assert.rejects(cache.save({ key: 'k', paths: ['a', bad], workspace: from }), /leaves the workspace/);
        await assert.rejects(cache.restore({ key: 'k', paths: [bad], workspace: from }), /leaves the workspace/);
      }
      assert.equal(await cache.save({ key: 'k', paths: ['..a/../a'], workspace: from }), 'saved');
    });
  });
}

function matchContract(name: string, open: () => CacheBench): void {
  describe(`cache, keys: ${name}`, () => {
    test('an empty cache misses, and leaves the workspace alone', async () => {
      const { cache, workspace } = open();
      const to = workspace({ 'deps/a': 'mine' });
      assert.deepEqual(await cache.restore({ key: 'k', restoreKeys: ['', 'k'], paths: ['deps'], workspace: to }), {
        hit: 'miss',
      });
      assert.equal(textAt(to, 'deps/a'), 'mine');
    });

    test('an entry never changes: a second save under its key says that it exists', async () => {
      const { cache, workspace } = open();
      assert.equal(await cache.save({ key: 'k', paths: ['a'], workspace: workspace({ a: 'first' }) }), 'saved');
      assert.equal(await cache.save({ key: 'k', paths: ['a'], workspace: workspace({ a: 'second' }) }), 'exists');
      const to = workspace();
      await cache.restore({ key: 'k', paths: ['a'], workspace: to });
      assert.equal(textAt(to, 'a'), 'first');
    });

    test('of many that save one key at once, one wins', async () => {
      const { cache, workspace } = open();
      const saves = Array.from({ length: 6 }, (_, index) =>
        cache.save({ key: 'k', paths: ['a'], workspace: workspace({ 'a/1': `${index}`, 'a/2': `${index}` }) }),
      );
      const ends = await Promise.all(saves);
      assert.deepEqual(ends.toSorted(), ['exists', 'exists', 'exists', 'exists', 'exists', 'saved']);
      const to = workspace();
      await cache.restore({ key: 'k', paths: ['a'], workspace: to });
      const winner = String(ends.indexOf('saved'));
      assert.deepEqual([textAt(to, 'a/1'), textAt(to, 'a/2')], [winner, winner]);
    });

    test('without an exact hit the newest entry that starts with the key, then with each restore key, is taken', async () => {
      const { cache, workspace } = open();
      const keys = ['npm-linux-1', 'npm-linux-2', 'npm-mac-3', 'npm-linux'];
      for (const key of keys) await cache.save({ key, paths: ['a'], workspace: workspace({ a: key }) });
      const restored = async (key: string, restoreKeys: string[]): Promise<string> => {
        const to = workspace();
        const { hit, key: found } = await cache.restore({ key, restoreKeys, paths: ['a'], workspace: to });
        return `${hit} ${found} ${existsSync(path.join(to, 'a')) ? textAt(to, 'a') : ''}`;
      };
      assert.equal(await restored('npm-linux-1', ['npm-']), 'exact npm-linux-1 npm-linux-1');
      assert.equal(await restored('npm-linux-', []), 'partial npm-linux-2 npm-linux-2');
      assert.equal(await restored('npm-linux-9', ['npm-mac-', 'npm-']), 'partial npm-mac-3 npm-mac-3');
      assert.equal(await restored('npm-linux-9', ['yarn-', 'npm-']), 'partial npm-linux npm-linux');
      assert.equal(await restored('x', ['npm-linux-1']), 'partial npm-linux-1 npm-linux-1');
      assert.equal(await restored('x', ['y']), 'miss undefined ');
    });

    test('the same key with other paths is another entry', async () => {
      const { cache, workspace } = open();
      const from = workspace({ a: '1', b: '2' });
      await cache.save({ key: 'k', paths: ['a'], workspace: from });
      assert.equal(
        (await cache.restore({ key: 'k', restoreKeys: ['k'], paths: ['b'], workspace: workspace() })).hit,
        'miss',
      );
      assert.equal(await cache.save({ key: 'k', paths: ['b'], workspace: from }), 'saved');
      assert.equal((await cache.restore({ key: 'k', paths: [' a ', ''], workspace: workspace() })).hit, 'exact');
    });

    test('looking up finds what a restore would, and brings nothing', async () => {
      const { cache, workspace } = open();
      await cache.save({ key: 'k-1', paths: ['a'], workspace: workspace({ a: '1' }) });
      const to = workspace();
      assert.deepEqual(await cache.lookup({ key: 'k-1', paths: ['a'], workspace: to }), { hit: 'exact', key: 'k-1' });
      assert.deepEqual(await cache.lookup({ key: 'k-', paths: ['a'], workspace: to }), { hit: 'partial', key: 'k-1' });
      assert.deepEqual(await cache.lookup({ key: 'x', paths: ['a'], workspace: to }), { hit: 'miss' });
      assert.ok(!existsSync(path.join(to, 'a')));
    });

    test('an entry is found in the scopes that are asked for, all keys in the first before any in the next', async () => {
      const { cache, workspace } = open();
      for (const [scope, key] of [
        ['main', 'k-1'],
        ['topic', 'k-0'],
        ['other', 'k-2'],
      ] as const)
        assert.equal(await cache.save({ key, scope, paths: ['a'], workspace: workspace({ a: scope }) }), 'saved');
      const asked = { key: 'k-1', restoreKeys: ['k-'], paths: ['a'], workspace: workspace() };
      assert.equal((await cache.lookup({ ...asked, scopes: ['topic', 'main'] })).key, 'k-0');
      assert.equal((await cache.lookup({ ...asked, scopes: ['main'] })).key, 'k-1');
      assert.deepEqual(await cache.lookup({ ...asked, scopes: ['new'] }), { hit: 'miss' });
      assert.equal(
        await cache.save({ key: 'k-1', scope: 'topic', paths: ['a'], workspace: workspace({ a: '' }) }),
        'saved',
      );
    });

    test('patterns name the entry, and what they matched is kept', async () => {
      const { cache, workspace } = open();
      const paths = ['*/dist'];
      const from = workspace({ 'x/dist/1': '1', 'y/dist/2': '2' });
      await cache.save({ key: 'k', paths, items: ['x/dist', 'y/dist'], workspace: from });
      const to = workspace();
      assert.equal((await cache.restore({ key: 'k', paths, workspace: to })).hit, 'exact');
      assert.deepEqual([textAt(to, 'x/dist/1'), textAt(to, 'y/dist/2')], ['1', '2']);
    });

    test('an archive is found under its version, and unpacked where its paths are asked for', async () => {
      const { cache, workspace } = open();
      const paths = ['deps'];
      mkdirSync(cache.drafts, { recursive: true });
      const file = path.join(cache.drafts, 'archive.tgz');
      execFileSync('tar', ['-czf', file, '-C', workspace({ 'deps/a': 'packed' }), 'deps']);
      // What `@actions/cache` 6 computes for ['deps'] with gzip.
      const version = createHash('sha256').update('deps|gzip|1.0').digest('hex');
      assert.equal(await cache.saveArchive({ key: 'k', version, file }), 'saved');
      {
        using found = await cache.findArchive({ key: 'k', version });
        assert.equal(found?.key, 'k');
        assert.ok(existsSync(found.file));
      }
      assert.equal(await cache.findArchive({ key: 'k', version: 'other' }), undefined);
      const to = workspace();
      assert.deepEqual(await cache.restore({ key: 'k', paths, workspace: to }), { hit: 'exact', key: 'k' });
      assert.equal(textAt(to, 'deps/a'), 'packed');
    });

    test('nothing to save is an error, and the key stays free', async () => {
      const { cache, workspace } = open();
      await assert.rejects(cache.save({ key: 'k', paths: ['a', 'b/c'], workspace: workspace() }), {
        message: 'nothing to cache: there is no a, b/c',
      });
      assert.equal(await cache.save({ key: 'k', paths: ['a', 'b/c'], workspace: workspace({ a: '1' }) }), 'saved');
    });

    test('any text can be a key', async () => {
      const { cache, workspace } = open();
      const keys = ['../../x', '/abs', '..', 'sp ace', 'x'.repeat(500), `${'x'.repeat(500)}y`];
      for (const key of keys)
        assert.equal(await cache.save({ key, paths: ['a'], workspace: workspace({ a: key }) }), 'saved');
      for (const key of keys) {
        const to = workspace();
        assert.equal((await cache.restore({ key, paths: ['a'], workspace: to })).hit, 'exact');
        assert.equal(textAt(to, 'a'), key);
      }
    });
  });
}
