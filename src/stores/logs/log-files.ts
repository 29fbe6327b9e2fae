import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from '#base/ids.ts';
import type { LogEnd } from '#run/events.ts';
import { safeName } from '../safe-name.ts';
import { type IndexEntry, openOrUndefined, readEnd, readIndex, readLast } from './log-index.ts';
import { chunksOf, countLines, type LogPaths, type LogPosition, recoverLog } from './log-recovery.ts';
import type { LogBatch, LogLine, LogStore, LogWriter } from './log-store.ts';

const bufferBytes = 256 * 1024;
const smallBufferBytes = 4 * 1024;
// Batches this near in time share an index entry, and so a time: no reader tells them apart.
const mergeWithinMs = 50;
const newline = 0x0a;

/**
 * Logs as files: `<dir>/<run>/<job>.log` holds the bytes as they came, `.index` beside it says which lines are whose.
 * A reader sees what was flushed, at once and from any process. A write that fails (full disk) throws and may be tried
 * again by the next flush: nothing is lost or doubled by that.
 */
export function openFileLogStore(dir: string): LogStore {
  const pathsOf = (runId: string, jobId: string): LogPaths => {
    const stem = path.join(dir, safeName(runId), safeName(jobId));
    return { log: `${stem}.log`, index: `${stem}.index` };
  };
  return {
    open(runId, jobId) {
      const paths = pathsOf(runId, jobId);
      mkdirSync(path.dirname(paths.log), { recursive: true });
      return new FileLogWriter(paths, recoverLog(paths));
    },
    read: (runId, jobId, options = {}) => readLines(pathsOf(runId, jobId), options),
    size: (runId) => sizeOfFiles(path.join(dir, safeName(runId))),
    remove: (runId) => rmSync(path.join(dir, safeName(runId)), { recursive: true, force: true }),
    lastAtMs: (runId, jobId) => readLast(pathsOf(runId, jobId).index)?.t,
    end(runId, jobId, options = {}) {
      const paths = pathsOf(runId, jobId);
      const end = readEnd(paths.index);
      return end && (!options.verify || isTrue(end, paths.log)) ? end : undefined;
    },
  };
}

