// Files of secrets in the form that GitHub's own command line reads: NAME=value, and values in quotes that may go over
// several lines. Without quotes a value is taken as it stands, because a secret may hold any letter.
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** The error names the line and never repeats it: it may hold a secret. */
export function parseSecretFile(text: string): Result<readonly (readonly [name: string, value: string])[], string> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const secrets: (readonly [string, string])[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const [, name, rest = ''] = /^\s*(?:export\s+)?([^\s=]+)\s*=(.*)$/.exec(line) ?? [];
    if (name === undefined) return err(`line ${at + 1} is not of the form NAME=value`);
    const quote = rest.trimStart().charAt(0);
    if (quote !== '"' && quote !== "'") {
      secrets.push([name, rest]);
      continue;
    }
    const begin = at;
    let quoted = rest.trimStart();
    let end = closingQuote(quoted, quote);
    while (end === -1 && at + 1 < lines.length) {
      quoted += `\n${lines[++at]}`;
      end = closingQuote(quoted, quote);
    }
    if (end === -1) return err(`line ${begin + 1} begins a value with a quote that never ends`);
    const inside = quoted.slice(1, end);
    secrets.push([name, quote === '"' ? unescape(inside) : inside]);
  }
  return ok(secrets);
}

/** -1 when there is none. Only the last quote of a line ends a value, so that `"a" and "b"` is not cut short. */
function closingQuote(text: string, quote: string): number {
  const trimmed = text.replace(/\s+(#.*)?$/, '');
  const end = trimmed.length - 1;
  if (end < 1 || trimmed.charAt(end) !== quote) return -1;
  const backslashes = /\\*$/.exec(trimmed.slice(0, end))?.[0].length ?? 0;
  return quote === '"' && backslashes % 2 === 1 ? -1 : end;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char);
}
