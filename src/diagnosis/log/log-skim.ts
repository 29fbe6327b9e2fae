// Reads a log of any size once and keeps, in bounded memory, the lines that can matter: all of a log of ordinary size;
// of a larger one its beginning, its end, and what stands round the lines that speak of failure.
import { hasAlarm, mayAlarm } from './alarm.ts';
import { FormTable } from './form-table.ts';
import { formOf, LineReader, visibleStart } from './line-form.ts';
import { LogTail } from './log-tail.ts';

export interface KeptLine {
  /** From 1, in the log as it is. */
  readonly number: number;
  readonly raw: string;
  readonly form: number;
  /** Its words speak of failure. Only then is it worth a closer look. */
  readonly isAlarming: boolean;
}

export interface SkimmedLog {
  readonly lines: readonly KeptLine[];
  readonly lineCount: number;
  readonly byteCount: number;
  readonly forms: FormTable;
  /** Bytes of value 0 were in it: it is no text. */
  readonly isBinary: boolean;
}

/** So much of a log is kept whole. */
const WHOLE_BYTES = 24 << 20;
const HEAD_LINES = 2_000;
const TAIL_LINES = 6_000;
const TAIL_BYTES = 2 << 20;
const BEFORE = 15;
const AFTER = 40;
const MOST_KEPT = 60_000;
/** A form that has come more often than this is how the log talks, not what went wrong in it. */
const OFTEN = 200;
/** What is longer is cut: its beginning is kept, and its end when it was written over with carriage returns. */
const LONGEST_LINE = 64 << 10;

const LF = 0x0a;
const LINE_END = Buffer.of(LF);

const QUIET = 1;
const LOUD = 2;

export class LogSkim {
  readonly #known: FormTable | undefined;
  readonly #forms = new FormTable();
  readonly #reader = new LineReader();
  readonly #tail = new LogTail(TAIL_BYTES);
  #lines: KeptLine[] = [];
  #lineCount = 0;
  #byteCount = 0;
  #isBinary = false;
  #isWhole = true;
  #keepUpTo = HEAD_LINES;
  /** The beginning of a line whose end has not come yet. */
  #rest: Buffer = Buffer.alloc(0);

  /** `known`: forms of a green log; in a large log, what is new against it is kept first. */
  constructor(known?: FormTable) {
    this.#known = known;
  }

