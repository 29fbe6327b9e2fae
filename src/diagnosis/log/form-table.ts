const SMALLEST = 1 << 12;
/** 2 million forms take 16 MB. A log with more is not told line from line any better by more. */
const MOST_FORMS = 1 << 21;
const NOTE_BITS = 2;
const NOTES = (1 << NOTE_BITS) - 1;
/** A count stops here, and does not run into the sign. */
const MOST_COUNTED = (1 << (31 - NOTE_BITS)) - 1;

/**
 * Forms of lines, how often each came, and a small note on each, 0 to 3. Open addressing in one typed array: a log of a
 * gigabyte has millions of forms, and a Map of them would not be bounded memory. What is known of a form stands beside
 * it, so that a line of a large log costs one look into memory that is not at hand.
 */
export class FormTable {
  /** By turns: a form, and its count with the note in the lowest bits. */
  #entries = new Int32Array(SMALLEST * 2);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Where the form stands, or -1 when it is not there. */
  find(form: number): number {
    const at = this.#slot(form);
    return this.#entries[at] === form ? at : -1;
  }

  /** Puts in a form that is not there; false when the table is full. */
  add(form: number, note: number): boolean {
    if (this.#size * 8 >= this.#entries.length * 3 && !this.#grow()) return false;
    const at = this.#slot(form);
    this.#entries[at] = form;
    this.#entries[at + 1] = (1 << NOTE_BITS) | note;
    this.#size++;
    return true;
  }

  countAgain(at: number): number {
    const entry = this.#entries[at + 1] ?? 0;
    const count = entry >> NOTE_BITS;
    if (count === MOST_COUNTED) return count;
    this.#entries[at + 1] = entry + (1 << NOTE_BITS);
    return count + 1;
  }

  noteAt(at: number): number {
    return (this.#entries[at + 1] ?? 0) & NOTES;
  }

  has(form: number): boolean {
    return form === 0 || this.find(form) !== -1;
  }

  countOf(form: number): number {
    const at = this.find(form);
    return at === -1 ? 0 : (this.#entries[at + 1] ?? 0) >> NOTE_BITS;
  }

  #slot(form: number): number {
    const mask = this.#entries.length - 2;
    let at = Math.imul(form, 0x9e3779b1) >>> 11;
    at = ((at ^ form) << 1) & mask;
    for (;;) {
      const there = this.#entries[at];
      if (there === 0 || there === form) return at;
      at = (at + 2) & mask;
    }
  }

  #grow(): boolean {
    if (this.#entries.length >= MOST_FORMS * 2) return false;
    const before = this.#entries;
    this.#entries = new Int32Array(before.length * 4);
    for (let from = 0; from < before.length; from += 2) {
      const form = before[from] ?? 0;
      if (form === 0) continue;
      const at = this.#slot(form);
      this.#entries[at] = form;
      this.#entries[at + 1] = before[from + 1] ?? 0;
    }
    return true;
  }
}
