/** What is said of runs that are over before their time, and of how they are gone on with. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, PipelineProject } from './support/pipeline-project.ts';

const LONG = `
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: touch "\${{ vars.OUT }}/there"; exec sleep 600
`;

test('a run that was ended by Ctrl-C is listed as cancelled, and resume says that it is over', async () => {
  using project = new PipelineProject(LONG);
  const run = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => existsSync(join(project.outside, 'there')) || undefined, 'the step to run');
  run.child.kill('SIGINT');
  const ended = await run.ended;
  assert.equal(ended.code, 130);
  const id = /run (r-\S+)\n$/.exec(ended.stdout)?.[1] ?? '';
  assert.match((await project.run('runs')).stdout, new RegExp(`^– ${id} +cancelled `, 'm'));
  const over = `was cancelled (interrupted at the terminal) and is over`;
  const resumed = await project.run('resume');
  assert.equal(resumed.code, 2);
  assert.equal(
    resumed.stderr,
    `gantry: no run was interrupted, so there is nothing to resume. The newest, ${id}, ${over}: gantry rerun runs it again, gantry rerun --failed what did not succeed\n`,
  );
  const named = await project.run('resume', id);
  assert.equal(
    named.stderr,
    `gantry: run ${id} ${over}; there is nothing to resume: gantry rerun ${id} runs it again\n`,
  );
});

test('what ended the whole run is said once, not at each of its jobs', async () => {
  using project = new PipelineProject(
    `${LONG}  b:\n    needs: a\n    runs-on: ubuntu-latest\n    steps: [{ run: 'true' }]\n`,
  );
  const run = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => existsSync(join(project.outside, 'there')) || undefined, 'the step to run');
  run.child.kill('SIGINT');
  const { stdout } = await run.ended;
  const report = stdout.slice(stdout.indexOf('\nLedger'));
  assert.equal(report.split('interrupted at the terminal').length - 1, 1, report);
});

test('the last lines of a failing step keep their indentation, and are broken where the page ends', async () => {
  using project = new PipelineProject(`
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - name: Compile
        run: |
          printf 'def f():\\n    return x\\n\\t^ tab\\n10 %%\\r20 %%\\r\\n'
          printf '%.0sx' $(seq 120)
          exit 3
      - name: Says nothing
        if: always()
        working-directory: nowhere
        run: echo never
`);
  const { stdout } = await project.run('run');
  const excerpt = stdout.slice(stdout.indexOf('\nFailed'), stdout.indexOf('\nJobs'));
  assert.ok(
    excerpt.startsWith(`
Failed  a / Compile
  │ def f():
  │     return x
  │         ^ tab
  │ 20 %
  │ ${'x'.repeat(96)}
  │ ${'x'.repeat(24)}

`),
    excerpt,
  );
  // Why a step failed that printed nothing: when it happens, and in the report.
  assert.equal(stdout.split('the working directory does not exist').length - 1, 2, stdout);
});

const STUBBORN = `
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - name: Long
        run: touch "\${{ vars.OUT }}/there"; exec sleep 600
      - name: Clean up
        if: always()
        run: |
          trap '' INT TERM
          touch "\${{ vars.OUT }}/cleaning"
          while :; do sleep 0.1; done
      - name: Tell
        if: always()
        run: touch "\${{ vars.OUT }}/told"
  b:
    needs: a
    if: always()
    runs-on: ubuntu-latest
    steps: [{ run: 'touch "\${{ vars.OUT }}/told"' }]
`;

for (const again of ['gantry cancel --force', 'a second Ctrl-C'] as const) {
  test(`${again} ends what goes on after a cancellation: the step under always() is killed, no other begins`, async () => {
    using project = new PipelineProject(STUBBORN);
    const run = project.start('run', '--format', 'json', '--var', `OUT=${project.outside}`);
    await eventually(() => existsSync(join(project.outside, 'there')) || undefined, 'the step to run');
    run.child.kill('SIGINT');
    await eventually(() => existsSync(join(project.outside, 'cleaning')) || undefined, 'the clean-up to begin');
    const askedAtMs = Date.now();
    if (again === 'a second Ctrl-C') run.child.kill('SIGINT');
    else assert.equal((await project.run('cancel', '--force')).code, 0);
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    // Signals that it does not heed would take 10 s before it is killed.
    assert.ok(Date.now() - askedAtMs < 8_000, `it took ${Date.now() - askedAtMs} ms`);
    assert.ok(!existsSync(join(project.outside, 'told')));
    const report: unknown = JSON.parse(stdout);
    assert.partialDeepStrictEqual(report, {
      conclusion: 'cancelled',
      jobs: [
        {
          id: 'a',
          conclusion: 'cancelled',
          steps: [
            { name: 'Long', conclusion: 'cancelled' },
            { name: 'Clean up', conclusion: 'cancelled' },
            { name: 'Tell', conclusion: 'skipped', why: 'the run was ended by force' },
          ],
        },
        { id: 'b', conclusion: 'cancelled' },
      ],
    });
  });
}

test('an action whose post is due does not get to it when the run is ended by force', async () => {
  using project = new PipelineProject(
    `
on: push
jobs:
  a:
    runs-on: ubuntu-latest
    env: { OUT: "\${{ vars.OUT }}" }
    steps:
      - uses: $/slow
`,
    {
      'slow/action.yml': 'runs: { using: node24, main: main.mjs, post: post.mjs }\n',
      'slow/main.mjs': `import { writeFileSync } from 'node:fs';
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
setInterval(() => {}, 1_000);
writeFileSync(process.env.OUT + '/there', '');
`,
      'slow/post.mjs': `import { writeFileSync } from 'node:fs';
writeFileSync(process.env.OUT + '/told', '');
`,
    },
  );
  const run = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => existsSync(join(project.outside, 'there')) || undefined, 'the action to run');
  assert.equal((await project.run('cancel', '--force')).code, 0);
  assert.equal((await run.ended).code, 130);
  assert.ok(!existsSync(join(project.outside, 'told')));
});
