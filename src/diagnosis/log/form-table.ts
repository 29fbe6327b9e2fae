const SMALLEST = 1 << 12;
/** 2 million forms take 26 MB. A log with more is not told line from line any better by more. */
const MOST_FORMS = 1 << 21;

/**
 * Forms of lines, how often each came, and a small note on each. Open addressing in typed arrays: a log of a gigabyte
 * has millions of forms, and a Map of them would not be bounded memory.
 */
export class FormTable {
  #forms = new Int32Array(SMALLEST);
  #counts = new Uint32Array(SMALLEST);
  #notes = new Uint8Array(SMALLEST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Where the form stands, or -1 when it is not there. */
  find(form: number): number {
    const at = this.#slot(form);
    return this.#forms[at] === form ? at : -1;
  }

  /** Puts in a form that is not there; false when the table is full. */
  add(form: number, note: number): boolean {
    if (this.#size * 4 >= this.#forms.length * 3 && !this.#grow()) return false;
    const at = this.#slot(form);
    this.#forms[at] = form;
    this.#counts[at] = 1;
    this.#notes[at] = note;
    this.#size++;
    return true;
  }

  countAgain(at: number): number {
    const count = (this.#counts[at] ?? 0) + 1;
    this.#counts[at] = count;
    return count;
  }

  noteAt(at: number): number {
    return this.#notes[at] ?? 0;
  }

  has(form: number): boolean {
    return form === 0 || this.find(form) !== -1;
  }

  countOf(form: number): number {
    const at = this.find(form);
    return at === -1 ? 0 : (this.#counts[at] ?? 0);
  }

  #slot(form: number): number {
    const mask = this.#forms.length - 1;
    let at = Math.imul(form, 0x9e3779b1) >>> 11;
    at = (at ^ form) & mask;
    for (;;) {
      const there = this.#forms[at];
      if (there === 0 || there === form) return at;
      at = (at + 1) & mask;
    }
  }

  #grow(): boolean {
    if (this.#forms.length >= MOST_FORMS) return false;
    const [forms, counts, notes] = [this.#forms, this.#counts, this.#notes];
    this.#forms = new Int32Array(forms.length * 4);
    this.#counts = new Uint32Array(this.#forms.length);
    this.#notes = new Uint8Array(this.#forms.length);
    for (const [from, form] of forms.entries()) {
      if (form === 0) continue;
      const at = this.#slot(form);
      this.#forms[at] = form;
      this.#counts[at] = counts[from] ?? 0;
      this.#notes[at] = notes[from] ?? 0;
    }
    return true;
  }
}
