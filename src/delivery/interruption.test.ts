import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deployRelease } from './deploy.ts';
import {
  SUPERVISE,
  deployAndKill,
  endAfterEach,
  environment,
  killSupervisor,
  live,
  request,
  source,
  text,
  until,
} from './delivery-kit.contract.ts';
import { identifyProcess, isSameProcessAlive } from './process-identity.ts';
import { readStatus } from './status.ts';
import { connectSupervisor, ensureSupervisor } from './supervisor/client.ts';
import { readLiveFile } from './supervisor/protocol.ts';

endAfterEach();

test('the live release is started again when it crashes', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const pid = await text(`${first.address}/pid`);
  await text(`${first.address}/die`);
  await until('another process answers', async () => {
    const now = await text(`${first.address}/pid`);
    return /^\d+$/.test(now) && now !== pid;
  });
  const status = await connectSupervisor(envDir).status();
  assert.ok(status.ok);
  assert.equal(status.value.releases[0]?.restarts, 1);
  assert.equal(status.value.releases[0]?.lastExit, 'exit code 7');
});

test('after kill -9 of the supervisor a new one restores the live release on the same port', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const orphan = identifyProcess(Number(await text(`${first.address}/pid`)));
  assert.ok(orphan);
  await killSupervisor(envDir);
  assert.equal((await readStatus(envDir)).state, 'unhealthy');
  const both = await Promise.all([1, 2].map(() => ensureSupervisor({ envDir, publicPort: 0, command: SUPERVISE })));
  assert.deepEqual(
    both.map(({ ok }) => ok),
    [true, true],
  );
  await until('it answers again', async () => (await text(first.address)) === `ok ${first.version}`);
  assert.equal(isSameProcessAlive(orphan), false);
  assert.equal((await readStatus(envDir)).state, 'live');
});

test('a deploy cut off before the switch is made again under its own version', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const aside = `${first.version.slice(0, -1)}2`;
  // What a killed deploy leaves: a lock of a dead process, a claimed folder, a candidate that runs.
  const dead = spawn(process.execPath, ['-e', '0']);
  await once(dead, 'exit');
  writeFileSync(join(envDir, 'deploy.lock'), JSON.stringify({ pid: dead.pid, startTicks: '1', boot: 'b' }));
  const folder = join(envDir, 'releases', aside);
  mkdirSync(join(folder, 'app'), { recursive: true });
  mkdirSync(join(envDir, 'releases', 'x.partial'));
  const claim = { version: aside, runId: 'r-2', startedAtMs: 1, digest: 'd', files: 1 };
  writeFileSync(join(folder, 'release.json'), JSON.stringify(claim));
  const cwd = source('good');
  const left = await connectSupervisor(envDir).start({
    version: aside,
    argv: [process.execPath, 'app.mjs'],
    cwd,
    env: {},
  });
  assert.ok(left.ok);
  const identity = identifyProcess(left.value.pid);
  assert.ok(identity);
  const second = live(await deployRelease(request(envDir, 'r-2')));
  assert.equal(second.version, aside);
  assert.equal(isSameProcessAlive(identity), false);
  assert.deepEqual(readdirSync(join(envDir, 'releases')).toSorted(), [first.version, aside]);
});

test('a deploy cut off after the switch is proven and finished, not made again', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const second = live(await deployRelease(request(envDir, 'r-2')));
  const pid = await text(`${second.address}/pid`);
  rmSync(second.manifestPath);
  const again = live(await deployRelease(request(envDir, 'r-2')));
  assert.equal(again.version, second.version);
  assert.equal(again.previous, first.version);
  assert.ok(existsSync(again.manifestPath));
  assert.equal(await text(`${second.address}/pid`), pid);
  const third = live(await deployRelease(request(envDir, 'r-2')));
  assert.equal(third.version, second.version);
});

test('a deployer killed while it probes: the same run makes its release again, and nothing is left over', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  let candidate: number | undefined;
  await deployAndKill(request(envDir, 'r-2', { mode: 'mute' }), async () => {
    const status = await connectSupervisor(envDir).status();
    candidate = status.ok ? status.value.releases.find(({ version }) => version.endsWith('-2'))?.pid : undefined;
    return candidate !== undefined;
  });
  assert.equal(await text(first.address), `ok ${first.version}`);
  const second = live(await deployRelease(request(envDir, 'r-2')));
  assert.match(second.version, /-2$/);
  assert.equal(identifyProcess(candidate ?? 0), undefined);
});

test('a deployer killed while it bakes: the same run goes on, and can still go back', async () => {
  for (const goes of ['on', 'back'] as const) {
    const envDir = environment();
    const first = live(await deployRelease(request(envDir, 'r-1')));
    const asked = request(envDir, 'r-2', { bakeMs: 60_000 });
    await deployAndKill(asked, async () => readLiveFile(envDir)?.live?.endsWith('-2') === true);
    const wrong = goes === 'back' ? { expectVersionPath: '/elsewhere' } : {};
    const result = await deployRelease({ ...asked, bakeMs: 0, ...wrong });
    if (goes === 'on') {
      assert.equal(live(result).previous, first.version);
      assert.match(live(result).version, /-2$/);
    } else {
      assert.ok(result.kind === 'rolled-back');
      assert.equal(result.stillServing, first.version);
      assert.equal(result.verified, true);
    }
  }
});

test('of two deploys at once one is refused', async () => {
  const envDir = environment();
  const results = await Promise.all(['r-1', 'r-2'].map((runId) => deployRelease(request(envDir, runId))));
  assert.deepEqual(results.map(({ kind }) => kind).toSorted(), ['live', 'refused']);
});

test('a cancelled deploy leaves the old release serving', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const cancel = new AbortController();
  const log = (line: string): void => {
    if (line.includes('switching')) cancel.abort();
  };
  const result = await deployRelease(request(envDir, 'r-2', { bakeMs: 5_000 }), { signal: cancel.signal, log });
  assert.ok(result.kind === 'rolled-back');
  assert.match(result.why, /cancelled/);
  assert.equal(result.verified, true);
  assert.equal(await text(first.address), `ok ${first.version}`);
});

test('the supervisor killed in the middle of the bake is replaced and the old release put back', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const deploying = deployRelease(request(envDir, 'r-2', { bakeMs: 60_000 }));
  await until('the second is live', async () => readLiveFile(envDir)?.live?.endsWith('-2') === true);
  await killSupervisor(envDir);
  const result = await deploying;
  assert.ok(result.kind === 'rolled-back', JSON.stringify(result));
  assert.equal(result.stillServing, first.version);
  assert.equal(result.verified, true);
});
