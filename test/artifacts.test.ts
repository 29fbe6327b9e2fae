/** Artifacts as people get at them, through the built command. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';
import { openTestProject } from './support/gantry-command.ts';
import { eventually, PipelineProject } from './support/pipeline-project.ts';

const Listed = z.object({
  version: z.literal(1),
  run: z.string(),
  artifacts: z.array(z.looseObject({ name: z.string(), expiresAtMs: z.number() })),
});

const root = mkdtempSync(join(tmpdir(), 'gantry-artifact-command-'));
after(() => rmSync(root, { recursive: true, force: true }));

function project(pipeline: string): ReturnType<typeof openTestProject> {
  const source = mkdtempSync(join(root, 'p-'));
  writeFileSync(join(source, 'gantry.yml'), pipeline);
  return openTestProject(source);
}

const TWO = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: mkdir out && echo one > out/1 && echo two > out/2
      - uses: actions/upload-artifact@v4
        with: { name: coverage, path: out }
      - uses: actions/upload-artifact@v4
        with: { name: notes, path: out/1, retention-days: 1 }
`;

test('the artifacts of a run are in its report, are listed, and are laid out where they are wanted', async () => {
  using here = project(TWO);
  const ran = await here.gantry(['run']);
  assert.match(
    ran.stdout,
    /Artifacts {2}gantry artifacts download NAME --run r-\S+\n {2}coverage {2}2 files, 8 bytes, until /,
  );
  const shown = await here.gantry(['show', '--format', 'markdown']);
  assert.match(
    shown.stdout,
    /### Artifacts\n\n- `coverage`: 2 files, 8 bytes, until \d{4}-\d\d-\d\d\n- `notes`: 1 file/,
  );
  assert.match(
    (await here.gantry(['show', '--format', 'html'])).stdout,
    /<dt>notes<\/dt>\s*<dd>1 file, 4 bytes, until/,
  );

  const listed = await here.gantry(['artifacts']);
  assert.match(listed.stdout, /^coverage {2}2 files, 8 bytes, until \S+\nnotes {5}1 file, 4 bytes, until \S+\n$/);
  const data = Listed.parse(JSON.parse((await here.gantry(['artifacts', '--format', 'json'])).stdout));
  assert.deepEqual(
    data.artifacts.map((each) => each.name),
    ['coverage', 'notes'],
  );
  const to = join(here.shared, 'got');
  const got = await here.gantry(['artifacts', 'download', 'coverage', '--to', to, '--run', data.run]);
  assert.equal(got.stdout, `coverage of ${data.run} is in ${to}\n`);
  assert.deepEqual(readdirSync(to), ['1', '2']);
  const json = await here.gantry(['artifacts', 'download', 'notes', '--format', 'json']);
  const told = z.looseObject({ folder: z.string(), artifact: z.looseObject({ files: z.number() }) });
  assert.deepEqual(told.parse(JSON.parse(json.stdout)).artifact.files, 1);
  assert.equal(readFileSync(join(here.folder, 'notes/1'), 'utf8'), 'one\n');
});

test('a name that is not there is told, with what was meant', async () => {
  using here = project(TWO);
  await here.gantry(['run']);
  const wrong = await here.gantry(['artifacts', 'download', 'covrage']);
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /^gantry: run r-\S+ has no artifact covrage\. Did you mean coverage\?\n$/);
});

test('what has expired is removed, and that is said', async () => {
  using here = project(TWO);
  await here.gantry(['run']);
  const [state = ''] = readdirSync(here.stateFolder);
  const artifacts = join(here.stateFolder, state, 'artifacts');
  const entry = readdirSync(artifacts, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('notes/entry.json'),
  );
  const file = join(artifacts, entry ?? '');
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...z.looseObject({}).parse(content), expiresAtMs: 1000 }));
  const listed = await here.gantry(['artifacts']);
  assert.match(listed.stderr, /^gantry: removed notes of r-\S+ \(4 bytes\), which has expired\n$/);
  assert.match(listed.stdout, /^coverage {2}2 files/);
  assert.ok(!existsSync(file));
  assert.equal((await here.gantry(['artifacts', 'download', 'notes'])).exitCode, 2);
});

test('an artifact of another run of the project can be downloaded by its id', async () => {
  using here = project(`
on: { push: , workflow_dispatch: { inputs: { from: { default: '' } } } }
jobs:
  build:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - run: echo first > x
      - uses: actions/upload-artifact@v4
        with: { name: dist, path: x }
  later:
    if: github.event_name == 'workflow_dispatch'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with: { name: dist, run-id: '\${{ inputs.from }}', github-token: any }
      - run: grep first x
`);
  const first = await here.gantry(['run', '-e', 'push', '--format', 'json']);
  const { run } = z.looseObject({ run: z.string() }).parse(JSON.parse(first.stdout));
  const later = await here.gantry(['run', '-e', 'workflow_dispatch', '-i', `from=${run}`]);
  assert.equal(later.exitCode, 0, later.stdout);
});

test('after a crash, what the interrupted step had uploaded is uploaded again, and what finished steps did is kept', async () => {
  using here = new PipelineProject(
    `
on: push
env: { OUT: '\${{ vars.OUT }}' }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo kept > kept
      - uses: actions/upload-artifact@v4
        with: { name: kept, path: kept }
      - uses: ./act
  read:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
      - run: test "$(cat kept/kept)" = kept && test "$(wc -l < again/log)" = 2
`,
    {
      'act/action.yml': `
runs:
  using: composite
  steps:
    - run: echo try >> "$OUT/log"
      shell: bash
    - uses: actions/upload-artifact@v4
      with: { name: again, path: '\${{ env.OUT }}/log' }
    - run: touch "$OUT/uploaded"; until [ -e "$OUT/go" ]; do sleep 0.01; done
      shell: bash
`,
    },
  );
  const started = here.start('run', '--var', `OUT=${here.outside}`);
  await eventually(() => (existsSync(join(here.outside, 'uploaded')) ? true : undefined), 'the upload');
  started.child.kill('SIGKILL');
  await started.ended;
  writeFileSync(join(here.outside, 'go'), '');
  const resumed = await here.run('resume');
  assert.equal(resumed.code, 0, `${resumed.stdout}${resumed.stderr}`);
});
