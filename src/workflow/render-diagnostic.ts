import type { Diagnostic } from './diagnostic.ts';

/** How each part is coloured; without it, all is plain. */
export interface DiagnosticPaint {
  readonly error?: (text: string) => string;
  readonly warning?: (text: string) => string;
  readonly place?: (text: string) => string;
  readonly faint?: (text: string) => string;
}

/** More of a line than this is cut away round the place that matters. */
const WINDOW = 100;
const TAB = '    ';

/**
 * A diagnostic as its author sees it: code, place and message, the line with a squiggle under what is meant, and the
 * cure. Columns count characters; a tab is shown as four spaces.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  sourceText: string,
  paint: DiagnosticPaint = {},
): readonly string[] {
  const { code, severity, file, at, message, cure } = diagnostic;
  const plain = (text: string): string => text;
  const strong = (severity === 'error' ? paint.error : paint.warning) ?? plain;
  const faint = paint.faint ?? plain;
  const place = (paint.place ?? plain)(`${file}:${at.line}:${at.column}`);
  const kind = severity === 'warning' ? 'warning: ' : '';
  const head = `${strong(code)} ${place} ${kind}${printable(message)}`;
  const tail = `  ${faint('cure:')} ${printable(cure)}`;
  const line = lineOf(sourceText.replace(/^\uFEFF/, ''), at.line);
  if (line === undefined) return [head, tail];
  const { shown, before, length } = windowed(line, at.column - 1, at.length);
  const number = String(at.line);
  const gutter = Math.max(4, number.length);
  const squiggle = `${' '.repeat(before)}${strong('~'.repeat(length))}`;
  return [
    head,
    `${faint(`${number.padStart(gutter)} |`)} ${shown}`,
    `${faint(`${' '.repeat(gutter)} |`)} ${squiggle}`,
    tail,
  ];
}

function lineOf(text: string, line: number): string | undefined {
  let start = 0;
  for (let count = 1; count < line; count++) {
    const match = /\r\n|\r|\n/g;
    match.lastIndex = start;
    if (match.exec(text) === null) return undefined;
    start = match.lastIndex;
  }
  const end = text.slice(start).search(/[\r\n]/);
  return end < 0 ? text.slice(start) : text.slice(start, start + end);
}

interface Windowed {
  readonly shown: string;
  /** Characters of `shown` before the squiggle. */
  readonly before: number;
  readonly length: number;
}

function windowed(line: string, column: number, length: number): Windowed {
  const isLong = line.length > WINDOW;
  const from = isLong ? Math.max(0, Math.min(column - 30, line.length - WINDOW)) : 0;
  const to = isLong ? from + WINDOW : line.length;
  const opening = from > 0 ? '…' : '';
  const before = opening + printable(line.slice(from, column));
  const meant = printable(line.slice(column, Math.min(column + length, to)));
  const after = printable(line.slice(Math.min(column + length, to), to)) + (to < line.length ? '…' : '');
  return { shown: `${before}${meant}${after}`.trimEnd(), before: before.length, length: Math.max(1, meant.length) };
}

/** Control characters of a file must not reach a terminal. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll('\t', TAB).replaceAll(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, '\uFFFD');
}
