import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRepositoryStore } from './repository-store.ts';
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
        env: { PATH: process.env['PATH'] ?? '', HOME: root },
      }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function textAt(store: RepositoryStore, ref: string): Promise<string> {
  const fetched = await store.fetch({ repository: 'some/tool', ref }, SIGNAL);
  return fetched.ok ? readFileSync(join(fetched.value.folder, 'file'), 'utf8') : `error: ${fetched.error}`;
}

test('branches, tags, and full commits are found, and an annotated tag gives its commit', async () => {
  using server = startServer();
  const first = server.commit('one');
  server.git('tag', '-a', '-m', 'x', 'v1');
  server.commit('two');
  const store = server.open();
  assert.equal(await textAt(store, 'main'), 'two');
  assert.equal(await textAt(store, 'v1'), 'one');
  assert.equal(await textAt(store, first), 'one');
  const tagged = await store.fetch({ repository: 'some/tool', ref: 'v1' }, SIGNAL);
  assert.equal(tagged.ok && tagged.value.sha, first);
  assert.match(await textAt(store, 'v9'), /^error: .* has no branch or tag "v9"/);
});

test('a commit that is cut short is refused, and the reason told', async () => {
  using server = startServer();
  const sha = server.commit('one');
  const text = await textAt(server.open(), sha.slice(0, 8));
  assert.match(text, /has no branch or tag "[0-9a-f]{8}"; of a commit, all 40 letters are needed$/);
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
  assert.notEqual(stale.value.stale ?? '', '');
  const pinned = await server.open().fetch({ repository: 'some/tool', ref: first }, SIGNAL);
  assert.ok(pinned.ok, 'a full commit that is present needs no server');
  assert.equal(pinned.value.stale, undefined);
  assert.match(await textAt(server.open(), 'main'), /^error: /);
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
  assert.ok(store.hasLocal('some/tool/sub@v1'));
  assert.ok(!store.hasLocal('some/tool@v2'));
});

test('names that are options or paths are refused', async () => {
  using server = startServer();
  server.commit('one');
  const store = server.open();
  for (const repository of ['some', '../tool', 'some/..', '-u/tool', 'a/b/c', 'some/to ol', ''])
    assert.equal((await store.fetch({ repository, ref: 'main' }, SIGNAL)).ok, false, repository);
  for (const ref of ['--upload-pack=touch', '-x', '../x', 'a..b', 'a b', 'a:b', 'a^{}', '', 'a\nb'])
    assert.equal((await store.fetch({ repository: 'some/tool', ref }, SIGNAL)).ok, false, ref);
});
