import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const gantry = resolve(import.meta.dirname, '../bin/gantry');

test('a reader that goes away in mid-output gets no stack trace, and the run goes on to its end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-pipe-'));
  try {
    const steps = Array.from({ length: 30 }, (_, index) => `      - run: echo ${index}`).join('\n');
    writeFileSync(
      join(folder, 'gantry.yml'),
      `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${steps}\n`,
    );
    const options = { cwd: folder, env: { ...process.env, GANTRY_STATE_DIR: join(folder, 'state') } };
    const cut = await execute('bash', ['-c', '"$0" run | head -n 1', gantry], options);
    assert.equal(cut.stderr, '');
    const shown = await execute(gantry, ['show', '--format', 'json'], options);
    assert.match(shown.stdout, /"finished": true/);
    assert.match(shown.stdout, /"verdict": "passed"/);
    const logs = await execute('bash', ['-c', '"$0" logs --raw | head -n 1', gantry], options);
    assert.deepEqual([logs.stdout, logs.stderr], ['0\n', '']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
