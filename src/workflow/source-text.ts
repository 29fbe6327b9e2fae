import type { Span } from './position.ts';

/** A text that can say in which line and column an offset lies. Lines end with LF, CRLF or a lone CR. */
export interface SourceText {
  readonly text: string;
  /** The span of `[from, to)`, cut at the end of its first line; at least one character long. */
  readonly span: (from: number, to: number) => Span;
}

export function sourceText(text: string): SourceText {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  // A text is read from front to back, so the next question is mostly about the line of the last one or the next one.
  let line = 0;
  const isIn = (wanted: number, offset: number): boolean =>
    (starts[wanted] ?? Infinity) <= offset && offset < (starts[wanted + 1] ?? Infinity);
  const span = (from: number, to: number): Span => {
    const offset = Math.max(0, Math.min(from, text.length));
    if (!isIn(line, offset)) line = isIn(line + 1, offset) ? line + 1 : lastAtMost(starts, offset);
    const start = starts[line] ?? 0;
    let lineEnd = (starts[line + 1] ?? text.length + 1) - 1;
    if (text.charAt(lineEnd) === '\n' && text.charAt(lineEnd - 1) === '\r' && lineEnd > start) lineEnd--;
    // Between CR and LF there is no column: what is meant is the end of the line.
    const place = Math.min(offset, lineEnd);
    return { line: line + 1, column: place - start + 1, length: Math.max(1, Math.min(to, lineEnd) - place) };
  };
  return { text, span };
}

function lastAtMost(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? Infinity) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}
