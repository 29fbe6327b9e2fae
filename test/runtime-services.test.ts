/** What GitHub's own packages get from a run, in an action that carries them, and how both kinds of actions meet. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { openTestProject } from './support/gantry-command.ts';
import { buildToolkitAction } from './support/build-toolkit-action.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-toolkit-'));
const action = join(root, 'action');
after(() => rmSync(root, { recursive: true, force: true }));

before(async () => buildToolkitAction(action));

const Report = z.looseObject({
  verdict: z.string(),
  artifacts: z.array(z.looseObject({ name: z.string() })).optional(),
});

async function run(
  pipeline: string,
  args: readonly string[] = [],
): Promise<{ report: z.infer<typeof Report>; logs: string }> {
  const source = mkdtempSync(join(root, 'p-'));
  writeFileSync(join(source, 'gantry.yml'), pipeline);
  using project = openTestProject(source);
  const mapped = ['--local-action', `toolkit/script@v1=${action}`];
  const result = await project.gantry(['run', '--format', 'json', ...mapped, ...args]);
  const logs = (await project.gantry(['logs', '--raw'])).stdout;
  assert.equal(result.exitCode, 0, `${result.stdout}\n${result.stderr}\n${logs}`);
  return { report: Report.parse(JSON.parse(result.stdout)), logs };
}

test('what a client of GitHub uploads the built-in action downloads, and the other way round', async () => {
  const { report, logs } = await run(`
on: push
jobs:
  client:
    runs-on: ubuntu-latest
    steps:
      - run: mkdir -p out/deep && echo one > out/1 && head -c 20000000 /dev/urandom > out/deep/large
      - uses: toolkit/script@v1
        id: up
        with:
          script: |
            const { id, size, digest } = await artifact.uploadArtifact('from-client', ['out/1', 'out/deep/large'], 'out', { retentionDays: 2 });
            const { artifacts } = await artifact.listArtifacts();
            if (artifacts.length !== 1 || artifacts[0].id !== id || artifacts[0].digest !== 'sha256:' + digest) throw new Error(JSON.stringify(artifacts));
            return id;
      - uses: actions/upload-artifact@v4
        with: { name: built-in, path: out }
      - run: sha256sum out/deep/large | cut -d' ' -f1 > sum
      - uses: actions/upload-artifact@v4
        with: { name: sum, path: sum }
  native:
    needs: client
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
      - run: test "$(cat from-client/1)" = one && echo "$(cat sum/sum)  from-client/deep/large" | sha256sum --check
  other-client:
    needs: client
    runs-on: ubuntu-latest
    steps:
      - uses: toolkit/script@v1
        with:
          script: |
            const { artifact: found } = await artifact.getArtifact('built-in');
            await artifact.downloadArtifact(found.id, { path: 'got', expectedHash: found.digest });
            const { artifact: own } = await artifact.getArtifact('from-client');
            const { digestMismatch } = await artifact.downloadArtifact(own.id, { path: 'own', expectedHash: own.digest });
            if (digestMismatch) throw new Error('another digest');
      - uses: actions/download-artifact@v4
        with: { name: sum }
      - run: test "$(cat got/1 own/1)" = "$(printf 'one\\none')" && for place in got own; do echo "$(cat sum)  $place/deep/large" | sha256sum --check; done
`);
  assert.equal(report.verdict, 'passed');
  assert.deepEqual(
    report.artifacts?.map((each) => each.name),
    ['from-client', 'built-in', 'sum'],
  );
  assert.ok(logs.includes('Artifact from-client successfully finalized'));
});

test('a client is refused a name that is taken, and may remove, and bring a file that is not packed', async () => {
  const { report, logs } = await run(`
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - run: echo one > notes.txt
      - uses: actions/upload-artifact@v4
        with: { name: taken, path: notes.txt }
      - uses: toolkit/script@v1
        with:
          script: |
            await artifact.uploadArtifact('taken', ['notes.txt'], '.').then(
              () => { throw new Error('it was not refused') },
              (error) => core.info('refused: ' + error.message));
            await artifact.uploadArtifact('a/b', ['notes.txt'], '.').catch((error) => core.info('bad name: ' + error.message));
            await artifact.deleteArtifact('taken');
            await artifact.uploadArtifact('ignored', ['notes.txt'], '.', { skipArchive: true });
      - uses: actions/download-artifact@v4
        with: { path: got }
      - run: test "$(cat got/notes.txt/notes.txt)" = one && test "$(ls got)" = notes.txt
`);
  assert.deepEqual(
    report.artifacts?.map((each) => each.name),
    ['notes.txt'],
  );
  assert.match(logs, /refused: .*409.*an artifact with this name already exists on the workflow run/);
});

test('the cache of a client is found again by it and by the built-in action', async () => {
  const { logs } = await run(`
on: push
jobs:
  save:
    runs-on: ubuntu-latest
    steps:
      - run: mkdir -p deps/deep && echo 1 > deps/deep/version
      - uses: toolkit/script@v1
        with:
          script: |
            if (!cache.isFeatureAvailable()) throw new Error('no cache');
            if (await cache.restoreCache(['deps'], 'deps-1', ['deps-'])) throw new Error('there is nothing yet');
            const id = await cache.saveCache(['deps'], 'deps-1');
            if (!(id > 0)) throw new Error('not saved: ' + id);
            if (await cache.saveCache(['deps'], 'deps-1') !== -1) throw new Error('saved twice');
  client:
    needs: save
    runs-on: ubuntu-latest
    steps:
      - uses: toolkit/script@v1
        with:
          script: |
            const looked = await cache.restoreCache(['deps'], 'deps-2', ['deps-'], { lookupOnly: true });
            const restored = await cache.restoreCache(['deps'], 'deps-2', ['nothing-', 'deps-']);
            if (looked !== 'deps-1' || restored !== 'deps-1') throw new Error(looked + ' ' + restored);
      - run: grep 1 deps/deep/version
  old-client:
    needs: save
    runs-on: ubuntu-latest
    steps:
      - uses: toolkit/script@v1
        with:
          script: |
            delete process.env.ACTIONS_CACHE_SERVICE_V2;
            if (await cache.restoreCache(['deps'], 'deps-1') !== 'deps-1') throw new Error('not found');
            if (await cache.restoreCache(['deps'], 'old-1')) throw new Error('found');
            if (!(await cache.saveCache(['deps'], 'old-1') > 0)) throw new Error('not saved');
            if (await cache.restoreCache(['deps'], 'old-1') !== 'old-1') throw new Error('not found again');
  native:
    needs: save
    runs-on: ubuntu-latest
    steps:
      - id: cache
        uses: actions/cache/restore@v4
        with: { path: deps, key: deps-1 }
      - run: grep 1 deps/deep/version && test '\${{ steps.cache.outputs.cache-hit }}' = true
`);
  assert.ok(logs.includes('Cache hit for restore-key: deps-1'));
  assert.ok(logs.includes('restored deps-1 (exact hit)'));
});

test('the packages find what they read of a run, and the token is not shown', async () => {
  const { logs } = await run(
    `
on: push
jobs:
  script:
    runs-on: ubuntu-latest
    steps:
      - run: test -z "\${ACTIONS_RUNTIME_TOKEN:-}"
      - uses: toolkit/script@v1
        id: script
        with:
          script: |
            const { repo, job, eventName, ref, sha, runNumber, workflow, actor, serverUrl, apiUrl, payload } = context;
            core.info(JSON.stringify({ repo: repo.repo, job, eventName, ref, sha: sha.length, runNumber, workflow, serverUrl, apiUrl, payload: payload.ref }));
            if (!actor) throw new Error('no actor');
            core.info('token: ' + process.env.ACTIONS_RUNTIME_TOKEN);
            const answers = [];
            for (const [token, path] of [['wrong', '_apis/artifactcache/cache?keys=a&version=b'], ['', 'twirp/github.actions.results.api.v1.ArtifactService/ListArtifacts'], ['', 'gantry/caches/x?sig=y']])
              answers.push((await fetch(process.env.ACTIONS_RESULTS_URL + path, { headers: { authorization: 'Bearer ' + token } })).status);
            core.info('answers: ' + answers.join(' '));
            core.info('host: ' + new URL(process.env.ACTIONS_RESULTS_URL).hostname);
            await core.summary.addRaw('hello').write();
            return 'made';
      - run: test '\${{ steps.script.outputs.result }}' = made
`,
  );
  const told = z.record(z.string(), z.unknown()).parse(JSON.parse(/^\{"repo.*$/m.exec(logs)?.[0] ?? '{}'));
  assert.deepEqual(told, {
    repo: 'project',
    job: 'script',
    eventName: 'push',
    ref: 'refs/heads/main',
    sha: 40,
    runNumber: 1,
    workflow: 'gantry.yml',
    serverUrl: 'https://github.com',
    apiUrl: 'https://api.github.com',
    payload: 'refs/heads/main',
  });
  assert.match(logs, /token: \*\*\*\n/);
  assert.match(logs, /answers: 401 401 403\n/);
  assert.match(logs, /host: 127\.0\.0\.1\n/);
});

test('what a failed try uploaded does not stand in the way of the next, and in that of another step it does', async () => {
  const { report } = await run(`
on: push
jobs:
  client:
    runs-on: ubuntu-latest
    steps:
      - uses: toolkit/script@v1
        retry: { attempts: 2, delay: 1ms }
        with:
          script: |
            const { existsSync, writeFileSync } = process.getBuiltinModule('node:fs');
            const again = existsSync('tried');
            writeFileSync('tried', again ? 'second' : 'first');
            await artifact.uploadArtifact('result', ['tried'], '.');
            if (!again) throw new Error('fails behind its upload');
      - id: other
        continue-on-error: true
        uses: toolkit/script@v1
        with: { script: "await artifact.uploadArtifact('result', ['tried'], '.');" }
      - run: test '\${{ steps.other.outcome }}' = failure
      - uses: actions/download-artifact@v4
        with: { name: result, path: got }
      - run: test "$(cat got/tried)" = second
`);
  assert.deepEqual(
    report.artifacts?.map((each) => each.name),
    ['result'],
  );
});
