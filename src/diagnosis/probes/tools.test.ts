import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { startProcess } from '#execution/process/host-process.ts';
import { calledCommands } from '#shell/called-commands.ts';
import { namedVariables } from './named-variables.ts';
import type { Probe } from './probe.ts';
import { lookAtTools, toolsInTrouble } from './tools.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gantry-tools-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array, mode = 0o755): void {
  writeFileSync(join(folder, name), content);
  chmodSync(join(folder, name), mode);
}

async function look(tool: string): Promise<Probe> {
  const place = { folder, env: { PATH: '/usr/bin:/bin' }, start: startProcess, signal: new AbortController().signal };
  const [probe] = await lookAtTools([tool], place);
  return probe ?? assert.fail('nothing was told');
}

test('a command that no folder has, and a file that is not there', async () => {
  assert.equal(
    (await look('no-such-tool')).finding?.cause,
    'the command no-such-tool is not there: no folder of PATH has it',
  );
  assert.equal((await look('./gone.sh')).finding?.cause, 'there is no file ./gone.sh');
  assert.equal((await look('cat')).said, '/usr/bin/cat can be started');
  assert.equal((await look('cd')).said, 'part of the shell');
});

test('a script that cannot be started: line ends of Windows, an interpreter that is not there, no right to', async () => {
  put('crlf.sh', '#!/bin/sh\r\necho hi\r\n');
  put('other.sh', '#!/opt/no/such/python3 -u\nprint()\n');
  put('plain.sh', '#!/bin/sh\n', 0o644);
  assert.match((await look('./crlf.sh')).finding?.cause ?? '', /^\.\/crlf\.sh has line ends of Windows/);
  assert.equal(
    (await look('./other.sh')).finding?.cause,
    './other.sh is to be run by /opt/no/such/python3, which is not there',
  );
  assert.equal((await look('./plain.sh')).finding?.fix, 'git update-index --chmod=+x ./plain.sh');
});

test('a program for another machine, and one without its library', async () => {
  const program = readFileSync('/usr/bin/cat');
  const foreign = Buffer.from(program);
  // e_machine in the head of a program: RISC-V.
  foreign.writeUInt16LE(243, 18);
  put('foreign', foreign);
  assert.match(
    (await look('./foreign')).finding?.cause ?? '',
    /^\.\/foreign is built for riscv64, and the runner is \w+$/,
  );
  // The same length, so that the program stays one.
  const name = Buffer.from('libc.so.6');
  const at = program.indexOf(name);
  Buffer.from('libq.so.6').copy(program, at);
  put('without', program);
  const { finding } = await look('./without');
  assert.equal(finding?.layer, 'dependency');
  assert.equal(finding.cause, './without needs the library libq.so.6, which is not on the runner');
});

test('a folder in PATH that was put there by the step is looked into', async () => {
  mkdirSync(join(folder, 'bin'));
  copyFileSync('/usr/bin/cat', join(folder, 'bin/my-cat'));
  const env = { PATH: `${folder}/bin:/usr/bin:/bin` };
  const place = { folder, env, start: startProcess, signal: new AbortController().signal };
  assert.equal((await lookAtTools(['my-cat'], place))[0]?.ok, true);
});

test('which tool it was is read from what the shell says; else all that the script calls are looked at', () => {
  const script = 'echo hi\nsudo ./build.sh --all\nfoo | bar';
  const of = (line: string, exitCode = 127): readonly string[] =>
    toolsInTrouble([line], { called: calledCommands(script), exitCode });
  assert.deepEqual(of('/w/x.sh: line 3: foo: command not found'), ['foo']);
  assert.deepEqual(of('/w/x.sh: 2: foo: not found'), ['foo']);
  assert.deepEqual(of('env: ‘python’: No such file or directory'), ['python']);
  assert.deepEqual(of('./app: error while loading shared libraries: libx.so: cannot open'), ['./app']);
  assert.deepEqual(of('/w/x.sh: line 2: ./build.sh: cannot execute: required file not found'), ['./build.sh']);
  assert.deepEqual(of('something else'), ['echo', './build.sh', 'foo', 'bar']);
  assert.deepEqual(of('something else', 1), []);
});

test('variables that the script names and has not are told by name, never by value', () => {
  const script =
    'for FILE in *; do echo "$FILE"; done\nTAG=v1\ncurl -H "$TOKEN" "$HOST_URL/${TAG}" "$EMPTY_ONE" ${DEFAULTED:-x}';
  const probe = namedVariables(script, { TOKEN: 'abc', EMPTY_ONE: '' });
  assert.equal(probe?.said, 'the script names what it has not: not set: HOST_URL; set and empty: EMPTY_ONE');
  assert.equal(namedVariables('echo "$TOKEN" $PWD', { TOKEN: 'abc' }), undefined);
});
