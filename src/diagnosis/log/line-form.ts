// The form of a line: what stays the same when the same thing is printed again. Digits, hex, durations, sizes, runs of
// one sign and escape sequences are taken out, and 32 bits are left. Works on bytes: a log is hashed as fast as it is read.

const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const HEX_LETTER = 3;
const BLANK = 4;
const ESCAPE = 5;

const ESC = 0x1b;
const CR = 0x0d;
const ZERO = 0x30;
const SEED = 0x811c9dc5 | 0;
/** Digits make a token of this length, or more, a random name: `tmp8f3kq09z`, a container's id. */
const LONG_TOKEN = 12;

const KINDS = kindsOfBytes();

/** Hashes of the words that tell a unit, which a duration or a size changes as easily as its digits. */
const UNITS = new Set(
  ['ms', 's', 'sec', 'secs', 'second', 'seconds', 'm', 'min', 'mins', 'minute', 'minutes', 'h', 'us', 'ns']
    .concat(['b', 'k', 'kb', 'mb', 'gb', 'kib', 'mib', 'gib', 'bytes'])
    .map(hashWord),
);

function kindsOfBytes(): Uint8Array {
  const kinds = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    const lower = byte | 0x20;
    if (byte >= ZERO && byte <= 0x39) kinds[byte] = DIGIT;
    else if (lower >= 0x61 && lower <= 0x66 && byte < 0x80) kinds[byte] = HEX_LETTER;
    else if (lower >= 0x61 && lower <= 0x7a && byte < 0x80) kinds[byte] = LETTER;
    else if (byte === 0x20 || byte === 0x09 || byte === CR) kinds[byte] = BLANK;
    else if (byte === ESC) kinds[byte] = ESCAPE;
    else kinds[byte] = OTHER;
  }
  return kinds;
}

function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193);
}

function hashWord(word: string): number {
  let hash = SEED;
  for (let at = 0; at < word.length; at++) hash = mix(hash, word.charCodeAt(at));
  return hash;
}

/** Behind the escape sequence that begins at `at`. */
function skipEscape(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at + 1] !== 0x5b) return Math.min(end, at + 2);
  let next = at + 2;
  while (next < end && (bytes[next] ?? 0) < 0x40) next++;
  return next + 1;
}

/** Where what a terminal would still show begins: a carriage return goes back, and what follows is written over. */
export function visibleStart(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && KINDS[bytes[last - 1] ?? 0] === BLANK) last--;
  // Not lastIndexOf: without a carriage return in the line it would search the whole log before it.
  while (last > start && bytes[last - 1] !== CR) last--;
  return last;
}

/** The form of the line in `bytes` from `start` up to `end`; 0 for a line without anything to see. */
export function formOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED;
  let last = 0;
  let at = start;
  let isEmpty = true;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    const kind = KINDS[byte] ?? OTHER;
    if (kind === BLANK) {
      at++;
      if (byte !== CR || at >= end) continue;
      // What follows is written over what was there.
      at = visibleStart(bytes, at, end);
      hash = SEED;
      last = 0;
      continue;
    }
    if (kind === ESCAPE) {
      at = skipEscape(bytes, at, end);
      continue;
    }
    isEmpty = false;
    if (kind === OTHER) {
      // What stands between two numbers makes one of them: 3.41, 12:30:01, 2024-01-01.
      if (last === ZERO && KINDS[bytes[at + 1] ?? 0] === DIGIT && at + 1 < end) {
        at++;
        continue;
      }
      // A run of one sign counts once: progress dots and rules differ only in their length.
      if (byte !== last) hash = mix(hash, byte);
      last = byte;
      at++;
      continue;
    }
    let token = SEED;
    let digits = 0;
    let others = 0;
    let isInDigits = false;
    const from = at;
    for (; at < end; at++) {
      const next = bytes[at] ?? 0;
      const nextKind = KINDS[next] ?? OTHER;
      if (nextKind === DIGIT) {
        digits++;
        if (!isInDigits) token = mix(token, ZERO);
        isInDigits = true;
      } else if (nextKind === LETTER || nextKind === HEX_LETTER) {
        if (nextKind === LETTER) others++;
        token = mix(token, next | 0x20);
        isInDigits = false;
      } else break;
    }
    const length = at - from;
    if (digits > 0 && isNumber(length, digits, others, (KINDS[byte] ?? 0) === DIGIT)) {
      if (last !== ZERO) hash = mix(hash, ZERO);
      last = ZERO;
    } else if (!(last === ZERO && UNITS.has(token))) {
      hash = mix(mix(hash, token), 0x20);
      last = 0x20;
    }
  }
  return isEmpty ? 0 : hash || 1;
}

/** Whether a token with digits is nothing but a number, an id or a name by chance. */
function isNumber(length: number, digits: number, others: number, beginsWithDigit: boolean): boolean {
  if (digits === length) return true;
  if (beginsWithDigit && length - digits <= 3) return true;
  if (others === 0 && length >= 6) return true;
  return length >= LONG_TOKEN && digits >= 3;
}
