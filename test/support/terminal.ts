/** The built command on a real terminal: typed to, and read from. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

const COMMAND = resolve(import.meta.dirname, '../../bin/gantry');
const PTY = join(import.meta.dirname, 'on-terminal.py');

export interface TerminalSetting {
  readonly cwd: string;
  readonly stateFolder: string;
}

export class TestTerminal implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<number | null>;
  #shown = '';
  #isOver = false;
  /** Up to where it was waited for. */
  #seen = 0;

  constructor(args: readonly string[], { cwd, stateFolder }: TerminalSetting) {
    this.#child = spawn('python3', [PTY, COMMAND, ...args], {
      cwd,
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', GITHUB_ACTIONS: '', GANTRY_STATE_DIR: stateFolder },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout.on('data', (chunk: Buffer) => (this.#shown += chunk.toString('utf8')));
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#shown += chunk.toString('utf8')));
    this.ended = new Promise((done) =>
      this.#child.once('close', (code) => {
        this.#isOver = true;
        done(code);
      }),
    );
  }

  /** Without what moves the cursor. */
  get shown(): string {
    return stripVTControlCharacters(this.#shown).replaceAll('\r', '');
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until it shows, behind what was waited for before. */
  async sees(text: string): Promise<void> {
    const giveUpAt = Date.now() + 60_000;
    for (;;) {
      const at = this.shown.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return;
      }
      if (this.#isOver || Date.now() > giveUpAt)
        throw new Error(`"${text}" is not on the terminal:\n${this.shown.slice(this.#seen)}`);
      await new Promise((next) => setTimeout(next, 10));
    }
  }

  [Symbol.dispose](): void {
    // It has the terminal, so what runs there is hung up.
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
  }
}
