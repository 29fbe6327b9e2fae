import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { jobId, runId } from '#base/ids.ts';
import { claimFolders, putAsideFolder } from './workspace.ts';

test('a workspace that was aside when the engine died is back when the job is resumed, and gone for another run', () => {
  const root = mkdtempSync(join(tmpdir(), 'gantry-places-'));
  try {
    const places = { workRoot: join(root, 'work'), toolCache: join(root, 'tools') };
    const order = { runId: runId('r-1'), jobId: jobId('build'), project: '/x/project' };
    const first = claimFolders(places, order, false);
    writeFileSync(join(first.workspace, 'file'), 'of the job');
    const die = (): void => {
      renameSync(first.workspace, putAsideFolder(first.root));
      mkdirSync(first.workspace);
      writeFileSync(join(first.workspace, 'file'), 'of the copy');
    };
    die();
    const resumed = claimFolders(places, order, true);
    assert.equal(readFileSync(join(resumed.workspace, 'file'), 'utf8'), 'of the job');
    assert.equal(existsSync(putAsideFolder(first.root)), false);
    die();
    rmSync(join(first.root, 'owner'));
    const other = claimFolders(places, { ...order, runId: runId('r-2') }, false);
    assert.equal(other.root, first.root);
    assert.equal(existsSync(join(other.workspace, 'file')), false);
    assert.equal(existsSync(putAsideFolder(first.root)), false);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
