// The main job on the real platform: real Python, real installs, real releases. A local package index and a local
// upstream stand in for the network, because the network cannot be told to fail.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Report } from '#run/report/report.ts';
import type { FailingServer } from './support/loopback.ts';
import { startPackageIndex } from './support/package-index.ts';
import { startUpstream } from './support/upstream.ts';

const execute = promisify(execFile);
const gantry = resolve(import.meta.dirname, '../bin/gantry');
const example = resolve(import.meta.dirname, '../examples/space-intelligence');
const folder = mkdtempSync(join(tmpdir(), 'gantry-platform-'));
const project = join(folder, 'platform');
const wheels = join(folder, 'wheels');
const Status = z.object({ environments: z.array(z.object({ version: z.string(), address: z.string() })) });
let index: FailingServer;
let upstream: FailingServer;

/** Each state folder is a machine that has never run the pipeline. No engine answers, also where this machine has one. */
function environment(state: string): NodeJS.ProcessEnv {
  const { PIP_FIND_LINKS: _links, NODE_TEST_CONTEXT: _context, DOCKER_CONTEXT: _docker, ...env } = process.env;
  return {
    ...env,
    DOCKER_HOST: 'unix:///nonexistent',
    GANTRY_STATE_DIR: join(folder, state),
    PIP_INDEX_URL: `${index.origin}/simple`,
    PIP_NO_CACHE_DIR: '1',
  };
}

interface Ended {
  readonly code: number;
  readonly report: Report;
}

async function runPlatform(state: string, ...more: readonly string[]): Promise<Ended> {
  return runWith(environment(state), ...more);
}

async function runWith(env: NodeJS.ProcessEnv, ...more: readonly string[]): Promise<Ended> {
  const names = ['SWPC_URL', 'CELESTRAK_URL', 'JPL_URL', 'LAUNCHES_URL'];
  const vars = names.flatMap((name) => ['--var', `${name}=${upstream.origin}`]);
  return new Promise((done) => {
    const options = { cwd: project, env, maxBuffer: 64 * 1024 * 1024 };
    execFile(gantry, ['run', '--format', 'json', ...vars, ...more], options, (error, stdout) => {
      const report: unknown = JSON.parse(stdout);
      assert.ok(isReport(report));
      done({ code: typeof error?.code === 'number' ? error.code : 0, report });
    });
  });
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'jobs' in value;
}

/** What is live, by the command that asks it. */
async function liveIn(state: string): Promise<{ readonly version: string; readonly address: string }> {
  const status = Status.parse(JSON.parse(await gantryIn(state, 'status', '--format', 'json')));
  const [first] = status.environments;
  assert.ok(first);
  return first;
}

async function gantryIn(state: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(gantry, [...args], { cwd: project, env: environment(state) });
  return stdout;
}

/** What the job that would build an image says on a machine with this command. */
async function tested(docker: string): Promise<Ended> {
  const bin = mkdtempSync(join(folder, 'docker-'));
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 });
  const env = environment('connected');
  return runWith({ ...env, PATH: `${bin}:${env['PATH'] ?? ''}` }, '--job', 'test');
}

function imageStep({ report }: Ended): string | undefined {
  const steps = report.jobs.flatMap((job) => job.steps);
  return steps.find((step) => step.name === 'Docker image')?.conclusion;
}

function addressOf(report: Report): string {
  const address = report.release?.['address'];
  assert.ok(typeof address === 'string');
  return address;
}

async function json(url: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  const value: unknown = await answer.json();
  assert.ok(typeof value === 'object' && value !== null);
  return { ...value };
}

before(async () => {
  cpSync(example, project, { recursive: true, filter: (path) => !/__pycache__|\.pytest_cache|\.venv/.test(path) });
  const git = (...args: readonly string[]): Promise<unknown> =>
    execute('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: project });
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'platform');
  mkdirSync(wheels);
  const requirements = ['-r', 'requirements.txt', '-r', 'requirements-dev.txt'];
  // A virtual environment has pip, also where the machine's own Python comes without.
  const tools = join(folder, 'tools');
  await execute('python3', ['-m', 'venv', tools]);
  await execute(
    join(tools, 'bin', 'python'),
    ['-m', 'pip', 'download', '--quiet', '--only-binary', ':all:', '-d', wheels, ...requirements],
    { cwd: project },
  );
  const bodies = join(folder, 'bodies');
  await execute('python3', ['-m', 'tools.make_snapshots', '--now', new Date().toISOString(), '--out', bodies], {
    cwd: project,
  });
  index = await startPackageIndex(wheels);
  upstream = await startUpstream(bodies);
});

