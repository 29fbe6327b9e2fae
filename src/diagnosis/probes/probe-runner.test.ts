import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { startProcess } from '#execution/process/host-process.ts';
import { probeRunner } from './probe-runner.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-probe-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const probe = (env: Readonly<Record<string, string>>, at = folder): ReturnType<typeof probeRunner> =>
  probeRunner({ folder: at, env, start: startProcess, signal: new AbortController().signal });

test('a machine that is well is said to be, and nothing is left behind', async () => {
  const probes = await probe({ PATH: '/usr/bin:/bin' });
  assert.deepEqual(
    probes.map(({ name, ok }) => [name, ok]),
    [
      ['echo test', true],
      ['disk', true],
      ['memory', true],
    ],
  );
  assert.deepEqual(
    probes.flatMap(({ finding }) => finding ?? []),
    [],
  );
});

test('a shell that cannot even print accuses the runner', async () => {
  const broken = join(folder, 'sh');
  writeFileSync(broken, '#!/bin/false\n');
  chmodSync(broken, 0o755);
  const [echo] = await probe({ PATH: folder });
  assert.equal(echo?.ok, false);
  assert.equal(echo?.finding?.layer, 'runner');
  assert.match(
    echo?.finding?.cause ?? '',
    /the runner itself is not well: a shell that only prints a word ends with exit code 1/,
  );
});

test('a workspace that is gone cannot be written to', async () => {
  const probes = await probe({ PATH: '/usr/bin:/bin' }, join(folder, 'gone'));
  assert.equal(probes.find(({ name }) => name === 'disk')?.ok, false);
});

test('a workspace on a disk of 64 KiB has no room for 1 MiB', async () => {
  const asRoot = (argv: readonly string[]): unknown => {
    const [command = '', ...args] = process.getuid?.() === 0 ? argv : ['sudo', '-n', ...argv];
    return execFileSync(command, args, { stdio: 'pipe' });
  };
  asRoot(['mount', '-t', 'tmpfs', '-o', 'size=64k,mode=777', 'tmpfs', folder]);
  try {
    const disk = (await probe({ PATH: '/usr/bin:/bin' })).find(({ name }) => name === 'disk');
    assert.equal(disk?.finding?.layer, 'resources');
    assert.equal(disk.finding.cause, 'the disk of the workspace is full');
  } finally {
    asRoot(['umount', folder]);
  }
});
