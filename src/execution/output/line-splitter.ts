// From chunks as the system hands them over to blocks of whole lines, with bounded memory.

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A longer line is cut into lines of this many bytes: one line must not fill the memory. */
const LONGEST_LINE_BYTES = 65_536;

const LINE_BREAK = Buffer.from('\n');

/** Keeps the unfinished line of one stream. `\r\n` becomes `\n`; a `\r` alone, as in progress bars, stays. */
export class LineSplitter {
  #carried: Buffer[] = [];
  #carriedBytes = 0;

  /** The lines that the chunk completes, as one block that ends with a line break; undefined when there are none. */
  take(chunk: Buffer): Buffer | undefined {
    if (this.#carriedBytes + chunk.length <= LONGEST_LINE_BYTES && !chunk.includes(LINE_FEED)) {
      this.#carried.push(chunk);
      this.#carriedBytes += chunk.length;
      return undefined;
    }
    const bytes = this.#carriedBytes === 0 ? chunk : Buffer.concat([...this.#carried, chunk]);
    const { lines, rest } = splitOff(bytes);
    this.#carried = rest.length === 0 ? [] : [rest];
    this.#carriedBytes = rest.length;
    return withoutReturns(lines);
  }

  /** The last line, when the output did not end with a line break. */
  end(): Buffer | undefined {
    const rest = this.#carriedBytes === 0 ? undefined : Buffer.concat([...this.#carried, LINE_BREAK]);
    this.#carried = [];
    this.#carriedBytes = 0;
    return rest === undefined ? undefined : withoutReturns(rest);
  }
}

function splitOff(bytes: Buffer): { readonly lines: Buffer; readonly rest: Buffer } {
  const parts: Buffer[] = [];
  let done = 0;
  let at = 0;
  for (;;) {
    const window = bytes.subarray(at, at + LONGEST_LINE_BYTES + 1);
    const lastBreak = window.lastIndexOf(LINE_FEED);
    if (lastBreak !== -1) at += lastBreak + 1;
    else if (bytes.length - at <= LONGEST_LINE_BYTES) break;
    else {
      at = characterStart(bytes, at + LONGEST_LINE_BYTES);
      parts.push(bytes.subarray(done, at), LINE_BREAK);
      done = at;
    }
  }
  const tail = bytes.subarray(done, at);
  return { lines: parts.length === 0 ? tail : Buffer.concat([...parts, tail]), rest: bytes.subarray(at) };
}

/** At most three bytes back, to where a UTF-8 character begins. */
function characterStart(bytes: Buffer, at: number): number {
  for (let back = 0; back < 4; back++) if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back;
  return at;
}

function withoutReturns(lines: Buffer): Buffer {
  if (!lines.includes('\r\n')) return lines;
  const result = Buffer.allocUnsafe(lines.length);
  let length = 0;
  for (let at = 0; at < lines.length; at++) {
    const byte = lines[at] ?? 0;
    if (byte !== CARRIAGE_RETURN || lines[at + 1] !== LINE_FEED) result[length++] = byte;
  }
  return result.subarray(0, length);
}
