/** `gantry repro` on real processes: what fails in a run fails by itself in the same way, and no secret is in what was written. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { openTestProject } from './support/gantry-command.ts';
import type { TestProject } from './support/gantry-command.ts';

const SECRET = 'never-to-be-written-0815';
const MASKED = 'fetched-on-the-way-4711';

const PIPELINE = `
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [7] } }
    env:
      TOKEN: \${{ secrets.TOKEN }}
      ADDRESS: https://user:\${{ secrets.TOKEN }}@example.org
      ODD: it's "odd" $HOME
    steps:
      - uses: actions/checkout@v5
      - run: |
          mkdir sub; echo made > made.txt
          echo '::add-mask::${MASKED}'
          echo 'FETCHED=${MASKED}' >> "$GITHUB_ENV"
          echo 'SET=before' >> "$GITHUB_ENV"
      - name: Fails
        working-directory: sub
        shell: bash
        run: |
          echo "\${PWD##*/} $ODD n=\${{ matrix.n }} set=$SET token=\${TOKEN-none} fetched=\${FETCHED-none}"
          cat ../made.txt
          echo out=1 >> "$GITHUB_OUTPUT"
          touch "$RUNNER_TEMP/there"
          grep -q refs/heads/main "$GITHUB_EVENT_PATH"
          echo '\${{ secrets.TOKEN }}' > /dev/null
          exit 7 | true
      - name: Composite
        if: always()
        uses: ./action
`;

const ACTION = `
name: inner
runs: { using: composite, steps: [{ shell: sh, run: 'echo inner; exit 9' }] }
`;

interface Failed extends TestProject {
  readonly id: string;
  readonly output: string;
}

async function failedRun(): Promise<Failed> {
  const source = mkdtempSync(join(tmpdir(), 'gantry-repro-test-'));
  writeFileSync(join(source, 'gantry.yml'), PIPELINE);
  mkdirSync(join(source, 'action'));
  writeFileSync(join(source, 'action', 'action.yml'), ACTION);
  const project = openTestProject(source);
  rmSync(source, { recursive: true });
  const run = await project.gantry(['run', '--secret', `TOKEN=${SECRET}`]);
  assert.equal(run.exitCode, 1, run.stdout + run.stderr);
  const id = / run (r-\S+)$/m.exec(run.stdout)?.[1] ?? assert.fail(run.stdout);
  return { ...project, id, output: join(project.shared, 'again') };
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function runAgain(output: string, env: Readonly<Record<string, string>> = {}): ReturnType<typeof spawnSync> {
  return spawnSync(join(output, 'run.sh'), {
    encoding: 'utf8',
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
}

test('a failed step fails by itself in the same way: shell, options, folder, variables, event', async () => {
  using own = await failedRun();
  const made = await own.gantry(['repro', '--step', 'Fails', '--output', own.output]);
  assert.equal(made.exitCode, 0, made.stderr);
  const again = runAgain(own.output);
  assert.equal(again.stdout, `sub it's "odd" $HOME n=7 set=before token=none fetched=none\nmade\n`);
  assert.equal(again.status, 7);
  assert.match(String(again.stderr), /^run\.sh: \w+ held a secret and was left out: export \w+ to give it one\n/);
  assert.equal(readFileSync(join(own.output, 'temp', 'GITHUB_OUTPUT'), 'utf8'), 'out=1\n');
  assert.ok(statSync(join(own.output, 'temp', 'there')).isFile());
  const given = runAgain(own.output, { TOKEN: 'mine' });
  assert.match(String(given.stdout), /token=mine fetched=none/);
  const contexts: unknown = JSON.parse(readFileSync(join(own.output, 'contexts.json'), 'utf8'));
  assert.deepEqual(contexts, { inputs: {}, matrix: { n: 7 }, needs: {}, steps: {} });
});

