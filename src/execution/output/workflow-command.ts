// Lines by which a program talks to the runner: `::name key=value,key=value::text`, and the older `##[name key=value;]text`.
// Parsed as GitHub's runner does (ActionCommand.cs), so that a line means the same in both places.

export interface WorkflowCommand {
  readonly name: WorkflowCommandName;
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
  const text = line.trimStart();
  if (text.startsWith('::')) return parseCurrent(text);
  return text.startsWith('##[') ? parseLegacy(text) : undefined;
}

/** Whether a line is `::token::`, which ends a pause that `::stop-commands::token` began. */
export function resumesCommands(line: string, token: string): boolean {
  const text = line.trim().toLowerCase();
  return text === `::${token.toLowerCase()}::` || text === `##[${token.toLowerCase()}]`;
}

function parseCurrent(text: string): WorkflowCommand | undefined {
  const end = text.indexOf('::', 2);
  if (end === -1) return undefined;
  const { name, rest } = splitName(text.slice(2, end));
  if (name === undefined) return undefined;
  const value = unescape(text.slice(end + 2), CURRENT_VALUE);
  return { name, properties: parseProperties(rest, ',', CURRENT_PROPERTY), value };
}

function parseLegacy(text: string): WorkflowCommand | undefined {
  const end = text.indexOf(']');
  if (end === -1) return undefined;
  const { name, rest } = splitName(text.slice(3, end));
  if (name === undefined) return undefined;
  const value = unescape(text.slice(end + 1), LEGACY);
  return { name, properties: parseProperties(rest, ';', LEGACY), value };
}

function splitName(head: string): { readonly name: WorkflowCommandName | undefined; readonly rest: string } {
  const space = head.indexOf(' ');
  const word = (space === -1 ? head : head.slice(0, space)).toLowerCase();
  return { name: NAMES.find((name) => name === word), rest: space === -1 ? '' : head.slice(space + 1).trim() };
}

function parseProperties(text: string, separator: string, escapes: Escapes): Readonly<Record<string, string>> {
  const properties: [string, string][] = [];
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf('=');
    // A key without a value is dropped, as GitHub drops it.
    if (equals > 0 && equals < pair.length - 1) {
      properties.push([pair.slice(0, equals).trim(), unescape(pair.slice(equals + 1), escapes)]);
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
