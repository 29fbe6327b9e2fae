/** Tests that fail and pass although nothing changed are remembered, and told. */
import assert from 'node:assert/strict';
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openProjectOf } from './export/on-github.ts';

const pipeline = `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Unit tests
        run: |
          if [ -e "\${{ vars.WELL }}" ]; then bad='' code=0; else bad='<failure message="too late"/>' code=1; fi
          echo "<testsuite><testcase classname='t' name='moody'>$bad</testcase></testsuite>" > report.xml
          exit $code
        expect: { tests: { report: report.xml } }
`;

test('a test that failed and passed at one commit is listed, and named when it fails again', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline });
  const well = join(project.shared, 'well');
  const run = async (): Promise<string> => (await project.gantry(['run', '--var', `WELL=${well}`])).stdout;
  assert.equal((await project.gantry(['flaky'])).stdout, '✓ no test is known to be flaky\n');
  await run();
  assert.equal((await project.gantry(['flaky'])).stdout, '✓ no test is known to be flaky\n');
  writeFileSync(well, '');
  assert.match(await run(), /◐ flaky: t\.moody\n {6}failed in run r-\S+ of the same commit, and passed/);
  await run();
  const listed = await project.gantry(['flaky']);
  assert.equal(listed.exitCode, 0);
  assert.match(
    listed.stdout,
    /^◐ t\.moody\n {2}gantry\.yml · test \/ Unit tests\n {2}flaky in 1 of 2 runs, 50 %; last in r-\S+, \S+ \S+ UTC: failed in another run of the same commit, and passed\n$/,
  );
  rmSync(well);
  assert.match(await run(), /✗ t\.moody\n {6}flaky before, in 1 run: too late/);
});

test('a memory that cannot be read changes nothing but that it is told', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline });
  const well = join(project.shared, 'well');
  writeFileSync(well, '');
  assert.equal((await project.gantry(['run', '--var', `WELL=${well}`])).exitCode, 0);
  const [memory = ''] = globSync('**/tests.db', { cwd: project.stateFolder });
  writeFileSync(join(project.stateFolder, memory), 'x'.repeat(5_000));
  const run = await project.gantry(['run', '--var', `WELL=${well}`]);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match((await project.gantry(['logs'])).stdout, /gantry: its tests were not remembered: opening the history/);
});
