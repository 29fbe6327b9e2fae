// Text for a terminal: what is safe to print, how wide it is, where it breaks. Everything a run says about itself
// (names, log lines, messages) comes from outside and passes through `inline` before it is printed.

const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(0x07);
/** CSI, then OSC and its like up to their end (or to the end of the text), then two-character sequences. */
const SEQUENCES = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}[\\]PX^_][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\|$)|${ESC}[ -/]*[0-~]`,
  'gu',
);
/** Controls of both sets, line separators, and what changes the direction of text: it can make a line read otherwise. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** One line, without anything that a terminal would obey. */
export function inline(text: string): string {
  return text.replaceAll(SEQUENCES, '').replaceAll(/\s+/gu, ' ').replaceAll(UNSAFE, '').trim();
}

/** A line of somebody else's text with its own spaces, without anything that a terminal would obey. */
export function printable(text: string): string {
  const trimmed = text.replaceAll(SEQUENCES, '').replace(/[\r\s]+$/u, '');
  // A progress bar writes over itself: what it wrote last is what stands there.
  return expandTabs(trimmed.slice(trimmed.lastIndexOf('\r') + 1)).replaceAll(UNSAFE, '');
}

const COLOUR = new RegExp(`${ESC}\\[[0-9;:]*m`, 'gu');

/** The same, but for its colours, which end with it. */
export function keepingColours(text: string): string {
  const colours = text.match(COLOUR) ?? [];
  if (colours.length === 0) return printable(text);
  // What comes after a carriage return overwrites the rest, so colours are kept for a line without one only.
  if (/\r\s*\S/u.test(text)) return printable(text);
  const parts = text.split(COLOUR).map((part, index) => `${withoutControls(part)}${colours[index] ?? ''}`);
  return `${parts.join('')}${ESC}[0m`;
}

function withoutControls(text: string): string {
  return text.replaceAll(SEQUENCES, '').replaceAll('\t', ' '.repeat(TAB_STOP)).replaceAll(UNSAFE, '');
}

const TAB_STOP = 8;

function expandTabs(text: string): string {
  const [first = '', ...rest] = text.split('\t');
  return rest.reduce((line, part) => `${line}${' '.repeat(TAB_STOP - (line.length % TAB_STOP))}${part}`, first);
}

const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const DOUBLE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]$/u;

/** Columns that the text takes on a terminal; it must hold no control characters. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** At most `width` columns; what was cut off is marked by `…`. */
export function truncate(text: string, width: number): string {
  if (width <= 0) return '';
  if (displayWidth(text) <= width) return text;
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += characterWidth(character);
    if (used > width - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** `text` with spaces behind it, up to `width` columns. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Lines of at most `width` columns, broken between words, or inside a word that has no room on a line. */
export function wrap(text: string, width: number): readonly string[] {
  const limit = Math.max(8, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && displayWidth(line) + 1 + displayWidth(rest) <= limit) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (displayWidth(rest) > limit) {
      const head = takeColumns(rest, limit);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  lines.push(line);
  return lines;
}

/** Lines of exactly `width` columns, and the rest: with its spaces, as a terminal would break it. */
export function chop(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (displayWidth(rest) > width) {
    const head = takeColumns(rest, Math.max(1, width));
    lines.push(head);
    rest = rest.slice(head.length);
  }
  return [...lines, rest];
}

/** `1 entry`, `2 entries`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

function takeColumns(text: string, width: number): string {
  let used = 0;
  let taken = '';
  for (const character of text) {
    used += characterWidth(character);
    if (used > width && taken !== '') break;
    taken += character;
  }
  return taken;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (NO_WIDTH.test(character)) return 0;
  return DOUBLE.test(character) ? 2 : 1;
}
