/** Actions from other repositories, served by a git server of the test's own, through the built command. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
  const log = (await project.gantry(['logs', '--raw'])).stdout;
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
