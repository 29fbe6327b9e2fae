import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chooseNode, isNodeVersion, nodeCandidates, readNodeVersionFile } from './node-versions.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-node-'));
after(() => rmSync(root, { recursive: true }));

const PRESENT = [
  { file: '/usr/bin/node', version: '20.20.2', lts: 'iron' },
  { file: '/a/node', version: '22.1.0', lts: '' },
  { file: '/b/node', version: '22.12.0', lts: 'jod' },
  { file: '/c/node', version: '23.4.0', lts: '' },
];

const CHOICES: Readonly<Record<string, string | undefined>> = {
  '20': '20.20.2',
  '20.x': '20.20.2',
  '22.1.0': '22.1.0',
  '22': '22.12.0',
  '>=20 <23': '22.12.0',
  '^22.2 || 18': '22.12.0',
  'lts/*': '22.12.0',
  'lts/iron': '20.20.2',
  'lts/Jod': '22.12.0',
  latest: '23.4.0',
  node: '23.4.0',
  current: '23.4.0',
  '18': undefined,
  'lts/hydrogen': undefined,
};

for (const [wanted, version] of Object.entries(CHOICES))
  test(`of the Nodes that are here, "${wanted}" means ${version ?? 'none'}`, () => {
    assert.ok(isNodeVersion(wanted));
    assert.equal(chooseNode(wanted, PRESENT)?.version, version);
  });

test('what is no version is told apart', () => {
  assert.deepEqual(['', 'lts/-1', 'newest', 'v22', '22'].map(isNodeVersion), [true, false, false, true, true]);
});

const FILES: readonly (readonly [name: string, text: string, wanted: string])[] = [
  ['.nvmrc', '# ours\nv22.1.0\n', '22.1.0'],
  ['.nvmrc', 'lts/jod # the long one\n', 'lts/jod'],
  ['.node-version', '22\n', '22'],
  ['.tool-versions', 'python 3.11\nnodejs 22.1.0\n', '22.1.0'],
  ['package.json', '{"engines":{"node":">=20"},"volta":{"node":"22.1.0"}}', '22.1.0'],
  ['package.json', '{"engines":{"node":">=20"}}', '>=20'],
  ['package.json', '{"engines":{"node":">=20"},"devEngines":{"runtime":{"name":"node","version":"^22"}}}', '^22'],
  ['package.json', '{"volta":{"extends":"./base.json"}}', '20.1.0'],
];

writeFileSync(join(root, 'base.json'), '{"volta":{"node":"20.1.0"}}');
for (const [name, text, wanted] of FILES)
  test(`${name} with ${JSON.stringify(text)} wants ${wanted}`, () => {
    writeFileSync(join(root, name), text);
    assert.deepEqual(readNodeVersionFile(join(root, name)), { ok: true, value: wanted });
  });

test('a file that names no Node says so', () => {
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(join(root, '.tool-versions'), 'python 3\n');
  assert.deepEqual(
    ['package.json', '.tool-versions'].map((name) => readNodeVersionFile(join(root, name))),
    [
      { ok: false, error: 'package.json names no Node: it has no volta.node, devEngines.runtime or engines.node' },
      { ok: false, error: '.tool-versions names no nodejs' },
    ],
  );
});

test('PATH is looked into first, then version managers, then the Node that runs Gantry', () => {
  for (const folder of ['bin', '.nvm/versions/node/v18.0.0/bin', '.volta/tools/image/node/20.0.0/bin']) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'node'), '');
  }
  const found = nodeCandidates({ HOME: root, PATH: `${join(root, 'bin')}:/nowhere` });
  assert.deepEqual(
    found.filter((file) => file.startsWith(root) || file === process.execPath),
    [
      join(root, 'bin/node'),
      join(root, '.nvm/versions/node/v18.0.0/bin/node'),
      join(root, '.volta/tools/image/node/20.0.0/bin/node'),
      process.execPath,
    ],
  );
});