test('no secret is in anything that was written, and what was left out is named', async () => {
  using own = await failedRun();
  await own.gantry(['repro', '--step', 'Fails', '--output', own.output]);
  const written = [own.output, own.stateFolder].flatMap(filesUnder);
  assert.ok(
    written.some((file) => file.includes('failed-scripts')),
    'what is kept of the step is among them',
  );
  for (const file of written.filter((each) => !each.includes('/work/'))) {
    const text = readFileSync(file, 'latin1');
    for (const secret of [SECRET, MASKED, Buffer.from(SECRET).toString('base64'), encodeURIComponent(SECRET)])
      // The pipeline writes this one out itself, so that plan and checkout have it.
      if (secret !== MASKED || !/journal|pack|objects/.test(file))
        assert.ok(!text.includes(secret), `${secret} in ${file}`);
  }
  const readme = readFileSync(join(own.output, 'README.txt'), 'utf8');
  assert.match(
    readme,
    /were left out\. Set them before run\.sh, as far as\nthe step needs them:\n  TOKEN\n  ADDRESS\n  FETCHED\n/,
  );
  assert.match(readme, /The script itself held a secret: \*\*\* stands in its place/);
});

test('a script inside a composite action, which is chosen when nothing is said of the step before it', async () => {
  using own = await failedRun();
  const made = await own.gantry(['repro', own.id, '--job', 'test', '--step', '4', '--output', own.output]);
  assert.match(made.stdout, new RegExp(`^test \\(7\\) / Composite of run ${own.id}: exit code 9\\n`));
  const again = runAgain(own.output);
  assert.deepEqual([again.stdout, again.status], ['inner\n', 9]);
  const first = await own.gantry(['repro']);
  assert.match(first.stdout, /^test \(7\) \/ Fails of run/);
  assert.match(first.stdout, /\nAlso failed, to be asked for by --job and --step:\n  test \(7\) \/ Composite\n$/);
});

test('when the workspace is gone the commit takes its place, and the folder says what is missing', async () => {
  using own = await failedRun();
  rmSync(join(own.stateFolder), { recursive: true, force: true, maxRetries: 0 });
  const none = await own.gantry(['repro']);
  assert.deepEqual([none.exitCode, none.stderr], [2, 'gantry: there is no run yet; start one with gantry run\n']);
  await own.gantry(['run', '--secret', `TOKEN=${SECRET}`]);
  // Another run of the same job takes the place.
  await own.gantry(['run', '--secret', `TOKEN=${SECRET}`]);
  const runs: unknown = JSON.parse((await own.gantry(['runs', '--format', 'json'])).stdout);
  const [, older] = /"run": "(r-[^"]+)"[^]*"run": "(r-[^"]+)"/.exec(JSON.stringify(runs, null, 2))?.slice(1) ?? [];
  const made = await own.gantry(['repro', older ?? '', '--step', 'Composite', '--output', own.output]);
  assert.match(made.stdout, /the workspace of the job is gone, and with it what the steps before this one made\./);
  assert.ok(statSync(join(own.output, 'workspace', 'gantry.yml')).isFile());
  assert.deepEqual([runAgain(own.output).stdout, runAgain(own.output).status], ['inner\n', 9]);
});

test('a shell opens where the step ran, with its environment', async () => {
  using own = await failedRun();
  const said = execFileSync(resolve(import.meta.dirname, '../bin/gantry'), ['repro', '--shell'], {
    cwd: own.folder,
    encoding: 'utf8',
    input: 'echo "in ${PWD##*/}, set=$SET, token=${TOKEN-none}"\nexit 3\n',
    env: { ...process.env, GANTRY_STATE_DIR: own.stateFolder, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  assert.match(said, /in sub, set=before, token=none\n/);
});

test('what cannot be had is said, and a folder of somebody else is left alone', async () => {
  using own = await failedRun();
  const refused = async (...args: readonly string[]): Promise<string> => {
    const result = await own.gantry(['repro', ...args]);
    assert.equal(result.exitCode, 2, result.stdout);
    return result.stderr;
  };
  assert.equal(await refused('--job', 'tset'), 'gantry: the run has no job "tset"; there are test (7)\n');
  assert.equal(await refused('--step', 'Fials'), 'gantry: no step "Fials" failed; did you mean "Fails"?\n');
  writeFileSync(join(own.shared, 'mine'), '');
  assert.equal(
    await refused('--output', own.shared),
    `gantry: ${own.shared} is not empty, and was not written by gantry repro: name another folder\n`,
  );
  rmSync(join(own.stateFolder), { recursive: true });
  writeFileSync(
    join(own.folder, 'gantry.yml'),
    'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "true" }] } }\n',
  );
  const passed = await own.gantry(['run', '--dirty']);
  const id = / run (r-\S+)$/m.exec(passed.stdout)?.[1];
  assert.equal(await refused(), `gantry: no step of run ${id} failed\n`);
});
