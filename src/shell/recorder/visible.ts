// Where recorders would be seen: such a script is left as it is, and the step says so.

export type Dialect = 'bash' | 'dash';

interface Sign {
  readonly pattern: RegExp;
  /** Completes "not recorded: the script ...". */
  readonly why: string;
  /** Absent: of both. */
  readonly dialect?: Dialect;
}

const FUNCTION = /^[ \t]*(?:function[ \t]+[\w:.-]+|[\w:.-]+[ \t]*\([ \t]*\))/m;
const HARMLESS_OWN_NAME =
  /(?:\b(?:dirname|basename|readlink|realpath|echo|printf)\b[^\n;|&]*|\[\[?[ \t]+|[ \t]!?==?[ \t]*)"?\$(?:\{0[^}\n]*\}|0)/g;

/** Looked for in the whole text, comments and strings too: an idle mention costs a record, never a difference. */
const SIGNS: readonly Sign[] = [
  { pattern: /\r/, why: 'has carriage returns' },
  { pattern: /\balias\b/, why: 'uses aliases' },
  { pattern: /BASH_COMMAND|BASH_EXECUTION_STRING|\bextdebug\b|\bfunctrace\b/, why: 'looks at its own commands' },
  { pattern: /\btrap\b[^\n]*\b(?:DEBUG|ERR|RETURN)\b/, why: 'has a trap that is called for commands' },
  { pattern: /\b(?:declare|typeset|export)[ \t]+-\w*[fF]/, why: 'shows or exports its functions' },
  { pattern: /(?:^|[;&|({])[ \t]*(?:set|jobs)[ \t]*(?:$|[;&|>)}])/m, why: 'lists what the shell knows' },
  { pattern: /\bjobs[ \t]+-/, why: 'lists what the shell knows' },
  { pattern: /\b(?:history|fc)\b/, why: 'uses the history' },
  { pattern: /\bset[ \t][^\n]*-[a-zA-Z]*[vnr]|\b(?:verbose|noexec|restricted)\b/, why: 'sets -v, -n or -r' },
  { pattern: /BASH_SOURCE|\/proc\//, why: 'may read its own text' },
  { pattern: /\$_\b|\$\{_\b/, why: 'uses $_' },
  // Null commands are shown by dash, as empty ones.
  { pattern: /\bset[ \t][^\n]*-[a-zA-Z]*x|\bxtrace\b/, why: 'shows its commands (set -x) in dash', dialect: 'dash' },
  {
    pattern: /\$['"]|&>|<<<|[<>]\(|\|&|;;?&|(?<!\$)\(\(|\bfunction\b|\[\[|\bcoproc\b|\bselect\b|\btime\b/,
    why: 'has what only bash understands',
    dialect: 'dash',
  },
];

/** Undefined: nothing in it would show a recorder. */
export function whyVisible(text: string, dialect: Dialect): string | undefined {
  const sign = SIGNS.find((each) => (each.dialect ?? dialect) === dialect && each.pattern.test(text));
  if (sign) return sign.why;
  if (/\$\{?0\b/.test(text.replaceAll(HARMLESS_OWN_NAME, ''))) return 'may read its own text';
  // `type f` and `command -V f` print the function.
  if (FUNCTION.test(text) && /\btype\b|\bcommand[ \t]+-V\b/.test(text)) return 'shows or exports its functions';
  return undefined;
}
