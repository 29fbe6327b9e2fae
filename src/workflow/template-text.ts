// `text ${{ expression }} text` -> its parts. The end of an expression is the first `}}` outside a quoted text, as on GitHub.
import { err, ok, type Result } from '#base/result.ts';
import type { ExpressionProblem } from './expression-parse.ts';

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `text` is what stands between the braces; `offset` is where that begins in the whole. */
  | { readonly kind: 'expression'; readonly text: string; readonly offset: number };

/** Error: a `${{` without its `}}`. */
export function splitTemplate(text: string): Result<readonly TemplatePart[], ExpressionProblem> {
  const parts: TemplatePart[] = [];
  let cursor = 0;
  for (;;) {
    const open = text.indexOf('${{', cursor);
    if (open < 0) break;
    const close = closingBraces(text, open + 3);
    if (close < 0) return err({ message: '"${{" is never closed: "}}" is missing', offset: open, length: 3 });
    if (open > cursor) parts.push({ kind: 'text', text: text.slice(cursor, open) });
    parts.push({ kind: 'expression', text: text.slice(open + 3, close), offset: open + 3 });
    cursor = close + 2;
  }
  if (cursor < text.length) parts.push({ kind: 'text', text: text.slice(cursor) });
  return ok(parts);
}

/** As the name of an entry it stands for all entries of its value, which is a mapping. */
export const INSERT = '${{ insert }}';

export function isInsert(name: string): boolean {
  return soleExpression(name)?.text.trim() === 'insert';
}

export function hasExpression(text: string): boolean {
  return text.includes('${{');
}

/** The expression of a text that is nothing but one `${{ }}`, spaces round it aside. */
export function soleExpression(text: string): { readonly text: string; readonly offset: number } | undefined {
  const leading = text.length - text.trimStart().length;
  if (!text.startsWith('${{', leading)) return undefined;
  const close = closingBraces(text, leading + 3);
  if (close < 0 || text.slice(close + 2).trim() !== '') return undefined;
  return { text: text.slice(leading + 3, close), offset: leading + 3 };
}

function closingBraces(text: string, from: number): number {
  let isInText = false;
  for (let index = from; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === "'") isInText = !isInText;
    else if (!isInText && char === '}' && text.charAt(index + 1) === '}') return index;
  }
  return -1;
}
