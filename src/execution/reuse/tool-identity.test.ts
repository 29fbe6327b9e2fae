import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { openFileDigests } from './file-digests.ts';
import { identifyTools } from './tool-identity.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-tools-'));
after(() => rmSync(root, { recursive: true }));
const workspace = join(root, 'workspace');
const bin = join(root, 'bin');

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  utimesSync(file, 1_000, 1_000);
}

async function identify(names: readonly string[], versionOf = 'v1'): Promise<Record<string, string>> {
  const path = [join(root, 'shims'), join(workspace, '.venv/bin'), join(workspace, 'node_modules/.bin'), bin].join(':');
  const digests = openFileDigests(() => Date.now());
  return identifyTools(names, { workspace, folder: workspace, path, digests, versionOf: async () => versionOf });
}

test('a tool outside the workspace is told by place, size and time, and one that is not there is told as well', async () => {
  put(join(bin, 'tool'), 'binary');
  assert.deepEqual(await identify(['tool', 'other']), {
    tool: `${join(bin, 'tool')}, 6 bytes of 1970-01-01T00:16:40.000Z`,
    other: 'not there',
  });
});

test('a script of the workspace is told by its content, and with what runs it', async () => {
  put(join(bin, 'runner'), 'binary');
  put(join(workspace, 'x.sh'), '#!/usr/bin/env runner\n1');
  const before = await identify(['./x.sh']);
  assert.deepEqual(Object.keys(before), ['./x.sh', 'runner']);
  utimesSync(join(workspace, 'x.sh'), 2_000, 2_000);
  assert.deepEqual(await identify(['./x.sh']), before);
  put(join(workspace, 'x.sh'), '#!/usr/bin/env runner\n2');
  assert.notEqual((await identify(['./x.sh']))['./x.sh'], before['./x.sh']);
});

test('a tool of a virtual environment or of node_modules is another one when other packages are installed', async () => {
  put(join(workspace, '.venv/pyvenv.cfg'), '');
  put(join(workspace, '.venv/bin/python'), 'python');
  put(join(workspace, 'node_modules/.bin/tsc'), 'tsc');
  put(join(workspace, 'node_modules/.package-lock.json'), '{}');
  const before = await identify(['python', 'tsc']);
  put(join(workspace, '.venv/lib/python3.11/site-packages/numpy-2.0.dist-info/METADATA'), '');
  put(join(workspace, 'node_modules/.package-lock.json'), '{"a":1}');
  const later = await identify(['python', 'tsc']);
  assert.notEqual(later['python'], before['python']);
  assert.notEqual(later['tsc'], before['tsc']);
});

test('a shim of a version manager is asked for its version', async () => {
  put(join(root, 'shims/python3'), 'shim');
  const [first, second] = [await identify(['python3'], '3.11'), await identify(['python3'], '3.12')];
  assert.notDeepEqual(first, second);
});
