// What the YAML library says of a text that is no YAML, as the few faults that their author made: one open bracket makes
// it stumble over every word behind.
import type { YAMLError } from 'yaml';
import type { Finding } from './reporter.ts';
import type { SourceText } from './source-text.ts';

const MESSAGES: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'the value holds a ": ", which begins a mapping',
};

const CURES: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'put the value in quotes',
  BAD_SCALAR_START: 'put the value in quotes: it begins with a character that YAML keeps for itself',
  BAD_INDENT: 'line up the keys of one mapping, and close every bracket',
  MISSING_CHAR: 'close what was opened, and follow every key with ": "',
  BAD_DQ_ESCAPE: 'use single quotes, or double the backslash',
  MULTILINE_IMPLICIT_KEY: 'follow the key with ": " on its own line',
};

/** After these the library knows where it is, so that what it says next is about something else. */
const HARMLESS: ReadonlySet<string> = new Set([
  'BLOCK_AS_IMPLICIT_KEY',
  'BAD_DQ_ESCAPE',
  'BAD_ALIAS',
  'TAG_RESOLVE_FAILED',
  'BAD_COLLECTION_TYPE',
  'BAD_DIRECTIVE',
]);

/** In the order of the file, up to the first after which the rest cannot be trusted. */
export function yamlFaults(errors: readonly YAMLError[], source: SourceText): readonly Finding[] {
  const sorted = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const tabs = sorted.filter(({ code }) => code === 'TAB_AS_INDENT');
  const tabLine = tabs[0] && source.span(...tabs[0].pos).line;
  const faults: Finding[] = [];
  for (const error of sorted) {
    const at = source.span(...error.pos);
    // The line before one that begins with a tab is taken to go on there, and is blamed for it.
    if (tabLine !== undefined && at.line >= tabLine - 1) return [...faults, tabFault(tabs, source)];
    faults.push({ at, ...faultOf(error, source) });
    if (!HARMLESS.has(error.code)) return faults;
  }
  return faults;
}

function tabFault(tabs: readonly YAMLError[], source: SourceText): Finding {
  const lines = [...new Set(tabs.map(({ pos }) => source.span(...pos).line))];
  const more = lines.length - 1;
  const others = more > 0 ? `, here and in ${more} more ${more === 1 ? 'line' : 'lines'}` : '';
  const [from, to] = tabs[0]?.pos ?? [0, 1];
  return { code: 'WF004', at: source.span(from, to), message: `a tab is used to indent${others}` };
}

function faultOf(error: YAMLError, source: SourceText): Omit<Finding, 'at'> & { readonly at?: Finding['at'] } {
  switch (error.code) {
    case 'MULTIPLE_DOCS':
      return { code: 'WF006', message: 'a second YAML document begins here; a pipeline is one document' };
    case 'RESOURCE_EXHAUSTION':
      return { code: 'WF008', message: 'the YAML is nested too deeply' };
    case 'BAD_ALIAS':
      return { code: 'WF090', message: lowerFirst(error.message) };
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
    case 'BAD_DIRECTIVE':
      return { code: 'WF093', message: lowerFirst(error.message) };
    default:
      return (
        expressionInFlow(error, source) ?? {
          code: 'WF003',
          message: MESSAGES[error.code] ?? lowerFirst(error.message),
          cure: CURES[error.code],
        }
      );
  }
}

/** `{ a: ${{ b }} }`: between brackets, the braces of an expression begin a mapping. */
function expressionInFlow({ pos: [offset] }: YAMLError, { text, span }: SourceText): Finding | undefined {
  const begin = offset - 1;
  if (text.slice(begin, begin + 3) !== '${{') return undefined;
  const line = /^.*/.exec(text.slice(begin))?.[0] ?? '';
  const expression = /^\$\{\{.*?\}\}/.exec(line)?.[0] ?? '${{';
  const quote = expression.includes("'") ? '"' : "'";
  const isWhole = /[{[,:]\s*$/.test(text.slice(Math.max(0, begin - 100), begin));
  return {
    code: 'WF003',
    at: span(begin, begin + expression.length),
    message: `inside "{ }" and "[ ]", a value with "\${{" must stand in quotes`,
    cure: isWhole ? `write ${quote}${expression}${quote}` : 'put the whole value in quotes',
  };
}

export function lowerFirst(message: string): string {
  const [line = ''] = message.split('\n');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
