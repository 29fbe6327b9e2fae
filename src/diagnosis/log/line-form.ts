// The form of a line: what stays the same when the same thing is printed again. Digits, hex, durations, sizes, runs of
// one sign and escape sequences are taken out, and 32 bits are left. Works on bytes, looks at each once, and allocates
// nothing: a log is hashed as fast as it is read.

const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const ZERO = 0x30;
/** The last letter that a number in base 16 may have. */
const LAST_HEX = 0x66;
const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;
/** Digits make a token of this length, or more, a random name: `tmp8f3kq09z`, a container's id. */
const LONG_TOKEN = 12;

const OTHER = 0;
const BLANK = 1;
const ESCAPE = 2;
const END = 3;
const DIGIT = 4;
/** Letters stand for themselves, in lower case, and are greater than any of these. */
const BYTES = meaningOfBytes();

/** Hashes of the words that tell a unit, which a duration or a size changes as easily as its digits. */
const UNITS = new Set(
  ['ms', 's', 'sec', 'secs', 'second', 'seconds', 'm', 'min', 'mins', 'minute', 'minutes', 'h', 'us', 'ns']
    .concat(['b', 'k', 'kb', 'mb', 'gb', 'kib', 'mib', 'gib', 'bytes'])
    .map(hashWord),
);

function meaningOfBytes(): Uint8Array {
  const meanings = new Uint8Array(256).fill(OTHER);
  for (let byte = ZERO; byte <= 0x39; byte++) meanings[byte] = DIGIT;
  for (let letter = 0x61; letter <= 0x7a; letter++) {
    meanings[letter] = letter;
    meanings[letter ^ 0x20] = letter;
  }
  for (const byte of [0x20, 0x09, CR]) meanings[byte] = BLANK;
  meanings[ESC] = ESCAPE;
  meanings[LF] = END;
  return meanings;
}

function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, PRIME);
}

function hashWord(word: string): number {
  let hash = SEED;
  for (let at = 0; at < word.length; at++) hash = mix(hash, word.charCodeAt(at));
  return hash;
}

/** Where what a terminal would still show begins: a carriage return goes back, and what follows is written over. */
export function visibleStart(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && BYTES[bytes[last - 1] ?? 0] === BLANK) last--;
  // Not lastIndexOf: without a carriage return in the line it would search the whole log before it.
  while (last > start && bytes[last - 1] !== CR) last--;
  return last;
}

/** Reads one line after the other out of bytes. */
export class LineReader {
  /** Where the line that was read last ends: its line feed, or the end of the bytes. */
  end = 0;
  /** What the last word of letters and digits has come to. */
  #word = 0;
  #isNumber = false;

  /** The form of the line that begins at `start` and ends before a line feed, or with the bytes; 0: nothing to see. */
  formAt(bytes: Uint8Array, start: number): number {
    let hash = SEED;
    let last = 0;
    let at = start;
    let isEmpty = true;
    for (;;) {
      const byte = bytes[at] ?? LF;
      const meaning = BYTES[byte] ?? OTHER;
      if (meaning >= DIGIT) {
        isEmpty = false;
        const from = at;
        let word = SEED;
        let isNumber = meaning === DIGIT;
        let next = meaning;
        // Most words are of letters alone, or of digits, and these two loops are where the time of a large log goes.
        if (isNumber) while (next === DIGIT) next = BYTES[bytes[++at] ?? LF] ?? OTHER;
        else for (; next > DIGIT; next = BYTES[bytes[++at] ?? LF] ?? OTHER) word = Math.imul(word ^ next, PRIME);
        if (next >= DIGIT) {
          at = this.#readMixed(bytes, from);
          word = this.#word;
          isNumber = this.#isNumber;
        }
        if (isNumber) {
          if (last !== ZERO) hash = mix(hash, ZERO);
          last = ZERO;
        } else if (last !== ZERO || !UNITS.has(word)) {
          hash = mix(mix(hash, word), 0x20);
          last = 0x20;
        }
      } else if (meaning === OTHER) {
        isEmpty = false;
        at++;
        // What stands between two numbers makes one of them: 3.41, 12:30:01, 2024-01-01.
        if (last === ZERO && BYTES[bytes[at] ?? LF] === DIGIT) continue;
        // A run of one sign counts once: progress dots and rules differ only in their length.
        if (byte !== last) hash = mix(hash, byte);
        last = byte;
      } else if (meaning === END) {
        this.end = at;
        return isEmpty ? 0 : hash || 1;
      } else if (meaning === ESCAPE) at = skipEscape(bytes, at);
      else if (byte === CR && (bytes[at + 1] ?? LF) !== LF) {
        // What follows is written over what was there.
        at = visibleStart(bytes, at + 1, endOfLine(bytes, at + 1));
        hash = SEED;
        last = 0;
      } else at++;
    }
  }

  /** A word that has letters and digits. */
  #readMixed(bytes: Uint8Array, from: number): number {
    let word = SEED;
    let digits = 0;
    let highest = OTHER;
    let previous = OTHER;
    let at = from;
    for (let meaning = BYTES[bytes[at] ?? LF] ?? OTHER; meaning >= DIGIT; meaning = BYTES[bytes[++at] ?? LF] ?? OTHER) {
      if (meaning === DIGIT) {
        digits++;
        if (previous !== DIGIT) word = mix(word, ZERO);
      } else {
        word = mix(word, meaning);
        if (meaning > highest) highest = meaning;
      }
      previous = meaning;
    }
    const length = at - from;
    const others = length - digits;
    this.#word = word;
    // Nothing but a number with its unit, an id, or a name by chance.
    this.#isNumber =
      (others <= 3 && BYTES[bytes[from] ?? LF] === DIGIT) ||
      (highest <= LAST_HEX && length >= 6) ||
      (length >= LONG_TOKEN && digits >= 3);
    return at;
  }
}

/** The form of a line that is alone in its bytes. */
export function formOf(line: Uint8Array): number {
  return new LineReader().formAt(line, 0);
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end === -1 ? bytes.length : end;
}

/** Behind the escape sequence that begins at `at`, and not behind the end of the line. */
function skipEscape(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== 0x5b) return (bytes[at + 1] ?? LF) === LF ? at + 1 : at + 2;
  let next = at + 2;
  while (next < bytes.length && (bytes[next] ?? 0) < 0x40 && bytes[next] !== LF) next++;
  return bytes[next] === LF ? next : Math.min(next + 1, bytes.length);
}
