// The index of a log file: one JSON line per stretch of log bytes, and at last the end marker. It is written after the
// bytes it tells of, so that an entry is never ahead of the log while a process may die; a power cut may do that.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { sha256 } from '#base/ids.ts';
import type { LogEnd } from '#run/events.ts';
import type { LogStream } from './log-store.ts';

const chunkBytes = 64 * 1024;
// The marker has 3 fields of known length; 4 KiB hold it and the line before many times.
const tailBytes = 4 * 1024;

/** Whole lines of one step and stream, beside each other in the log. */
export interface IndexEntry {
  /** Offset in the log, in bytes. */
  readonly o: number;
  /** Lines. */
  readonly n: number;
  /** Number of the first line. */
  readonly l: number;
  readonly b: number;
  /** Time of the first batch, in ms since the epoch. */
  readonly t: number;
  readonly s: number;
  readonly f: LogStream;
}

export function openOrUndefined(file: string, flags: string): number | undefined {
  try {
    return openSync(file, flags);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * The entries in order, each with the offset in the index behind it. Stops at the first line that is none. With
 * `afterSeq` it may leave out entries that hold no line behind that one.
 */
export function* readIndex(
  file: string,
  afterSeq = 0,
): Generator<{ readonly entry: IndexEntry; readonly endOffset: number }> {
  const fd = openOrUndefined(file, 'r');
  if (fd === undefined) return;
  try {
    let endOffset = afterSeq > 0 ? seek(fd, afterSeq) : 0;
    for (const line of completeLines(fd, endOffset)) {
      const entry = asEntry(parse(line));
      if (!entry) return;
      endOffset += line.length + 1;
      yield { entry, endOffset };
    }
  } finally {
    closeSync(fd);
  }
}

/** The end marker, when the index ends with one. */
export function readEnd(file: string): LogEnd | undefined {
  return asEnd(parse(lastLines(file).at(-1) ?? ''));
}

/** The last entry, whatever stands behind it. */
export function readLast(file: string): IndexEntry | undefined {
  return lastLines(file)
    .map((line) => asEntry(parse(line)))
    .findLast((entry) => entry !== undefined);
}

/** Whole lines in the tail, the first of them perhaps torn; none when the file does not end with one. */
function lastLines(file: string): readonly string[] {
  const fd = openOrUndefined(file, 'r');
  if (fd === undefined) return [];
  try {
    const size = fstatSync(fd).size;
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    const text = tail.toString('utf8', 0, readSync(fd, tail, 0, tail.length, size - tail.length));
    return text.endsWith('\n') ? text.slice(0, -1).split('\n') : [];
  } finally {
    closeSync(fd);
  }
}

/**
 * Where to start for the lines behind `afterSeq`, by halving: a reader that follows a log asks many times a second,
 * and must not pay for all that it has already seen.
 */
function seek(fd: number, afterSeq: number): number {
  const probe = Buffer.allocUnsafe(tailBytes);
  let low = 0;
  let high = fstatSync(fd).size;
  while (high - low > chunkBytes) {
    const middle = low + Math.floor((high - low) / 2);
    const text = probe.toString('latin1', 0, readSync(fd, probe, 0, probe.length, middle));
    const start = text.indexOf('\n') + 1;
    const end = text.indexOf('\n', start);
    const entry = start > 0 && end !== -1 ? asEntry(parse(text.slice(start, end))) : undefined;
    // No entry here: the end marker or damage. What is wanted may still stand before it.
    if (entry && entry.l <= afterSeq + 1) low = middle + start;
    else high = middle;
  }
  return low;
}

function* completeLines(fd: number, from: number): Generator<string> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let rest = '';
  for (let at = from; ;) {
    const count = readSync(fd, chunk, 0, chunk.length, at);
    if (count === 0) return;
    at += count;
    // One byte is one character: the index is ASCII, and damage must not shift the offsets.
    const lines = (rest + chunk.toString('latin1', 0, count)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function asEntry(value: unknown): IndexEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('o' in value && 'n' in value && 'l' in value && 'b' in value && 't' in value)) return undefined;
  if (!('s' in value && 'f' in value)) return undefined;
  const { o, n, l, b, t, s, f } = value;
  if (!isCount(o) || !isCount(n) || !isCount(l) || !isCount(b)) return undefined;
  if (typeof t !== 'number' || typeof s !== 'number' || !isStream(f)) return undefined;
  return { o, n, l, b, t, s, f };
}

function asEnd(value: unknown): LogEnd | undefined {
  if (typeof value !== 'object' || value === null || !('end' in value)) return undefined;
  const { end } = value;
  if (typeof end !== 'object' || end === null) return undefined;
  if (!('bytes' in end && 'lines' in end && 'sha256' in end)) return undefined;
  if (!isCount(end.bytes) || !isCount(end.lines) || typeof end.sha256 !== 'string') return undefined;
  return { bytes: end.bytes, lines: end.lines, sha256: sha256(end.sha256) };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isStream(value: unknown): value is LogStream {
  return value === 'stdout' || value === 'stderr' || value === 'engine';
}
