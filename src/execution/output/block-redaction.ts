// Takes the secrets out of one stream of whole lines, also where line breaks divide them. What comes out depends on the
// text alone and not on how it was cut into blocks.
import { REDACTED, SHORTEST_SPLIT, type Redactor } from '#run/redaction.ts';
import type { Span } from '#run/form-search.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** More than this is never held back; a secret has an end somewhere. */
const MOST_HELD_BYTES = 1_048_576;

const NOTHING: Buffer = Buffer.alloc(0);
const STARS = Buffer.from(REDACTED);

/**
 * Lines go in, lines that may be shown come out. Lines are held back only while their end is the beginning (of at least
 * four bytes) of a secret that the next lines may complete. Fewer than four bytes of a secret before a line break are
 * let through, for they may be anything; when the secret goes on behind the break, the rest of it is taken out.
 */
export class BlockRedaction {
  readonly #redactor: Redactor;
  #held = NOTHING;
  /** The last bytes let through, without line breaks: a secret may have begun there. */
  #before = NOTHING;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  take(block: Buffer): Buffer {
    if (this.#redactor.isEmpty()) return block;
    return this.#scan(this.#held.length === 0 ? block : Buffer.concat([this.#held, block]), true);
  }

  /** What is still held back: no more lines come. */
  flush(): Buffer {
    return this.#held.length === 0 ? NOTHING : this.#scan(this.#held, false);
  }

  #scan(lines: Buffer, mayHold: boolean): Buffer {
    const search = this.#redactor.search();
    const view = flatten(this.#before, lines);
    const found = search.find(view);
    const openAt = mayHold ? search.unfinished(view, SHORTEST_SPLIT) : undefined;
    const short = this.#redactor.shortForms().flatMap((form) => findShort(lines, form));
    let shownEnd = lines.length;
    let spans: readonly Span[] = short;
    if (found.length > 0 || openAt !== undefined) {
      const places = placesOf(lines, this.#before.length);
      const long = found.map((span) => shownPart(span, places));
      if (openAt !== undefined)
        shownEnd = holdFrom(lines, long, shownPart({ start: openAt, end: view.length }, places));
      spans = [...long, ...short].filter((span) => span.end <= shownEnd);
    }
    this.#held = lines.subarray(shownEnd);
    const shown = lines.subarray(0, shownEnd);
    this.#before = lastBytes(this.#before, shown);
    return spans.length === 0 ? shown : withoutSpans(shown, spans);
  }
}

/** The block without its line breaks, behind what came before it. */
function flatten(before: Buffer, lines: Buffer): Buffer {
  const view = Buffer.allocUnsafe(before.length + lines.length);
  before.copy(view);
  let length = before.length;
  for (let at = 0; at < lines.length; at++) {
    const byte = lines[at] ?? 0;
    if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) view[length++] = byte;
  }
  return view.subarray(0, length);
}

/** For each byte of the flat view, where it stands in the block; -1 for those that came before it. */
function placesOf(lines: Buffer, before: number): Int32Array {
  const places = new Int32Array(before + lines.length).fill(-1, 0, before);
  let length = before;
  for (let at = 0; at < lines.length; at++) {
    if (lines[at] !== LINE_FEED && lines[at] !== CARRIAGE_RETURN) places[length++] = at;
  }
  return places;
}

/** From a span of the flat view to the block, less the lines at its beginning that hold under four bytes of it. */
function shownPart(span: Span, places: Int32Array): Span {
  let start = span.start;
  const surely = Math.min(span.end - 1, span.start + SHORTEST_SPLIT - 1);
  for (let at = span.start + 1; at <= surely; at++) {
    const breaks = places[at] !== (places[at - 1] ?? 0) + 1 || places[at - 1] === -1;
    if (breaks && places[at] !== -1) start = at;
  }
  return { start: places[start] ?? 0, end: (places[span.end - 1] ?? 0) + 1 };
}

/** The start of the first line to hold back, such that no secret lies on both sides of it. */
function holdFrom(lines: Buffer, found: readonly Span[], open: Span): number {
  let from = lineStart(lines, open.start);
  for (let index = found.length - 1; index >= 0; index--) {
    const span = found[index];
    if (span !== undefined && span.start < from && span.end > from) from = lineStart(lines, span.start);
  }
  return lines.length - from > MOST_HELD_BYTES ? lines.length : from;
}

function lineStart(lines: Buffer, at: number): number {
  return at <= 0 ? 0 : lines.lastIndexOf(LINE_FEED, at - 1) + 1;
}

function findShort(lines: Buffer, form: Uint8Array): readonly Span[] {
  const spans: Span[] = [];
  if (form.length === 0) return spans;
  for (let at = lines.indexOf(form); at !== -1; at = lines.indexOf(form, at + 1)) {
    spans.push({ start: at, end: at + form.length });
  }
  return spans;
}

function lastBytes(before: Buffer, shown: Buffer): Buffer {
  const bytes: number[] = [];
  for (let at = shown.length - 1; at >= 0 && bytes.length < SHORTEST_SPLIT - 1; at--) {
    const byte = shown[at] ?? 0;
    if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) bytes.unshift(byte);
  }
  const missing = SHORTEST_SPLIT - 1 - bytes.length;
  return Buffer.from([...before.subarray(Math.max(0, before.length - missing)), ...bytes]);
}

function withoutSpans(lines: Buffer, spans: readonly Span[]): Buffer {
  const parts: Uint8Array[] = [];
  let done = 0;
  for (const { start, end } of merged(spans)) {
    parts.push(lines.subarray(done, start));
    // One mark for each line that the secret is on, and the line breaks themselves stay: lines are counted.
    for (let at = start; at < end;) {
      const lineEnd = lines.indexOf(LINE_FEED, at);
      const stop = lineEnd === -1 || lineEnd >= end ? end : lineEnd;
      if (stop > at) parts.push(STARS);
      if (stop < end) parts.push(lines.subarray(stop, stop + 1));
      at = stop + 1;
    }
    done = end;
  }
  parts.push(lines.subarray(done));
  return Buffer.concat(parts);
}

/** Overlapping and touching spans as one. */
function merged(spans: readonly Span[]): readonly Span[] {
  const result: { start: number; end: number }[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else result.push({ ...span });
  }
  return result;
}