after(async () => {
  for (const state of ['connected', 'cut-off']) await gantryIn(state, 'stop').catch(() => undefined);
  await index[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('with a network everything is installed, the verdict is passed, and the release answers; a second run is a second release', async () => {
  const first = await runPlatform('connected');
  assert.deepEqual(first.report.ledger, []);
  assert.equal(first.report.verdict, 'passed');
  assert.equal(first.code, 0);
  const version = await json(`${addressOf(first.report)}/version`);
  assert.equal(version['version'], first.report.release?.['version']);
  const health = await json(`${addressOf(first.report)}/health`);
  assert.equal(health['status'], 'ok');
  const second = await runPlatform('connected');
  assert.equal(second.report.verdict, 'passed');
  assert.notEqual(second.report.release?.['version'], first.report.release?.['version']);
  assert.equal(second.report.release?.['previous'], first.report.release?.['version']);
  assert.equal(addressOf(second.report), addressOf(first.report));
});

test('a syntax error in app.py fails the run, and the release before still answers', async () => {
  const { version, address } = await liveIn('connected');
  appendFileSync(join(project, 'app.py'), 'def broken(:\n');
  try {
    const { code, report } = await runPlatform('connected', '--dirty');
    assert.equal(report.verdict, 'failed');
    assert.equal(code, 1);
    assert.deepEqual(report.environments, [{ environment: 'production', state: 'live', version, address }]);
    assert.equal((await json(`${address}/version`))['version'], version);
  } finally {
    await execute('git', ['checkout', '-q', 'app.py'], { cwd: project });
  }
});

test('a breach of flake8 alone degrades the run, names file and line, and is deployed', async () => {
  appendFileSync(join(project, 'app.py'), '\n\nx = 1 \n');
  try {
    const { code, report } = await runPlatform('connected', '--dirty');
    assert.equal(report.verdict, 'degraded');
    assert.equal(code, 0);
    assert.deepEqual(
      report.ledger.map((entry) => entry.what),
      ['advisory'],
    );
    const findings = report.jobs.flatMap((job) => job.steps).flatMap((step) => step.annotations);
    assert.ok(
      findings.some(
        (finding) => finding.file === 'app.py' && finding.line !== undefined && finding.message.startsWith('W291'),
      ),
    );
    assert.equal(report.release?.['kind'], 'live');
  } finally {
    await execute('git', ['checkout', '-q', 'app.py'], { cwd: project });
  }
});

test('where docker does not run, or no engine answers it, no image is built and nothing is lost', async () => {
  for (const docker of ['exit 127', 'echo "Cannot connect to the Docker daemon" >&2; exit 1']) {
    const ended = await tested(docker);
    assert.equal(imageStep(ended), 'skipped');
    assert.deepEqual(ended.report.ledger, []);
    assert.equal(ended.report.verdict, 'passed');
  }
});

test('an engine that cannot build the image, for want of a network or of pip, costs the image and says so', async () => {
  const ended = await tested('test "$1" = info || exit 127');
  assert.equal(imageStep(ended), 'success');
  assert.deepEqual(
    ended.report.ledger.map(({ what, loss }) => [what, loss]),
    [['fallback', 'the image was not built; the release does not need it']],
  );
  assert.equal(ended.report.verdict, 'degraded');
  assert.equal(ended.code, 0);
});

test('an engine that builds the image is reached by the address that the machine’s user has, and nothing is lost', async () => {
  const ended = await tested('test "$DOCKER_HOST" = unix:///nonexistent || exit 1');
  assert.equal(imageStep(ended), 'success');
  assert.deepEqual(ended.report.ledger, []);
  assert.equal(ended.report.verdict, 'passed');
});

test('an application that does not come up is refused, and the release before still answers', async () => {
  const { version, address } = await liveIn('connected');
  writeFileSync(join(project, 'app.py'), 'import sys\n\nif __name__ == "__main__":\n    sys.exit("planted")\n');
  try {
    const { code, report } = await runPlatform('connected', '--dirty', '--job', 'deploy');
    assert.equal(report.verdict, 'failed');
    assert.notEqual(code, 0);
    assert.equal((await json(`${address}/version`))['version'], version);
  } finally {
    await execute('git', ['checkout', '-q', '.'], { cwd: project });
  }
});

test('without a package index and without data services the chain falls back, and says each loss', async () => {
  index.isDown = true;
  upstream.isDown = true;
  try {
    const { code, report } = await runPlatform('cut-off');
    assert.equal(report.verdict, 'degraded');
    assert.equal(code, 0);
    assert.equal(report.ledger.filter((entry) => entry.what === 'stale').length, 5);
    const losses = report.ledger.map((entry) => entry.loss ?? '');
    assert.ok(losses.some((loss) => loss.includes('standard library only')));
    const health = await json(`${addressOf(report)}/health`);
    assert.equal(health['status'], 'degraded');
    const page = await (await fetch(`${addressOf(report)}/`)).text();
    assert.match(page, /last known good/i);
  } finally {
    index.isDown = false;
    upstream.isDown = false;
  }
});
