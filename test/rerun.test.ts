/** `gantry rerun` on real processes: what it says, and what it refuses. Which jobs run is in the scenarios 310 and 311. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { openTestProject } from './support/gantry-command.ts';
import type { TestProject } from './support/gantry-command.ts';
import { eventually, PipelineProject } from './support/pipeline-project.ts';

const PIPELINE = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo built
  test:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: test -e "\${{ vars.MENDED }}"
`;

function project(pipeline: string): TestProject & { readonly source: string } {
  const source = mkdtempSync(join(tmpdir(), 'gantry-rerun-'));
  writeFileSync(join(source, 'gantry.yml'), pipeline);
  const opened = openTestProject(source);
  return {
    ...opened,
    source,
    [Symbol.dispose]: () => {
      opened[Symbol.dispose]();
      rmSync(source, { recursive: true, force: true });
    },
  };
}

function idIn(text: string): string {
  return / run (r-\d{8}-\d{6}-[0-9a-f]{4}(?:\.\d+)?)$/m.exec(text)?.[1] ?? assert.fail(text);
}

test('a failed run names its rerun, which says what it took over, and the list tells attempts apart', async () => {
  using own = project(PIPELINE);
  const mended = join(own.shared, 'mended');
  const first = await own.gantry(['run', '--var', `MENDED=${mended}`]);
  assert.equal(first.exitCode, 1);
  const id = idIn(first.stdout);
  assert.ok(first.stdout.endsWith(`run ${id}\n  What failed can run again: gantry rerun --failed ${id}\n`));
  writeFileSync(mended, '');
  const second = await own.gantry(['rerun', '--failed']);
  assert.equal(second.exitCode, 0, second.stdout + second.stderr);
  assert.equal(idIn(second.stdout), `${id}.2`);
  assert.match(second.stdout, new RegExp(`build │ ✓ passed: not run again, taken from ${id}\\n`));
  assert.match(second.stdout, new RegExp(`attempt 2, after ${id}\\n`));
  assert.match(second.stdout, new RegExp(`build .*\\n    not run again, taken from ${id}\\n`));
  assert.ok(!second.stdout.includes('gantry rerun'), second.stdout);
  const listed = (await own.gantry(['runs'])).stdout.trim().split('\n');
  assert.deepEqual(
    listed.slice(1).map((line) => line.split(/ +/).slice(1, 3)),
    [
      [`${id}.2`, 'passed'],
      [id, 'failed'],
    ],
  );
  const rows = z.object({ runs: z.array(z.object({ attempt: z.number().optional() })) });
  const parsed = rows.parse(JSON.parse((await own.gantry(['runs', '--format', 'json'])).stdout));
  assert.deepEqual(parsed.runs, [{ attempt: 2 }, {}]);
  const shown = async (given: string): Promise<string> => idIn((await own.gantry(['show', given])).stdout);
  assert.equal(await shown(id), id);
  assert.equal(await shown(id.slice(-4)), `${id}.2`);
  assert.equal(await shown(`${id}.2`), `${id}.2`);
});

test('what cannot be run again is refused with what can be done instead', async () => {
  using own = project(PIPELINE);
  const none = await own.gantry(['rerun']);
  assert.deepEqual([none.exitCode, none.stderr], [2, 'gantry: there is no run yet; start one with gantry run\n']);
  writeFileSync(join(own.shared, 'mended'), '');
  const first = await own.gantry(['run', '--var', `MENDED=${join(own.shared, 'mended')}`, '--secret', 'TOKEN=abcdef']);
  const id = idIn(first.stdout);
  const refused = async (...args: readonly string[]): Promise<string> => {
    const result = await own.gantry(['rerun', ...args]);
    assert.equal(result.exitCode, 2, result.stdout + result.stderr);
    assert.equal(result.stdout, '');
    return result.stderr;
  };
  assert.equal(await refused('r-1'), 'gantry: there is no run r-1; gantry runs lists them\n');
  assert.equal(
    await refused('--failed'),
    `gantry: nothing failed in run ${id}; gantry rerun ${id} runs all of it again\n`,
  );
  assert.equal(
    await refused('--failed', '--job', 'test'),
    `gantry: "test" did not fail in run ${id}; gantry rerun ${id} --job 'test' runs it again\n`,
  );
  assert.equal(await refused('--job', 'tset'), 'gantry: the run has no job "tset"; did you mean "test"?\n');
  assert.equal(await refused(), `gantry: run ${id} was started with secrets; give them again: --secret TOKEN\n`);
  rmSync(join(own.folder, '.git'), { recursive: true });
  assert.match(
    await refused('--secret', 'TOKEN=abcdef'),
    /^gantry: commit [0-9a-f]{12} of run .* is not in .* any more\n$/,
  );
});

test('a run that goes on, or was killed, is not run again', async () => {
  using own = new PipelineProject(
    `on: push\njobs:\n  wait:\n    runs-on: ubuntu-latest\n    steps:\n      - run: touch '\${{ vars.HERE }}'; exec sleep 600\n`,
  );
  const here = join(own.outside, 'here');
  const running = own.start('run', '--var', `HERE=${here}`);
  await eventually(() => existsSync(here) || undefined, 'the step to run');
  const live = await own.start('rerun').ended;
  assert.equal(live.code, 2);
  assert.match(
    live.stderr,
    /^gantry: run (r-\S+) still goes on; gantry logs -f \1 follows it, gantry cancel \1 ends it\n$/,
  );
  running.child.kill('SIGKILL');
  await running.ended;
  const dead = await own.start('rerun').ended;
  assert.equal(dead.code, 2);
  assert.match(dead.stderr, /^gantry: run (r-\S+) was interrupted; gantry resume \1 goes on with it\n$/);
  await own.start('cancel').ended;
  await own.start('resume').ended;
});
