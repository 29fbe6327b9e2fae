import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const gantry = resolve(import.meta.dirname, '../bin/gantry');

test('what a step has printed can be read while it runs, and survives the death of its engine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-live-'));
  const options = { cwd: folder, env: { ...process.env, GANTRY_STATE_DIR: join(folder, 'state'), NO_COLOR: '1' } };
  const pidFile = join(folder, 'pid');
  const step = `echo $$ > ${pidFile}; echo before the kill; exec sleep 600`;
  writeFileSync(
    join(folder, 'gantry.yml'),
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ${step}\n`,
  );
  const engine = spawn(gantry, ['run'], { ...options, stdio: 'ignore' });
  const ended = once(engine, 'exit');
  try {
    let shown = '';
    while (!shown.includes('before the kill') && engine.exitCode === null) {
      shown = (await execute(gantry, ['logs'], options).catch(() => ({ stdout: '' }))).stdout;
    }
    engine.kill('SIGKILL');
    await ended;
    const after = await execute(gantry, ['logs'], options);
    assert.equal(after.stdout, 'before the kill\n');
    assert.match(after.stderr, /was interrupted; gantry resume r-\S+ goes on with it/);
    const report = await execute(gantry, ['show'], options);
    assert.match(report.stderr, /was interrupted/);
  } finally {
    engine.kill('SIGKILL');
    process.kill(-Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});
