import { err, ok } from './result.ts';
import type { Result } from './result.ts';

/** One word: quoted parts, escaped characters and plain ones, next to each other. */
const WORD = /(?:'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]|[^\s'"\\])+/y;
const PART = /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/g;

/** Words as a POSIX shell splits them, with its quotes and backslashes and without anything that it would expand. */
export function splitWords(text: string): Result<readonly string[], string> {
  const words: string[] = [];
  for (let at = text.search(/\S/); at >= 0 && at < text.length;) {
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    if (word === undefined) return err(`a quote or a backslash is not closed: ${text.slice(at)}`);
    words.push([...word.matchAll(PART)].map(unquote).join(''));
    at += word.length;
    const gap = text.slice(at).search(/\S/);
    if (gap < 0) break;
    // What stopped the word without a blank is a quote that never closes.
    if (gap === 0) return err(`a quote or a backslash is not closed: ${text.slice(at)}`);
    at += gap;
  }
  return ok(words);
}

function unquote([, single, double, escaped, plain]: RegExpExecArray): string {
  return double?.replace(/\\([$`"\\])/g, '$1') ?? single ?? escaped ?? plain ?? '';
}
