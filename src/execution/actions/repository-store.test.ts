import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkReference, openRepositoryStore } from './repository-store.ts';
import type { RepositoryStore } from './repository-store.ts';

const SIGNAL = new AbortController().signal;

interface Server extends Disposable {
  readonly root: string;
  commit(text: string): string;
  git(...args: readonly string[]): string;
  goAway(): void;
  open(local?: Readonly<Record<string, string>>): RepositoryStore;
}

function startServer(): Server {
  const root = mkdtempSync(join(tmpdir(), 'gantry-repositories-'));
  const repository = join(root, 'server', 'some', 'tool');
  mkdirSync(repository, { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: repository, encoding: 'utf8' });
  git('init', '--quiet', '--initial-branch=main');
  return {
    root,
    git,
    commit: (text) => {
      writeFileSync(join(repository, 'file'), text);
      git('add', '-A');
      git('commit', '--quiet', '-m', text);
      return git('rev-parse', 'HEAD').trim();
    },
    goAway: () => renameSync(join(root, 'server'), join(root, 'gone')),
    open: (local = {}) =>
      openRepositoryStore(join(root, 'store'), {
        serverUrl: `file://${join(root, 'server')}`,
        local,
        environment: { PATH: process.env['PATH'] ?? '', HOME: root },
      }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function textAt(store: RepositoryStore, ref: string): Promise<string> {
  const fetched = await store.fetch({ repository: 'some/tool', ref }, SIGNAL);
  return fetched.ok ? readFileSync(join(fetched.value.folder, 'file'), 'utf8') : `error: ${fetched.error}`;
}

test('branches, tags, full and short commits are found, and an annotated tag gives its commit', async () => {
  using server = startServer();
  const first = server.commit('one');
  server.git('tag', '-a', '-m', 'x', 'v1');
  server.commit('two');
  const store = server.open();
  assert.equal(await textAt(store, 'main'), 'two');
  assert.equal(await textAt(store, 'v1'), 'one');
  assert.equal(await textAt(store, first), 'one');
  assert.equal(await textAt(store, first.slice(0, 8)), 'one');
  const tagged = await store.fetch({ repository: 'some/tool', ref: 'v1' }, SIGNAL);
  assert.equal(tagged.ok && tagged.value.sha, first);
  assert.equal(await textAt(store, 'v9'), 'error: some/tool has no branch, tag or commit v9');
});

test('a moved tag is followed, and without its server the commit seen last is used and said to be stale', async () => {
  using server = startServer();
  const first = server.commit('one');
  server.git('tag', 'v1');
  const early = server.open();
  assert.equal(await textAt(early, 'v1'), 'one');
  const second = server.commit('two');
  server.git('tag', '-f', 'v1');
  assert.equal(await textAt(early, 'v1'), 'one', 'one run sees one commit');
  assert.equal(await textAt(server.open(), 'v1'), 'two');
  server.goAway();
  const stale = await server.open().fetch({ repository: 'some/tool', ref: 'v1' }, SIGNAL);
  assert.ok(stale.ok);
  assert.equal(stale.value.sha, second);
  assert.match(stale.value.stale ?? '', /^git ls-remote: /);
  const pinned = await server.open().fetch({ repository: 'some/tool', ref: first }, SIGNAL);
  assert.ok(pinned.ok, 'a full commit that is present needs no server');
  assert.equal(pinned.value.stale, undefined);
  assert.match(await textAt(server.open(), 'main'), /^error: git ls-remote: /);
});

test('two stores that fetch one commit at the same time both get it whole', async () => {
  using server = startServer();
  const sha = server.commit('one');
  const texts = await Promise.all([server.open(), server.open(), server.open()].map((store) => textAt(store, sha)));
  assert.deepEqual(texts, ['one', 'one', 'one']);
});

test('a local folder takes the place of a repository', async () => {
  using server = startServer();
  const folder = join(server.root, 'mine');
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'local');
  const store = server.open({ 'some/tool@v1': folder });
  assert.equal(await textAt(store, 'v1'), 'local');
  assert.ok(store.isReplaced({ repository: 'some/tool', ref: 'v1' }));
  assert.ok(!store.isReplaced({ repository: 'some/tool', ref: 'v2' }));
});

test('names that are options or paths are refused', () => {
  for (const repository of ['some', '../tool', 'some/..', '-u/tool', 'a/b/c', 'some/to ol', ''])
    assert.match(checkReference({ repository, ref: 'v1' }) ?? 'taken', /is not the name of a repository/, repository);
  for (const ref of ['--upload-pack=touch', '../x', 'a..b', '/x', 'a b', 'a:b', 'a^{}', '', 'a\nb', 'x.lock', 'a//b'])
    assert.match(checkReference({ repository: 'some/tool', ref }) ?? 'taken', /cannot be a branch/, ref);
  for (const ref of ['v1', 'v1.2.3', 'feature/x', 'releases/v1', 'a+b', 'refs/heads/main', '#1'])
    assert.equal(checkReference({ repository: 'some/tool', ref }), undefined, ref);
});
