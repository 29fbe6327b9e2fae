// Finds many byte sequences in one pass over a block (Wu and Manber's algorithm with pairs of bytes): the time does
// not grow with the number of secrets, and most bytes are never looked at.

/** Bytes `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface FormSearch {
  /** Every place of every form, in order of start; of those with the same start, the longest. They may overlap. */
  find(bytes: Uint8Array): readonly Span[];
  /** Where the earliest proper prefix of a form begins that the block ends with, of at least `shortest` bytes. */
  unfinished(bytes: Uint8Array, shortest: number): number | undefined;
}

/** A search for `forms`, each of at least two bytes. */
export function createFormSearch(forms: readonly Uint8Array[]): FormSearch {
  let window = 0xffff;
  let longest = 0;
  for (const form of forms) {
    window = Math.min(window, form.length);
    longest = Math.max(longest, form.length);
  }
  const shifts = new Uint16Array(0x10000).fill(Math.max(1, window - 1));
  const byLastPair = new Map<number, Uint8Array[]>();
  const byFirstPair = new Map<number, Uint8Array[]>();
  for (const form of forms) {
    for (let at = 1; at < window; at++) {
      const pair = pairAt(form, at - 1);
      shifts[pair] = Math.min(shifts[pair] ?? 0, window - 1 - at);
    }
    push(byLastPair, pairAt(form, window - 2), form);
    push(byFirstPair, pairAt(form, 0), form);
  }

  function find(bytes: Uint8Array): readonly Span[] {
    const spans: Span[] = [];
    if (forms.length === 0) return spans;
    const length = bytes.length;
    let at = window - 1;
    while (at < length) {
      const pair = ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);
      const shift = shifts[pair] ?? 1;
      if (shift > 0) {
        at += shift;
        continue;
      }
      const start = at - window + 1;
      let end = 0;
      for (const form of byLastPair.get(pair) ?? []) {
        const formEnd = start + form.length;
        if (formEnd > end && formEnd <= length && matches(bytes, start, form)) end = formEnd;
      }
      if (end > 0) spans.push({ start, end });
      at++;
    }
    return spans;
  }

  function unfinished(bytes: Uint8Array, shortest: number): number | undefined {
    const last = bytes.length - Math.max(2, shortest);
    for (let start = Math.max(0, bytes.length - longest + 1); start <= last; start++) {
      const remaining = bytes.length - start;
      for (const form of byFirstPair.get(pairAt(bytes, start)) ?? []) {
        if (form.length > remaining && matches(bytes, start, form)) return start;
      }
    }
    return undefined;
  }

  return { find, unfinished };
}

/** Whether `form`, or as much of it as the block has room for, stands at `start`. */
function matches(bytes: Uint8Array, start: number, form: Uint8Array): boolean {
  const length = Math.min(form.length, bytes.length - start);
  for (let at = 0; at < length; at++) if (bytes[start + at] !== form[at]) return false;
  return true;
}

function pairAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function push(table: Map<number, Uint8Array[]>, pair: number, form: Uint8Array): void {
  const forms = table.get(pair);
  if (forms === undefined) table.set(pair, [form]);
  else forms.push(form);
}
