import assert from 'node:assert/strict';
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
      assert.equal(await cache.save('k', ['deps'], from), 'saved');

      const to = workspace();
      assert.deepEqual(await cache.restore('k', [], ['deps'], to), { hit: 'exact', key: 'k' });
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
      await cache.save('k', paths, from);
      writeFileSync(outside, 'changed');
      writeFileSync(path.join(home, '.tool/y'), 'changed');

      const to = workspace();
      assert.equal((await cache.restore('k', [], paths, to)).hit, 'exact');
      assert.deepEqual(
        [textAt(to, 'a/b/c/x'), textAt(to, 'single.txt'), textAt(outside), textAt(home, '.tool/y')],
        ['1', '2', '3', '4'],
      );
      assert.ok(!existsSync(path.join(to, 'never-made')));
    });

    test('a restore replaces files of the entry, keeps others, and never writes through links', async () => {
      const { cache, workspace } = open();
      await cache.save('k', ['deps'], workspace({ 'deps/a': 'cached', 'deps/b': 'cached', 'deps/hard': 'cached' }));
      const to = workspace({ 'deps/a': 'old', 'deps/mine': 'mine', victim: 'safe', hard: 'safe' });
      symlinkSync('../victim', path.join(to, 'deps/b'));
      linkSync(path.join(to, 'hard'), path.join(to, 'deps/hard'));
      await cache.restore('k', [], ['deps'], to);
      assert.deepEqual(
        [textAt(to, 'deps/a'), textAt(to, 'deps/b'), textAt(to, 'deps/mine')],
        ['cached', 'cached', 'mine'],
      );
      assert.deepEqual([textAt(to, 'victim'), textAt(to, 'hard')], ['safe', 'safe']);
    });

    test('an entry does not change with what it was made of or restored to', async () => {
      const { cache, workspace } = open();
      const from = workspace({ 'deps/a': 'first' });
      await cache.save('k', ['deps'], from);
      writeFileSync(path.join(from, 'deps/a'), 'later');
      const to = workspace();
      await cache.restore('k', [], ['deps'], to);
      writeFileSync(path.join(to, 'deps/a'), 'later');
      const again = workspace();
      await cache.restore('k', [], ['deps'], again);
      assert.equal(textAt(again, 'deps/a'), 'first');
    });

    test('a relative path that leaves the workspace is refused', async () => {
      const { cache, workspace } = open();
      const from = workspace({ a: '1' });
      for (const bad of ['..', '../x', 'a/../../x', './..']) {
        await assert.rejects(cache.save('k', ['a', bad], from), /leaves the workspace/);
        await assert.rejects(cache.restore('k', [], [bad], from), /leaves the workspace/);
      }
      assert.equal(await cache.save('k', ['..a/../a'], from), 'saved');
    });
  });
}

function matchContract(name: string, open: () => CacheBench): void {
  describe(`cache, keys: ${name}`, () => {
    test('an empty cache misses, and leaves the workspace alone', async () => {
      const { cache, workspace } = open();
      const to = workspace({ 'deps/a': 'mine' });
      assert.deepEqual(await cache.restore('k', ['', 'k'], ['deps'], to), { hit: 'miss' });
      assert.equal(textAt(to, 'deps/a'), 'mine');
    });

    test('an entry never changes: a second save under its key says that it exists', async () => {
      const { cache, workspace } = open();
      assert.equal(await cache.save('k', ['a'], workspace({ a: 'first' })), 'saved');
      assert.equal(await cache.save('k', ['a'], workspace({ a: 'second' })), 'exists');
      const to = workspace();
      await cache.restore('k', [], ['a'], to);
      assert.equal(textAt(to, 'a'), 'first');
    });

    test('of many that save one key at once, one wins', async () => {
      const { cache, workspace } = open();
      const saves = Array.from({ length: 6 }, (_, index) =>
        cache.save('k', ['a'], workspace({ 'a/1': `${index}`, 'a/2': `${index}` })),
      );
      const ends = await Promise.all(saves);
      assert.deepEqual(ends.toSorted(), ['exists', 'exists', 'exists', 'exists', 'exists', 'saved']);
      const to = workspace();
      await cache.restore('k', [], ['a'], to);
      const winner = String(ends.indexOf('saved'));
      assert.deepEqual([textAt(to, 'a/1'), textAt(to, 'a/2')], [winner, winner]);
    });

    test('without an exact hit the newest entry that starts with the key, then with each restore key, is taken', async () => {
      const { cache, workspace } = open();
      const keys = ['npm-linux-1', 'npm-linux-2', 'npm-mac-3', 'npm-linux'];
      for (const key of keys) await cache.save(key, ['a'], workspace({ a: key }));
      const restored = async (key: string, restoreKeys: string[]): Promise<string> => {
        const to = workspace();
        const { hit, key: found } = await cache.restore(key, restoreKeys, ['a'], to);
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
      await cache.save('k', ['a'], from);
      assert.equal((await cache.restore('k', ['k'], ['b'], workspace())).hit, 'miss');
      assert.equal(await cache.save('k', ['b'], from), 'saved');
      assert.equal((await cache.restore('k', [], [' a ', ''], workspace())).hit, 'exact');
    });

    test('nothing to save is an error, and the key stays free', async () => {
      const { cache, workspace } = open();
      await assert.rejects(cache.save('k', ['a', 'b/c'], workspace()), {
        message: 'nothing to cache: there is no a, b/c',
      });
      assert.equal(await cache.save('k', ['a', 'b/c'], workspace({ a: '1' })), 'saved');
    });

    test('any text can be a key', async () => {
      const { cache, workspace } = open();
      const keys = ['../../x', '/abs', '..', 'sp ace', 'x'.repeat(500), `${'x'.repeat(500)}y`];
      for (const key of keys) assert.equal(await cache.save(key, ['a'], workspace({ a: key })), 'saved');
      for (const key of keys) {
        const to = workspace();
        assert.equal((await cache.restore(key, [], ['a'], to)).hit, 'exact');
        assert.equal(textAt(to, 'a'), key);
      }
    });
  });
}
