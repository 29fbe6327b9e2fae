// Content of files, by its digest, read once: a file whose number, size and times are those of a reading before is the same.
import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readFileSync, readSync } from 'node:fs';

export interface FileDigest {
  readonly sha256: string;
  /** Variables of the runner that the file names. */
  readonly mentions: readonly string[];
}

export interface FileDigests {
  /** Follows links. Throws when it cannot be read. */
  read(file: string): FileDigest;
}

interface Reading extends FileDigest {
  readonly stamp: string;
}

const CHUNK_BYTES = 1024 * 1024;
const LONGEST_NAME = 64;
const MARKS = ['GITHUB_', 'RUNNER_', 'ACTIONS_'];
const MOST_REMEMBERED = 200_000;
/** A file that was written so shortly before may be written again without a trace in its times. */
const RACY_MS = 50;
const VARIABLE = /\b(?:GITHUB|RUNNER|ACTIONS)_[A-Z][A-Z0-9_]*/g;

/** What was read is remembered for as long as the process lives: workspaces do not live longer. */
export function openFileDigests(nowMs: () => number): FileDigests {
  const known = new Map<string, Reading>();
  return {
    read(file) {
      const seen = lstatSync(file, { bigint: true });
      const stamp = `${seen.dev}:${seen.ino}:${seen.size}:${seen.mtimeNs}:${seen.ctimeNs}`;
      const before = known.get(file);
      if (before?.stamp === stamp) return before;
      const reading: Reading = { stamp, ...digest(file) };
      const isSettled = nowMs() - Number(seen.ctimeNs / 1_000_000n) > RACY_MS && !seen.isSymbolicLink();
      if (known.size >= MOST_REMEMBERED) known.clear();
      if (isSettled) known.set(file, reading);
      return reading;
    },
  };
}

/** The variables of the runner that a text names. */
export function mentionsIn(text: string): readonly string[] {
  return [...new Set(text.match(VARIABLE) ?? [])];
}

function digest(file: string): FileDigest {
  const hash = createHash('sha256');
  const mentions = new Set<string>();
  const handle = openSync(file, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let tail = '';
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk)) {
      const bytes = chunk.subarray(0, read);
      hash.update(bytes);
      if (tail !== '' || MARKS.some((mark) => bytes.includes(mark)))
        for (const name of mentionsIn(tail + bytes.toString('latin1'))) mentions.add(name);
      // A name may be cut by the end of the chunk.
      tail = read < CHUNK_BYTES ? '' : bytes.subarray(-LONGEST_NAME).toString('latin1');
    }
  } finally {
    closeSync(handle);
  }
  return { sha256: hash.digest('hex'), mentions: [...mentions] };
}

export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Undefined when it cannot be read. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
