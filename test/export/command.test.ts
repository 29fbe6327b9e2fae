/** `gantry export github`: where it writes, what it pins, and what it says when the two files have drifted apart. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { TestProject } from '../support/gantry-command.ts';
import { commitAll, openProjectOf } from './on-github.ts';

const PIPELINE = `# Of the shop.
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make test
        retry: 2
`;
const OUTPUT = '.github/workflows/gantry.yml';

function written(project: TestProject, path = OUTPUT): string {
  return readFileSync(join(project.folder, path), 'utf8');
}

/** A git server with a commit under a tag of each repository; the answers are the commits. */
function serve(project: TestProject, tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tags).map(([repository, tag]) => {
      const folder = join(project.shared, 'server', repository);
      const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
      const git = (...args: readonly string[]): string =>
        execFileSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' }).trim();
      mkdirSync(folder, { recursive: true });
      git('init', '--quiet');
      git('commit', '--quiet', '--allow-empty', '--message', `${tag} ${Math.random()}`);
      git('tag', '--force', '--annotate', '--message', tag, tag);
      return [repository, git('rev-parse', 'HEAD')];
    }),
  );
}

function server(project: TestProject): Record<string, string> {
  return { GANTRY_GIT_SERVER: pathToFileURL(join(project.shared, 'server')).href };
}

const TAGS = { 'actions/checkout': 'v4', 'actions/setup-node': 'v4' };

test('actions are pinned to the commits of their tags, which stay until they are renewed', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE });
  const first = serve(project, TAGS);
  const made = await project.gantry(['export', 'github'], server(project));
  assert.deepEqual([made.exitCode, made.stdout], [0, `wrote ${OUTPUT}\n`]);
  assert.match(written(project), new RegExp(`- uses: actions/checkout@${first['actions/checkout']} # v4\n`));
  assert.match(written(project), new RegExp(`- uses: actions/setup-node@${first['actions/setup-node']} # v4\n`));
  const second = serve(project, TAGS);
  assert.notEqual(second['actions/checkout'], first['actions/checkout']);
  // What is pinned asks nobody, so that checking needs no network.
  const checked = await project.gantry(['export', 'github', '--check'], { GANTRY_GIT_SERVER: 'file:///nowhere' });
  assert.deepEqual([checked.exitCode, checked.stdout], [0, `${OUTPUT} is up to date\n`]);
  await project.gantry(['export', 'github', '--renew'], server(project));
  assert.match(written(project), new RegExp(`- uses: actions/checkout@${second['actions/checkout']} # v4\n`));
});

test('what cannot be pinned is named, and nothing is written', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE });
  serve(project, { 'actions/checkout': 'v4', 'actions/setup-node': 'v3' });
  const made = await project.gantry(['export', 'github'], server(project));
  assert.equal(made.exitCode, 1);
  assert.match(
    made.stderr,
    /^gantry: these could not be pinned to a commit:\n {2}actions\/setup-node@v4: \S+ has no branch or tag "v4"\nTry again with a network, or write tags with --no-pin\.\n$/,
  );
  assert.equal(existsSync(join(project.folder, OUTPUT)), false);
});

test('the whole file, with what it is made from and how to renew it', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE });
  const printed = await project.gantry(['export', 'github', '--no-pin', '--output', '-', '--package', 'gantry@1.2.3']);
  assert.equal(
    printed.stdout,
    `# Written by gantry export github from gantry.yml. Do not edit it: change gantry.yml, and write it again with
#
#     gantry export github gantry.yml --package gantry@1.2.3 --no-pin
#
# With --check the same command tells whether the two have drifted apart.
# Actions are named by their tags, which can be moved: --no-pin was asked for.

on: push

jobs:
  test:
    runs-on: ubuntu-latest
    outputs:
      gantry_verdict: \${{ steps.gantry.outputs.gantry_verdict }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: '24'
      - id: gantry
        name: gantry run --job test
        run: npx --yes gantry@1.2.3 run gantry.yml --job test --from-github
`,
  );
  assert.equal(existsSync(join(project.folder, '.github')), false);
});

