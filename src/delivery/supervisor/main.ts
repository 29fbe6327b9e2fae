// One small process per environment, started detached: `main.ts <envDir> <publicPort>`. It keeps the live release
// running and routes to it. It knows nothing of pipelines; what is to run comes over its control socket.
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, resolve } from 'node:path';
import { acquireLock } from '../lock.ts';
import { createControl } from './control.ts';
import { SUPERVISOR_EXIT, defaultSocketPath, makePrivateFolder, readLiveFile } from './protocol.ts';
import { createRouter } from './router.ts';
import { Supervisor } from './supervisor.ts';

async function main(argv: readonly string[]): Promise<void> {
  const [folder, portText] = argv;
  const asked = Number(portText);
  if (folder === undefined || !Number.isInteger(asked) || asked < 0 || asked > 65_535) {
    return quit(SUPERVISOR_EXIT.usage, 'usage: <envDir> <publicPort>');
  }
  const envDir = resolve(folder);
  mkdirSync(envDir, { recursive: true });
  process.chdir(envDir);
  const lock = acquireLock(`${envDir}/supervisor.lock`);
  if (!lock.ok) return quit(SUPERVISOR_EXIT.alreadyRunning, `pid ${lock.error.holder.pid} supervises this environment`);

  const socketPath = defaultSocketPath(envDir);
  const supervisor = new Supervisor({ envDir, socketPath, log });
  const router = createRouter(() => supervisor.route(), log);
  // 0: any port, but then always the same one.
  const wanted = asked === 0 ? (readLiveFile(envDir)?.publicPort ?? 0) : asked;
  const listening = await listen(router, { port: wanted, host: '127.0.0.1' });
  const publicPort = portOf(router);
  if (listening !== undefined || publicPort === undefined) {
    lock.value.release();
    return quit(SUPERVISOR_EXIT.portInUse, `listening on 127.0.0.1:${wanted}: ${listening ?? 'no address'}`);
  }
  await supervisor.recover(publicPort);

  const close = async (byPerson: boolean): Promise<void> => {
    router.close();
    await supervisor.close(byPerson);
    router.closeAllConnections();
  };
  const exit = (): void => {
    rmSync(socketPath, { force: true });
    lock.value.release();
    process.exit(0);
  };
  const control = createControl({ supervisor, publicPort, shutdown: () => close(true), exit });
  makePrivateFolder(dirname(socketPath));
  // The lock is ours, so a socket that is there belongs to a supervisor that died.
  rmSync(socketPath, { force: true });
  const failure = await listen(control, { path: socketPath });
  if (failure !== undefined) {
    await close(false);
    lock.value.release();
    return quit(SUPERVISOR_EXIT.usage, `listening on ${socketPath}: ${failure}`);
  }
  chmodSync(socketPath, 0o600);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close(false).then(exit));
  process.on('SIGHUP', () => undefined);
  log(`supervising ${envDir} on http://127.0.0.1:${publicPort} (pid ${process.pid})`);
}

function listen(server: Server, where: { port: number; host: string } | { path: string }): Promise<string | undefined> {
  return new Promise((done) => {
    server.once('error', (error) => done(error.message));
    server.listen(where, () => done(undefined));
  });
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : undefined;
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

function quit(code: number, sentence: string): void {
  log(sentence);
  process.exit(code);
}

await main(process.argv.slice(2));
