// Where somebody at the terminal looks at a step that failed: a shell in its place, another try, or on with the run.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { formatDuration } from '#base/duration.ts';
import type { PauseJobStep } from '#execution/job/host-runner-deps.ts';
import type { PauseAnswer } from '#run/events.ts';
import { chop, inline, printable, truncate } from '#run/report/layout.ts';
import type { Paint } from '#run/report/words.ts';
import type { LogStore } from '#stores/logs/log-store.ts';

export interface PauseDeskOptions {
  readonly logs: LogStore;
  readonly paint: Paint;
  /** Takes away what is painted on the terminal for as long as the desk has it. */
  readonly clear: () => Disposable;
  /** Ends the run. */
  readonly quit: (reason: string) => void;
}

type Paused = Parameters<PauseJobStep>[0];

const MOST_LINES = 15;
const MOST_ROWS = 5;
const ANSWERS: Readonly<Record<string, PauseAnswer | 'shell'>> = {
  s: 'shell',
  shell: 'shell',
  r: 'retry',
  retry: 'retry',
  g: 'go-on',
  'go on': 'go-on',
  q: 'quit',
  quit: 'quit',
};

/** Steps that fail at the same time are looked at one after the other. */
export class PauseDesk {
  readonly #options: PauseDeskOptions;
  #turn: Promise<unknown> = Promise.resolve();
  #hasShell = false;

  constructor(options: PauseDeskOptions) {
    this.#options = options;
  }

  /** Ctrl-C is then for what runs in it. */
  get hasShell(): boolean {
    return this.#hasShell;
  }

  ask(paused: Paused): Promise<PauseAnswer> {
    const answer = this.#turn.then(async () => this.#look(paused));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #look(paused: Paused): Promise<PauseAnswer> {
    // The run was ended while this one waited for its turn.
    if (paused.signal.aborted) return 'go-on';
    using taken = new DisposableStack();
    taken.use(this.#options.clear());
    const beganAtMs = Date.now();
    process.stdout.write(this.#describe(paused));
    for (;;) {
      const answer = await this.#question(paused);
      if (answer !== 'shell') {
        if (answer === 'quit') this.#options.quit(`ended by hand at ${paused.job} / ${paused.name}`);
        process.stdout.write(this.#options.paint('dim', `paused for ${formatDuration(Date.now() - beganAtMs)}\n`));
        return answer;
      }
      await this.#shell(paused);
    }
  }

  #describe({ runId, jobId, index, job, name, why, folder, inContainer }: Paused): string {
    const { logs, paint } = this.#options;
    const width = process.stdout.columns ?? 80;
    const tail = [...logs.read(runId, jobId, { step: index })].slice(-MOST_LINES);
    const rows = tail.flatMap(({ text }) => chop(truncate(printable(text), MOST_ROWS * (width - 4)), width - 4));
    const place = inContainer ? `it ran in a container, where ${folder} is its workspace` : `in ${folder}`;
    return [
      '',
      `${paint('bad', 'Paused')}  ${inline(`${job} / ${name}: ${why}`)}`,
      ...rows.map((row) => `  ${paint('dim', '│')} ${row}`.trimEnd()),
      paint('dim', `  ${inline(place)}`),
      '',
    ].join('\n');
  }

  async #question({ signal, inContainer }: Paused): Promise<PauseAnswer | 'shell'> {
    const offered = [inContainer ? '' : '[s]hell there', '[r]etry', '[g]o on, failed', '[q]uit the run'];
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    // The terminal gives Ctrl-C to whoever reads lines; it is meant for the run.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const { promise: ended, resolve: end } = Promise.withResolvers<string>();
    lines.once('close', () => end('g'));
    try {
      for (;;) {
        const asked = lines.question(`${offered.filter((each) => each !== '').join('  ')}? `, { signal });
        const said = (await Promise.race([asked, ended])).trim().toLowerCase();
        const answer = ANSWERS[said];
        if (answer !== undefined && !(answer === 'shell' && inContainer)) return answer;
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
      process.stdout.write('\n');
      return 'go-on';
    } finally {
      lines.close();
    }
  }

  async #shell({ folder, env, signal }: Paused): Promise<void> {
    const { TERM = 'dumb', LANG } = process.env;
    const own = { TERM, PS1: String.raw`gantry \W\$ `, ...(LANG === undefined ? {} : { LANG }) };
    this.#hasShell = true;
    try {
      await new Promise<void>((done) => {
        const child = spawn('bash', ['--noprofile', '--norc', '-i'], {
          cwd: folder,
          env: { ...own, ...env },
          stdio: 'inherit',
          signal,
          killSignal: 'SIGHUP',
        });
        child.once('exit', () => done());
        child.once('error', (cause) => {
          if (!signal.aborted) process.stdout.write(`gantry: no shell: ${cause.message}\n`);
          if (child.pid === undefined) done();
        });
      });
    } finally {
      this.#hasShell = false;
    }
  }
}
