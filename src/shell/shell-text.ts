// Text of a shell script -> its tree, with lines. The tree is `unbash`'s: offsets count UTF-16 units of the text from 0.
import { parse } from 'unbash';
import type { ParsedScript } from 'unbash';

export interface Span {
  readonly pos: number;
  readonly end: number;
}

export interface ShellText {
  readonly text: string;
  readonly tree: ParsedScript;
  /** Line and column of an offset, from 1. */
  readonly at: (offset: number) => { readonly line: number; readonly column: number };
}

/**
 * Undefined: the text is no script that bash understands, so nothing is to be said of it. What `sh` understands, bash does
 * too, but for a few words that bash reserves.
 */
export function readShell(text: string): ShellText | undefined {
  const tree = parse(text);
  if (tree.errors !== undefined && tree.errors.length > 0) return undefined;
  return { text, tree, at: placesIn(text) };
}

/** Why a text is not understood, and from which line on. */
export function firstFault(text: string): { readonly line: number; readonly why: string } | undefined {
  const [fault] = parse(text).errors ?? [];
  return fault && { line: placesIn(text)(fault.pos).line, why: fault.message };
}

/** Line and column of an offset, from 1. */
export function placesIn(text: string): ShellText['at'] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    for (let high = starts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** What the author wrote there. */
export function sourceOf({ text }: ShellText, { pos, end }: Span): string {
  return text.slice(pos, end);
}

/** Other commands may stand inside it: in a substitution, in the brackets of a list, behind a backquote, or in a here-document. */
export function mayHoldCommands(shell: Pick<ShellText, 'text'>, { pos, end }: Span): boolean {
  return /[(`]|<</.test(shell.text.slice(pos, end));
}

/**
 * A text in which each `${{ }}` has become a variable of the same length, so that a script of a workflow is a script and
 * every offset stays. What GitHub puts in its place may be anything; here it is taken for a word.
 */
export function withoutTemplates(script: string): string {
  return script.replaceAll(/\$\{\{[^]*?\}\}/g, (found) => {
    const name = found.replaceAll(/[^\n]/g, '_');
    // Over several lines the lines have to stay, which no name of a variable can have.
    return name.includes('\n') ? name : `$${name.slice(1)}`;
  });
}
