import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { type IndexEntry, readIndex } from './log-index.ts';

const chunkBytes = 256 * 1024;
const newline = 0x0a;

/** Where a writer goes on: all of it is in the files. */
export interface LogPosition {
  readonly bytes: number;
  readonly lines: number;
  readonly indexBytes: number;
  readonly hash: Hash;
}

export interface LogPaths {
  readonly log: string;
  readonly index: string;
}

/**
 * Makes the files of a log that was cut off agree, and says where it goes on. Bytes the index does not know of are
 * indexed as far as they are whole lines, under the last step, stream and time known; a torn line and an end marker
 * are cut away. Missing files are made.
 */
export function recoverLog(paths: LogPaths): LogPosition {
  const log = openSync(paths.log, 'a+');
  const index = openSync(paths.index, 'a+');
  try {
    const size = fstatSync(log).size;
    if (size === 0 && fstatSync(index).size === 0)
      return { bytes: 0, lines: 0, indexBytes: 0, hash: createHash('sha256') };
    const known = knownPart(paths.index, size);
    ftruncateSync(index, known.indexBytes);

    const hash = createHash('sha256');
    for (const chunk of chunksOf(log, 0, known.bytes)) hash.update(chunk);
    const found = wholeLines(log, known, size);
    for (const chunk of chunksOf(log, known.bytes, found.bytes)) hash.update(chunk);
    const text = found.entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    if (text !== '') writeSync(index, text);
    ftruncateSync(log, found.bytes);
    return { bytes: found.bytes, lines: found.lines, indexBytes: known.indexBytes + text.length, hash };
  } finally {
    closeSync(log);
    closeSync(index);
  }
}

/** Bytes `from` to `to`; each chunk is valid only until the next one is asked for. */
export function* chunksOf(fd: number, from: number, to: number): Generator<Buffer> {
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, to - from)));
  for (let at = from; at < to;) {
    const count = readSync(fd, chunk, 0, Math.min(chunk.length, to - at), at);
    if (count === 0) return;
    yield chunk.subarray(0, count);
    at += count;
  }
}

export function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) lines += 1;
  return lines;
}

interface KnownPart {
  readonly bytes: number;
  readonly lines: number;
  readonly indexBytes: number;
  readonly last: IndexEntry | undefined;
}

function knownPart(indexFile: string, size: number): KnownPart {
  let known: KnownPart = { bytes: 0, lines: 0, indexBytes: 0, last: undefined };
  for (const { entry, endOffset } of readIndex(indexFile)) {
    if (entry.o !== known.bytes || entry.l !== known.lines + 1 || entry.o + entry.b > size) break;
    known = { bytes: entry.o + entry.b, lines: known.lines + entry.n, indexBytes: endOffset, last: entry };
  }
  return known;
}

/** Entries for the whole lines behind the known part, each of about one chunk: a lost index must not cost memory. */
function wholeLines(fd: number, known: KnownPart, size: number) {
  const entries: IndexEntry[] = [];
  let { bytes, lines } = known;
  let at = known.bytes;
  for (const chunk of chunksOf(fd, known.bytes, size)) {
    const whole = chunk.lastIndexOf(newline) + 1;
    if (whole > 0) {
      const count = countLines(chunk.subarray(0, whole));
      const { t, s, f } = known.last ?? { t: 0, s: 0, f: 'engine' };
      entries.push({ o: bytes, n: count, l: lines + 1, b: at + whole - bytes, t, s, f });
      bytes = at + whole;
      lines += count;
    }
    at += chunk.length;
  }
  return { entries, bytes, lines };
}
