import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Result } from '#base/result.ts';
import type { JobFolders } from '../job/workspace.ts';
import { inEarlierWorkspace } from './earlier-workspace.ts';
import type { Earlier } from './earlier-workspace.ts';

let folders: JobFolders;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'gantry-earlier-'));
  folders = {
    root,
    workspace: join(root, 'project'),
    private: join(root, '_private'),
    temporary: join(root, '_temp'),
    tools: join(root, 'tools'),
  };
  mkdirSync(folders.workspace);
});
afterEach(() => rmSync(folders.root, { recursive: true, force: true }));

const at = (path: string): string => join(folders.workspace, path);
const write = (path: string, text: string): void => writeFileSync(at(path), text);
const read = (path: string): string => readFileSync(at(path), 'utf8');

/** A file's time of birth, when it lies clearly behind all that is there. */
async function stepBegins(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 30));
  const file = join(folders.root, 'begin');
  writeFileSync(file, '');
  const { birthtimeMs } = statSync(file);
  await new Promise((resolve) => setTimeout(resolve, 30));
  return birthtimeMs;
}

function earlier<T>(sinceMs: number, body: () => Promise<T>): Promise<Result<Earlier<T>, string>> {
  const env = { PATH: process.env['PATH'] ?? '' };
  return inEarlierWorkspace({ folders, sinceMs, env, signal: new AbortController().signal }, body);
}

function commitAll(): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  for (const args of [
    ['init', '--quiet'],
    ['add', '.'],
    [...identity, 'commit', '--quiet', '-m', 'all'],
  ])
    execFileSync('git', args, { cwd: folders.workspace });
}

test('what the step made is not there, what it changed is as committed, and afterwards all is as it left it', async () => {
  write('tracked', 'committed');
  write('replaced', 'committed');
  mkdirSync(at('folder'));
  write('folder/inner', 'committed');
  commitAll();
  write('built', 'by an earlier step');
  const sinceMs = await stepBegins();
  write('tracked', 'changed');
  rmSync(at('replaced'));
  write('replaced', 'anew');
  renameSync(at('folder'), at('old'));
  mkdirSync(at('folder'));
  write('folder/inner', 'anew');
  write('made', 'x');
  const { ino } = statSync(folders.workspace);
  const result = await earlier(sinceMs, async () => {
    const seen = ['tracked', 'replaced', 'folder/inner', 'built'].map(read);
    const made = existsSync(at('made'));
    write('of the replay', 'x');
    return { seen, made };
  });
  assert.ok(result.ok);
  const { seen, made } = result.value.value;
  assert.deepEqual([seen, made], [['committed', 'committed', 'committed', 'by an earlier step'], false]);
  assert.deepEqual(['tracked', 'replaced', 'folder/inner', 'made'].map(read), ['changed', 'anew', 'anew', 'x']);
  assert.equal(existsSync(at('of the replay')), false);
  assert.equal(statSync(folders.workspace).ino, ino);
  assert.deepEqual(existsSync(join(folders.root, '_replayed')), false);
});

test('a file that git does not know stays as the step left it, and is named', async () => {
  write('state', 'old');
  const sinceMs = await stepBegins();
  write('state', 'new');
  const result = await earlier(sinceMs, async () => read('state'));
  assert.deepEqual(result, { ok: true, value: { value: 'new', unlike: ['state'] } });
});

test('a step that committed has changed the repository, which is said', async () => {
  write('tracked', 'committed');
  commitAll();
  const sinceMs = await stepBegins();
  write('more', 'x');
  commitAll();
  const result = await earlier(sinceMs, async () => undefined);
  assert.ok(result.ok);
  assert.deepEqual(result.value.unlike, ['.git']);
});

test('a body that fails, or takes its workspace away, leaves the workspace as it was', async () => {
  write('kept', 'x');
  const sinceMs = await stepBegins();
  const failing = earlier(sinceMs, async () => {
    rmSync(folders.workspace, { recursive: true });
    throw new Error('of the body');
  });
  await assert.rejects(failing, /of the body/);
  assert.equal(read('kept'), 'x');
});

test('a workspace of more than 256 MB is not copied', async () => {
  const sinceMs = await stepBegins();
  write('large', '');
  truncateSync(at('large'), 257 * 1024 * 1024);
  const result = await earlier(sinceMs, async () => assert.fail('it was run'));
  assert.deepEqual(result, { ok: false, error: 'its workspace holds more than 256 MB' });
});
