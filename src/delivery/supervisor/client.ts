import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { z as schema } from 'zod';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { identifyProcess, isSameProcessAlive } from '../process-identity.ts';
import { SUPERVISOR_EXIT, StartedSchema, SupervisorStatusSchema, defaultSocketPath, readLiveFile } from './protocol.ts';
import type { ReleaseSpec, Started, SupervisorStatus } from './protocol.ts';

/** `absent`: nobody answers at the socket. `refused`: the supervisor answered that it will not. */
export interface SupervisorError {
  readonly kind: 'absent' | 'refused';
  readonly why: string;
}

type Answer<T> = Promise<Result<T, SupervisorError>>;

export interface SupervisorClient {
  readonly status: () => Answer<SupervisorStatus>;
  /** Starts a release beside the live one. It is given PORT and RELEASE_VERSION. */
  readonly start: (spec: ReleaseSpec) => Answer<Started>;
  /** `keepPrevious`: the one that was live goes on running, for a way back; stop it afterwards. */
  readonly switchTo: (version: string, options?: { readonly keepPrevious?: boolean }) => Answer<void>;
  /** Resolves when the release's processes are gone. An unknown version is stopped already. */
  readonly stop: (version: string) => Answer<void>;
  /** Stops all releases and the supervisor, and resolves when it is gone. */
  readonly shutdown: () => Answer<void>;
}

const Nothing = schema.object({});
const Refusal = schema.object({ error: schema.string() });

/** A client for the environment's supervisor; whether there is one, the first call tells. */
export function connectSupervisor(envDir: string): SupervisorClient {
  const ask = <T>(path: string, body: unknown, answer: z.ZodType<T>): Answer<T> =>
    // Asked for each call: the supervisor may have been started with another runtime folder than ours.
    request(readLiveFile(envDir)?.socketPath ?? defaultSocketPath(envDir), { path, body, answer });
  const status = (): Answer<SupervisorStatus> => ask('/status', undefined, SupervisorStatusSchema);
  return {
    status,
    start: (spec) => ask('/start', spec, StartedSchema),
    switchTo: async (version, options) => nothing(await ask('/switch', { version, ...options }, Nothing)),
    stop: async (version) => nothing(await ask('/stop', { version }, Nothing)),
    shutdown: async () => {
      const now = await status();
      const identity = now.ok ? identifyProcess(now.value.pid) : undefined;
      const done = nothing(await ask('/shutdown', {}, Nothing));
      for (let waited = 0; waited < 5_000 && identity !== undefined && isSameProcessAlive(identity); waited += 20) {
        await delay(20);
      }
      return done;
    },
  };
}

export interface EnsureSupervisor {
  readonly envDir: string;
  /** 0: any, and the same again next time. A supervisor that runs keeps the port it has. */
  readonly publicPort: number;
  /** How to start one: argv, to which the folder and the port are appended. */
  readonly command: readonly string[];
}

/** The supervisor that runs, or a new one, detached. Resolves when it answers. */
export async function ensureSupervisor(options: EnsureSupervisor): Answer<SupervisorClient> {
  const envDir = resolve(options.envDir);
  const client = connectSupervisor(envDir);
  const endsAt = performance.now() + 15_000;
  let attempt: Attempt | undefined;
  for (;;) {
    const status = await client.status();
    if (status.ok) {
      // Ours lost the race. Left alone it could still be starting when the winner is stopped, and take its place.
      if (attempt !== undefined && attempt.pid !== status.value.pid) attempt.abandon();
      return ok(client);
    }
    if (attempt === undefined || attempt.exitCode() === SUPERVISOR_EXIT.alreadyRunning) {
      // `alreadyRunning`: another one is just starting or just ending; one of the two answers soon.
      if (attempt !== undefined) await delay(200);
      attempt = launch({ ...options, envDir });
    } else if (attempt.exitCode() !== undefined) {
      return err({ kind: 'absent', why: `the supervisor ended at once: ${lastLine(envDir)}` });
    }
    if (performance.now() > endsAt) return err({ kind: 'absent', why: `no supervisor answers: ${lastLine(envDir)}` });
    await delay(25);
  }
}

interface Attempt {
  readonly pid: number | undefined;
  readonly abandon: () => void;
  readonly exitCode: () => number | undefined;
}

function launch({ envDir, publicPort, command }: EnsureSupervisor): Attempt {
  mkdirSync(envDir, { recursive: true });
  const fd = openSync(join(envDir, 'supervisor.log'), 'a', 0o600);
  const [program = '', ...args] = command;
  const child = spawn(program, [...args, envDir, String(publicPort)], {
    detached: true,
    stdio: ['ignore', fd, fd],
    env: cleanEnvironment(),
  });
  closeSync(fd);
  let code: number | undefined;
  child.once('error', () => (code = -1));
  child.once('exit', (status) => (code = status ?? -1));
  child.unref();
  return { pid: child.pid, abandon: () => child.kill('SIGKILL'), exitCode: () => code };
}

// The supervisor outlives the command that started it, so it gets none of that command's secrets.
function cleanEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR', 'XDG_RUNTIME_DIR'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function lastLine(envDir: string): string {
  try {
    return readFileSync(join(envDir, 'supervisor.log'), 'utf8').trimEnd().split('\n').at(-1) ?? '';
  } catch {
    return 'it wrote no log';
  }
}

function nothing(result: Result<unknown, SupervisorError>): Result<void, SupervisorError> {
  return result.ok ? ok(undefined) : result;
}

interface Ask<T> {
  readonly path: string;
  readonly body: unknown;
  readonly answer: z.ZodType<T>;
}

function request<T>(socketPath: string, { path, body, answer }: Ask<T>): Answer<T> {
  return new Promise((done) => {
    const absent = (error: Error): void => done(err({ kind: 'absent', why: error.message }));
    // 20 s: a stop waits 5 s for a release that does not listen to SIGTERM.
    const options = { socketPath, path, method: body === undefined ? 'GET' : 'POST', agent: false, timeout: 20_000 };
    const call = http.request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', absent);
      response.on('end', () =>
        done(readAnswer(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'), answer)),
      );
    });
    call.on('timeout', () => call.destroy(new Error('the supervisor does not answer')));
    call.on('error', absent);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function readAnswer<T>(status: number, text: string, answer: z.ZodType<T>): Result<T, SupervisorError> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err({ kind: 'refused', why: 'the supervisor answered something that is not JSON' });
  }
  if (status !== 200) {
    const refusal = Refusal.safeParse(json);
    return err({ kind: 'refused', why: refusal.success ? refusal.data.error : `status ${status}` });
  }
  const parsed = answer.safeParse(json);
  return parsed.success ? ok(parsed.data) : err({ kind: 'refused', why: 'the supervisor is of another version' });
}
