// One child process on this machine, as the leader of its own process group: started, listened to, and ended when its
// time is up or nobody wants it any more. It knows nothing of steps, logs or secrets.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { groupEnds, isGroupAlive, signalGroup } from './process-identity.ts';

/** How long a group has after SIGINT, and then after SIGTERM, before the next and stronger signal. */
export interface StopLadder {
  readonly interruptMs: number;
  readonly terminateMs: number;
}

export interface ProcessSpec {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** All of the child's environment: nothing is inherited. The command is looked up in its PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Called in order of arrival in each stream, and never after the result is known. The chunk is its own. */
  onOutput(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  readonly timeoutMs?: number;
  /** Its abort cancels the process. */
  readonly signal?: AbortSignal;
  /** Its abort kills the process, also one that is being cancelled. */
  readonly force?: AbortSignal;
  /** The number of the leader and of its group, as soon as it runs. */
  onSpawn?(pid: number): void;
  readonly ladder?: StopLadder;
  /** The only input there is: none. */
  readonly stdin?: 'ignore';
}

export type ProcessResult =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'timed-out'; readonly timeoutMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'not-started'; readonly why: string };

/** Where processes run: on this machine (`startProcess`), or inside a container that stands for it. */
export type StartProcess = (spec: ProcessSpec) => Promise<ProcessResult>;

/** As long as GitHub's runner waits. */
export const DEFAULT_LADDER: StopLadder = { interruptMs: 7_500, terminateMs: 2_500 };

/** How long output is still taken after the leader has ended, while a process it left behind holds the pipes. */
const PIPE_GRACE_MS = 500;

/** A timer in Node counts to 2^31 - 1 ms and fires at once beyond that. */
const LONGEST_TIMER_MS = 2_147_483_647;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Runs a command to its end. On timeout or abort the whole group gets SIGINT, SIGTERM and SIGKILL, each when the one
 * before did not help; the result comes when the group is gone. After an end of its own accord, what the leader left
 * running in the background goes on: it is the job's to clean up (`killGroup`). A command that cannot be started is a
 * result; the promise is rejected only when `onOutput` or `onSpawn` throws, and then the group is killed.
 */
