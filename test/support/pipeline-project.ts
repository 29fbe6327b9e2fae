/** A project in a temporary folder with a state of its own, and the built command to run in it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { stateFolder } from '#engine/project.ts';

const command = resolve(import.meta.dirname, '../../bin/gantry');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export class PipelineProject implements Disposable {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-project-')));
  readonly root = join(this.#folder, 'project');
  /** A place that no workspace holds: what steps write here stays. */
  readonly outside = join(this.#folder, 'outside');
  readonly #env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', GANTRY_STATE_DIR: '' };
  readonly state: string;
  readonly #started = new Set<ChildProcess>();

  constructor(pipeline: string | Uint8Array, files: Readonly<Record<string, string>> = {}) {
    this.#env.GANTRY_STATE_DIR = join(this.#folder, 'state');
    this.state = stateFolder(this.root, this.#env);
    for (const folder of [this.root, this.outside, this.state]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(this.root, 'gantry.yml'), pipeline);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, name)), { recursive: true });
      writeFileSync(join(this.root, name), text);
    }
  }

  start(...args: readonly string[]): Started {
    const child = spawn(command, args, { cwd: this.root, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#started.add(child);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => void stderr.push(chunk));
    const { promise, resolve: settle, reject } = Promise.withResolvers<Ended>();
    child.once('error', reject);
    // Not 'close': steps that a killed engine left behind may hold the pipes open.
    child.once('exit', (code, signal) => {
      setImmediate(() =>
        settle({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
      );
    });
    return { child, ended: promise };
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  [Symbol.dispose](): void {
    for (const child of this.#started) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Asks again and again until there is an answer; the time limit is for a defect, not for a slow machine. */
export async function eventually<T>(ask: () => T | undefined, what: string): Promise<T> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    if (Date.now() > giveUpAt) throw new Error(`waited in vain for ${what}`);
    await new Promise((next) => setTimeout(next, 1));
  }
}
