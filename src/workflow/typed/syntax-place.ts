import { parse } from 'acorn';
import type { Span } from '../position.ts';
import { sourceText } from '../source-text.ts';

/** Where the code stops being valid, for an engine that does not say; undefined when this parser takes it. */
export function syntaxPlace(script: string): Span | undefined {
  try {
    parse(script, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
    return undefined;
  } catch (cause) {
    const offset: unknown = cause instanceof SyntaxError ? Reflect.get(cause, 'pos') : undefined;
    return typeof offset === 'number' ? sourceText(script).span(offset, offset + 1) : undefined;
  }
}
