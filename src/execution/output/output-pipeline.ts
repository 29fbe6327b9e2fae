// From a child's bytes to the log: whole lines, commands heard, secrets out, batches appended. It stands in the process
// that spawned the child, and nothing the child prints reaches a disk or a screen by another way.
import type { LogBatch } from '#stores/logs/log-store.ts';
import type { Redactor } from '#run/redaction.ts';
import { BlockRedaction } from './block-redaction.ts';
import { LineSplitter } from './line-splitter.ts';

export interface OutputDeps {
  append(batch: LogBatch): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Asked about each line that may be a command, in the order of its stream. */
  hear(line: string): Heard;
  /** Whole lines that are no commands come back as they are to be shown. */
  scan(block: Buffer): Buffer;
  /** Masks that the step asks for are added to it at once: they hold for everything behind them. */
  readonly redactor: Redactor;
  readonly step: number;
}

export type Heard =
  | { readonly kind: 'text' }
  /** What stands in the log in its place, and what must not be shown from here on. */
  | { readonly kind: 'command'; readonly lines: readonly string[]; readonly mask?: string };

type Stream = 'stdout' | 'stderr';

interface StreamState {
  readonly splitter: LineSplitter;
  readonly redaction: BlockRedaction;
}

const LINE_FEED = 10;
const NOTHING: Buffer = Buffer.alloc(0);

export class OutputPipeline {
  readonly #deps: OutputDeps;
  readonly #streams: Readonly<Record<Stream, StreamState>>;
  #recent = NOTHING;
  #lastLine = '';
  #ended = false;

  constructor(deps: OutputDeps) {
    this.#deps = deps;
    const state = (): StreamState => ({ splitter: new LineSplitter(), redaction: new BlockRedaction(deps.redactor) });
    this.#streams = { stdout: state(), stderr: state() };
  }

  /** Takes a chunk over: it must not be changed afterwards. */
  write(stream: Stream, chunk: Buffer): void {
    if (this.#ended) return;
    const block = this.#streams[stream].splitter.take(chunk);
    if (block !== undefined) this.#takeLines(stream, block);
  }

  /** No more output comes: the last, unfinished lines and what was held back go to the log. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const stream of ['stdout', 'stderr'] as const) {
      const block = this.#streams[stream].splitter.end();
      if (block !== undefined) this.#takeLines(stream, block);
      this.#append(stream, this.#streams[stream].redaction.flush());
    }
  }

  /** The last line in the log that is not blank, for a live view; of a progress bar, its latest state. */
  lastLine(): string {
    const recent = this.#recent.subarray(Math.max(0, this.#recent.length - 4_096)).toString();
    const line = recent.split(/[\r\n]/).findLast((candidate) => candidate.trim() !== '');
    if (line !== undefined) this.#lastLine = line.trimEnd();
    return this.#lastLine;
  }

  #takeLines(stream: Stream, block: Buffer): void {
    const { redaction } = this.#streams[stream];
    let plain: Buffer[] = [];
    let shown: Buffer[] = [];
    let done = 0;
    for (const line of commandLines(block)) {
      const answer = this.#deps.hear(block.toString('utf8', line.start, line.end));
      if (answer.kind === 'text') continue;
      plain.push(this.#deps.scan(block.subarray(done, line.start)));
      done = line.end + 1;
      if (answer.mask !== undefined) {
        // What was printed before the mask goes by what was secret then; otherwise chunks would make a difference.
        shown.push(redaction.take(joined(plain)));
        plain = [];
        this.#deps.redactor.add(answer.mask);
      }
      for (const text of answer.lines) plain.push(Buffer.from(`${text}\n`));
    }
    plain.push(this.#deps.scan(block.subarray(done)));
    shown.push(redaction.take(joined(plain)));
    shown = shown.filter((part) => part.length > 0);
    this.#append(stream, joined(shown));
  }

  #append(stream: Stream, bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#recent = bytes;
    const { step } = this.#deps;
    this.#deps.append({ step, stream, atMs: this.#deps.now(), lines: countLines(bytes), bytes });
  }
}

/** Lines that begin, blanks aside, with `::`, or hold `##[`: without their line break, in order. */
function* commandLines(block: Buffer): Iterable<{ readonly start: number; readonly end: number }> {
  let current = block.indexOf('::');
  let legacy = block.indexOf('##[');
  while (current !== -1 || legacy !== -1) {
    const at = legacy === -1 || (current !== -1 && current < legacy) ? current : legacy;
    const start = block.lastIndexOf(LINE_FEED, at) + 1;
    const end = block.indexOf(LINE_FEED, at);
    if ((legacy >= start && legacy < end) || isBlank(block.subarray(start, at))) yield { start, end };
    if (current !== -1 && current < end) current = block.indexOf('::', end);
    if (legacy !== -1 && legacy < end) legacy = block.indexOf('##[', end);
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  return parts.length === 0 ? NOTHING : Buffer.concat(parts);
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === LINE_FEED) lines++;
  return lines;
}
