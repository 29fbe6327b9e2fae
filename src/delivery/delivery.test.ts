import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { deployRelease } from './deploy.ts';
import type { DeployRequest, DeployResult, DeploySuccess } from './deploy-request.ts';
import { httpGet } from './http-get.ts';
import { readManifest } from './manifest.ts';
import { identifyProcess, isSameProcessAlive } from './process-identity.ts';
import { readStatus, stopEnvironment } from './status.ts';
import { connectSupervisor, ensureSupervisor } from './supervisor/client.ts';
import { readLiveFile } from './supervisor/protocol.ts';

const SUPERVISE = [process.execPath, 'src/delivery/supervisor/main.ts'];
const root = mkdtempSync(join(tmpdir(), 'gantry-delivery-'));
const used: string[] = [];

const APP = `
import http from 'node:http';
import { readFileSync } from 'node:fs';
const mode = readFileSync('mode.txt', 'utf8').trim();
if (mode === 'crash') { console.error('SyntaxError: this release is broken'); process.exit(1); }
let served = 0;
const server = http.createServer((request, response) => {
  served += 1;
  if (request.url === '/die') process.exit(7);
  if (request.url === '/pid') return response.end(String(process.pid));
  if (request.url === '/version') return response.end(JSON.stringify({ version: mode === 'liar' ? 'other' : process.env.RELEASE_VERSION }));
  if (mode === 'sour' && served > 3) { response.statusCode = 500; return response.end('sour'); }
  response.end('ok ' + process.env.RELEASE_VERSION);
});
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n');
  socket.pipe(socket);
});
if (mode === 'mute') setInterval(() => undefined, 1_000);
else server.listen(Number(process.env.PORT), '127.0.0.1');
`;

function source(mode: string): string {
  const folder = mkdtempSync(join(root, 'source-'));
  writeFileSync(join(folder, 'app.mjs'), APP);
  writeFileSync(join(folder, 'mode.txt'), mode);
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, '.git', 'HEAD'), 'x');
  return folder;
}

function environment(): string {
  const envDir = mkdtempSync(join(root, 'env-'));
  used.push(envDir);
  return envDir;
}

function request(envDir: string, runId: string, more: Partial<DeployRequest> & { mode?: string } = {}): DeployRequest {
  return {
    envDir,
    environment: 'production',
    runId,
    commit: 'c0ffee',
    clean: true,
    actor: 'tester',
    sourceDir: source(more.mode ?? 'good'),
    argv: [process.execPath, 'app.mjs'],
    env: { PATH: process.env['PATH'] ?? '' },
    publicPort: 0,
    healthPath: '/health',
    expectVersionPath: '/version',
    startTimeoutMs: 15_000,
    bakeMs: 0,
    keep: 3,
    evidence: { verdict: 'passed', ledger: [], tests: { total: 3, failed: 0, skipped: 0 } },
    superviseCommand: SUPERVISE,
    ...more,
  };
}

function live(result: DeployResult): DeploySuccess {
  assert.equal(result.kind, 'live', JSON.stringify(result));
  assert.ok(result.kind === 'live');
  return result;
}

async function text(url: string): Promise<string> {
  const answer = await httpGet({ url, timeoutMs: 5_000 });
  return typeof answer === 'string' ? answer : answer.body;
}

/** Asks until the answer is as wanted: waits for a fact, not for a time. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let asked = 0; asked < 600; asked += 1) {
    if (await holds()) return;
    await delay(25);
  }
  assert.fail(`never happened: ${what}`);
}

async function supervisorPid(envDir: string): Promise<number> {
  const status = await connectSupervisor(envDir).status();
  assert.ok(status.ok);
  return status.value.pid;
}

async function killSupervisor(envDir: string): Promise<void> {
  const identity = identifyProcess(await supervisorPid(envDir));
  assert.ok(identity);
  process.kill(identity.pid, 'SIGKILL');
  await until('supervisor is gone', async () => !isSameProcessAlive(identity));
}

afterEach(async () => {
  for (const envDir of used.splice(0)) {
    const status = await connectSupervisor(envDir).status();
    const pids = (readLiveFile(envDir)?.releases ?? []).flatMap(({ process: one }) => one ?? []);
    await stopEnvironment(envDir);
    const left = pids.filter(isSameProcessAlive);
    for (const one of left) process.kill(-one.pid, 'SIGKILL');
    if (status.ok) assert.equal(left.length, 0, 'a release outlived its environment');
  }
});
after(() => rmSync(root, { recursive: true, force: true }));

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

/** Deploys in a process of its own, kills it when `holds`, and waits until it is gone. */
async function deployAndKill(asked: DeployRequest, holds: () => Promise<boolean>): Promise<void> {
  const script = JSON.stringify(join(import.meta.dirname, 'deploy.ts'));
  const code = `const { deployRelease } = await import(${script}); await deployRelease(JSON.parse(process.argv[1]));`;
  const args = ['--input-type=module', '-e', code, JSON.stringify(asked)];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  await until('the moment to kill', holds);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

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
