/** Actions from other repositories, served by a git server of the test's own, through the built command. */
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { openTestProject } from './support/gantry-command.ts';

const Step = z.looseObject({ name: z.string(), outcome: z.string(), why: z.string().optional() });
const Report = z.looseObject({
  verdict: z.string(),
  ledger: z.array(z.looseObject({ what: z.string(), where: z.string() })),
  jobs: z.array(z.looseObject({ id: z.string(), steps: z.array(Step) })),
});

class Servers implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'gantry-actions-'));
  readonly #repositories = join(this.root, 'server');

  get url(): string {
    return `file://${this.#repositories}`;
  }

  /** Commits the files and sets the tag on the commit. */
  publish(name: string, tag: string, files: Readonly<Record<string, string>>): void {
    const folder = join(this.#repositories, name);
    mkdirSync(folder, { recursive: true });
    write(folder, files);
    const git = (...args: readonly string[]): void => {
      const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
      execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
    };
    git('init', '--quiet', '--initial-branch', 'main');
    git('add', '.');
    git('commit', '--quiet', '--message', tag);
    git('tag', '--force', tag);
  }

  goAway(): void {
    renameSync(this.#repositories, `${this.#repositories}-gone`);
  }

  project(pipeline: string): ReturnType<typeof openTestProject> {
    const source = mkdtempSync(join(this.root, 'project-'));
    write(source, { 'gantry.yml': pipeline });
    return openTestProject(source);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

async function run(
  project: ReturnType<typeof openTestProject>,
  url: string,
): Promise<{ readonly report: z.infer<typeof Report>; readonly log: string; readonly stderr: string }> {
  const result = await project.gantry(['run', '--format', 'json'], { GANTRY_GIT_SERVER: url });
  assert.notEqual(result.stdout, '', result.stderr);
  const log = (await project.gantry(['logs'])).stdout;
  return { report: Report.parse(JSON.parse(result.stdout)), log, stderr: result.stderr };
}

const HEAD = 'on: push\njobs:\n  work:\n    runs-on: ubuntu-latest\n    steps:\n';

test('actions of a repository use each other, and the last known commit when the server is gone', async () => {
  using servers = new Servers();
  const composite = (step: string): string => `runs:\n  using: composite\n  steps:\n    - ${step}\n`;
  servers.publish('acme/tools', 'v1', {
    'outer/action.yml': composite('uses: $/inner'),
    'inner/action.yml': composite(
      '{ shell: bash, run: \'echo "first ${{ github.action_repository }} $GITHUB_ACTION_REF"\' }',
    ),
  });
  using project = servers.project(`${HEAD}      - uses: acme/tools/outer@v1\n`);
  const first = await run(project, servers.url);
  assert.equal(first.report.verdict, 'passed', first.log);
  assert.match(first.log, /first acme\/tools v1/);
  servers.publish('acme/tools', 'v1', { 'inner/action.yml': composite('{ shell: bash, run: echo second }') });
  assert.match((await run(project, servers.url)).log, /second/);
  servers.goAway();
  const last = await run(project, servers.url);
  assert.match(last.log, /second/);
  assert.equal(last.report.verdict, 'degraded');
  assert.deepEqual(
    last.report.ledger.map(({ what, where }) => [what, where]),
    [['stale', 'work / Run acme/tools/outer@v1']],
  );
});

test('an action that cannot be fetched fails its step, with the reason', async () => {
  using servers = new Servers();
  servers.publish('acme/tools', 'v1', { README: 'nothing here' });
  using project = servers.project(
    `${HEAD}      - uses: acme/tools@v9\n      - { if: always(), uses: acme/tools@v1 }\n`,
  );
  const { report } = await run(project, servers.url);
  assert.deepEqual(
    report.jobs[0]?.steps.map((step) => [step.outcome, step.why]),
    [
      ['failure', 'acme/tools@v9 could not be fetched: acme/tools has no branch, tag or commit v9'],
      ['failure', 'acme/tools@v1 is no action: it has no action.yml'],
    ],
  );
});

const TOOLKIT = `
import * as core from '@actions/core';
import { exec, getExecOutput } from '@actions/exec';
import * as glob from '@actions/glob';
import * as io from '@actions/io';

const stage = process.argv[1].endsWith('post.mjs') ? 'post' : 'main';
if (stage === 'post') {
  core.info('kept: ' + core.getState('kept'));
  if (core.getState('kept') !== 'a\\nb') core.setFailed('the state is lost');
} else {
  core.saveState('kept', 'a\\nb');
  core.setSecret('hush-hush');
  core.info('it is hush-hush');
  core.exportVariable('EXPORTED', 'line 1\\nline 2');
  const bin = process.env.RUNNER_TEMP + '/toolkit-bin';
  await io.mkdirP(bin);
  await io.cp(await io.which('echo', true), bin + '/toolkit-echo');
  core.addPath(bin);
  await core.group('a group', () => exec('toolkit-echo', ['by exec']));
  const said = await getExecOutput('sh', ['-c', 'echo out'], { silent: true });
  core.setOutput('said', said.stdout.trim() + '/' + core.getInput('my input') + '/' + core.getBooleanInput('flag'));
  const files = await (await glob.create('**/*.txt')).glob();
  core.setOutput('files', files.length);
  await core.summary.addRaw('summed up').write();
  core.warning('careful', { file: 'x.txt', startLine: 2 });
  if (core.getInput('fail')) core.setFailed('as asked');
}
`;

test('an action that bundles the toolkit of GitHub finds all that it asks of a runner', async () => {
  using servers = new Servers();
  const bundled = await build({
    stdin: { contents: TOOLKIT, resolveDir: resolve(import.meta.dirname, '..'), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const program = bundled.outputFiles[0]?.text ?? '';
  servers.publish('acme/toolkit', 'v1', {
    'action.yml': `inputs: { my input: {}, flag: { default: 'TRUE' }, fail: {} }
runs: { using: node20, main: main.mjs, post: post.mjs }
`,
    'main.mjs': program,
    'post.mjs': program,
  });
  using project = servers.project(`${HEAD}      - run: touch one.txt two.txt
      - { id: kit, uses: acme/toolkit@v1, with: { my input: ' given ' } }
      - run: |
          test '\${{ steps.kit.outputs.said }}' = out/given/true
          test '\${{ steps.kit.outputs.files }}' = 2
          test "$EXPORTED" = "$(printf 'line 1\\nline 2')"
          toolkit-echo by path
      - { name: refuses, uses: acme/toolkit@v1, with: { fail: 'yes' } }
`);
  const { report, log } = await run(project, servers.url);
  const steps = report.jobs[0]?.steps.map((step) => [step.name, step.outcome]);
  assert.deepEqual(
    steps?.map(([, outcome]) => outcome),
    ['success', 'success', 'success', 'failure'],
    log,
  );
  for (const text of ['by exec', 'by path', 'it is ***', 'as asked', 'kept: a'])
    assert.ok(log.includes(text), `${text}\n${log}`);
  assert.ok(!log.includes('hush-hush'));
  assert.match(JSON.stringify(report), /"message":"careful","file":"x.txt","line":2/);
});
