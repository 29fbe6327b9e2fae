// Where a piece of a scalar's value stands in the source: quotes, escapes, indentation and folded lines lie between.
import type { Span } from './position.ts';
import type { SourceText } from './source-text.ts';
import { scalarText, type YamlScalar } from './yaml-node.ts';

/** The span of `length` characters from `offset` of the scalar's text. */
export function locateInScalar(source: SourceText, node: YamlScalar, piece: { offset: number; length: number }): Span {
  const value = scalarText(node);
  const raw = source.text.slice(node.from, node.to);
  if (node.style === 'plain' && raw.startsWith(value)) {
    return source.span(node.from + piece.offset, node.from + piece.offset + piece.length);
  }
  const offset = alignTo(value, raw, piece.offset);
  return source.span(node.from + offset, node.from + offset + piece.length);
}

/** Walks both texts side by side and skips what only the source has. */
function alignTo(value: string, raw: string, wanted: number): number {
  let at = openingLength(raw);
  const isEscaped = raw.startsWith('"');
  for (let index = 0; index < value.length && at < raw.length; index++) {
    const char = value.charAt(index);
    while (at < raw.length && raw.charAt(at) !== char) {
      const here = raw.charAt(at);
      if (isEscaped && here === '\\') {
        const isLineEnd = /[\r\n]/.test(raw.charAt(at + 1));
        if (!isLineEnd) break;
      } else if (isSpace(char) && isSpace(here)) break;
      at++;
    }
    if (index === wanted) return Math.min(at, raw.length);
    at += raw.charAt(at) === char || !isEscaped ? 1 : escapeLength(raw.charAt(at + 1));
  }
  return Math.min(at, Math.max(0, raw.length - 1));
}

function openingLength(raw: string): number {
  if (raw.startsWith('"') || raw.startsWith("'")) return 1;
  const isBlock = raw.startsWith('|') || raw.startsWith('>');
  return isBlock ? raw.indexOf('\n') + 1 : 0;
}

function escapeLength(letter: string): number {
  return { x: 4, u: 6, U: 10 }[letter] ?? 2;
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t';
}
