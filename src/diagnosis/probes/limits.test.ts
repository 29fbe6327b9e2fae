import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { startProcess, type StartProcess } from '#execution/process/host-process.ts';
import { limits, type Limits } from './limits.ts';

const ask = (start: StartProcess = startProcess, oomKillsBefore?: number): Promise<Limits> =>
  limits({
    folder: tmpdir(),
    env: { PATH: '/usr/bin:/bin' },
    start,
    signal: new AbortController().signal,
    ...(oomKillsBefore === undefined ? {} : { oomKillsBefore }),
  });

test('the limits are those under which the step ran', async () => {
  const limited: StartProcess = (spec) =>
    startProcess({ ...spec, argv: ['prlimit', '--nofile=123', '--', ...spec.argv] });
  const { ok, said } = await ask(limited);
  assert.equal(ok, true);
  assert.match(said, /^memory (?:without a limit|\d+ MB), .*123 open files each$/);
});

test('what the kernel ended before the job began, or nobody has counted, is not held against the step', async () => {
  assert.equal((await ask()).killed, 0);
  assert.equal((await ask(startProcess, Number.MAX_SAFE_INTEGER)).killed, 0);
});
