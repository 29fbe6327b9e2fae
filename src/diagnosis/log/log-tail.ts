/** The last bytes of a log, in the pieces that they came in; each holds whole lines. Its memory is used again. */
export class LogTail {
  readonly #most: number;
  readonly #pieces: Piece[] = [];
  readonly #spare: Buffer[] = [];
  #total = 0;

  /** Keeps at least the last `most` bytes, and of the pieces before them none. */
  constructor(most: number) {
    this.#most = most;
  }

  add(bytes: Uint8Array, firstLine: number): void {
    if (bytes.byteLength === 0) return;
    const memory = this.#memoryFor(bytes.byteLength);
    memory.set(bytes);
    this.#pieces.push({ memory, bytes: memory.subarray(0, bytes.byteLength), firstLine });
    this.#total += bytes.byteLength;
    for (let first = this.#pieces[0]; first; first = this.#pieces[0]) {
      if (this.#pieces.length === 1 || this.#total - first.bytes.byteLength < this.#most) return;
      this.#total -= first.bytes.byteLength;
      this.#pieces.shift();
      if (first.memory.byteLength >= WORTH_KEEPING) this.#spare.push(first.memory);
    }
  }

  /** From the last one back. */
  *backwards(): Generator<Buffer> {
    for (const { bytes } of this.#pieces.toReversed()) yield bytes;
  }

  *lines(): Generator<{
    readonly bytes: Buffer;
    readonly start: number;
    readonly end: number;
    readonly number: number;
  }> {
    for (const { bytes, firstLine } of this.#pieces) {
      let number = firstLine;
      for (let start = 0; start < bytes.length; number++) {
        const newline = bytes.indexOf(10, start);
        const end = newline === -1 ? bytes.length : newline;
        yield { bytes, start, end, number };
        start = end + 1;
      }
    }
  }

  #memoryFor(size: number): Buffer {
    const spare = this.#spare.pop();
    if (spare && spare.byteLength >= size) return spare;
    return Buffer.allocUnsafeSlow(size);
  }
}

interface Piece {
  readonly memory: Buffer;
  readonly bytes: Buffer;
  readonly firstLine: number;
}

/** A piece of one line is not held on to for the sake of its memory. */
const WORTH_KEEPING = 64 << 10;
