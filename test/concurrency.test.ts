/** Runs of one project in one concurrency group, each a process of its own. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { eventually, PipelineProject } from './support/pipeline-project.ts';
import type { Ended, Started } from './support/pipeline-project.ts';

const PIPELINE = `
on: push
concurrency:
  group: Deploy-\${{ vars.PLACE }}
  cancel-in-progress: \${{ vars.HURRY == 'yes' }}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - name: Deploy
        run: |
          echo begun > "\${{ vars.OUT }}/\${{ vars.NAME }}"
          until [ -e "\${{ vars.OUT }}/go" ]; do sleep 0.02; done
      - if: cancelled()
        run: echo cleaned > "\${{ vars.OUT }}/\${{ vars.NAME }}-cleaned"
`;

const Report = z.looseObject({
  run: z.string(),
  conclusion: z.string().nullable(),
  supersededBy: z.string().optional(),
  jobs: z.array(z.looseObject({ key: z.string(), state: z.string(), conclusion: z.string().nullable() })),
});
const Runs = z.object({ runs: z.array(z.looseObject({ run: z.string() })) });

class Deployments implements Disposable {
  readonly project = new PipelineProject(PIPELINE);

  start(name: string, ...more: readonly string[]): Started {
    const vars = { OUT: this.project.outside, NAME: name, PLACE: 'live' };
    const args = Object.entries(vars).flatMap(([key, value]) => ['--var', `${key}=${value}`]);
    return this.project.start('run', '--format', 'json', ...args, ...more);
  }

  async begun(name: string): Promise<void> {
    await eventually(() => this.exists(name) || undefined, `${name} to begin`);
  }

  exists(name: string): boolean {
    return existsSync(join(this.project.outside, name));
  }

  /** Resolves when the newest run waits. */
  async waiting(): Promise<void> {
    for (;;) {
      const { stdout } = await this.project.run('runs');
      if (/^· r-\S+ +waiting .*\n +waits for the concurrency group "Deploy-live", which run r-\S+ holds$/m.test(stdout))
        return;
    }
  }

  go(): void {
    writeFileSync(join(this.project.outside, 'go'), '');
  }

  [Symbol.dispose](): void {
    this.project[Symbol.dispose]();
  }
}

function reportOf({ stdout, stderr }: Ended): z.infer<typeof Report> {
  assert.notEqual(stdout, '', stderr);
  return Report.parse(JSON.parse(stdout));
}

test('a newer run takes the place of the one that waits, which names it in its report, in show and in runs', async () => {
  using deployments = new Deployments();
  const first = deployments.start('first');
  await deployments.begun('first');
  const second = deployments.start('second');
  await deployments.waiting();
  const third = deployments.start('third');
  const dropped = await second.ended;
  assert.equal(dropped.code, 130);
  assert.match(dropped.stderr, /waits for the concurrency group "Deploy-live", which run r-\S+ holds\n/);
  deployments.go();
  const [one, two, three] = [reportOf(await first.ended), reportOf(dropped), reportOf(await third.ended)];
  assert.deepEqual([one.conclusion, two.conclusion, three.conclusion], ['success', 'cancelled', 'success']);
  assert.equal(two.supersededBy, three.run);
  assert.deepEqual([deployments.exists('second'), deployments.exists('second-cleaned')], [false, false]);
  const shown = await deployments.project.run('show', two.run);
  assert.ok(shown.stdout.includes(`superseded by run ${three.run}, verdict unknown`), shown.stdout);
  const listed = Runs.parse(JSON.parse((await deployments.project.run('runs', '--format', 'json')).stdout)).runs;
  assert.equal(listed.find((each) => each.run === two.run)?.['supersededBy'], three.run);
});

test('cancel-in-progress ends the run before it politely: its steps under cancelled() run, then the newer one begins', async () => {
  using deployments = new Deployments();
  const first = deployments.start('first');
  await deployments.begun('first');
  const second = deployments.start('second', '--var', 'HURRY=yes');
  const ended = await first.ended;
  assert.equal(ended.code, 130);
  assert.ok(deployments.exists('first-cleaned'));
  await deployments.begun('second');
  deployments.go();
  assert.equal(reportOf(ended).supersededBy, reportOf(await second.ended).run);
});

test('a run whose process was killed holds its group no longer', async () => {
  using deployments = new Deployments();
  const first = deployments.start('first');
  await deployments.begun('first');
  const second = deployments.start('second');
  await deployments.waiting();
  first.child.kill('SIGKILL');
  await first.ended;
  await deployments.begun('second');
  deployments.go();
  assert.equal(reportOf(await second.ended).conclusion, 'success');
});

test('a run that waits ends with Ctrl-C, and with gantry cancel', async () => {
  using deployments = new Deployments();
  const first = deployments.start('first');
  await deployments.begun('first');
  const second = deployments.start('second');
  await deployments.waiting();
  second.child.kill('SIGINT');
  assert.equal((await second.ended).code, 130);
  const third = deployments.start('third');
  await deployments.waiting();
  assert.equal((await deployments.project.run('cancel')).code, 0);
  assert.equal(reportOf(await third.ended).conclusion, 'cancelled');
  deployments.go();
  assert.equal(reportOf(await first.ended).conclusion, 'success');
  assert.deepEqual([deployments.exists('second'), deployments.exists('third')], [false, false]);
});

test('a job under always() goes on when its run is cancelled, until it is cancelled with force', async () => {
  using project = new PipelineProject(`
on: push
jobs:
  first:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo begun > "\${{ vars.OUT }}/first"
          exec sleep 300
  tidy:
    if: always()
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo begun > "\${{ vars.OUT }}/tidy"
          exec sleep 300
  after:
    needs: first
    if: cancelled()
    runs-on: ubuntu-latest
    steps:
      - run: echo ran > "\${{ vars.OUT }}/after"
`);
  const there = (name: string): true | undefined => existsSync(join(project.outside, name)) || undefined;
  const run = project.start('run', '--slots', '3', '--format', 'json', '--var', `OUT=${project.outside}`);
  await eventually(() => there('first') && there('tidy'), 'both jobs to run');
  assert.equal((await project.run('cancel')).code, 0);
  await eventually(() => there('after'), 'the job under cancelled()');
  const shown = Report.parse(JSON.parse((await project.run('show', '--format', 'json')).stdout));
  assert.deepEqual(shown.jobs.map(({ key, state, conclusion }) => `${key}: ${conclusion ?? state}`).slice(0, 2), [
    'first: cancelled',
    'tidy: running',
  ]);
  assert.equal((await project.run('cancel', '--force')).code, 0);
  const ended = Report.parse(JSON.parse((await run.ended).stdout));
  assert.deepEqual(
    ended.jobs.map(({ key, conclusion }) => `${key}: ${conclusion}`),
    ['first: cancelled', 'tidy: cancelled', 'after: success'],
  );
});
