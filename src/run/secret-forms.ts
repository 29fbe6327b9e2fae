// The ways in which a secret is commonly printed by accident: as it is, or as some tool wrote it down.

/** Shorter pieces than this say little and occur everywhere: they are not searched for, the secret itself apart. */
const SHORTEST_DERIVED = 4;

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * All texts by which `value` is known, without repeats, the longest first: plain, line by line, and as JSON, base64 (at
 * each of the three places in a group that it may start at, so that it is found inside a longer text), URI, XML, shell
 * and hexadecimal write it. A line break in a form stands for any line break, or none. None for a blank value.
 */
export function secretForms(value: string): readonly string[] {
  if (value.trim() === '') return [];
  const whole = value.replace(/[\r\n]+$/, '');
  const forms = new Set<string>(value === value.trim() ? [value] : [whole, value.trim()]);
  const lines = whole.split(/[\r\n]+/).map((line) => line.trim());
  const pieces = lines.length > 1 ? [whole, ...lines.filter((line) => line.length >= SHORTEST_DERIVED)] : [whole];
  const derived = [...encoded(whole)];
  for (const piece of pieces) derived.push(piece, ...written(piece));
  for (const form of derived) if (form.length >= SHORTEST_DERIVED) forms.add(form);
  return [...forms].toSorted((a, b) => b.length - a.length);
}

/** UTF-8 by hand: the pure layers have no encoder. Half a surrogate pair becomes U+FFFD, as everywhere. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const raw = character.codePointAt(0) ?? 0;
    const point = raw >= 0xd800 && raw <= 0xdfff ? 0xfffd : raw;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return Uint8Array.from(bytes);
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

function* encoded(value: string): Iterable<string> {
  const bytes = utf8Bytes(value);
  for (const skipped of [0, 1, 2]) {
    yield base64Core(bytes, skipped, STANDARD);
    yield base64Core(bytes, skipped, URL_SAFE);
  }
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  yield hex;
  yield hex.toUpperCase();
}

/** The base64 digits that depend on `bytes` alone, when `skipped` other bytes stand before them in their group. */
function base64Core(bytes: Uint8Array, skipped: number, alphabet: string): string {
  const firstDigit = Math.ceil((skipped * 8) / 6);
  const endDigit = Math.floor(((skipped + bytes.length) * 8) / 6);
  let digits = '';
  for (let digit = firstDigit; digit < endDigit; digit++) {
    const bit = digit * 6 - skipped * 8;
    const at = bit >> 3;
    const pair = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    digits += alphabet[(pair >> (10 - (bit & 7))) & 0x3f] ?? '';
  }
  return digits;
}

function* written(value: string): Iterable<string> {
  const json = JSON.stringify(value).slice(1, -1);
  yield json;
  yield asciiJson(json);
  yield json.replaceAll('/', '\\/');
  // JSON that is a string in JSON, as in a logged request.
  const twice = JSON.stringify(json).slice(1, -1);
  yield twice;
  yield asciiJson(twice);
  yield JSON.stringify(asciiJson(json)).slice(1, -1);
  yield value.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

  yield percentEncoded(value, /[A-Za-z0-9\-_.!~*'()]/);
  yield percentEncoded(value, /[A-Za-z0-9\-_.~]/);
  yield percentEncoded(value, /[A-Za-z0-9\-_.~]/).replaceAll('%20', '+');
  yield percentEncoded(value, /[A-Za-z0-9\-_.~/]/);
  yield percentEncoded(value, /[A-Za-z0-9\-_.!~*'();/?:@&=+$,#]/);
  yield percentEncoded(value, /[A-Za-z0-9\-_.~]/).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

  const xml = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  yield xml;
  for (const apostrophe of ["'", '&#39;', '&apos;', '&#x27;']) {
    yield xml.replaceAll('"', '&quot;').replaceAll("'", apostrophe);
    yield xml.replaceAll('"', '&#34;').replaceAll("'", apostrophe);
  }

  yield value.replaceAll("'", String.raw`'\''`);
  yield value.replaceAll("'", `'"'"'`);
  yield value.replace(/["$`\\]/g, (character) => `\\${character}`);
  yield value.replace(/[^A-Za-z0-9_\-.,:/@%+=\r\n\u0080-\uffff]/g, (character) => `\\${character}`);
}

function asciiJson(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function percentEncoded(value: string, kept: RegExp): string {
  let text = '';
  for (const byte of utf8Bytes(value)) {
    const character = String.fromCharCode(byte);
    text += byte < 0x80 && kept.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}
