// A step's process inside the job's container. The engine's command on this machine only carries its output: signals do
// not pass through it, so they are sent by a second command, inside.
import { randomUUID } from 'node:crypto';
import { DEFAULT_LADDER } from '../process/host-process.ts';
import type { ProcessResult, ProcessSpec, StartProcess } from '../process/host-process.ts';
import { ask } from './container-engine.ts';
import type { ContainerEngine } from './container-engine.ts';
import { insideEnvironment, toInside } from './container-paths.ts';
import type { InsideSetting } from './container-paths.ts';
import { environmentArguments, EXEC_VARIABLE, execIn, signalExec } from './engine-commands.ts';

export interface InsideOf extends InsideSetting {
  readonly engine: ContainerEngine;
  readonly container: string;
}

/** How long one signal may take to be delivered. */
const SIGNAL_LIMIT_MS = 10_000;
/** A timer in Node counts to 2^31 - 1 ms and fires at once beyond that. */
const LONGEST_TIMER_MS = 2_147_483_647;

export function startInside(inside: InsideOf): StartProcess {
  return async (spec) => {
    if (spec.signal?.aborted === true || spec.force?.aborted === true) return { kind: 'cancelled' };
    const exec = randomUUID();
    const env = environmentArguments({ ...insideEnvironment(spec.env, inside), [EXEC_VARIABLE]: exec });
    const args = execIn({
      container: inside.container,
      workdir: toInside(inside.mounts, spec.cwd),
      env: env.args,
      argv: spec.argv.map((word) => toInside(inside.mounts, word)),
    });
    const stop = new Stop(inside, exec, spec);
    try {
      const result = await inside.engine.run(args, {
        env: env.env,
        onOutput: (stream, chunk) => spec.onOutput(stream, chunk),
        signal: stop.gone,
        // Nothing is lost with the command itself: what it stands for has been killed before.
        ladder: { interruptMs: 500, terminateMs: 500 },
        ...(spec.onSpawn ? { onSpawn: (pid: number) => spec.onSpawn?.(pid) } : {}),
      });
      return stop.result ?? result;
    } finally {
      stop[Symbol.dispose]();
    }
  };
}

/** The ladder of signals inside the container, from a timeout or an abort on. */
class Stop implements Disposable {
  readonly #inside: InsideOf;
  readonly #exec: string;
  readonly #spec: ProcessSpec;
  readonly #gone = new AbortController();
  #timers: NodeJS.Timeout[] = [];
  readonly #onAbort = (): void => this.#begin({ kind: 'cancelled' });
  readonly #onForce = (): void => {
    this.#begin({ kind: 'cancelled' });
    void this.#kill();
  };
  result: ProcessResult | undefined;

  constructor(inside: InsideOf, exec: string, spec: ProcessSpec) {
    this.#inside = inside;
    this.#exec = exec;
    this.#spec = spec;
    const { timeoutMs } = spec;
    spec.signal?.addEventListener('abort', this.#onAbort, { once: true });
    spec.force?.addEventListener('abort', this.#onForce, { once: true });
    if (timeoutMs === undefined) return;
    const expire = (): void => this.#begin({ kind: 'timed-out', timeoutMs });
    this.#timers.push(setTimeout(expire, Math.min(timeoutMs, LONGEST_TIMER_MS)));
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  #begin(result: ProcessResult): void {
    if (this.result) return;
    this.result = result;
    const { interruptMs, terminateMs } = this.#spec.ladder ?? DEFAULT_LADDER;
    void this.#send('INT');
    this.#timers.push(
      setTimeout(() => void this.#send('TERM'), interruptMs),
      setTimeout(() => void this.#kill(), interruptMs + terminateMs),
    );
  }

  async #kill(): Promise<void> {
    await this.#send('KILL');
    this.#gone.abort();
  }

  async #send(signal: 'INT' | 'TERM' | 'KILL'): Promise<void> {
    const { engine, container } = this.#inside;
    await ask(engine, signalExec(container, this.#exec, signal), { timeoutMs: SIGNAL_LIMIT_MS });
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#spec.signal?.removeEventListener('abort', this.#onAbort);
    this.#spec.force?.removeEventListener('abort', this.#onForce);
  }
}