test('--check shows what has drifted, and ends with 1', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE });
  const missing = await project.gantry(['export', 'github', '--no-pin', '--check']);
  assert.deepEqual([missing.exitCode, missing.stdout], [1, `${OUTPUT} is not there; gantry export github writes it\n`]);
  await project.gantry(['export', 'github', '--no-pin']);
  const changed = PIPELINE.replace('ubuntu-latest', 'ubuntu-24.04').replace('on: push', 'on: pull_request');
  writeFileSync(join(project.folder, 'gantry.yml'), changed);
  const drifted = await project.gantry(['export', 'github', '--no-pin', '--check']);
  assert.equal(drifted.exitCode, 1);
  assert.equal(
    drifted.stdout,
    `${OUTPUT} has drifted from its pipeline:
    # Actions are named by their tags, which can be moved: --no-pin was asked for.
    
  - on: push
  + on: pull_request
    
    jobs:
      test:
  -     runs-on: ubuntu-latest
  +     runs-on: ubuntu-24.04
        outputs:
          gantry_verdict: \${{ steps.gantry.outputs.gantry_verdict }}
    …
`,
  );
});

test('--check by itself asks for the file as it was written, with its tags and its package', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE });
  await project.gantry(['export', 'github', '--no-pin', '--package', './tools/gantry.tgz']);
  const checked = await project.gantry(['export', 'github', '--check'], { GANTRY_GIT_SERVER: 'file:///nowhere' });
  assert.deepEqual([checked.exitCode, checked.stdout, checked.stderr], [0, `${OUTPUT} is up to date\n`, '']);
  writeFileSync(
    join(project.folder, 'gantry.yml'),
    PIPELINE.replace('make test', 'make check').replace('retry: 2', ''),
  );
  const drifted = await project.gantry(['export', 'github', '--check']);
  assert.equal(drifted.exitCode, 1);
  const other = await project.gantry(['export', 'github', '--check', '--package', 'gantry@9']);
  assert.equal(other.exitCode, 1);
});

test('what npm must have is said, and how to name another source', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE });
  const made = await project.gantry(['export', 'github', '--no-pin']);
  assert.match(
    made.stderr,
    /^gantry: on GitHub its jobs run "npx gantry@[\d.]+", so npm must have this version there\./,
  );
  assert.match(made.stderr, /\n {2}--package github:OWNER\/REPOSITORY#TAG .*\n {2}--package \.\/tools\/gantry\.tgz /);
  const named = await project.gantry(['export', 'github', '--no-pin', '--package', 'github:some/gantry#v1']);
  assert.equal(named.stderr, '');
  assert.match(written(project), / npx --yes 'github:some\/gantry#v1' run gantry\.yml --job test --from-github\n/);
  writeFileSync(join(project.folder, 'gantry.yml'), PIPELINE.replace('        retry: 2\n', ''));
  const plain = await project.gantry(['export', 'github', '--no-pin']);
  assert.equal(plain.stderr, '');
});

test('a file that somebody else wrote is left alone, unless it is forced', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE, [OUTPUT]: 'on: push\n' });
  const refused = await project.gantry(['export', 'github', '--no-pin']);
  assert.equal(refused.exitCode, 2);
  assert.equal(
    refused.stderr,
    `gantry: ${OUTPUT} was not written by gantry export; name another --output, or write over it with --force\n`,
  );
  assert.equal(written(project), 'on: push\n');
  assert.equal((await project.gantry(['export', 'github', '--no-pin', '--force'])).exitCode, 0);
  assert.match(written(project), /^# Written by gantry/);
});