  /** The bytes may be written over afterwards. */
  add(chunk: Uint8Array): void {
    this.#byteCount += chunk.byteLength;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const first = bytes.indexOf(LF);
    if (first === -1) {
      this.#rest = this.#joined(bytes);
      return;
    }
    const from = this.#rest.byteLength === 0 ? 0 : first + 1;
    const pieces = from === 0 ? [] : [this.#joined(bytes.subarray(0, from))];
    const to = bytes.lastIndexOf(LF) + 1;
    if (to > from) pieces.push(bytes.subarray(from, to));
    this.#rest = Buffer.from(bytes.subarray(to));
    this.#read(pieces);
  }

  finish(): SkimmedLog {
    // The last line is given the end that it lacks, for its reading alone.
    if (this.#rest.byteLength > 0) this.#read([Buffer.concat([this.#rest, LINE_END])]);
    this.#rest = Buffer.alloc(0);
    return {
      lines: this.#isWhole ? this.#lines : this.#withTail(),
      lineCount: this.#lineCount,
      byteCount: this.#byteCount,
      forms: this.#forms,
      isBinary: this.#isBinary,
    };
  }

  #joined(bytes: Buffer): Buffer {
    const rest = this.#rest.byteLength > LONGEST_LINE ? this.#rest.subarray(0, LONGEST_LINE / 2) : this.#rest;
    return Buffer.concat([rest, bytes]);
  }

  /** Pieces of whole lines. */
  #read(pieces: readonly Buffer[]): void {
    const tail: { readonly piece: Buffer; readonly firstLine: number }[] = [];
    for (const piece of pieces) {
      const firstLine = this.#lineCount + 1;
      for (let start = 0; start < piece.length; start = this.#reader.end + 1) this.#line(piece, start);
      if (this.#isWhole) tail.push({ piece, firstLine });
      else this.#tail.add(piece, firstLine);
    }
    if (!this.#isWhole || this.#byteCount <= WHOLE_BYTES) return;
    this.#thin();
    for (const { piece, firstLine } of tail) this.#tail.add(piece, firstLine);
  }

  #line(buffer: Buffer, start: number): void {
    const number = ++this.#lineCount;
    const form = this.#reader.formAt(buffer, start);
    const { end } = this.#reader;
    if (form === 0 && !this.#isWhole && number > this.#keepUpTo) return;
    let note = QUIET;
    let isNewHere = true;
    if (form !== 0) {
      const at = this.#forms.find(form);
      if (at === -1) {
        note = isAlarming(buffer, start, end) ? LOUD : QUIET;
        if (buffer.subarray(start, Math.min(end, start + 400)).includes(0)) this.#isBinary = true;
        this.#forms.add(form, note);
      } else {
        note = this.#forms.noteAt(at);
        isNewHere = this.#forms.countAgain(at) <= OFTEN;
      }
    }
    const isAlarm = note === LOUD;
    if (this.#isWhole) {
      this.#lines.push({ number, raw: textOf(buffer, start, end), form, isAlarming: isAlarm });
      return;
    }
    if (isAlarm && isNewHere && !(this.#known?.has(form) ?? false)) {
      if (number > this.#keepUpTo) this.#keepBefore(buffer, start, number);
      this.#keepUpTo = number + AFTER;
    }
    if (number > this.#keepUpTo) return;
    this.#lines.push({ number, raw: textOf(buffer, start, end), form, isAlarming: isAlarm });
    if (this.#lines.length > MOST_KEPT) this.#dropMiddle();
  }

  /** The lines before an alarming one, out of the piece in hand and those that the tail still holds. */
  #keepBefore(buffer: Buffer, start: number, number: number): void {
    const before: KeptLine[] = [];
    const lastKept = this.#lines.at(-1)?.number ?? 0;
    const earlier = this.#tail.backwards();
    let piece = buffer;
    let end = start - 1;
    for (let line = number - 1; line > lastKept && before.length < BEFORE; line--) {
      if (end < 0) {
        const next = earlier.next();
        if (next.done === true) break;
        piece = next.value;
        end = piece.length - 1;
      }
      const from = end === 0 ? 0 : piece.lastIndexOf(LF, end - 1) + 1;
      before.push(this.#again(piece, { start: from, end }, line));
      end = from - 1;
    }
    this.#lines.push(...before.toReversed());
  }

  #again(buffer: Buffer, { start, end }: { readonly start: number; readonly end: number }, number: number): KeptLine {
    const form = formOf(buffer.subarray(start, end + 1));
    const at = form === 0 ? -1 : this.#forms.find(form);
    const raw = textOf(buffer, start, end);
    return { number, raw, form, isAlarming: at !== -1 && this.#forms.noteAt(at) === LOUD };
  }

  /** The log has become large: from here on only what can matter is kept, and of what is there too. */
  #thin(): void {
    this.#isWhole = false;
    const kept: KeptLine[] = [];
    let upTo = HEAD_LINES;
    for (const [at, line] of this.#lines.entries()) {
      const isRare = line.isAlarming && this.#forms.countOf(line.form) <= OFTEN && !this.#known?.has(line.form);
      if (isRare) {
        for (const before of this.#lines.slice(Math.max(0, at - BEFORE), at))
          if (before.number > (kept.at(-1)?.number ?? 0)) kept.push(before);
        upTo = Math.max(upTo, line.number + AFTER);
      }
      if (line.number <= upTo && line.number > (kept.at(-1)?.number ?? 0)) kept.push(line);
    }
    this.#lines = kept;
    this.#keepUpTo = upTo;
    if (this.#lines.length > MOST_KEPT) this.#dropMiddle();
  }

  /** The first failure and the last ones matter; of a log that is full of them, what is between goes. */
  #dropMiddle(): void {
    const third = Math.floor(MOST_KEPT / 3);
    this.#lines = [...this.#lines.slice(0, third), ...this.#lines.slice(-third)];
  }

  #withTail(): readonly KeptLine[] {
    const first = this.#lineCount - TAIL_LINES;
    const tail: KeptLine[] = [];
    for (const { bytes, start, end, number } of this.#tail.lines())
      if (number > first) tail.push(this.#again(bytes, { start, end }, number));
    const from = tail[0]?.number ?? Infinity;
    return [...this.#lines.filter((line) => line.number < from), ...tail];
  }
}

function isAlarming(buffer: Buffer, start: number, end: number): boolean {
  // A line that is cut is asked as it will be kept.
  if (end - start <= LONGEST_LINE && !mayAlarm(buffer, start, end)) return false;
  return hasAlarm(textOf(buffer, start, end));
}

function textOf(buffer: Buffer, start: number, end: number): string {
  if (end - start <= LONGEST_LINE) return buffer.toString('utf8', start, end);
  const visible = Math.max(visibleStart(buffer, start, end), start);
  return buffer.toString('utf8', visible, Math.min(end, visible + LONGEST_LINE / 2));
}
