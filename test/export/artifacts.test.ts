/** What jobs hand on by artifacts they hand on as exported jobs too, each on a checkout and in a run of its own, with what steps round it bring and take. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openProjectOf, runTwice } from './on-github.ts';
import { writeFiles } from '../support/write-files.ts';
import type { Twice } from './on-github.ts';

async function twice(jobs: string): Promise<Twice & Disposable> {
  const project = openProjectOf({
    'gantry.yml': `on: push\njobs:\n${jobs}`,
    'src/.hidden/a': 'hidden',
    'src/b': 'plain',
  });
  try {
    return { ...(await runTwice(project)), [Symbol.dispose]: () => project[Symbol.dispose]() };
  } catch (cause) {
    project[Symbol.dispose]();
    throw cause;
  }
}

/** All files below a folder with their modes, as one output. */
const LIST = `echo "seen=$(find got -type f -printf '%P %m ' | tr ' ' '\\n' | paste -d' ' - - | sort | tr '\\n' ';')" >> "$GITHUB_OUTPUT"`;
const SEEN = `outputs: { seen: '\${{ steps.s.outputs.seen }}' }`;

describe('artifacts of an exported workflow', { concurrency: 2 }, () => {
  test('come with the files, modes and links that they come with here, by name, by pattern, merged, and all', async () => {
    using ran = await twice(`
  make:
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [1, 2] } }
    steps:
      - run: |
          mkdir -p out/deep out/empty
          echo \${{ matrix.n }} > out/deep/n\${{ matrix.n }}; echo same > out/same
          echo '#!/bin/sh' > out/run.sh; chmod 755 out/run.sh; ln -s same out/link
        retry: 2
      - uses: actions/upload-artifact@v4
        with: { name: 'log-\${{ matrix.n }}', path: out }
  plain:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/upload-artifact@v4
        with: { name: plain, path: src, include-hidden-files: true }
  hidden:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - { run: make, advisory: true }
      - uses: actions/upload-artifact@v4
        with: { path: src, include-hidden-files: true }
  use:
    needs: [make, plain, hidden]
    runs-on: ubuntu-latest
    ${SEEN}
    steps:
      - { uses: actions/download-artifact@v4, with: { name: 'log-\${{ github.event_name && 1 }}', path: got/named } }
      - { uses: actions/download-artifact@v4, with: { pattern: log-*, path: got/each } }
      - { uses: actions/download-artifact@v4, with: { pattern: log-*, merge-multiple: true, path: got/merged } }
      - { uses: actions/download-artifact@v4, with: { path: got/all } }
      - { id: s, run: '${LIST.replaceAll("'", "''")}', retry: 2 }
  taken-over:
    needs: [make, hidden]
    runs-on: ubuntu-latest
    ${SEEN}
    steps:
      - { uses: actions/download-artifact@v4, with: { path: got } }
      - { id: s, run: '${LIST.replaceAll("'", "''")}' }
`);
    assert.deepEqual(ran.onGitHub.jobs, ran.here.jobs, ran.onGitHub.logs);
    const seen = ran.here.jobs['use']?.outputs['seen']?.split(';') ?? [];
    assert.ok(seen.includes('named/run.sh 644') && seen.includes('all/artifact/.hidden/a 644'), seen.join('\n'));
    assert.ok(seen.includes('merged/deep/n2 644') && seen.includes('each/log-2/link 644'), seen.join('\n'));
    assert.ok(ran.here.jobs['taken-over']?.outputs['seen']?.includes('log-1/deep/n1 644;'));
    const exported = readFileSync(join(ran.project.folder, '.github/workflows/gantry.yml'), 'utf8');
    assert.equal(exported.match(/--from-github/g)?.length, 3, exported);
  });

  test('of a job that failed are there for the one that looks for the cause, and one that is missing is dealt with', async () => {
    using ran = await twice(`
  breaks:
    runs-on: ubuntu-latest
    steps:
      - { run: mkdir logs; echo why > logs/log, retry: 2 }
      - { uses: actions/upload-artifact@v4, with: { name: logs, path: logs } }
      - run: exit 3
      - { uses: actions/upload-artifact@v4, with: { name: never, path: logs } }
  looks:
    needs: breaks
    if: always()
    runs-on: ubuntu-latest
    ${SEEN}
    steps:
      - { uses: actions/download-artifact@v4, with: { name: logs, path: got } }
      - { uses: actions/download-artifact@v4, with: { name: never, path: got }, advisory: true }
      - { id: s, run: '${LIST.replaceAll("'", "''")}' }
  stumbles:
    needs: breaks
    if: always()
    runs-on: ubuntu-latest
    ${SEEN}
    steps:
      - { uses: actions/download-artifact@v4, with: { name: never } }
      - { run: 'true', retry: 2 }
      - { id: s, run: 'echo seen=sorry >> "$GITHUB_OUTPUT"', if: failure() }
`);
    assert.deepEqual(ran.onGitHub.jobs, ran.here.jobs, ran.onGitHub.logs);
    const amounts = Object.entries(ran.here.jobs).map(([key, { verdict, outputs }]) => [key, verdict, outputs['seen']]);
    assert.deepEqual(amounts, [
      ['breaks', 'failed', undefined],
      ['looks', 'degraded', 'log 644;'],
      ['stumbles', 'failed', 'sorry'],
    ]);
    assert.match(ran.onGitHub.logs, /has no artifact "never": it has none/);
  });

  test('are replaced where they are to be, and given once where not', async () => {
    using ran = await twice(`
  first:
    runs-on: ubuntu-latest
    steps:
      - { run: echo 1 > count, retry: 2 }
      - { uses: actions/upload-artifact@v4, with: { name: count, path: count } }
  second:
    needs: first
    runs-on: ubuntu-latest
    steps:
      - { uses: actions/download-artifact@v4, with: { name: count, path: got } }
      - { run: echo "$(cat got/count)2" > count, retry: 2 }
      - { uses: actions/upload-artifact@v4, with: { name: count, path: count, overwrite: true } }
  third:
    needs: second
    runs-on: ubuntu-latest
    outputs: { seen: '\${{ steps.s.outputs.seen }}' }
    steps:
      - { uses: actions/download-artifact@v4, with: { name: count, path: got } }
      - { id: s, run: 'echo "seen=$(cat got/count)" >> "$GITHUB_OUTPUT"', retry: 2 }
      - { uses: actions/upload-artifact@v4, with: { name: count, path: got } }
  fourth:
    needs: second
    runs-on: ubuntu-latest
    steps:
      - { run: echo 4 > count, retry: 2 }
      - { uses: actions/upload-artifact@v4, with: { name: count, path: count } }
`);
    assert.equal(ran.here.jobs['third']?.outputs['seen'], '12');
    assert.equal(ran.onGitHub.jobs['third']?.outputs['seen'], '12');
    const conclusions = (jobs: Twice['here']['jobs']): readonly string[] =>
      Object.entries(jobs).map(([key, { conclusion }]) => `${key} ${conclusion}`);
    assert.deepEqual(conclusions(ran.onGitHub.jobs), conclusions(ran.here.jobs));
    assert.equal(ran.here.jobs['third']?.conclusion, 'failure');
    assert.equal(ran.here.jobs['fourth']?.conclusion, 'failure');
  });
});

