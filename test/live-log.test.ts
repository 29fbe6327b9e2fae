import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { eventually, PipelineProject } from './support/pipeline-project.ts';

const execute = promisify(execFile);
const gantry = resolve(import.meta.dirname, '../bin/gantry');

test('what a step has printed can be read while it runs, and survives the death of its engine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-live-'));
  const options = { cwd: folder, env: { ...process.env, GANTRY_STATE_DIR: join(folder, 'state'), NO_COLOR: '1' } };
  const pidFile = join(folder, 'pid');
  const step = `echo $$ > ${pidFile}; echo before the kill; exec sleep 600`;
  writeFileSync(
    join(folder, 'gantry.yml'),
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: ${step}\n`,
  );
  const engine = spawn(gantry, ['run'], { ...options, stdio: 'ignore' });
  const ended = once(engine, 'exit');
  try {
    let shown = '';
    while (!shown.includes('before the kill') && engine.exitCode === null) {
      shown = (await execute(gantry, ['logs', '--raw'], options).catch(() => ({ stdout: '' }))).stdout;
    }
    engine.kill('SIGKILL');
    await ended;
    const after = await execute(gantry, ['logs', '--raw'], options);
    assert.equal(after.stdout, 'before the kill\n');
    assert.match(after.stderr, /was interrupted; gantry resume r-\S+ goes on with it/);
    const report = await execute(gantry, ['show'], options);
    assert.match(report.stdout, /^ {2}\? a +cut off\n {4}\? Run echo .* +cut off\n/m);
    assert.match(
      report.stdout,
      /\n\? interrupted after [\d.]+ s, last heard of 2\d{3}-\d\d-\d\d \d\d:\d\d UTC · run (r-\S+)\n {2}The process that ran it is gone: gantry resume \1 goes on with it\.\n/,
    );
    assert.doesNotMatch(report.stdout, /running/);
    const listed = await execute(gantry, ['runs'], options);
    assert.match(listed.stdout, /^\? r-\S+ +interrupted .*\n {4}gantry resume r-\S+ goes on with it\n/m);
  } finally {
    engine.kill('SIGKILL');
    process.kill(-Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

test('show and logs name the steps that run at present, and what a job waits for', async () => {
  using project = new PipelineProject(`
on: push
jobs:
  held:
    runs-on: ubuntu-latest
    concurrency: one
    steps:
      - name: Quick
        run: echo quick
      - name: Takes its time
        run: |
          touch "\${{ vars.OUT }}/there"
          until [ -e "\${{ vars.OUT }}/go" ]; do sleep 0.02; done
  next:
    runs-on: ubuntu-latest
    concurrency: one
    steps:
      - run: echo next
`);
  const run = project.start('run', '--slots', '2', '--var', `OUT=${project.outside}`);
  await eventually(() => existsSync(join(project.outside, 'there')) || undefined, 'the step to run');
  const shown = (await project.run('show')).stdout;
  assert.match(shown, /✓ Quick .*\n {4}· Takes its time +running\n/);
  assert.match(shown, /\n· running for [\d.]+ s · at held \/ Takes its time · run r-\S+\n$/);
  assert.match(
    shown,
    /· next +waiting\n {4}waits for the concurrency group "one", which job "held" of run r-\S+ holds\n/,
  );
  const logs = await project.run('logs');
  assert.ok(logs.stdout.includes('quick'), logs.stdout);
  assert.equal(logs.stderr, 'gantry: held is at Takes its time\n');
  writeFileSync(join(project.outside, 'go'), '');
  assert.equal((await run.ended).code, 0);
});

test('logs finds a job by its name in the report, its id or its key, and offers the one that was meant', async () => {
  using project = new PipelineProject(`
on: push
jobs:
  unit:
    name: tests \${{ matrix.on }} \${{ matrix.extra }}
    runs-on: ubuntu-latest
    strategy: { matrix: { on: [one, two] } }
    steps: [{ run: 'echo "this is \${{ matrix.on }}"' }]
`);
  assert.equal((await project.run('run')).code, 0);
  assert.equal((await project.run('logs', '--raw', '--job', 'tests one')).stdout, 'this is one\n');
  assert.equal((await project.run('logs', '--raw', '--job', 'unit (two)')).stdout, 'this is two\n');
  assert.equal(
    (await project.run('logs', '--raw', '--job', 'unit')).stdout,
    'unit (one) | this is one\nunit (two) | this is two\n',
  );
  const near = await project.run('logs', '--job', 'tests tow');
  assert.equal(near.code, 2);
  assert.equal(near.stderr, 'gantry: the run has no job "tests tow"; did you mean "tests two"?\n');
  const far = await project.run('logs', '--job', 'deploy');
  assert.equal(far.stderr, 'gantry: the run has no job "deploy"; there are tests one, tests two\n');
});

const FAILS = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: hello
        name: Greet
        run: |
          echo hello
          echo again
      - name: Nowhere
        working-directory: nowhere
        run: echo never
      - name: Left out
        run: echo never
  other:
    name: the other
    runs-on: ubuntu-latest
    steps:
      - uses: ./nope
        with: { a: 'b' }
`;

test('logs names each step, what it does and why it failed, also when nothing of it ran', async () => {
  using project = new PipelineProject(FAILS);
  assert.equal((await project.run('run')).code, 1);
  const { stdout } = await project.run('logs');
  const told = stdout.replaceAll(/\d\.\d s/g, 'N s').replaceAll(project.state, 'STATE');
  assert.equal(
    told,
    `\
✓ build / Greet  N s
  $ echo hello
    echo again
  hello
  again

✗ build / Nowhere  N s
  $ echo never
  ✗ the working directory does not exist: STATE/work/build/project/nowhere

✗ the other / Run ./nope  N s
  uses: ./nope
    a: b
  ✗ there is no action.yml in ./nope; a local action is looked for in the workspace, and no step before this one has checked the project out (uses: actions/checkout@v4)
`,
  );
});

test('logs can be asked for the steps that failed, and for one step by its name, id or number', async () => {
  using project = new PipelineProject(FAILS);
  assert.equal((await project.run('run')).code, 1);
  const headings = async (...args: readonly string[]): Promise<readonly string[]> =>
    [...(await project.run('logs', ...args)).stdout.matchAll(/^. (\w.* \/ .*?) {2}/gm)].map(([, name = '']) => name);
  assert.deepEqual(await headings('--failed'), ['build / Nowhere', 'the other / Run ./nope']);
  assert.deepEqual(await headings('--failed', '--job', 'build'), ['build / Nowhere']);
  assert.deepEqual(await headings('--step', 'Greet'), ['build / Greet']);
  assert.deepEqual(await headings('--step', 'hello'), ['build / Greet']);
  assert.deepEqual(await headings('--step', '1'), ['build / Greet', 'the other / Run ./nope']);
  assert.equal((await project.run('logs', '--raw', '--step', 'Greet', '--job', 'build')).stdout, 'hello\nagain\n');
  const timed = await project.run('logs', '--timestamps', '--step', 'hello');
  assert.match(timed.stdout, /\n {2}\d{4}-\d\d-\d\dT[\d:.]+Z hello\n/);
  const near = await project.run('logs', '--step', 'Great');
  assert.equal(near.code, 2);
  assert.equal(near.stderr, 'gantry: no job that was asked for has a step "Great"; did you mean "Greet"?\n');
});

test('what keeps a job from its first step is told of the job, not of a step, and counts as failed', async () => {
  using project = new PipelineProject(`
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    env: { X: "\${{ fromJSON(vars.NOT_THERE) }}" }
    steps: [{ run: echo never }]
`);
  assert.equal((await project.run('run')).code, 1);
  const { stdout } = await project.run('logs', '--failed');
  assert.match(stdout, /^✗ a\n {2}gantry: its env: .*\n$/);
});

test('logs that follow a run name whose lines come, and end with its verdict', async () => {
  using project = new PipelineProject(`
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - name: Waits
        run: |
          echo begins
          touch "\${{ vars.OUT }}/there"
          until [ -e "\${{ vars.OUT }}/go" ]; do sleep 0.02; done
          echo ends
      - name: Breaks
        run: exit 3
`);
  const run = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => existsSync(join(project.outside, 'there')) || undefined, 'the step to run');
  const follower = project.start('logs', '--follow');
  assert.ok(follower.child.stdout);
  await once(follower.child.stdout, 'data');
  writeFileSync(join(project.outside, 'go'), '');
  assert.equal((await run.ended).code, 1);
  const { stdout, code } = await follower.ended;
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^. a \/ Waits.*\n {2}\$ echo begins\n(?: {4}.*\n)+ {2}begins\n {2}ends\n\n✗ a \/ Breaks {2}[\d.]+ s\n {2}\$ exit 3\n {2}✗ exit code 3\n\n✗ failed in [\d.]+ s · run r-\S+\n$/,
  );
});
