// Which character of a text was written where in the code: literals are walked side by side with the value; of what was
// put into them, the words that stand in both are found again.
import type { TemplateLiteral } from 'acorn';
import { isNamed, settle, type Place, type Scope } from './settle.ts';

/** A piece of a text as it is written. */
type Piece =
  | { readonly kind: 'literal'; readonly from: number; readonly to: number; readonly escapes: 'all' | 'few' }
  | { readonly kind: 'inserted'; readonly from: number; readonly to: number };

/** For each character of the value its offset in the code. */
export function alignText(value: string, place: Place, code: string): Uint32Array {
  const pieces = piecesOf(place, 0);
  const offsets = new Uint32Array(value.length).fill(place.node.start);
  let cursor = 0;
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'literal') {
      cursor = alignLiteral(value, cursor, { piece, code, offsets });
      continue;
    }
    const next = pieces[index + 1];
    const end = next === undefined ? value.length : endOfInserted(value, cursor, beginningOf(next, code));
    alignWords(value, { from: cursor, to: end }, { piece, code, offsets });
    cursor = end;
  }
  return offsets;
}

function piecesOf(place: Place, depth: number): readonly Piece[] {
  const { node } = place;
  if (node.type === 'Literal' && typeof node.value === 'string')
    return [{ kind: 'literal', from: node.start + 1, to: node.end - 1, escapes: 'all' }];
  if (node.type === 'TemplateLiteral') return templatePieces(node, place.scope, 'all');
  if (node.type === 'TaggedTemplateExpression' && isNamed(node.tag, 'script'))
    return templatePieces(node.quasi, place.scope, 'few');
  if (
    node.type === 'BinaryExpression' &&
    node.operator === '+' &&
    node.left.type !== 'PrivateIdentifier' &&
    depth < 200
  )
    return [node.left, node.right].flatMap((side) => piecesOf({ node: side, scope: place.scope }, depth + 1));
  return [inserted(place)];
}

function templatePieces(
  { quasis, expressions }: TemplateLiteral,
  scope: Scope,
  escapes: 'all' | 'few',
): readonly Piece[] {
  return quasis.flatMap((quasi, index): readonly Piece[] => {
    const literal = { kind: 'literal', from: quasi.start, to: quasi.end, escapes } as const;
    const node = expressions[index];
    return node ? [literal, inserted({ node, scope })] : [literal];
  });
}

/** An expression that has a name is told of where it was written. */
function inserted(place: Place): Piece {
  const { node } = settle(place);
  return { kind: 'inserted', from: node.start, to: node.end };
}

interface Alignment<P> {
  readonly piece: P;
  readonly code: string;
  readonly offsets: Uint32Array;
}

/** Gives the place in the value behind the literal. Blanks that a `script` takes away are stepped over. */
function alignLiteral(value: string, start: number, { piece, code, offsets }: Alignment<LiteralPiece>): number {
  let cursor = start;
  for (let at = piece.from; at < piece.to;) {
    const length = escapeLength(code, at, piece.escapes);
    const isEscape = length > 1;
    const written = code.charAt(at);
    const isHere = isEscape || written === value.charAt(cursor) || (written === '\r' && value.charAt(cursor) === '\n');
    if (isHere && cursor < value.length && !isNothing(code, at, length)) {
      offsets[cursor] = at;
      // A line break is one character of the value, however many it has in the code.
      cursor++;
      if (isEscape && isPair(code, at)) offsets[cursor++] = at;
    }
    at += written === '\r' && code.charAt(at + 1) === '\n' ? 2 : length;
  }
  return cursor;
}

type LiteralPiece = Extract<Piece, { kind: 'literal' }>;
type InsertedPiece = Extract<Piece, { kind: 'inserted' }>;

/** Characters in the code that stand for one in the value. */
function escapeLength(code: string, at: number, escapes: 'all' | 'few'): number {
  if (code.charAt(at) !== '\\') return 1;
  const letter = code.charAt(at + 1);
  if (escapes === 'few') return letter === '`' || code.startsWith('${', at + 1) ? 2 : 1;
  if (letter === 'x') return 4;
  if (letter === 'u') return code.charAt(at + 2) === '{' ? code.indexOf('}', at) - at + 1 : 6;
  return letter === '\r' && code.charAt(at + 2) === '\n' ? 3 : 2;
}

/** A backslash at the end of a line stands for nothing. */
function isNothing(code: string, at: number, length: number): boolean {
  return length > 1 && /[\r\n]/.test(code.charAt(at + 1));
}

/** An escape that stands for two UTF-16 units. */
function isPair(code: string, at: number): boolean {
  const digits = /^\\u\{([0-9a-fA-F]+)\}/.exec(code.slice(at, at + 12))?.[1];
  return digits !== undefined && Number.parseInt(digits, 16) > 0xffff;
}

/** The first few characters of a literal, as far as they are as plain in the value. */
function beginningOf(piece: Piece, code: string): string {
  if (piece.kind === 'inserted') return '';
  const text = code.slice(piece.from, Math.min(piece.to, piece.from + 20));
  return /^[^\\\r\n]*/.exec(text)?.[0] ?? '';
}

/** An expression ends with its braces; anything else where the literal behind it begins. */
function endOfInserted(value: string, cursor: number, following: string): number {
  const close = value.startsWith('${{', cursor) ? value.indexOf('}}', cursor) : -1;
  if (close >= 0 && value.startsWith(following, close + 2)) return close + 2;
  const next = following === '' ? -1 : value.indexOf(following, cursor);
  return next < 0 ? value.length : next;
}

/** The words of the value that stand in the code in the same order; what is between them goes with the last. */
function alignWords(
  value: string,
  { from, to }: { readonly from: number; readonly to: number },
  { piece, code, offsets }: Alignment<InsertedPiece>,
): void {
  const written = [...code.slice(piece.from, piece.to).matchAll(WORD)];
  let next = 0;
  offsets.fill(piece.from, from, to);
  for (const word of value.slice(from, to).matchAll(WORD)) {
    const found = written.findIndex((each, index) => index >= next && each[0] === word[0]);
    const match = written[found];
    if (!match) continue;
    const start = from + word.index;
    const offset = piece.from + match.index;
    for (let index = 0; index < word[0].length; index++) offsets[start + index] = offset + index;
    offsets.fill(offset + word[0].length - 1, start + word[0].length, to);
    next = found + 1;
  }
}

const WORD = /[\w-]+/g;
