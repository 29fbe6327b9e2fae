// The container engine of this machine, by its command. It is asked once whether it answers.
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { startProcess } from '../process/host-process.ts';
import type { ProcessResult, ProcessSpec } from '../process/host-process.ts';

export interface ContainerEngine {
  readonly name: 'docker' | 'podman';
  readonly version: string;
  /** Runs its command to the end; a spec's `env` is added to the engine's own environment. */
  run(args: readonly string[], spec: Omit<ProcessSpec, 'argv' | 'cwd'>): Promise<ProcessResult>;
}

/** The engine, or why there is none. */
export type EngineFound = Result<ContainerEngine, string>;

export interface Answer {
  readonly ok: boolean;
  readonly stdout: string;
  /** What it said on stderr; '' when it succeeded. */
  readonly why: string;
  /** Whether there is such a command. */
  readonly isThere: boolean;
}

const ENGINES = ['docker', 'podman'] as const;
const ASK_LIMIT_MS = 10_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const VARIABLE = 'GANTRY_CONTAINER_ENGINE';

export interface FindSetting {
  /** The environment that Gantry was started in. */
  readonly host: Readonly<Record<string, string | undefined>>;
  readonly machine: Readonly<Record<string, string>>;
}

/** `GANTRY_CONTAINER_ENGINE` is `docker`, `podman`, or `none` when there shall be none. */
export async function findContainerEngine({ host, machine }: FindSetting): Promise<EngineFound> {
  const wanted = host[VARIABLE] ?? '';
  if (wanted === 'none') return err(`${VARIABLE}=none says that there is no container engine`);
  if (wanted !== '' && wanted !== 'docker' && wanted !== 'podman')
    return err(`${VARIABLE} is "${wanted}", which is not docker, podman or none`);
  const env = withRuntimeFolder(host, machine);
  const whys: string[] = [];
  for (const name of wanted === '' ? ENGINES : ENGINES.filter((each) => each === wanted)) {
    const engine = engineOf(name, env);
    const asked = await ask(engine, ['version', '--format', '{{.Server.Version}}'], { timeoutMs: ASK_LIMIT_MS });
    const version = asked.stdout.trim();
    if (asked.ok && version !== '') return ok({ ...engine, version });
    whys.push(
      asked.isThere ? `${name}: ${asked.why === '' ? 'it tells no version' : asked.why}` : `${name} is not installed`,
    );
  }
  return err(`no container engine answers (${whys.join('; ')})`);
}

/** Podman without root looks for its socket there. */
function withRuntimeFolder(
  host: FindSetting['host'],
  machine: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const folder = host['XDG_RUNTIME_DIR'] ?? '';
  return folder === '' ? machine : { ...machine, XDG_RUNTIME_DIR: folder };
}

function engineOf(name: ContainerEngine['name'], env: Readonly<Record<string, string>>): ContainerEngine {
  return {
    name,
    version: '',
    run: (args, spec) => startProcess({ ...spec, argv: [name, ...args], cwd: '/', env: { ...env, ...spec.env } }),
  };
}

export interface AskOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** For short answers: what it says is kept, up to a limit. */
export async function ask(engine: ContainerEngine, args: readonly string[], options: AskOptions = {}): Promise<Answer> {
  const said: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  let bytes = 0;
  const result = await engine.run(args, {
    ...options,
    env: options.env ?? {},
    onOutput: (stream, chunk) => {
      if (bytes < MAX_ANSWER_BYTES) said[stream].push(Buffer.from(chunk));
      bytes += chunk.length;
    },
  });
  const text = (stream: 'stdout' | 'stderr'): string => Buffer.concat(said[stream]).toString('utf8');
  if (result.kind === 'exited' && result.exitCode === 0)
    return { ok: true, stdout: text('stdout'), why: '', isThere: true };
  const stderr = complaint(text('stderr'));
  const isThere = result.kind !== 'not-started';
  return { ok: false, stdout: text('stdout'), why: stderr === '' ? reasonOf(result) : stderr, isThere };
}

/** What the engine says went wrong, on one line: without what it did before, and without its advice to read its help. */
function complaint(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.trim().replace(/^docker: /u, ''))
    .filter((line) => line !== '' && !/^Unable to find image .* locally$|^(?:See|Run) '.* --help'/u.test(line))
    .join('; ');
}

function reasonOf(result: ProcessResult): string {
  if (result.kind === 'not-started') return result.why;
  return result.kind === 'exited' ? `exit code ${result.exitCode}` : result.kind;
}
