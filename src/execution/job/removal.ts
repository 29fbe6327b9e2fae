// What ended jobs leave is put aside at once and removed a little later, many folders by one process: removing takes as
// long as making, and the next job need not wait for either.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess } from '../process/host-process.ts';
import { isAlive, startTicks } from '../process/process-identity.ts';

/** Long enough for the ends of several short jobs, and no time for the disk to fill. */
const GATHER_MS = 250;

/** Fewer than this are removed sooner than a process is started. */
const FEW = 4;

/** No job's folder begins with a dot. Behind it: who put it aside. */
const PREFIX = '.leaving-';

export class Removal {
  readonly #root: string;
  readonly #prefix = `${PREFIX}${process.pid}-${startTicks(process.pid) ?? ''}-`;
  #due: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #removing: Promise<void> | undefined;

  /** What engines that died had put aside in `root` is removed too. */
  constructor(root: string) {
    this.#root = root;
    this.#take(leftIn(root));
  }

  /** It is gone from its place when this returns. Nothing happens when there is no such folder. */
  putAside(folder: string): void {
    if (!existsSync(folder)) return;
    const aside = join(this.#root, this.#prefix + randomUUID());
    renameSync(folder, aside);
    this.#take([aside]);
  }

  /** Resolves when everything is removed. What resists stays aside, for the next engine to try. */
  async settle(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#removing;
    if (this.#due.length > FEW) return this.#removeDue();
    for (const folder of this.#due.splice(0)) {
      try {
        rmSync(folder, { recursive: true, force: true });
      } catch {
        // Such as what a container wrote as root.
      }
    }
  }

  #take(folders: readonly string[]): void {
    this.#due.push(...folders);
    if (this.#due.length > 0 && !this.#removing) this.#timer ??= setTimeout(() => this.#begin(), GATHER_MS).unref();
  }

  #begin(): void {
    this.#timer = undefined;
    this.#removing = this.#removeDue().finally(() => {
      this.#removing = undefined;
      this.#take([]);
    });
  }

  async #removeDue(): Promise<void> {
    const folders = this.#due.splice(0);
    await startProcess({
      argv: ['rm', '-rf', '--', ...folders],
      cwd: this.#root,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      onOutput: () => undefined,
    });
  }
}

function leftIn(root: string): readonly string[] {
  return entriesOf(root)
    .filter((name) => name.startsWith(PREFIX))
    .filter((name) => {
      const [pid = '', ticks = ''] = name.slice(PREFIX.length).split('-');
      return !isAlive({ pid: Number(pid), startTicks: ticks });
    })
    .map((name) => join(root, name));
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