export function startProcess(spec: ProcessSpec): Promise<ProcessResult> {
  if (spec.signal?.aborted === true || spec.force?.aborted === true) return Promise.resolve({ kind: 'cancelled' });
  let child: Child;
  try {
    const [command, ...args] = spec.argv;
    child = spawn(command, args, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
  } catch (error) {
    return Promise.resolve({ kind: 'not-started', why: explain(spec, error) });
  }
  return new Promise((resolve, reject) => new RunningProcess(spec, child, { resolve, reject }).begin());
}

interface Settle {
  resolve(result: ProcessResult): void;
  reject(cause: unknown): void;
}

type Stopping = Extract<ProcessResult, { kind: 'timed-out' | 'cancelled' }>;

type State =
  | { readonly kind: 'running'; readonly timer: NodeJS.Timeout | undefined }
  | { readonly kind: 'stopping'; readonly as: Stopping; timer: NodeJS.Timeout | undefined }
  | { readonly kind: 'draining'; readonly result: ProcessResult; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'settled' };

/**
 *     running ──exit──────────────► draining ──pipes end, or grace──► settled
 *        └──timeout, abort──► stopping ──exit, group gone──► draining
 *     any but settled ──error, or a callback threw──► settled
 */
class RunningProcess {
  readonly #spec: ProcessSpec;
  readonly #child: Child;
  readonly #promise: Settle;
  #state: State = { kind: 'running', timer: undefined };
  #pipesClosed = false;
  readonly #onAbort = (): void => this.#stop({ kind: 'cancelled' });
  readonly #onForce = (): void => this.#kill();

  constructor(spec: ProcessSpec, child: Child, promise: Settle) {
    this.#spec = spec;
    this.#child = child;
    this.#promise = promise;
  }

  begin(): void {
    const { timeoutMs } = this.#spec;
    const child = this.#child;
    child.once('error', (error) => {
      // `error` may also come from a signal that could not be sent; only a child without a number was never there.
      if (child.pid === undefined) this.#settle({ kind: 'not-started', why: explain(this.#spec, error) });
    });
    if (child.pid === undefined) return;
    if (timeoutMs !== undefined) {
      const expire = (): void => this.#stop({ kind: 'timed-out', timeoutMs });
      this.#state = { kind: 'running', timer: setTimeout(expire, Math.min(timeoutMs, LONGEST_TIMER_MS)) };
    }
    this.#spec.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#spec.force?.addEventListener('abort', this.#onForce, { once: true });
    child.stdout.on('data', (chunk: Buffer) => this.#take('stdout', chunk));
    child.stderr.on('data', (chunk: Buffer) => this.#take('stderr', chunk));
    child.once('exit', (code, signal) => this.#exited(code, signal));
    child.once('close', () => {
      this.#pipesClosed = true;
      if (this.#state.kind === 'draining') this.#settle(this.#state.result);
    });
    this.#guard(() => this.#spec.onSpawn?.(child.pid ?? 0));
  }

  #take(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    if (this.#state.kind !== 'settled') this.#guard(() => this.#spec.onOutput(stream, chunk));
  }

  #guard(callback: () => void): void {
    try {
      callback();
    } catch (cause) {
      signalGroup(this.#child.pid ?? 0, 'SIGKILL');
      this.#leave();
      this.#promise.reject(cause);
    }
  }

  #stop(as: Stopping): void {
    if (this.#state.kind !== 'running') return;
    clearTimeout(this.#state.timer);
    const group = this.#child.pid ?? 0;
    const { interruptMs, terminateMs } = this.#spec.ladder ?? DEFAULT_LADDER;
    const stopping: Extract<State, { kind: 'stopping' }> = { kind: 'stopping', as, timer: undefined };
    this.#state = stopping;
    signalGroup(group, 'SIGINT');
    stopping.timer = setTimeout(() => {
      signalGroup(group, 'SIGTERM');
      stopping.timer = setTimeout(() => signalGroup(group, 'SIGKILL'), terminateMs);
    }, interruptMs);
  }

  #kill(): void {
    this.#stop({ kind: 'cancelled' });
    if (this.#state.kind === 'stopping') signalGroup(this.#child.pid ?? 0, 'SIGKILL');
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const state = this.#state;
    if (state.kind === 'stopping') return void this.#outlast(state);
    if (state.kind !== 'running') return;
    clearTimeout(state.timer);
    this.#drain(signal === null ? { kind: 'exited', exitCode: code ?? 0 } : { kind: 'signalled', signal });
  }

  /** The leader has heard the signal; those it started have the rest of the ladder to do so too. */
  async #outlast(state: Extract<State, { kind: 'stopping' }>): Promise<void> {
    const group = this.#child.pid ?? 0;
    const { interruptMs, terminateMs } = this.#spec.ladder ?? DEFAULT_LADDER;
    // The timers of the ladder go on meanwhile; the second behind them is for the kernel to act on SIGKILL.
    if (isGroupAlive(group)) await groupEnds(group, interruptMs + terminateMs + 1_000);
    clearTimeout(state.timer);
    if (this.#state.kind === 'stopping') this.#drain(state.as);
  }

  #drain(result: ProcessResult): void {
    if (this.#pipesClosed) return this.#settle(result);
    // Timers run before pipes are read: after a busy moment, two turns let what is already there come in first.
    const give = (): void => void setImmediate(() => setImmediate(() => this.#settle(result)));
    this.#state = { kind: 'draining', result, timer: setTimeout(give, PIPE_GRACE_MS) };
  }

  #settle(result: ProcessResult): void {
    if (this.#state.kind === 'settled') return;
    this.#leave();
    this.#promise.resolve(result);
  }

  #leave(): void {
    if (this.#state.kind !== 'settled') clearTimeout(this.#state.timer);
    this.#state = { kind: 'settled' };
    this.#spec.signal?.removeEventListener('abort', this.#onAbort);
    this.#spec.force?.removeEventListener('abort', this.#onForce);
    // What was left in the background may go on writing: a closed pipe would kill a server that a later step needs.
    // So the pipes are read to nowhere, without keeping this process alive for it.
    this.#child.unref();
    for (const pipe of [this.#child.stdout, this.#child.stderr]) if ('unref' in pipe) unrefPipe(pipe);
  }
}

function unrefPipe(pipe: { readonly unref: unknown }): void {
  if (typeof pipe.unref === 'function') Reflect.apply(pipe.unref, pipe, []);
}

/** Why the command did not start, in words that name the thing to look at. */
function explain(spec: ProcessSpec, error: unknown): string {
  const command = spec.argv[0];
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!isFolder(spec.cwd)) return `the working directory does not exist: ${spec.cwd}`;
  switch (code) {
    case 'ENOENT':
      return `command not found: ${command}`;
    case 'EACCES':
      return `not allowed to execute: ${command}`;
    case 'E2BIG':
      return `the arguments and environment of ${command} are too long for the system`;
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return `the system has no room for another process (${code}): ${command}`;
    default:
      // The message of an invalid argument quotes it, and it may hold a secret.
      return `could not execute ${command}${code === '' ? '' : ` (${code})`}`;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