test('a workflow of GitHub is nothing to export', async () => {
  using project = openProjectOf({
    '.github/workflows/ci.yml': 'on: push\njobs: {a: {runs-on: x, steps: [{run: make}]}}',
  });
  const refused = await project.gantry(['export', 'github']);
  assert.equal(refused.exitCode, 2);
  assert.equal(
    refused.stderr,
    'gantry: .github/workflows/ci.yml is a workflow of GitHub as it is: there is nothing to export\n',
  );
});

test('a project in a sub-folder is exported to the top of its repository, with its paths', async () => {
  const pipeline = PIPELINE.replace('on: push', "on: { push: { paths: ['src/**', '!src/x'] } }");
  using project = openProjectOf({ 'services/shop/gantry.yml': pipeline });
  commitAll(project);
  const made = await project.gantry(['-C', 'services/shop', 'export', 'github', '--no-pin']);
  assert.equal(made.exitCode, 0, made.stderr);
  const text = written(project);
  assert.match(text, /from services\/shop\/gantry\.yml/);
  assert.match(text, /- services\/shop\/src\/\*\*\n\s+- '!services\/shop\/src\/x'\n/);
  assert.match(text, /working-directory: \$\{\{ github\.workspace \}\}\/services\/shop\n/);
  assert.match(text, /run gantry\.yml --job test/);
});

test('outside of GitHub, --from-github says what it is for', async () => {
  using project = openProjectOf({ 'gantry.yml': PIPELINE });
  const refused = await project.gantry(['run', '--from-github', '--job', 'test'], { GITHUB_EVENT_NAME: '' });
  assert.equal(refused.exitCode, 2);
  assert.equal(
    refused.stderr,
    'gantry: --from-github is for the workflows that gantry export github writes: this is no job on GitHub\n',
  );
});

test('--matrix runs the combinations that were asked for, and knows how many there are', async () => {
  const pipeline = `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    strategy: { matrix: { os: [a, b], n: [1, 2] } }
    steps: [{ run: 'echo "\${{ strategy.job-index }} of \${{ strategy.job-total }}"' }]
`;
  using project = openProjectOf({ 'gantry.yml': pipeline });
  const run = await project.gantry(['run', '--job', 'test', '--matrix', 'os=b', '--matrix', 'n=2']);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.equal((await project.gantry(['logs', '--raw'])).stdout, '3 of 4\n');
  const never = await project.gantry(['run', '--job', 'test', '--matrix', 'os=c']);
  assert.equal(never.exitCode, 2);
  assert.equal(never.stderr, 'gantry: --matrix os: no combination of job "test" has "c"; there are a, b\n');
  writeFileSync(
    join(project.folder, 'gantry.yml'),
    pipeline.replace('n: [1, 2]', 'n: [1, 2], exclude: [{ os: a, n: 1 }]'),
  );
  const none = await project.gantry(['run', '--job', 'test', '--matrix', 'os=a', '--matrix', 'n=1']);
  assert.equal(none.exitCode, 1);
  assert.match(none.stdout, /no combination of its matrix has os: a, n: 1/);
});

test('a checkout of another branch finds it where only the remote has a name for it', async () => {
  const pipeline = `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{ uses: actions/checkout@v4, with: { ref: other } }, { run: cat which }]
`;
  using project = openProjectOf({ 'gantry.yml': pipeline, which: 'main' });
  const git = (...args: readonly string[]): void => {
    execFileSync('git', args, { cwd: project.folder });
  };
  git('checkout', '--quiet', '-b', 'other');
  writeFileSync(join(project.folder, 'which'), 'the other one\n');
  commitAll(project);
  git('update-ref', 'refs/remotes/origin/other', 'HEAD');
  git('checkout', '--quiet', 'main');
  git('branch', '--quiet', '-D', 'other');
  const run = await project.gantry(['run']);
  assert.equal(run.exitCode, 0, run.stdout);
  assert.match((await project.gantry(['logs', '--raw'])).stdout, /the other one/);
});
