/** `gantry diagnose --bisect` on real repositories: the culprit is named, and nothing is left of the search. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { isGroupAlive } from '#execution/process/process-identity.ts';
import { openTestProject } from './support/gantry-command.ts';
import type { CommandResult, TestProject } from './support/gantry-command.ts';
import { eventually } from './support/pipeline-project.ts';

const PIPELINE = `
on:
  push:
    branches: [main]
jobs:
  other:
    runs-on: ubuntu-latest
    steps: [{ run: 'true' }]
  test:
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [1, 2] } }
    steps:
      - uses: actions/checkout@v5
      - name: Build
        run: test ! -e unbuildable
      - name: Check
        env: { TOKEN: '\${{ secrets.TOKEN }}' }
        run: |
          test "$TOKEN" = abcdef
          test "\${{ vars.SIZE }}" = large
          if test \${{ matrix.n }} = 2 && test -e broken; then exit 134; fi
`;

class History implements Disposable {
  readonly project: TestProject;
  readonly scratch: string;

  constructor(pipeline = PIPELINE) {
    const source = mkdtempSync(join(tmpdir(), 'gantry-history-'));
    writeFileSync(join(source, 'gantry.yml'), pipeline);
    this.project = openTestProject(source);
    rmSync(source, { recursive: true });
    this.scratch = join(this.project.shared, 'tmp');
    mkdirSync(this.scratch);
  }

  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Ann Other', '-c', 'user.email=ann@example.org', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', [...identity, ...args], { cwd: this.project.folder, encoding: 'utf8' }).trim();
  }

  commit(subject: string, files: Readonly<Record<string, string>>, without: readonly string[] = []): string {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.project.folder, name), text);
    for (const name of without) rmSync(join(this.project.folder, name));
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', subject);
    return this.git('rev-parse', 'HEAD');
  }

  run(): Promise<CommandResult> {
    return this.project.gantry(['run', '--var', 'SIZE=large', '--secret', 'TOKEN=abcdef']);
  }

  bisect(...args: readonly string[]): Promise<CommandResult> {
    return this.project.gantry(['diagnose', '--bisect', '--secret', 'TOKEN=abcdef', ...args], { TMPDIR: this.scratch });
  }

  [Symbol.dispose](): void {
    this.project[Symbol.dispose]();
  }
}

test('the first bad commit is named with its author and files, past commits that cannot be judged', async () => {
  using history = new History();
  assert.equal((await history.run()).exitCode, 0);
  history.commit('one', { a: '1' });
  history.commit('a pipeline that is not valid', { 'gantry.yml': 'on: push\njobs: { test: {} }\n' });
  history.commit('valid again', { 'gantry.yml': PIPELINE, unbuildable: '' });
  history.commit('builds again', { b: '1' }, ['unbuildable']);
  const culprit = history.commit('break it\n\nWith a body.', { broken: 'x', a: '2' });
  history.commit('more', { c: '1' });
  history.commit('and more', { d: '1' });
  assert.equal((await history.run()).exitCode, 1);
  const before =
    history.git('status', '--porcelain', '--branch') + history.git('for-each-ref') + history.git('worktree', 'list');
  const found = await history.bisect();
  assert.equal(found.exitCode, 0, found.stdout + found.stderr);
  const [first = '', ...rest] = found.stdout.split('\n');
  assert.match(
    first,
    new RegExp(
      `^first bad commit: ${culprit.slice(0, 12)}  break it  \\(Ann Other <ann@example\\.org>, \\d{4}-\\d\\d-\\d\\d\\)$`,
    ),
  );
  const judged = found.stderr.split('\n').filter((line) => /^ {2}(?:good|bad|skip) /.test(line));
  const runs = judged.filter((line) => !line.includes('not valid')).length;
  assert.deepEqual(rest, ['  M a', '  A broken', `found by test (2) / Check, ${runs} runs of the job`, '']);
  assert.match(found.stderr, /^7 commits since run r-\S+, in which test \(2\) passed; about 5 runs of it\n/);
  assert.match(judged.join('\n'), /bad +[0-9a-f]{12} {2}and more {2}\(exit code 134\)/);
  assert.deepEqual(readdirSync(history.scratch), []);
  const after =
    history.git('status', '--porcelain', '--branch') + history.git('for-each-ref') + history.git('worktree', 'list');
  assert.equal(after, before);
  const json: unknown = JSON.parse((await history.bisect('--format', 'json')).stdout);
  assert.ok(typeof json === 'object' && json !== null && 'kind' in json && 'commit' in json && 'runs' in json);
  assert.deepEqual([json.kind, json.runs], ['culprit', runs]);
});

test('where nothing between could be judged, all that may be to blame are named', async () => {
  using history = new History();
  await history.run();
  const first = history.commit('does not build', { unbuildable: '' });
  const second = history.commit('break it', { broken: '' });
  const third = history.commit('builds', {}, ['unbuildable']);
  await history.run();
  const found = await history.bisect();
  assert.equal(found.exitCode, 11, found.stdout + found.stderr);
  const named = [first, second, third].map((sha) => found.stdout.includes(`\n  ${sha.slice(0, 12)}  `));
  assert.deepEqual(named, [true, true, true]);
  assert.match(found.stderr, /skip {2}[0-9a-f]{12} {2}break it {2}\(another step failed: Build\)\n/);
});

test('what the commits did not do is not blamed on them', async () => {
  const outside = `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - name: Check\n        run: test -e "\${{ vars.HERE }}"\n`;
  using history = new History(outside);
  const here = join(history.project.shared, 'here');
  writeFileSync(here, '');
  const run = (): Promise<CommandResult> => history.project.gantry(['run', '--var', `HERE=${here}`]);
  await run();
  history.commit('one', { a: '' });
  rmSync(here);
  assert.equal((await run()).exitCode, 1);
  const found = await history.project.gantry(['diagnose', '--bisect']);
  assert.equal(found.exitCode, 11);
  assert.match(
    found.stdout,
    /^no commit is to blame: its commit does not pass today either \(exit code 1\), so what changed is not in the commits\n/,
  );
  const same = await history.project.gantry(['rerun']);
  assert.equal(same.exitCode, 1);
});

test('a job that acts outside, and one with nothing to compare with, is not searched for', async () => {
  const refusals = [
    [
      '    environment: production\n',
      'run: exit $(cat bad)',
      'job "test" is for an environment: it is not run on commits of the past',
    ],
    [
      '',
      'run: git push origin HEAD; exit $(cat bad)',
      'job "test": a step of it acts outside: it calls git: it is not run on commits of the past',
    ],
    ['', 'run: exit $(cat bad)', 'there is no earlier run in which test passed, so there is nothing to compare with'],
  ];
  for (const [key = '', step = '', why = ''] of refusals) {
    using history = new History(
      `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n${key}    steps:\n      - uses: actions/checkout@v5\n      - ${step}\n`,
    );
    history.commit('fails', { bad: '3' });
    assert.equal((await history.project.gantry(['run'])).exitCode, 1);
    const refused = await history.project.gantry(['diagnose', '--bisect']);
    assert.deepEqual([refused.exitCode, refused.stdout, refused.stderr], [2, '', `gantry: ${why}\n`]);
  }
});

test('Ctrl-C ends the job that runs, and leaves nothing of the search behind', async () => {
  using history = new History(
    `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n      - name: Check\n        run: |\n          echo $$ >> "\${{ vars.PIDS }}"\n          test ! -e "\${{ vars.PIDS }}.slow" || sleep 600\n          test ! -e broken\n`,
  );
  const pids = join(history.project.shared, 'pids');
  const run = (): Promise<CommandResult> => history.project.gantry(['run', '--var', `PIDS=${pids}`]);
  await run();
  history.commit('break it', { broken: '' });
  await run();
  writeFileSync(`${pids}.slow`, '');
  rmSync(pids);
  const search = spawn(resolve(import.meta.dirname, '../bin/gantry'), ['diagnose', '--bisect'], {
    cwd: history.project.folder,
    env: { ...process.env, GITHUB_ACTIONS: '', TMPDIR: history.scratch, GANTRY_STATE_DIR: history.project.stateFolder },
    stdio: 'ignore',
  });
  const ended = new Promise((done) => search.once('exit', done));
  const pid = await eventually(
    () => (existsSync(pids) && Number(readFileSync(pids, 'utf8'))) || undefined,
    'the step to run',
  );
  assert.ok(isGroupAlive(pid));
  assert.notDeepEqual(readdirSync(history.scratch), []);
  search.kill('SIGINT');
  assert.equal(await ended, 130);
  assert.deepEqual(readdirSync(history.scratch), []);
  assert.ok(!isGroupAlive(pid));
});