function sizeOfFiles(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce((sum, name) => {
    return sum + (statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

/** Files are opened for each flush: a writer that is dropped without an end holds nothing open. */
class FileLogWriter implements LogWriter {
  readonly #paths: LogPaths;
  #buffer: Buffer = Buffer.alloc(0);
  readonly #hash: Hash;
  #buffered = 0;
  #pending: IndexEntry[] = [];
  /** What the files hold; the buffer comes behind. Writes go to these places, so a second try overwrites the first. */
  #logBytes: number;
  #indexBytes: number;
  /** Lines, buffered ones included. */
  #lines: number;
  #end: LogEnd | undefined;

  constructor(paths: LogPaths, position: LogPosition) {
    this.#paths = paths;
    this.#hash = position.hash;
    this.#logBytes = position.bytes;
    this.#indexBytes = position.indexBytes;
    this.#lines = position.lines;
  }

  append(batch: LogBatch): void {
    if (this.#end) throw new Error('append to a log that has ended');
    const { bytes } = batch;
    if (bytes.length === 0) return;
    if (bytes.at(-1) !== newline) throw new Error('append of a line that is not whole');
    if (this.#buffered + bytes.length > bufferBytes) this.flush();
    if (bytes.length > bufferBytes) {
      // Larger than the buffer can ever be: straight to the file, counted only once it is there.
      this.#write(bytes, [entryFor(batch, this.#logBytes, this.#lines + 1)]);
    } else {
      this.#makeRoom(this.#buffered + bytes.length);
      this.#buffer.set(bytes, this.#buffered);
      this.#note(batch);
      this.#buffered += bytes.length;
    }
    this.#lines += batch.lines;
  }

  flush(): void {
    if (this.#buffered === 0) return;
    this.#write(this.#buffer.subarray(0, this.#buffered), this.#pending);
    this.#buffered = 0;
    this.#pending = [];
  }

  end(): LogEnd {
    if (this.#end) return this.#end;
    this.flush();
    const digest = sha256(this.#hash.copy().digest('hex'));
    const end: LogEnd = { bytes: this.#logBytes, lines: this.#lines, sha256: digest };
    this.#indexBytes += writeAt(this.#paths.index, `${JSON.stringify({ end })}\n`, this.#indexBytes);
    this.#end = end;
    return end;
  }

  /** Most jobs say little, and a full buffer for each is more than they need together. */
  #makeRoom(bytes: number): void {
    if (bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(bytes > smallBufferBytes ? bufferBytes : smallBufferBytes);
    larger.set(this.#buffer.subarray(0, this.#buffered));
    this.#buffer = larger;
  }

  #note(batch: LogBatch): void {
    const last = this.#pending.at(-1);
    if (last && last.s === batch.step && last.f === batch.stream && Math.abs(batch.atMs - last.t) <= mergeWithinMs) {
      const merged = { ...last, n: last.n + batch.lines, b: last.b + batch.bytes.length };
      this.#pending[this.#pending.length - 1] = merged;
    } else {
      this.#pending.push(entryFor(batch, this.#logBytes + this.#buffered, this.#lines + 1));
    }
  }

  #write(bytes: Uint8Array, entries: readonly IndexEntry[]): void {
    writeAt(this.#paths.log, bytes, this.#logBytes);
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    this.#indexBytes += writeAt(this.#paths.index, text, this.#indexBytes);
    this.#hash.update(bytes);
    this.#logBytes += bytes.length;
  }
}

function entryFor(batch: LogBatch, offset: number, firstLine: number): IndexEntry {
  const { lines, bytes, atMs, step, stream } = batch;
  return { o: offset, n: lines, l: firstLine, b: bytes.length, t: atMs, s: step, f: stream };
}

/** Writes all of it and gives its length; one call to the kernel may take less than it was given. */
function writeAt(file: string, content: Uint8Array | string, position: number): number {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const fd = openSync(file, 'r+');
  try {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(fd, bytes, done, bytes.length - done, position + done);
    }
  } finally {
    closeSync(fd);
  }
  return bytes.length;
}

function* readLines(paths: LogPaths, options: { readonly afterSeq?: number; readonly step?: number }) {
  const { afterSeq = 0, step } = options;
  const fd = openOrUndefined(paths.log, 'r');
  if (fd === undefined) return;
  try {
    for (const { entry } of readIndex(paths.index, afterSeq)) {
      const isWanted = entry.l + entry.n - 1 > afterSeq && (step === undefined || entry.s === step);
      if (isWanted) yield* linesOf(fd, entry, afterSeq);
    }
  } finally {
    closeSync(fd);
  }
}

/** One entry at a time: it is no larger than the writer's buffer, or than the one batch that was. */
function* linesOf(fd: number, entry: IndexEntry, afterSeq: number): Generator<LogLine> {
  const bytes = Buffer.allocUnsafe(entry.b);
  const count = readSync(fd, bytes, 0, entry.b, entry.o);
  let seq = entry.l;
  let start = 0;
  for (let at = bytes.indexOf(newline); at !== -1 && at < count; at = bytes.indexOf(newline, start)) {
    if (seq > afterSeq) {
      yield { seq, step: entry.s, stream: entry.f, atMs: entry.t, text: bytes.toString('utf8', start, at) };
    }
    seq += 1;
    start = at + 1;
  }
}

function isTrue(end: LogEnd, file: string): boolean {
  const fd = openOrUndefined(file, 'r');
  if (fd === undefined) return false;
  try {
    const size = fstatSync(fd).size;
    if (size !== end.bytes) return false;
    const hash = createHash('sha256');
    let lines = 0;
    for (const chunk of chunksOf(fd, 0, size)) {
      hash.update(chunk);
      lines += countLines(chunk);
    }
    return lines === end.lines && hash.digest('hex') === end.sha256;
  } finally {
    closeSync(fd);
  }
}
