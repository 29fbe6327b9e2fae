import type { Expression } from './expression.ts';

/**
 * A script over several lines, without the indentation that it has in the source: ``run: script`…` ``. Backslashes stay
 * as they are; only the two that a template literal asks for go, before a backtick and before `${`.
 */
export function script(strings: TemplateStringsArray, ...values: readonly (Expression | string | number)[]): string {
  const parts = strings.raw.map((text) => text.replaceAll(/\r\n?/g, '\n').replaceAll(/\\(`|\$\{)/g, '$1'));
  const indent = commonIndent(parts.join('·'));
  const shifted = parts.map((text) => text.replaceAll(`\n${indent}`, '\n'));
  const whole = shifted.reduce((text, next, index) => `${text}${String(values[index - 1])}${next}`);
  // As after YAML's "|": nothing before the first line, one line break behind the last.
  return whole.includes('\n') ? `${whole.replace(/^[ \t]*\n/, '').replace(/\s+$/, '')}\n` : whole;
}

function commonIndent(text: string): string {
  const indents = [...text.matchAll(/\n([ \t]*)[^\s]/g)].map((match) => match[1] ?? '');
  return (
    indents.reduce<string | undefined>((shortest, next) => {
      if (shortest === undefined) return next;
      let length = 0;
      while (length < shortest.length && shortest[length] === next[length]) length++;
      return shortest.slice(0, length);
    }, undefined) ?? ''
  );
}
