import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { signalGroup } from '../process-identity.ts';
import type { ReleaseSpec } from './protocol.ts';

const TERM_GRACE_MS = 5_000;

/** A started release: its own process group, its output in `logs/<version>.log`. */
export interface ReleaseProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly startedAtMs: number;
  /** Resolves when the process ended, with how: `exit code 1`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
}

/** Throws when the command cannot be started at all (no such file, no such folder). */
export async function startReleaseProcess(envDir: string, spec: ReleaseSpec): Promise<ReleaseProcess> {
  const port = await freePort();
  const logs = join(envDir, 'logs');
  mkdirSync(logs, { recursive: true });
  const fd = openSync(join(logs, `${spec.version}.log`), 'a', 0o600);
  try {
    const [command = '', ...args] = spec.argv;
    const child = spawn(command, args, {
      cwd: spec.cwd,
      env: { ...spec.env, PORT: String(port), RELEASE_VERSION: spec.version },
      detached: true,
      stdio: ['ignore', fd, fd],
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(code === null ? `signal ${signal}` : `exit code ${code}`));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    if (child.pid === undefined) throw new Error(`starting ${command}: no process id`);
    return { child, pid: child.pid, port, startedAtMs: Date.now(), ended };
  } finally {
    closeSync(fd);
  }
}

/** SIGTERM to the group, and SIGKILL to what is left of it after 5 s. Resolves when the process is gone. */
export async function stopReleaseProcess(running: ReleaseProcess): Promise<void> {
  signalGroup(running.pid, 'SIGTERM');
  const grace = new AbortController();
  await Promise.race([running.ended, delay(TERM_GRACE_MS, undefined, { signal: grace.signal }).catch(() => undefined)]);
  grace.abort();
  // Also when the leader ended by itself: its children may not have.
  signalGroup(running.pid, 'SIGKILL');
  await running.ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('finding a free port'));
      });
    });
  });
}
