/** Failed steps are explained when they fail, and `gantry diagnose` tells it again. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { commitAll, openProjectOf } from './export/on-github.ts';

const Diagnosed = z.object({
  cause: z.string(),
  layer: z.string(),
  excerpt: z.array(z.object({ start: z.number(), end: z.number() })),
  probes: z.array(z.object({ name: z.string(), ok: z.boolean().optional(), said: z.string() })).optional(),
  changed: z.array(z.string()).optional(),
});

const pipeline = (script: string): string =>
  `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - name: Check\n        run: |\n${script.replaceAll(/^/gm, '          ')}\n`;

const RAISES = `python3 - <<'EOF'\nprint("collected 3 files")\ndef area(): raise ValueError("no such shape")\narea()\nEOF`;

test('a step that fails tells its cause and that the runner is fine, in the report and in diagnose', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline(RAISES) });
  const run = await project.gantry(['run']);
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /cause: ValueError: no such shape/);
  assert.match(run.stdout, /echo test: the runner is fine/);
  const told = await project.gantry(['diagnose']);
  assert.equal(told.exitCode, 0);
  assert.match(told.stdout, /^✗ ValueError: no such shape\n {2}test \/ Check · /);
  assert.match(told.stdout, /│ Traceback \(most recent call last\):/);
  assert.doesNotMatch(told.stdout, /collected 3 files/);
  assert.match(told.stdout, /✓ echo test: the runner is fine/);
});

test('as JSON the diagnosis has the fields that are published, with lines of the job’s log', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline(`echo one\n${RAISES}`) });
  await project.gantry(['run']);
  const { stdout } = await project.gantry(['diagnose', '--format', 'json']);
  const told = Diagnosed.parse(JSON.parse(stdout));
  assert.equal(told.cause, 'ValueError: no such shape');
  const { stdout: log } = await project.gantry(['logs', '--raw']);
  const lines = log.split('\n');
  const shown = told.excerpt.flatMap(({ start, end }) => lines.slice(start - 1, end)).join('\n');
  assert.match(shown, /Traceback/);
  assert.match(shown, /ValueError: no such shape/);
});

test('what changed since the last good run is told: the commits, and uncommitted changes', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline('test "$(cat value.txt)" = good'), 'value.txt': 'good\n' });
  assert.equal((await project.gantry(['run'])).exitCode, 0);
  writeFileSync(join(project.folder, 'value.txt'), 'bad\n');
  const dirty = await project.gantry(['run', '--dirty', '--format', 'json']);
  assert.equal(dirty.exitCode, 1);
  const first = Diagnosed.parse(JSON.parse((await project.gantry(['diagnose', '--format', 'json'])).stdout));
  assert.ok(
    first.changed?.some((line) => line.startsWith('the same commit as in ')),
    JSON.stringify(first.changed),
  );
  assert.ok(first.changed?.includes('uncommitted changes were taken along'));
  commitAll(project);
  assert.equal((await project.gantry(['run'])).exitCode, 1);
  const second = Diagnosed.parse(JSON.parse((await project.gantry(['diagnose', '--format', 'json'])).stdout));
  assert.match(second.changed?.[0] ?? '', /^commits [0-9a-f]{12}\.\.[0-9a-f]{12} since r-/);
});

test('a failure that came up in an earlier run too, and was got over by a fallback, is told in the same words', async () => {
  const pip = [
    'echo "ERROR: Could not find a version that satisfies the requirement Pillow==99 (from versions: 1.0, 2.0)" >&2',
    'echo "ERROR: No matching distribution found for Pillow==99" >&2',
    'exit 1',
  ].join('\n');
  const lesser = '        fallback:\n          - { name: Without, run: echo on, loss: no pictures }\n';
  using project = openProjectOf({ 'gantry.yml': `${pipeline(pip)}${lesser}` });
  const whys: (string | undefined)[] = [];
  for (let run = 0; run < 2; run++)
    whys.push(/→ Without \((.*)\); loss/.exec((await project.gantry(['run'])).stdout)?.[1]);
  assert.match(whys[0] ?? '', /no version of Pillow==99 fits/);
  assert.equal(whys[1], whys[0]);
});

test('a run in which no step failed has nothing to be diagnosed', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline('true') });
  await project.gantry(['run']);
  assert.match((await project.gantry(['diagnose'])).stdout, /^✓ no step of r-\S+ failed\n$/);
});

test('a secret in what a tool says is not told by its diagnosis', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline('echo "Error: bad token ${{ secrets.TOKEN }}" >&2; exit 1') });
  const run = await project.gantry(['run', '--secret', 'TOKEN=abc123xyz789']);
  assert.equal(run.exitCode, 1);
  assert.match(run.stdout, /cause: Error: bad token \*\*\*/);
  assert.doesNotMatch(run.stdout + (await project.gantry(['diagnose'])).stdout, /abc123xyz789/);
});

