// `cache: pip` and `cache: npm` with an index and a registry that are switched off between two runs.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { openTestProject } from './support/gantry-command.ts';
import type { TestProject } from './support/gantry-command.ts';
import { startNpmRegistry } from './support/npm-registry.ts';
import { startPackageIndex } from './support/package-index.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-dependencies-'));
after(() => rmSync(root, { recursive: true }));

const Report = z.object({
  verdict: z.string(),
  ledger: z.array(z.object({ what: z.string(), used: z.string(), why: z.string() })),
});

function write(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, 'source-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function run(project: TestProject, env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const ended = await project.gantry(['run', '--format', 'json', ...args], env);
  const logs = (await project.gantry(['logs', '--raw'])).stdout;
  return { code: ended.exitCode, logs, report: Report.parse(JSON.parse(ended.stdout)) };
}

/** A wheel of one module. */
function makeWheel(folder: string, name: string): void {
  const script = `
import sys, zipfile
folder, name = sys.argv[1:]
with zipfile.ZipFile(f'{folder}/{name}-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr(f'{name}.py', 'TOLD = "from the wheel"\\n')
    info = f'{name}-1.0.dist-info'
    wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n')
    wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(f'{info}/RECORD', '')
`;
  execFileSync('python3', ['-c', script, folder, name]);
}

const PYTHON = `
on: push
env:
  # What helps is the cache of the action, and nothing of pip's own.
  PIP_NO_CACHE_DIR: '1'
  PIP_DISABLE_PIP_VERSION_CHECK: '1'
  PIP_RETRIES: '0'
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: python
        uses: actions/setup-python@v5
        with: { python-version: 3.x, cache: pip }
      - run: python -m pip install -r requirements.txt
      - run: python -c "import tiny; print(tiny.TOLD)"
      - run: echo "hit is \${{ steps.python.outputs.cache-hit }}"
`;

test('pip installs from the cache when the index is gone, and says what it cannot know then', async () => {
  const wheels = join(root, 'wheels');
  mkdirSync(wheels);
  makeWheel(wheels, 'tiny');
  await using index = await startPackageIndex(wheels);
  const env = { PIP_INDEX_URL: `${index.origin}/simple` };
  using project = openTestProject(write({ 'gantry.yml': PYTHON, 'requirements.txt': 'tiny==1.0  # pinned\n' }));
  const first = await run(project, env);
  assert.equal(first.code, 0, first.logs);
  assert.match(first.logs, /hit is false/);
  assert.match(first.logs, /dependencies are cached as setup-python-Linux-\w+-python-[\d.]+-pip-[0-9a-f]{64}/);
  await index[Symbol.asyncDispose]();
  const offline = await run(project, env);
  assert.equal(offline.code, 0, offline.logs);
  assert.match(offline.logs, /from the wheel\n[^]*hit is true/);
  assert.equal(offline.report.verdict, 'passed');

  writeFileSync(join(project.folder, 'requirements.txt'), 'tiny>=1.0\n');
  const loose = await run(project, env, '--dirty');
  assert.equal(loose.code, 0, loose.logs);
  assert.match(loose.logs, /from the wheel\n[^]*hit is false/);
  assert.deepEqual(loose.report.ledger, [
    {
      what: 'stale',
      used: 'cached wheels of another list of dependencies',
      why: 'the package index does not answer',
    },
  ]);

  writeFileSync(join(project.folder, 'gantry.yml'), PYTHON.replace(', cache: pip', ''));
  assert.equal((await run(project, env, '--dirty')).code, 1);
});

const NODE = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - id: node
        uses: actions/setup-node@v4
        with: { cache: npm }
      - run: npm ci --no-audit --no-fund --fetch-retries 0
      - run: node -e "console.log(require('tiny'))"
      - run: echo "hit is \${{ steps.node.outputs.cache-hit }}"
`;

test('npm installs from the cache when the registry is gone', async () => {
  await using registry = await startNpmRegistry(mkdtempSync(join(root, 'registry-')), [
    { name: 'tiny', version: '1.0.0', code: 'module.exports = "from the archive"' },
  ]);
  const env = { npm_config_registry: `${registry.origin}/` };
  const manifest = JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { tiny: '^1.0.0' } });
  const source = write({ 'gantry.yml': NODE, 'package.json': manifest });
  // The registry is in this process, so it must not be waited for without it.
  await promisify(execFile)('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
    cwd: source,
    env: { ...process.env, ...env, npm_config_cache: join(root, 'npm-of-the-test') },
  });
  using project = openTestProject(source);
  const first = await run(project, env);
  assert.equal(first.code, 0, first.logs);
  assert.match(first.logs, /hit is false[^]*dependencies are cached as node-cache-Linux-\w+-npm-[0-9a-f]{64}/);

  await registry[Symbol.asyncDispose]();
  const offline = await run(project, env);
  assert.equal(offline.code, 0, offline.logs);
  assert.match(offline.logs, /from the archive\n[^]*hit is true/);

  const without = NODE.replace('with: { cache: npm }', '').replace('npm ci', 'npm ci --cache none');
  writeFileSync(join(project.folder, 'gantry.yml'), without);
  assert.equal((await run(project, env, '--dirty')).code, 1);
});
