import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { runId } from '#base/ids.ts';
import type { JsonObject } from '#base/json.ts';
import { githubContext, localPayload } from './github-context.ts';
import { findProject } from './project.ts';
import type { Project } from './project.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-contexts-'));
after(() => rmSync(root, { recursive: true, force: true }));

const IDENTITY = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgsign=false'];

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', [...IDENTITY, ...args], { cwd: folder, stdio: 'pipe' })
    .toString()
    .trim();
}

let count = 0;

/** Two commits on `main`. */
function makeRepository(): string {
  const folder = join(root, `repo-${count++}`);
  mkdirSync(folder);
  git(folder, 'init', '--quiet', '--initial-branch', 'main');
  writeFileSync(join(folder, 'gantry.yml'), 'on: push\n');
  git(folder, 'add', '.');
  git(folder, 'commit', '--quiet', '--message', 'first');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'second\n\nwith a body');
  return folder;
}

function projectIn(folder: string): Promise<Project> {
  return findProject(join(folder, 'gantry.yml'));
}

async function contextIn(folder: string, name = 'push', given: JsonObject = {}): Promise<JsonObject> {
  const project = await projectIn(folder);
  const payload = { ...localPayload(project, 'gantry.yml', name), ...given };
  return githubContext(project, { name, payload, runId: runId('r-20261126-051354-7f43'), runNumber: 3 });
}

function refsOf({ ref, ref_name, ref_type, sha }: JsonObject): readonly unknown[] {
  return [ref, ref_name, ref_type, sha];
}

test('every documented property is there, as text where GitHub has text', async () => {
  const folder = makeRepository();
  git(folder, 'remote', 'add', 'origin', 'https://github.com/octo-org/octo-repo.git');
  const { event, ...rest } = await contextIn(folder);
  assert.deepEqual(rest, {
    action: '',
    actor: userInfo().username,
    actor_id: '',
    api_url: 'https://api.github.com',
    base_ref: '',
    event_name: 'push',
    graphql_url: 'https://api.github.com/graphql',
    head_ref: '',
    ref: 'refs/heads/main',
    ref_name: 'main',
    ref_protected: false,
    ref_type: 'branch',
    repository: 'octo-org/octo-repo',
    repositoryUrl: 'git://github.com/octo-org/octo-repo.git',
    repository_id: '',
    repository_owner: 'octo-org',
    repository_owner_id: '',
    repository_visibility: '',
    retention_days: '90',
    run_attempt: '1',
    run_id: String((Date.UTC(2026, 10, 26, 5, 13, 54) / 1_000) * 65_536 + 0x7f43),
    run_number: '3',
    secret_source: 'Actions',
    server_url: 'https://github.com',
    sha: git(folder, 'rev-parse', 'HEAD'),
    token: '',
    triggering_actor: userInfo().username,
    workspace: '',
  });
  assert.ok(event);
});

test('a push tells of the commit that is here', async () => {
  const folder = makeRepository();
  const payload = localPayload(await projectIn(folder), 'gantry.yml', 'push');
  const { before, after: sha, head_commit: head, repository, pusher } = payload;
  assert.deepEqual([before, sha], [git(folder, 'rev-parse', 'HEAD~1'), git(folder, 'rev-parse', 'HEAD')]);
  assert.partialDeepStrictEqual(head, {
    message: 'second\n\nwith a body',
    author: { name: 'Ada', email: 'ada@example.org' },
    tree_id: git(folder, 'rev-parse', 'HEAD^{tree}'),
  });
  assert.partialDeepStrictEqual(repository, { default_branch: 'main', owner: { login: 'local' } });
  assert.deepEqual(pusher, { name: userInfo().username, email: 'ada@example.org' });
});

describe('the repository is named by its remote', () => {
  const cases: readonly (readonly [address: string, name: string | undefined])[] = [
    ['https://github.com/octo/repo', 'octo/repo'],
    ['https://github.com/octo/repo.git/', 'octo/repo'],
    ['https://user:token@github.com/octo/repo.git', 'octo/repo'],
    ['git@github.com:octo/repo.git', 'octo/repo'],
    ['ssh://git@ssh.github.com:443/octo/repo.git', 'octo/repo'],
    ['work:octo/repo.git', 'octo/repo'],
    ['git://example.org/group/sub/repo.name.git', 'sub/repo.name'],
    ['/srv/git/repo.git', undefined],
    ['../elsewhere', undefined],
    ['file:///srv/git/repo.git', undefined],
  ];
  for (const [address, name] of cases) {
    test(address, async () => {
      const folder = makeRepository();
      git(folder, 'remote', 'add', 'origin', address);
      const local = `local/repo-${count - 1}`;
      assert.equal((await contextIn(folder))['repository'], name ?? local);
    });
  }
});

