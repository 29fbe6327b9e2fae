/** Actions and workflows of other repositories, fetched with git from a server that is a folder of this machine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openTestProject } from './support/gantry-command.ts';
import type { CommandResult, TestProject } from './support/gantry-command.ts';

type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

class World implements Disposable {
  readonly #root = mkdtempSync(join(tmpdir(), 'gantry-fetched-'));
  readonly server = join(this.#root, 'server');
  readonly project: TestProject;

  constructor(pipeline: string) {
    const source = join(this.#root, 'source');
    write(source, { 'gantry.yml': pipeline });
    this.project = openTestProject(source);
  }

  /** A new commit of a repository; the answer is its id. */
  commit(repository: string, files: Files, tag?: string): string {
    const folder = join(this.server, repository);
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
        cwd: folder,
        encoding: 'utf8',
      }).trim();
    write(folder, files);
    git('init', '--quiet', '--initial-branch', 'main');
    git('add', '.');
    git('commit', '--quiet', '--message', 'change');
    if (tag !== undefined) git('tag', '--force', tag);
    return git('rev-parse', 'HEAD');
  }

  run(...args: readonly string[]): Promise<CommandResult> {
    return this.project.gantry(['run', '--format', 'json', ...args], {
      GANTRY_GIT_SERVER: pathToFileURL(this.server).href,
    });
  }

  /** Commits of a repository that are in the store. */
  stored(repository: string): readonly string[] {
    const store = join(this.project.stateFolder, 'repositories', repository);
    return readdirSync(store).filter((name) => /^[0-9a-f]{40}$/.test(name));
  }

  [Symbol.dispose](): void {
    this.project[Symbol.dispose]();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

const composite = (script: string): string =>
  `name: Some action\nruns:\n  using: composite\n  steps:\n    - { shell: sh, run: '${script}' }\n    - { uses: $/sub }\n`;
const SUB = 'name: Sub\nruns: { using: composite, steps: [{ shell: sh, run: echo from-the-sub-folder }] }\n';

const uses = (reference: string): string =>
  `on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - name: It\n        uses: ${reference}\n`;

async function logsOf(world: World): Promise<string> {
  return (await world.project.gantry(['logs', '--raw'])).stdout;
}

test('an action is fetched by its tag, runs from its own commit, and is not fetched again', async () => {
  using world = new World(uses('owner/tool@v1'));
  const sha = world.commit('owner/tool', { 'action.yml': composite('echo first'), 'sub/action.yml': SUB }, 'v1');
  const first = await world.run();
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  assert.match(await logsOf(world), /first[^]*from-the-sub-folder/);
  assert.deepEqual(world.stored('owner/tool'), [sha]);
  const moved = world.commit('owner/tool', { 'action.yml': composite('echo second') }, 'v1');
  const second = await world.run();
  assert.equal(second.exitCode, 0, second.stdout + second.stderr);
  assert.match(await logsOf(world), /second/, 'a tag that has moved is followed');
  assert.deepEqual(world.stored('owner/tool').toSorted(), [sha, moved].toSorted());
});

test('without the server, a commit is taken from the store, and a tag as it was known last, which the ledger says', async () => {
  using world = new World(uses('owner/tool@v1'));
  const sha = world.commit('owner/tool', { 'action.yml': composite('echo hello'), 'sub/action.yml': SUB }, 'v1');
  assert.equal((await world.run()).exitCode, 0);
  renameSync(world.server, `${world.server}-gone`);
  const stale = await world.run();
  assert.equal(stale.exitCode, 0, stale.stdout + stale.stderr);
  assert.match(stale.stdout, /"verdict": "degraded"/);
  assert.match(stale.stdout, /"what": "stale"[^]*owner\/tool was not asked what v1 is now/);
  writeFileSync(join(world.project.folder, 'gantry.yml'), uses(`owner/tool@${sha}`));
  const pinned = await world.run();
  assert.equal(pinned.exitCode, 0, pinned.stdout + pinned.stderr);
  assert.match(pinned.stdout, /"verdict": "passed"/);
});

test('what cannot be fetched fails its step with the reason, and a fallback stands in', async () => {
  using world = new World(
    `${uses('owner/nothing@v1')}        fallback: [{ loss: the tool, run: echo instead }]\n      - name: Odd\n        continue-on-error: true\n        uses: owner/tool@--upload-pack=x\n`,
  );
  world.commit('owner/tool', { 'action.yml': composite('echo x') });
  const result = await world.run();
  assert.equal(result.exitCode, 0, result.stdout + result.stderr);
  assert.match(result.stdout, /"what": "fallback"[^]*fetching the action owner\/nothing@v1/);
  assert.match(result.stdout, /--upload-pack=x\\" names no branch, tag or commit/);
});

test('a workflow of another repository is called, with its own neighbours and actions', async () => {
  using world = new World(
    'on: push\njobs:\n  call:\n    uses: owner/flows/.github/workflows/outer.yml@main\n    with: { word: far }\n',
  );
  world.commit('owner/flows', {
    '.github/workflows/outer.yml':
      'on: { workflow_call: { inputs: { word: { type: string } } } }\njobs:\n  in:\n    uses: ./.github/workflows/inner.yml\n    with: { word: "${{ inputs.word }}-away" }\n',
    '.github/workflows/inner.yml':
      'on: { workflow_call: { inputs: { word: { type: string } } } }\njobs:\n  say:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: $/say\n        with: { word: "${{ inputs.word }}" }\n',
    'say/action.yml':
      'name: Say\ninputs: { word: {} }\nruns: { using: composite, steps: [{ shell: sh, run: "echo said ${{ inputs.word }}" }] }\n',
  });
  const result = await world.run();
  assert.equal(result.exitCode, 0, result.stdout + result.stderr);
  assert.match(result.stdout, /"id": "call \/ in \/ say"/);
  assert.match(await logsOf(world), /said far-away/);
});
