// What is due behind a job's last step, in memory and on disk: another engine may have to do it.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostRecord, PostStep } from '../step/step-run.ts';

interface Due {
  readonly post: PostStep;
  readonly file: string;
}

export class PostSteps {
  readonly #folder: string;
  readonly #due: Due[] = [];
  #lastNumber: number;

  /** `folder` is private to the job and lives as long: records may hold secrets. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#lastNumber = Math.max(0, ...filesIn(folder).map((name) => Number.parseInt(name, 10)));
  }

  /** What `pre` announced, `main` announces anew: it stays in its place, with what `main` adds. */
  add(post: PostStep): void {
    const place = placeOf(post.record);
    const before = this.#due.findIndex((each) => each.post.record.sincePre && placeOf(each.post.record) === place);
    const file = this.#due[before]?.file ?? this.#newFile();
    keep(file, post.record);
    this.#due.splice(before < 0 ? this.#due.length : before, before < 0 ? 0 : 1, { post, file });
  }

  /** One that an earlier engine had added, from its file. */
  addAgain(post: PostStep, file: string): void {
    this.#due.push({ post, file });
  }

  /** The last one that was added and not taken yet. */
  take(): PostStep | undefined {
    return this.#due.at(-1)?.post;
  }

  /** The one that was taken has ended. */
  done(): void {
    const last = this.#due.pop();
    if (last) rmSync(last.file, { force: true });
  }

  /** What an earlier engine left, in its order. */
  *left(): Iterable<{ readonly file: string; readonly text: string }> {
    for (const name of filesIn(this.#folder)) {
      const file = join(this.#folder, name);
      yield { file, text: readFileSync(file, 'utf8') };
    }
  }

  #newFile(): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return join(this.#folder, `${String(++this.#lastNumber).padStart(6, '0')}.json`);
  }
}

/** Whole or not at all, whenever this engine dies. */
function keep(file: string, record: PostRecord): void {
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function placeOf({ uses }: PostRecord): string {
  return uses.map(({ index }) => index).join('/');
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .toSorted();
  } catch {
    return [];
  }
}
