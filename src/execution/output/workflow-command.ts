// Lines by which a program talks to the runner: `::name key=value,key=value::text`, and the older `##[name key=value;]text`.
// Parsed as GitHub's runner does (ActionCommand.cs), so that a line means the same in both places.

export interface WorkflowCommand {
  readonly name: WorkflowCommandName;
  /** Their names in lower case: they are told apart without regard to it. */
  readonly properties: Readonly<Record<string, string>>;
  readonly value: string;
}

const NAMES = [
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
] as const;

export type WorkflowCommandName = (typeof NAMES)[number];

/** The command in a line (without its line break); undefined when it holds none that is known: then it is plain text. */
export function parseWorkflowCommand(line: string): WorkflowCommand | undefined {
  return parseLine(line, commandName);
}

/** The name as it is written here, when there is such a command. */
export function commandName(word: string): WorkflowCommandName | undefined {
  const lower = word.toLowerCase();
  return NAMES.find((name) => name === lower);
}

/** Whether a line is `::token::`, which ends a pause that `::stop-commands::token` began. */
export function resumesCommands(line: string, token: string): boolean {
  const wanted = token.toLowerCase();
  return parseLine(line, (word) => (word.toLowerCase() === wanted ? token : undefined)) !== undefined;
}

type ParsedLine<N extends string> = Omit<WorkflowCommand, 'name'> & { readonly name: N };
type Naming<N extends string> = (word: string) => N | undefined;

function parseLine<N extends string>(line: string, nameOf: Naming<N>): ParsedLine<N> | undefined {
  return parseCurrent(line.trimStart(), nameOf) ?? parseLegacy(line, nameOf);
}

function parseCurrent<N extends string>(text: string, nameOf: Naming<N>): ParsedLine<N> | undefined {
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1;
  if (end === -1) return undefined;
  const { word, rest } = splitName(text.slice(2, end));
  const name = nameOf(word);
  if (name === undefined) return undefined;
  const value = unescape(text.slice(end + 2), CURRENT_VALUE);
  return { name, properties: parseProperties(rest.trim(), ',', CURRENT_PROPERTY), value };
}

/** The older form may stand anywhere in a line; what is before it is dropped. */
function parseLegacy<N extends string>(text: string, nameOf: Naming<N>): ParsedLine<N> | undefined {
  const start = text.indexOf('##[');
  const end = start === -1 ? -1 : text.indexOf(']', start);
  if (end === -1) return undefined;
  const { word, rest } = splitName(text.slice(start + 3, end));
  const name = nameOf(word);
  if (name === undefined) return undefined;
  return { name, properties: parseProperties(rest, ';', LEGACY), value: unescape(text.slice(end + 1), LEGACY) };
}

function splitName(head: string): { readonly word: string; readonly rest: string } {
  const space = head.indexOf(' ');
  return space === -1 ? { word: head, rest: '' } : { word: head.slice(0, space), rest: head.slice(space + 1) };
}

function parseProperties(text: string, separator: string, escapes: Escapes): Readonly<Record<string, string>> {
  const properties: [string, string][] = [];
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf('=');
    // A key without a value is dropped, as GitHub drops it.
    if (equals > 0 && equals < pair.length - 1) {
      properties.push([pair.slice(0, equals).toLowerCase(), unescape(pair.slice(equals + 1), escapes)]);
    }
  }
  return Object.fromEntries(properties);
}

type Escapes = readonly (readonly [escape: string, character: string])[];

// `%25` last: a percent sign that was escaped must not begin another escape.
const CURRENT_VALUE: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%25', '%'],
];
const CURRENT_PROPERTY: Escapes = [
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%3A', ':'],
  ['%2C', ','],
  ['%25', '%'],
];
const LEGACY: Escapes = [
  ['%3B', ';'],
  ['%0D', '\r'],
  ['%0A', '\n'],
  ['%5D', ']'],
  ['%25', '%'],
];

function unescape(text: string, escapes: Escapes): string {
  if (!text.includes('%')) return text;
  return escapes.reduce((current, [escape, character]) => current.replaceAll(escape, character), text);
}
