/** What gantry prune shows, removes and lets be, on a real project. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { eventually, PipelineProject } from './support/pipeline-project.ts';

const PIPELINE = `
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: echo it ends with \${{ vars.CODE }}; exit \${{ vars.CODE }}
  other:
    runs-on: ubuntu-latest
    steps:
      - run: exit \${{ vars.CODE }}
`;

const Runs = z.object({ runs: z.array(z.looseObject({ run: z.string(), verdict: z.string().nullable() })) });

async function listed(project: PipelineProject): Promise<readonly { run: string; verdict: string | null }[]> {
  return Runs.parse(JSON.parse((await project.run('runs', '--format', 'json')).stdout)).runs;
}

/** The oldest first: two that passed, and two that failed in other jobs, each of which left its workspace. */
async function fourRuns(project: PipelineProject): Promise<readonly string[]> {
  const runs = [
    ['test', 0],
    ['test', 0],
    ['other', 1],
    ['test', 1],
  ] as const;
  for (const [job, code] of runs) await project.run('run', '--job', job, '--var', `CODE=${code}`);
  return (await listed(project)).map(({ run }) => run).toReversed();
}

const ALL = ['--older-than', '0s', '--keep', '1'];

test('prune shows what would go and removes nothing, until it is told to', async () => {
  using project = new PipelineProject(PIPELINE);
  const before = await fourRuns(project);
  const young = await project.run('prune');
  assert.equal(young.stdout, 'Nothing is to be removed.\nKept: 4 runs: 4 the newest of a pipeline\n');
  const shown = await project.run('prune', ...ALL);
  assert.equal(shown.code, 0);
  assert.match(
    shown.stdout,
    /^Would free [\d.]+ kB\n {2}2 +[\d.]+ kB {2}runs of 2\d{3}-\d\d-\d\d: journal and logs\n {2}1 +\d+ bytes {2}workspace of ended jobs\nKept: 2 runs: 1 the newest of a pipeline, 1 the last in which a job went well\nNothing was removed; gantry prune --apply does it\.\n$/,
  );
  assert.deepEqual((await listed(project)).map(({ run }) => run).toReversed(), before);
  assert.equal(readdirSync(join(project.state, 'logs')).length, 4);
  assert.deepEqual(readdirSync(join(project.state, 'work')).toSorted(), ['other', 'test']);
});

test('what is removed is gone with its log and its workspace; the newest and the last good run can still be read', async () => {
  using project = new PipelineProject(PIPELINE);
  const [first = '', good = '', third = '', newest = ''] = await fourRuns(project);
  for (const failed of [third, newest]) assert.equal((await project.run('repro', failed)).code, 0);
  const pruned = await project.run('prune', ...ALL, '--apply');
  assert.match(pruned.stdout, /^Freed [\d.]+ kB\n {2}2 /);
  assert.doesNotMatch(pruned.stdout, /Nothing was removed/);
  assert.deepEqual(
    (await listed(project)).map(({ run }) => run),
    [newest, good],
  );
  assert.equal((await project.run('logs', good, '--raw', '--job', 'test')).stdout, 'it ends with 0\n');
  for (const gone of [first, third]) {
    assert.equal((await project.run('show', gone)).code, 2);
    assert.ok(!readdirSync(join(project.state, 'logs')).includes(gone));
  }
  for (const kept of ['failed-scripts', 'repro']) assert.deepEqual(readdirSync(join(project.state, kept)), [newest]);
  assert.deepEqual(readdirSync(join(project.state, 'work')), ['test'], 'the workspace of the newest stays for a look');
  // The next run has the number behind the last, and finds a place to work in.
  const next = await project.run('run', '--var', 'CODE=0');
  assert.equal(next.code, 0, next.stdout);
});

test('a run that goes on is let be, with its workspace', async () => {
  using project = new PipelineProject(`
on: push
jobs:
  slow:
    runs-on: ubuntu-latest
    steps:
      - if: vars.OUT != ''
        run: |
          touch "\${{ vars.OUT }}/there"
          until [ -e "\${{ vars.OUT }}/go" ]; do sleep 0.02; done
          test -d "$GITHUB_WORKSPACE"
`);
  const live = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => existsSync(join(project.outside, 'there')) || undefined, 'the step to run');
  assert.equal((await project.run('run')).code, 0);
  const { stdout } = await project.run('prune', ...ALL, '--apply');
  assert.equal(stdout, 'Nothing is to be removed.\nKept: 2 runs: 1 running, 1 the newest of a pipeline\n');
  writeFileSync(join(project.outside, 'go'), '');
  assert.equal((await live.ended).code, 0);
});

test('prune says which of its options it cannot read', async () => {
  using project = new PipelineProject(PIPELINE);
  const told = async (...args: readonly string[]): Promise<string> => (await project.run('prune', ...args)).stderr;
  assert.equal(
    await told('--older-than', 'soon'),
    'gantry: --older-than is "soon", which is no time such as 30d or 12h\n',
  );
  assert.equal(await told('--keep', '0'), 'gantry: --keep is "0", which is no number above 0\n');
  assert.equal(await told('--max-size', 'much'), 'gantry: --max-size is "much", which is no size such as 10GB\n');
});
