/** `gantry init`: what it writes for repositories of real shape, and what it says when it cannot. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openProjectOf } from './export/on-github.ts';
import type { CommandResult, TestProject } from './support/gantry-command.ts';
import { startPackageIndex } from './support/package-index.ts';

function written(project: TestProject): string {
  return readFileSync(join(project.folder, 'gantry.yml'), 'utf8');
}

async function passes(project: TestProject, env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  const made = await project.gantry(['init']);
  assert.equal(made.exitCode, 0, made.stderr);
  const run = await project.gantry(['run', '--strict'], env);
  assert.equal(run.exitCode, 0, `${run.stdout}\n${run.stderr}`);
  assert.match(run.stdout, /nothing in the ledger/);
  return run;
}

const NODE = {
  'package.json': JSON.stringify({ name: 'shop', scripts: { test: 'node --test', lint: 'eslint .' } }),
  'shop.test.js': "require('node:test').test('open', () => {});\n",
};

test('the whole pipeline for a package of Node', async () => {
  using project = openProjectOf(NODE);
  const made = await project.gantry(['init']);
  assert.equal(
    written(project),
    `# yaml-language-server: $schema=./.gantry/schema.json
# Written by gantry init from what is in this repository; it is yours to change.
# gantry run runs it here, gantry export github writes it as a workflow of GitHub.

name: project
on:
  push:
  pull_request:

jobs:
  # "npm run lint" is there too: add it, with "advisory: true" when it shall not block
  node:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      # The script "test" of package.json.
      # It uses node:test, which is told to write a report as well: no tests is unknown, not passed.
      - name: Tests
        run: npm test
        env:
          NODE_OPTIONS: --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=report.xml
        expect:
          tests: { report: report.xml, min: 1 }
`,
  );
  assert.equal(
    made.stdout,
    `${written(project)}\nwrote gantry.yml, and .gantry/schema.json by which editors complete it\nnext: gantry run\n`,
  );
  const schema = await project.gantry(['schema']);
  assert.equal(readFileSync(join(project.folder, '.gantry/schema.json'), 'utf8'), schema.stdout);
});

test('what is there is never written over, unless it is forced', async () => {
  using project = openProjectOf({ ...NODE, 'gantry.yml': 'mine\n' });
  const refused = await project.gantry(['init']);
  assert.equal(refused.exitCode, 2);
  assert.equal(
    refused.stderr,
    'gantry: gantry.yml is there already; gantry init --stdout shows what would be written, --force writes over it\n',
  );
  const shown = await project.gantry(['init', '--stdout']);
  assert.match(shown.stdout, /^# yaml-language-server[\s\S]+npm test/);
  const dry = await project.gantry(['init', '--dry-run']);
  assert.equal(dry.stdout, `would write gantry.yml and .gantry/schema.json:\n\n${shown.stdout}`);
  assert.equal(written(project), 'mine\n');
  assert.equal((await project.gantry(['init', '--force'])).exitCode, 0);
  assert.equal(written(project), shown.stdout);
});

test('without a commit there is nothing to run, and it says how to make one', async () => {
  using project = openProjectOf(NODE);
  rmSync(join(project.folder, '.git'), { recursive: true });
  execFileSync('git', ['init', '--quiet'], { cwd: project.folder });
  const refused = await project.gantry(['init']);
  assert.equal(refused.exitCode, 2);
  assert.equal(
    refused.stderr,
    'gantry: nothing is committed here yet, and a run takes what is committed: git add . && git commit, then gantry init again\n',
  );
});

test('without git it works on the files as they are, and says so', async () => {
  using project = openProjectOf(NODE);
  rmSync(join(project.folder, '.git'), { recursive: true });
  const made = await project.gantry(['init']);
  assert.match(made.stdout, /\nthis is no git repository: runs take the files as they are/);
  const run = await project.gantry(['run', '--strict']);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match(run.stdout, /1 test: 1 passed/);
});

test('only what is committed counts: it is what runs', async () => {
  using project = openProjectOf({ 'README.md': 'a plan\n' });
  writeFileSync(join(project.folder, 'package.json'), NODE['package.json']);
  const shown = await project.gantry(['init', '--stdout']);
  assert.match(shown.stdout, /Nothing was found that could be built or tested/);
  assert.doesNotMatch(shown.stdout, /npm/);
});

test('no test is claimed where none can run, and the reason stands there', async () => {
  using project = openProjectOf({
    'package.json': JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1', build: 'true' } }),
    'api/requirements.txt': '# none yet\n',
    'api/app.py': 'x = 1\n',
    'api/test_app.py': 'def test_x():\n    assert True\n',
    'lib/setup.cfg': '',
    'lib/lib.py': 'y = 1\n',
    'old/Pipfile': '[packages]\nflask = "*"\n',
    'old/app.py': 'z = 1\n',
  });
  const text = (await project.gantry(['init', '--stdout'])).stdout.replaceAll(/\n\s+# /g, ' ');
  assert.match(text, /package\.json has no script "test", so no test step is claimed/);
  assert.match(
    text,
    /test_app\.py looks like a test for pytest, which is in no requirements file: no test step is claimed/,
  );
  assert.match(text, /no test files \(test_\*\.py\) were found, so no test step is claimed/);
  assert.match(text, /Pipfile is here: nothing is installed from it/);
  assert.doesNotMatch(text, /name: Tests/);
});

test('a tool that this machine does not have is not asked for', async () => {
  using project = openProjectOf({
    'go.mod': 'module m\n',
    'pnpm/package.json': JSON.stringify({ scripts: { test: 'x' } }),
    'pnpm/pnpm-lock.yaml': 'x\n',
    Makefile: 'test:\n\ttrue\n',
  });
  const bin = join(project.shared, 'few');
  mkdirSync(bin);
  for (const command of ['git', 'sh', 'node', 'make']) {
    const found = execFileSync('/bin/sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).trim();
    writeFileSync(join(bin, command), `#!/bin/sh\nexec '${found}' "$@"\n`, { mode: 0o755 });
  }
  const shown = await project.gantry(['init', '--stdout'], { PATH: bin });
  assert.equal(shown.exitCode, 0, shown.stderr);
  const text = shown.stdout.replaceAll(/\n# /g, ' ');
  assert.match(text, /Left out: go\.mod is here, but this machine has no go: nothing of it is built or tested\./);
  assert.match(text, /Left out in pnpm\/: package\.json is here, but this machine has no pnpm/);
  assert.match(text, /run: make test\n/);
});

test('workflows and images that are there are pointed to', async () => {
  using project = openProjectOf({
    ...NODE,
    Dockerfile: 'FROM scratch\n',
    '.github/workflows/ci.yml': 'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: make }] } }\n',
  });
  const made = await project.gantry(['init']);
  const text = written(project).replaceAll(/\n# /g, ' ');
  assert.match(text, /\.github\/workflows\/ci\.yml stays as it is: gantry run \.github\/workflows\/ci\.yml runs it\./);
  assert.match(text, /Dockerfile is not built: .+ run: docker build \.\n/);
  assert.match(
    made.stdout,
    /to begin with \.github\/workflows\/ci\.yml instead: gantry init --force --from \.github\/workflows\/ci\.yml\n/,
  );
  const taken = await project.gantry(['init', '--force', '--from', '.github/workflows/ci.yml']);
  assert.equal(taken.exitCode, 0, taken.stderr);
  assert.match(
    written(project),
    /^# yaml-language-server.+\n# Taken over from \.github\/workflows\/ci\.yml by gantry init\./,
  );
  assert.match(written(project), /\n\non: push\njobs: \{ a:/);
  const missing = await project.gantry(['init', '--force', '--from', 'nothing.yml']);
  assert.deepEqual([missing.exitCode, missing.stderr], [2, 'gantry: there is no file nothing.yml\n']);
});

test('a workflow that cannot be taken over is told with what is wrong, at its own lines', async () => {
  using project = openProjectOf({
    'ci.yml': 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    timeout-minutes: 0\n    steps: [{ run: make }]\n',
    '.gantry/other.yml': 'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: make }] } }\n',
  });
  const refused = await project.gantry(['init', '--from', 'ci.yml']);
  assert.equal(refused.exitCode, 12);
  assert.match(refused.stderr, /^WF025 ci\.yml:5:22 "timeout-minutes" must be at least 0\.001, not 0\n/);
  assert.match(refused.stderr, /\ngantry: ci\.yml cannot be taken over as gantry\.yml before this is mended\n$/);
  assert.ok(!existsSync(join(project.folder, 'gantry.yml')));
  const folder = await project.gantry(['init', '--from', '.gantry']);
  assert.deepEqual([folder.exitCode, folder.stderr], [2, 'gantry: there is no file .gantry\n']);
  const own = await project.gantry(['init', '--from', '.gantry/other.yml']);
  assert.equal(own.exitCode, 2);
  assert.match(own.stderr, /is a pipeline of Gantry as it is/);
});

test('pytest from an index that is near, with a report as the proof', async () => {
  const wheels = mkdtempSync(join(tmpdir(), 'gantry-wheels-'));
  try {
    makePytest(wheels);
    await using index = await startPackageIndex(wheels);
    using project = openProjectOf({
      'requirements.txt': '',
      'requirements-dev.txt': 'pytest>=1 # to test\n',
      'tests/test_one.py': 'def test_one():\n    assert True\n',
    });
    const run = await passes(project, { PIP_INDEX_URL: `${index.origin}/simple`, PIP_EXTRA_INDEX_URL: '' });
    assert.match(run.stdout, /Tests {2}1 test: 1 passed/);
    assert.match(written(project), /run: python -m pip install -r requirements-dev\.txt\n {8}retry: 3\n/);
    assert.match(written(project), /run: python -m pytest --junitxml=report\.xml\n {8}expect:\n/);
  } finally {
    rmSync(wheels, { recursive: true, force: true });
  }
});

/** A wheel that answers to the name and writes the report that it is asked for: pytest itself is not on this machine's disk. */
function makePytest(wheels: string): void {
  const script = `
import sys, zipfile
main = '''
import pathlib, sys
tests = [line for file in pathlib.Path('.').rglob('test_*.py') for line in file.read_text().splitlines() if line.startswith('def test_')]
report = [word.split('=', 1)[1] for word in sys.argv if word.startswith('--junitxml=')][0]
cases = ''.join('<testcase name="%s"/>' % line.split('(')[0][4:] for line in tests)
pathlib.Path(report).write_text('<testsuite tests="%d">%s</testsuite>' % (len(tests), cases))
'''
with zipfile.ZipFile(sys.argv[1] + '/pytest-9.0.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('pytest/__init__.py', '')
    wheel.writestr('pytest/__main__.py', main)
    info = 'pytest-9.0.0.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: pytest\\nVersion: 9.0.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`;
  execFileSync('python3', ['-c', script, wheels]);
}

test('a sub-folder of a repository is a project of its own', async () => {
  using project = openProjectOf({
    'services/shop/package.json': NODE['package.json'],
    'services/shop/a.test.js': NODE['shop.test.js'],
  });
  const made = await project.gantry(['-C', 'services/shop', 'init']);
  assert.equal(made.exitCode, 0, made.stderr);
  assert.equal(existsSync(join(project.folder, 'gantry.yml')), false);
  const run = await project.gantry(['-C', 'services/shop', 'run', '--strict']);
  assert.equal(run.exitCode, 0, run.stdout);
});

test('what init writes is exported to GitHub as well', async () => {
  using project = openProjectOf(NODE);
  await project.gantry(['init']);
  const exported = await project.gantry(['export', 'github', '--no-pin', '--output', '-']);
  assert.equal(exported.exitCode, 0, exported.stderr);
  assert.match(exported.stderr, /^gantry: on GitHub its jobs run "npx gantry@/);
  assert.match(exported.stdout, /run gantry\.yml --job node --from-github\n/);
});