test('without a remote it is named by its folder, or by the event; with another than origin, by that', async () => {
  const folder = makeRepository();
  assert.equal((await contextIn(folder))['repository'], `local/repo-${count - 1}`);
  const told = { repository: { full_name: 'octo/told', id: 42, owner: { id: 7 } }, sender: { login: 'mona', id: 5 } };
  assert.partialDeepStrictEqual(await contextIn(folder, 'push', told), {
    repository: 'octo/told',
    repository_id: '42',
    repository_owner_id: '7',
    actor: 'mona',
    actor_id: '5',
    triggering_actor: 'mona',
  });
  for (const [repository, visibility] of [
    [{ ...told.repository, private: true }, 'private'],
    [{ ...told.repository, private: false }, 'public'],
    [{ ...told.repository, private: true, visibility: 'internal' }, 'internal'],
  ] as const)
    assert.equal((await contextIn(folder, 'push', { repository }))['repository_visibility'], visibility);
  git(folder, 'remote', 'add', 'upstream', 'git@github.com:octo/up.git');
  const context = await contextIn(folder, 'push', told);
  assert.deepEqual([context['repository'], context['repository_id']], ['octo/up', '']);
});

test('in a worktree, the branch and the commit are the worktree’s', async () => {
  const folder = makeRepository();
  const tree = join(root, `tree-${count++}`);
  git(folder, 'worktree', 'add', '--quiet', '-b', 'topic/one', tree, 'HEAD~1');
  const sha = git(folder, 'rev-parse', 'HEAD~1');
  assert.deepEqual(refsOf(await contextIn(tree)), ['refs/heads/topic/one', 'topic/one', 'branch', sha]);
  assert.equal((await projectIn(tree)).defaultBranch, 'main');
});

test('detached: the tag that is checked out, else the one branch that is here, else nothing', async () => {
  const folder = makeRepository();
  const sha = git(folder, 'rev-parse', 'HEAD');
  git(folder, 'checkout', '--quiet', '--detach');
  assert.deepEqual(refsOf(await contextIn(folder)), ['refs/heads/main', 'main', 'branch', sha]);
  git(folder, 'tag', 'v1.2');
  assert.deepEqual(refsOf(await contextIn(folder)), ['refs/tags/v1.2', 'v1.2', 'tag', sha]);
  git(folder, 'tag', '--delete', 'v1.2');
  git(folder, 'branch', 'second');
  assert.deepEqual(refsOf(await contextIn(folder)), ['', '', 'branch', sha]);
  git(folder, 'checkout', '--quiet', 'HEAD~1');
  assert.equal((await contextIn(folder))['ref'], '');
});

test('in a shallow clone, detached at what the remote calls its branch', async () => {
  const folder = makeRepository();
  const clone = join(root, `clone-${count++}`);
  git(root, 'clone', '--quiet', '--depth', '1', `file://${folder}`, clone);
  git(clone, 'checkout', '--quiet', '--detach');
  git(clone, 'branch', '--delete', '--force', 'main');
  const project = await projectIn(clone);
  assert.deepEqual([project.ref, project.head?.parent, project.defaultBranch], ['refs/heads/main', '', 'main']);
  assert.equal(localPayload(project, 'gantry.yml', 'push')['before'], '0'.repeat(40));
});

test('the default branch is what the remote says, or the one with the usual name', async () => {
  const folder = makeRepository();
  git(folder, 'branch', '--move', 'main', 'trunk');
  assert.equal((await projectIn(folder)).defaultBranch, 'trunk');
  git(folder, 'branch', 'master');
  assert.equal((await projectIn(folder)).defaultBranch, 'master');
  const clone = join(root, `clone-${count++}`);
  git(root, 'clone', '--quiet', folder, clone);
  git(clone, 'checkout', '--quiet', '-b', 'topic');
  assert.equal((await projectIn(clone)).defaultBranch, 'trunk');
});

test('without a commit, and without git, there is no commit and no branch to speak of', async () => {
  const empty = join(root, `empty-${count++}`);
  mkdirSync(empty);
  assert.partialDeepStrictEqual(await projectIn(empty), { isGit: false, sha: '', ref: '', origin: '' });
  git(empty, 'init', '--quiet', '--initial-branch', 'main');
  assert.partialDeepStrictEqual(await projectIn(empty), { isGit: true, sha: '', ref: 'refs/heads/main' });
});

describe('an event says which ref it is about', () => {
  const pull = { number: 7, base: { ref: 'main' }, head: { ref: 'topic' } };
  const cases: readonly (readonly [name: string, payload: JsonObject, wanted: JsonObject])[] = [
    ['pull_request', { pull_request: pull }, { ref: 'refs/pull/7/merge', ref_name: '7/merge', base_ref: 'main' }],
    ['pull_request_target', { pull_request: pull }, { ref: 'refs/heads/main', head_ref: 'topic' }],
    ['push', { ref: 'refs/tags/v1' }, { ref: 'refs/tags/v1', ref_type: 'tag', base_ref: '' }],
    ['release', { release: { tag_name: 'v2' } }, { ref: 'refs/tags/v2', ref_name: 'v2', ref_type: 'tag' }],
    ['schedule', {}, { ref: 'refs/heads/main', head_ref: '' }],
    ['workflow_dispatch', {}, { ref: 'refs/heads/main', event_name: 'workflow_dispatch' }],
  ];
  for (const [name, payload, wanted] of cases) {
    test(`${name} ${JSON.stringify(wanted)}`, async () => {
      assert.partialDeepStrictEqual(await contextIn(makeRepository(), name, payload), wanted);
    });
  }
});
