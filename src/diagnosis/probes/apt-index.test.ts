import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, test } from 'node:test';
import { startProcess } from '#execution/process/host-process.ts';
import { calledCommands } from '#shell/called-commands.ts';
import { aptIndex, aptTrouble, type AptTrouble } from './apt-index.ts';
import type { Probe } from './probe.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/exit-code-100');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-apt-'));
  cpSync(EXAMPLE, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = { PATH: '/usr/bin:/bin', APT_CONFIG: 'package-index/apt.conf' };
const update = (): unknown => execFileSync('apt-get', ['update', '-qq'], { cwd: folder, env, stdio: 'pipe' });

function probe(trouble: AptTrouble | undefined, path = env.PATH): Promise<Probe> {
  assert.ok(trouble);
  const signal = new AbortController().signal;
  return aptIndex(trouble, { folder, env: { ...env, PATH: path }, start: startProcess, signal });
}

const trouble = (log: string, script = ''): AptTrouble | undefined =>
  aptTrouble(log.split('\n'), calledCommands(script));

test('without lists it is not the package that is missing', async () => {
  const { finding } = await probe(trouble('E: Unable to locate package libgl1'));
  assert.equal(finding?.layer, 'configuration');
  assert.match(finding?.cause ?? '', /^apt has no package lists, so it cannot find libgl1 or anything else$/);
  assert.match(finding?.fix ?? '', /^run apt-get update before/);
});

test('lists that could not be fetched are a matter of the network', async () => {
  const log = "Err:1 http://deb.example.invalid x InRelease\n  Temporary failure resolving 'deb.example.invalid'\n";
  const { finding } = await probe(trouble(`${log}E: Unable to locate package libgl1`));
  assert.equal(finding?.layer, 'network');
});

test('of an index that is there in part, a package that merely is not in it proves nothing', async () => {
  update();
  const log = 'W: Failed to fetch http://ppa.example.invalid/x  Temporary failure resolving\n';
  const { ok, finding } = await probe(trouble(`${log}E: Unable to locate package tool-of-the-ppa`));
  assert.equal(ok, false);
  assert.equal(finding, undefined);
});

test('a package that is there by now accuses nobody', async () => {
  update();
  const { ok, finding } = await probe(trouble('E: Unable to locate package libsm6'));
  assert.deepEqual([ok, finding], [true, undefined]);
});

test('what apt offers instead is taken up', async () => {
  update();
  const offer =
    'Package libgl is a virtual package provided by:\n  libgl1 1.7.0-1+b2\nYou should explicitly select one to install.\n\n';
  const { finding } = await probe(trouble(`${offer}E: Package 'libgl' has no installation candidate`));
  assert.match(finding?.cause ?? '', /; libgl1 has replaced libgl$/);
});

test('where apt gives no answer, what is known to be gone is known all the same', async () => {
  const log = 'E: Unable to locate package libgl1-mesa-glx';
  const { finding } = await probe(trouble(log, 'sudo apt-get install -y libgl1-mesa-glx'), folder);
  assert.match(
    finding?.cause ?? '',
    /^apt-get cannot install libgl1-mesa-glx: .*; libgl1 has replaced libgl1-mesa-glx$/,
  );
  assert.equal(finding?.fix, 'at line 1 of the script: sudo apt-get install -y libgl1');
  assert.equal((await probe(trouble('E: Unable to locate package nobody-knows'), folder)).finding, undefined);
});

test('the command is the one that names the package, with a version or an architecture too', () => {
  const script =
    'apt-get install -y git\nsudo -E apt-get install -y --no-install-recommends curl netcat=1.10-41 \\\n  jq';
  const found = trouble("E: Version '1.10-41' for 'netcat' was not found\nE: Unable to locate package netcat", script);
  assert.deepEqual(found?.packages, ['netcat']);
  assert.deepEqual(
    found.commands.map(({ name, line, endLine }) => [name, line, endLine]),
    [['apt-get', 2, 3]],
  );
  assert.equal(trouble('all is well', script), undefined);
});
