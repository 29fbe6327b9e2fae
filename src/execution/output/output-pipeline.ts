// From a child's bytes to the log: whole lines, commands heard, secrets out, batches appended. It stands in the process
// that spawned the child, and nothing the child prints reaches a disk or a screen by another way.
import type { LogBatch } from '#stores/logs/log-store.ts';
import type { Redactor } from '#run/redaction.ts';
import { unreachable } from '#base/unreachable.ts';
import { BlockRedaction } from './block-redaction.ts';
import { LineSplitter } from './line-splitter.ts';
import { parseWorkflowCommand, resumesCommands, type WorkflowCommand } from './workflow-command.ts';

export interface OutputDeps {
  append(batch: LogBatch): void;
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Told of each command in the order of its stream. Texts for people (error, warning, notice, debug, group) come
   * redacted; values that are meant for later steps (outputs, state, masks) come as they are, and are not to be shown.
   */
  onCommand(command: WorkflowCommand): void;
  /** Masks that the step asks for are added to it at once: they hold for everything behind them. */
  readonly redactor: Redactor;
  readonly step: number;
}

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
  /** The token that ends a pause, while commands are paused: for both streams. */
  #pausedUntil: string | undefined;
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
      const answer = this.#hear(block.toString('utf8', line.start, line.end));
      if (answer.kind === 'text') continue;
      plain.push(block.subarray(done, line.start));
      done = line.end + 1;
      if (answer.kind === 'shown') plain.push(Buffer.from(`${answer.text}\n`));
      if (answer.kind === 'mask') {
        // What was printed before the mask goes by what was secret then; otherwise chunks would make a difference.
        shown.push(redaction.take(joined(plain)));
        plain = [];
        this.#deps.redactor.add(answer.value);
      }
    }
    plain.push(block.subarray(done));
    shown.push(redaction.take(joined(plain)));
    shown = shown.filter((part) => part.length > 0);
    this.#append(stream, joined(shown));
  }

  #hear(line: string): Heard {
    if (this.#pausedUntil !== undefined) {
      if (!resumesCommands(line, this.#pausedUntil)) return { kind: 'text' };
      this.#pausedUntil = undefined;
      return { kind: 'silent' };
    }
    const command = parseWorkflowCommand(line);
    if (command === undefined) return { kind: 'text' };
    const heard = meaningOf(command, line);
    if (command.name === 'stop-commands') this.#pausedUntil = command.value.trim();
    this.#deps.onCommand(heard.kind === 'shown' ? this.#redacted(command) : command);
    return heard;
  }

  #redacted(command: WorkflowCommand): WorkflowCommand {
    const { redactor } = this.#deps;
    if (redactor.isEmpty()) return command;
    const properties: Record<string, string> = {};
    for (const [key, value] of Object.entries(command.properties)) properties[key] = redactor.redact(value);
    return { name: command.name, properties, value: redactor.redact(command.value) };
  }

  #append(stream: Stream, bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#recent = bytes;
    const { step } = this.#deps;
    this.#deps.append({ step, stream, atMs: this.#deps.now(), lines: countLines(bytes), bytes });
  }
}

type Heard =
  | { readonly kind: 'text' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'shown'; readonly text: string }
  | { readonly kind: 'mask'; readonly value: string };

/** What becomes of the command's line in the log. */
function meaningOf(command: WorkflowCommand, line: string): Heard {
  const text = command.value.replace(/\r\n?/g, '\n');
  switch (command.name) {
    case 'error':
      return { kind: 'shown', text: `Error: ${text}` };
    case 'warning':
      return { kind: 'shown', text: `Warning: ${text}` };
    case 'notice':
      return { kind: 'shown', text: `Notice: ${text}` };
    case 'debug':
      return { kind: 'shown', text: `Debug: ${text}` };
    case 'group':
      return { kind: 'shown', text: `##[group]${text}` };
    case 'endgroup':
      return { kind: 'shown', text: '##[endgroup]' };
    case 'set-env':
    case 'add-path':
      // GitHub switched these off; the step says so, and the reader needs to see what it talks about.
      return { kind: 'shown', text: line };
    case 'add-mask':
      return { kind: 'mask', value: command.value };
    case 'add-matcher':
    case 'remove-matcher':
    case 'echo':
    case 'save-state':
    case 'set-output':
    case 'stop-commands':
      return { kind: 'silent' };
    default:
      return unreachable(command.name);
  }
}

/** Lines that begin, blanks aside, with `::` or `##[`: without their line break, in order. */
function* commandLines(block: Buffer): Iterable<{ readonly start: number; readonly end: number }> {
  let current = block.indexOf('::');
  let legacy = block.indexOf('##[');
  while (current !== -1 || legacy !== -1) {
    const at = legacy === -1 || (current !== -1 && current < legacy) ? current : legacy;
    const start = blankStart(block, at);
    const end = block.indexOf(LINE_FEED, at);
    if (start !== undefined) yield { start, end };
    // A line has one beginning: whatever else it holds is not looked at.
    if (current !== -1 && current < end) current = block.indexOf('::', end);
    if (legacy !== -1 && legacy < end) legacy = block.indexOf('##[', end);
  }
}

/** Where the line begins, when there are only blanks between there and `at`. */
function blankStart(block: Buffer, at: number): number | undefined {
  let start = at;
  while (start > 0 && (block[start - 1] === 0x20 || block[start - 1] === 0x09)) start--;
  return start === 0 || block[start - 1] === LINE_FEED ? start : undefined;
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
