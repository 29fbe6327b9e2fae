import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pythonMatcher, readPythonVersionFile } from './python-versions.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-python-'));
after(() => rmSync(root, { recursive: true }));

const PRESENT = ['3.9.18', '3.10.13', '3.11.7', '3.12.1', '3.13.0'];
const CASES: Readonly<Record<string, string>> = {
  '3.x': '3.9.18 3.10.13 3.11.7 3.12.1 3.13.0',
  '3': '3.9.18 3.10.13 3.11.7 3.12.1 3.13.0',
  '3.11': '3.11.7',
  '3.11.7': '3.11.7',
  '3.1': '',
  '3.13-dev': '3.13.0',
  '>=3.10,<3.12': '3.10.13 3.11.7',
  '>= 3.12': '3.12.1 3.13.0',
  '~=3.11': '3.11.7 3.12.1 3.13.0',
  '~=3.11.2': '3.11.7',
  '==3.10.*': '3.10.13',
  '3.9\n3.12': '3.9.18 3.12.1',
};

for (const [wanted, fitting] of Object.entries(CASES))
  test(`python-version "${wanted.replace('\n', ' and ')}" fits ${fitting || 'nothing that is here'}`, () => {
    const matches = pythonMatcher(wanted);
    assert.ok(matches);
    assert.equal(PRESENT.filter((version) => matches(version)).join(' '), fitting);
  });

test('what is no version of CPython is told apart', () => {
  for (const wanted of ['pypy3.10', '3.13t', 'newest', '']) assert.equal(pythonMatcher(wanted), undefined, wanted);
});

const FILES: readonly (readonly [name: string, text: string, wanted: string])[] = [
  ['.python-version', '# ours\n3.11.7\n3.12\n', '3.11.7\n3.12'],
  ['.tool-versions', 'nodejs 22\npython 3.12.1\n', '3.12.1'],
  ['pyproject.toml', '[project]\nrequires-python = ">=3.10"\n', '>=3.10'],
  ['pyproject.toml', '[tool.poetry.dependencies]\npython = "^3.11"\n', '^3.11'],
  ['Pipfile', '[requires]\npython_version = "3.11"\n', '3.11'],
];

for (const [name, text, wanted] of FILES)
  test(`${name} with ${JSON.stringify(text)} wants ${JSON.stringify(wanted)}`, () => {
    writeFileSync(join(root, name), text);
    assert.deepEqual(readPythonVersionFile(join(root, name)), { ok: true, value: wanted });
  });

test('a file that names no Python says so', () => {
  writeFileSync(join(root, 'pyproject.toml'), '[project]\nname = "x"\n');
  assert.deepEqual(readPythonVersionFile(join(root, 'pyproject.toml')), {
    ok: false,
    error: 'pyproject.toml names no Python',
  });
});
