import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { deployRelease } from './deploy.ts';
import { endAfterEach, environment, live, request, text, until } from './delivery-kit.contract.ts';
import { httpGet } from './http-get.ts';
import { readManifest } from './manifest.ts';
import { readStatus, stopEnvironment } from './status.ts';
import { connectSupervisor } from './supervisor/client.ts';

endAfterEach();

test('the first release is started, read back and has a manifest', async () => {
  const envDir = environment();
  const done = live(await deployRelease(request(envDir, 'r-1')));
  assert.match(done.version, /^\d{4}\.\d{2}\.\d{2}-1$/);
  assert.equal(await text(`${done.address}/x`), `ok ${done.version}`);
  const manifest = readManifest(envDir, done.version);
  assert.ok(manifest);
  assert.equal(manifest.version, done.version);
  assert.equal(manifest.files.count, 2);
  assert.deepEqual(manifest.readBack, { by: 'version-endpoint', found: done.version });
  assert.equal(manifest.previous, undefined);
  assert.ok(manifest.health.before.some(({ ok }) => ok));
  assert.equal(existsSync(join(envDir, 'releases', done.version, 'app', '.git')), false);
  const status = await readStatus(envDir);
  assert.equal(status.state, 'live');
  assert.equal(status.releases.length, 1);
  assert.deepEqual(
    status.history.map(({ result }) => result),
    ['live'],
  );
});

test('a second release takes over without one failed request', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const bodies = new Set<string>();
  let failures = 0;
  let isOver = false;
  const ask = async (): Promise<void> => {
    while (!isOver) {
      const answer = await httpGet({ url: first.address, timeoutMs: 5_000 });
      if (typeof answer === 'string' || answer.status !== 200) failures += 1;
      else bodies.add(answer.body);
    }
  };
  const asking = [ask(), ask()];
  const second = live(await deployRelease(request(envDir, 'r-2', { bakeMs: 300 })));
  await until('the second answers', async () => bodies.has(`ok ${second.version}`));
  isOver = true;
  await Promise.all(asking);
  assert.equal(failures, 0);
  assert.deepEqual([...bodies], [`ok ${first.version}`, `ok ${second.version}`]);
  assert.equal(second.previous, first.version);
  assert.equal(second.address, first.address);
  const status = await connectSupervisor(envDir).status();
  assert.ok(status.ok);
  assert.deepEqual(
    status.value.releases.map(({ version }) => version),
    [second.version],
  );
});

test('a release that cannot start is refused and the old one goes on serving', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const broken = await deployRelease(request(envDir, 'r-2', { mode: 'crash' }));
  assert.ok(broken.kind === 'refused');
  assert.match(broken.why, /it ended by itself: exit code 1/);
  assert.deepEqual(broken.logTail, ['SyntaxError: this release is broken']);
  assert.equal(broken.stillServing, first.version);
  assert.equal(broken.verified, true);
  assert.equal(await text(first.address), `ok ${first.version}`);
  assert.deepEqual(readdirSync(join(envDir, 'releases')), [first.version]);
});

test('a command that does not exist is refused, and with no release before nothing is live', async () => {
  const envDir = environment();
  const broken = await deployRelease(request(envDir, 'r-1', { argv: ['/no/such/program'] }));
  assert.ok(broken.kind === 'refused');
  assert.match(broken.why, /ENOENT/);
  assert.equal(broken.stillServing, undefined);
  assert.equal(broken.verified, true);
  const status = await connectSupervisor(envDir).status();
  assert.ok(status.ok);
  const answer = await httpGet({ url: `http://127.0.0.1:${status.value.publicPort}/`, timeoutMs: 5_000 });
  assert.ok(typeof answer !== 'string');
  assert.equal(answer.status, 503);
  assert.equal(answer.body, 'No release is live here.\n');
  assert.equal((await readStatus(envDir)).state, 'nothing-deployed');
});

test('a release that says another version than claimed is rolled back', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const liar = await deployRelease(request(envDir, 'r-2', { mode: 'liar' }));
  assert.ok(liar.kind === 'rolled-back');
  assert.match(liar.why, /\/version says "other" instead of/);
  assert.equal(liar.stillServing, first.version);
  assert.equal(liar.verified, true);
  assert.equal(await text(first.address), `ok ${first.version}`);
});

test('a release that goes bad after the switch is rolled back during the bake', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  const sour = await deployRelease(request(envDir, 'r-2', { mode: 'sour', bakeMs: 10_000 }));
  assert.ok(sour.kind === 'rolled-back');
  assert.match(sour.why, /after the switch: status 500/);
  assert.equal(sour.verified, true);
  assert.equal(await text(first.address), `ok ${first.version}`);
});

test('only the wanted number of releases is kept', async () => {
  const envDir = environment();
  for (const n of [1, 2, 3]) live(await deployRelease(request(envDir, `r-${n}`, { keep: 2 })));
  const status = await readStatus(envDir);
  assert.deepEqual(
    status.releases.map(({ runId }) => runId),
    ['r-3', 'r-2'],
  );
  assert.equal(status.history.length, 3);
});

test('an environment that was stopped says so, and comes back with the next deploy', async () => {
  const envDir = environment();
  const first = live(await deployRelease(request(envDir, 'r-1')));
  assert.ok((await stopEnvironment(envDir)).ok);
  const status = await readStatus(envDir);
  assert.ok(status.state === 'stopped');
  assert.equal(status.lastVersion, first.version);
  assert.equal(await text(first.address), 'connection refused');
  const second = live(await deployRelease(request(envDir, 'r-2')));
  assert.equal(second.address, first.address);
});

test('a WebSocket upgrade reaches the live release', async () => {
  const envDir = environment();
  const { address } = live(await deployRelease(request(envDir, 'r-1')));
  const call = http.get(address, { headers: { connection: 'Upgrade', upgrade: 'websocket' } });
  const said = await new Promise<string>((resolve, reject) => {
    call.once('error', reject);
    call.once('upgrade', (_response, socket) => {
      socket.once('data', (chunk: Buffer) => {
        resolve(chunk.toString('utf8'));
        socket.destroy();
      });
      socket.write('echo me');
    });
  });
  assert.equal(said, 'echo me');
});

test('a port that is taken refuses the deploy with that reason', async () => {
  const envDir = environment();
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const result = await deployRelease(request(envDir, 'r-1', { publicPort: address.port }));
  server.close();
  assert.ok(result.kind === 'refused');
  assert.match(result.why, /EADDRINUSE/);
});

test('a live.json that cannot be read does not stop a deploy', async () => {
  const envDir = environment();
  writeFileSync(join(envDir, 'live.json'), '{"version":');
  live(await deployRelease(request(envDir, 'r-1')));
});