/** One exported job without a workflow round it. */
async function runAlone(
  steps: string,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number; readonly said: string; readonly out: Readonly<Record<string, string>> }> {
  using project = openProjectOf({
    'gantry.yml': `on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [${steps}] } }`,
  });
  const folder = join(project.shared, 'carried');
  writeFiles(folder, files);
  const sha = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: project.folder, encoding: 'utf8' }).trim();
  const github = { GITHUB_EVENT_NAME: 'push', GITHUB_SHA: sha, GITHUB_REF: 'refs/heads/main' };
  const args = ['run', '--job', 'a', '--from-github'];
  const ran = await project.gantry(args, { ...github, GANTRY_ARTIFACTS: folder, ...env });
  const out = join(folder, 'out');
  const found = existsSync(out) ? readdirSync(out, { recursive: true, encoding: 'utf8', withFileTypes: true }) : [];
  const texts = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path): [string, string] => [path.slice(out.length + 1), readFileSync(path, 'utf8')]);
  return { exitCode: ran.exitCode, said: `${ran.stdout}${ran.stderr}`, out: Object.fromEntries(texts) };
}

test('a download that failed half way gives nothing, so that a part never passes for the whole', async () => {
  const files = { 'in/1/data/part': 'x', 'in/2/other/whole': 'y' };
  const steps = `{ uses: actions/download-artifact@v4, with: { name: other } }, { uses: actions/download-artifact@v4, with: { name: data } }`;
  const ran = await runAlone(steps, { GANTRY_DOWNLOAD_1: 'failure', GANTRY_DOWNLOAD_2: 'success' }, files);
  assert.equal(ran.exitCode, 1);
  assert.match(ran.said, /has no artifact "data": it has other/);
});

test('an artifact goes where it is taken from, never one that was brought or is left over, and one that nobody takes is named', async () => {
  const steps = `{ run: echo new > x }, { uses: actions/upload-artifact@v4, with: { name: '[a] x', path: x } },
    { uses: actions/upload-artifact@v4, with: { name: other, path: x } }`;
  const files = { 'in/1/data/x': 'old', 'out/2/stale': 'x' };
  const ran = await runAlone(
    steps,
    { GANTRY_DOWNLOAD_1: 'success', GANTRY_UPLOAD_1: 'data', GANTRY_UPLOAD_2: '[a] x' },
    files,
  );
  assert.equal(ran.exitCode, 0, ran.said);
  assert.deepEqual(ran.out, { '2/x': 'new\n' });
  assert.match(
    ran.said,
    /::warning::no step of the exported workflow takes the artifact "other": it stays on this machine\n/,
  );
  assert.doesNotMatch(ran.said, /takes the artifact "data"/);
});
