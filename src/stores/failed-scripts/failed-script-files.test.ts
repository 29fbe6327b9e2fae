import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { jobId, runId } from '#base/ids.ts';
import { openFileFailedScripts } from './failed-script-files.ts';
import type { FailedScript } from './failed-scripts.ts';

const FAILED: FailedScript = {
  v: 1,
  runId: runId('r-1'),
  jobId: jobId('test (a / b)'),
  step: 2,
  why: 'exit code 3',
  argv: ['bash', '-e', '{0}'],
  extension: '.sh',
  script: 'exit 3\n',
  isRedacted: false,
  folder: '/w',
  workspace: '/w',
  temporary: '/t',
  env: { A: '1' },
  leftOut: ['TOKEN'],
  files: ['GITHUB_OUTPUT'],
  contexts: {},
};

test('the last failure of a step is found again, by this user alone, and no other step has one', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gantry-failed-'));
  try {
    const store = openFileFailedScripts(join(dir, 'failed'));
    assert.equal(store.find(FAILED.runId, FAILED.jobId, 2), undefined);
    store.keep({ ...FAILED, why: 'exit code 1' });
    store.keep(FAILED);
    assert.deepEqual(store.find(FAILED.runId, FAILED.jobId, 2), FAILED);
    assert.equal(store.find(FAILED.runId, FAILED.jobId, 1), undefined);
    assert.equal(store.find(runId('r-2'), FAILED.jobId, 2), undefined);
    const file = join(dir, 'failed', 'r-1', 'test%20(a%20%2F%20b)', '2.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    store.remove(runId('r-2'));
    assert.deepEqual(store.find(FAILED.runId, FAILED.jobId, 2), FAILED);
    store.remove(FAILED.runId);
    assert.equal(store.find(FAILED.runId, FAILED.jobId, 2), undefined);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
