import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeployRequest, DeployResult, DeploySuccess } from './deploy-request.ts';
import { httpGet } from './http-get.ts';
import { identifyProcess, isSameProcessAlive } from './process-identity.ts';
import { stopEnvironment } from './status.ts';
import { connectSupervisor } from './supervisor/client.ts';
import { readLiveFile } from './supervisor/protocol.ts';

// What the tests of this layer share: a small application, requests, and the cleaning up.

export const SUPERVISE = [process.execPath, 'src/delivery/supervisor/main.ts'];
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

export function source(mode: string): string {
  const folder = mkdtempSync(join(root, 'source-'));
  writeFileSync(join(folder, 'app.mjs'), APP);
  writeFileSync(join(folder, 'mode.txt'), mode);
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, '.git', 'HEAD'), 'x');
  return folder;
}

export function environment(): string {
  const envDir = mkdtempSync(join(root, 'env-'));
  used.push(envDir);
  return envDir;
}

export function request(
  envDir: string,
  runId: string,
  more: Partial<DeployRequest> & { mode?: string } = {},
): DeployRequest {
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

export function live(result: DeployResult): DeploySuccess {
  assert.equal(result.kind, 'live', JSON.stringify(result));
  assert.ok(result.kind === 'live');
  return result;
}

export async function text(url: string): Promise<string> {
  const answer = await httpGet({ url, timeoutMs: 5_000 });
  return typeof answer === 'string' ? answer : answer.body;
}

/** Asks until the answer is as wanted: waits for a fact, not for a time. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
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

export async function killSupervisor(envDir: string): Promise<void> {
  const identity = identifyProcess(await supervisorPid(envDir));
  assert.ok(identity);
  process.kill(identity.pid, 'SIGKILL');
  await until('supervisor is gone', async () => !isSameProcessAlive(identity));
}

function supervisorsOf(envDir: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(envDir);
    } catch {
      return false;
    }
  });
}

/** After each test everything it started is ended, and what outlived that fails it. */
export function endAfterEach(): void {
  afterEach(async () => {
    for (const envDir of used.splice(0)) {
      const status = await connectSupervisor(envDir).status();
      const pids = (readLiveFile(envDir)?.releases ?? []).flatMap(({ process: one }) => one ?? []);
      await stopEnvironment(envDir);
      const left = pids.filter(isSameProcessAlive);
      for (const one of left) process.kill(-one.pid, 'SIGKILL');
      if (status.ok) assert.equal(left.length, 0, 'a release outlived its environment');
      assert.deepEqual(supervisorsOf(envDir), [], 'a supervisor outlived its environment');
    }
  });
  after(() => rmSync(root, { recursive: true, force: true }));
}

/** Deploys in a process of its own, kills it when `holds`, and waits until it is gone. */
export async function deployAndKill(asked: DeployRequest, holds: () => Promise<boolean>): Promise<void> {
  const script = JSON.stringify(join(import.meta.dirname, 'deploy.ts'));
  const code = `const { deployRelease } = await import(${script}); await deployRelease(JSON.parse(process.argv[1]));`;
  const args = ['--input-type=module', '-e', code, JSON.stringify(asked)];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  await until('the moment to kill', holds);
  child.kill('SIGKILL');
  await once(child, 'exit');
}
