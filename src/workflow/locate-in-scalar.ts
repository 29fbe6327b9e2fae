// Where a piece of a scalar's value stands in the source: quotes, escapes, indentation and folded lines lie between.
import type { Span } from './position.ts';
import type { SourceText } from './source-text.ts';
import { scalarText, type YamlScalar } from './yaml-node.ts';

// A memo of a pure function; a node never changes.
const alignments = new WeakMap<YamlScalar, Uint32Array>();

/** The span of `length` characters from `offset` of the scalar's text. */
export function locateInScalar(
  source: SourceText,
  node: YamlScalar,
  piece: { readonly offset: number; readonly length: number },
): Span {
  let alignment = alignments.get(node);
  if (alignment === undefined) {
    alignment = node.offsets ? node.offsets() : align(scalarText(node), source.text.slice(node.from, node.to));
    alignments.set(node, alignment);
  }
  if (node.offsets) return locateByOffsets(source, node, { ...piece, offsets: alignment });
  const from = node.from + (alignment[piece.offset] ?? Math.max(0, node.to - node.from - 1));
  return source.span(from, from + piece.length);
}

function locateByOffsets(
  source: SourceText,
  node: YamlScalar,
  { offset, length, offsets }: { readonly offset: number; readonly length: number; readonly offsets: Uint32Array },
): Span {
  const from = offsets[offset] ?? Math.max(node.from, node.to - 1);
  const last = offsets[offset + Math.max(1, length) - 1] ?? from;
  return source.span(from, Math.max(from, last) + 1);
}

/** For each character of the value, its place in the source: both are walked side by side. */
function align(value: string, raw: string): Uint32Array {
  const offsets = new Uint32Array(value.length);
  const isEscaped = raw.startsWith('"');
  let at = openingLength(raw);
  for (let index = 0; index < value.length; index++) {
    const char = value.charAt(index);
    while (at < raw.length && raw.charAt(at) !== char) {
      const here = raw.charAt(at);
      // A backslash at the end of a line stands for nothing, any other for one character.
      if (isEscaped && here === '\\' && !/[\r\n]/.test(raw.charAt(at + 1))) break;
      if (isSpace(char) && isSpace(here)) break;
      at++;
    }
    offsets[index] = Math.min(at, Math.max(0, raw.length - 1));
    at += isEscaped && raw.charAt(at) === '\\' ? escapeLength(raw.charAt(at + 1)) : 1;
  }
  return offsets;
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