test('every report tells the cause: text, Markdown, HTML and JSON', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline(RAISES) });
  const { stdout } = await project.gantry(['run', '--format', 'json']);
  const report = z.looseObject({ diagnosis: Diagnosed }).parse(JSON.parse(stdout));
  assert.equal(report.diagnosis.cause, 'ValueError: no such shape');
  for (const format of ['text', 'markdown', 'html'])
    assert.match(
      (await project.gantry(['show', '--format', format])).stdout,
      /cause: ValueError: no such shape/,
      format,
    );
});

const told = async (project: ReturnType<typeof openProjectOf>): Promise<z.infer<typeof Diagnosed>> => {
  await project.gantry(['run']);
  return Diagnosed.parse(JSON.parse((await project.gantry(['diagnose', '--format', 'json'])).stdout));
};

test('what a probe finds out is the cause: a name that nobody has, and not the words round it', async () => {
  using project = openProjectOf({ 'gantry.yml': pipeline('git clone https://no-such-host.invalid/a.git') });
  const { cause, layer, probes } = await told(project);
  assert.equal(cause, 'there is no host of the name no-such-host.invalid');
  assert.equal(layer, 'network');
  assert.equal(probes?.find(({ name }) => name === 'echo test')?.ok, true);
});

test('lists that apt could not fetch, with 0, make the package that is missing then a matter of the network', async () => {
  const apt = join(import.meta.dirname, '../examples/exit-code-100/package-index/apt.conf');
  using project = openProjectOf({
    'gantry.yml': pipeline('apt-get update\napt-get install -y tool-of-ours').replace(
      'jobs:',
      'env: { APT_CONFIG: package-index/apt.conf }\njobs:',
    ),
    'package-index/apt.conf': readFileSync(apt, 'utf8'),
    'package-index/etc/sources.list': 'deb [trusted=yes] http://no-such-mirror.invalid/debian stable main\n',
    'package-index/state/keep': '',
  });
  const { cause, layer } = await told(project);
  assert.equal(cause, 'there is no host of the name no-such-mirror.invalid');
  assert.equal(layer, 'network');
});

test('a script that cannot be started, and a command that took too long, are told by how they ended', async () => {
  using crlf = openProjectOf({
    'gantry.yml': pipeline('chmod +x build.sh\n./build.sh'),
    'build.sh': '#!/bin/sh\r\necho hi\r\n',
  });
  const { cause, layer } = await told(crlf);
  assert.match(cause, /^\.\/build\.sh has line ends of Windows/);
  assert.equal(layer, 'configuration');
  using slow = openProjectOf({ 'gantry.yml': pipeline('timeout 0.2 sleep 30') });
  assert.equal((await told(slow)).layer, 'timeout');
});

test('of a script of many lines the command that failed is named, with its line, status and values, but no secret', async () => {
  const script = 'echo one\nFILE=none.txt\nif true; then\n  cat "$FILE" "$TOKEN"\nfi\necho never';
  const yaml = pipeline(script).replace('run: |', 'env: { TOKEN: "${{ secrets.TOKEN }}" }\n        run: |');
  using project = openProjectOf({ 'gantry.yml': yaml });
  const run = await project.gantry(['run', '--secret', 'TOKEN=abc123xyz789']);
  const command = 'cat "$FILE" "$TOKEN", line 4, status 1, with its values: cat "none.txt" "***"';
  assert.ok(run.stdout.replaceAll(/\s+/g, ' ').includes(`command: ${command}`), run.stdout);
  assert.ok((await project.gantry(['diagnose'])).stdout.includes(`\n  Command  ${command}\n`));
  const json = (await project.gantry(['diagnose', '--format', 'json'])).stdout;
  assert.deepEqual(z.looseObject({ command: z.unknown() }).parse(JSON.parse(json)).command, {
    text: 'cat "$FILE" "$TOKEN"',
    line: 4,
    status: 1,
    expanded: 'cat "none.txt" "***"',
  });
});
