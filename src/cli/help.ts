// How help is laid out: within the width of the terminal, options in groups, examples at the end.
import { Help } from 'commander';
import type { Command, HelpConfiguration, Option } from 'commander';

/** Lines that are longer than this are hard to read. */
const MAX_WIDTH = 100;
/** A longer term stands in a line of its own. */
const MAX_TERM = 24;

export function helpWidth(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  const columns = stream.isTTY ? stream.columns : Number(process.env['COLUMNS']);
  return columns !== undefined && columns >= 40 ? Math.min(columns, MAX_WIDTH) : 80;
}

const usual = new Help();

export const helpLayout: HelpConfiguration = {
  minWidthToWrap: 10,
  // Every command takes options.
  subcommandTerm: (command) => {
    const isBoth = command.registeredArguments.length > 0 && command.commands.length > 0;
    const unsaid = isBoth ? ['[options]', '[command]'] : ['[options]'];
    return [
      command.name(),
      ...command
        .usage()
        .split(' ')
        .filter((word) => !unsaid.includes(word)),
    ].join(' ');
  },
  // Of a list that nothing was put into, nothing is to be said.
  optionDescription: (option) => usual.optionDescription(option).replace(/ \(default: \[\]\)$/, ''),
  padWidth: (command, helper) => Math.min(MAX_TERM, usual.padWidth(command, helper)),
  formatItem: (term, width, description, helper) => {
    const before = ' '.repeat(width + 4);
    const lines = helper.boxWrap(description, (helper.helpWidth ?? 80) - before.length).split('\n');
    const first = helper.displayWidth(term) > width ? `  ${term}\n${before}` : `  ${term.padEnd(width)}  `;
    return `${first}${lines.join(`\n${before}`)}`.trimEnd();
  },
};

/** Under the help of a command. */
export function examples(...commands: readonly string[]): string {
  const title = commands.length === 1 ? 'Example:' : 'Examples:';
  return ['', title, ...commands.map((each) => `  ${each}`)].join('\n');
}

/** Options under a heading of their own. */
export function withGroup(command: Command, heading: string, options: readonly Option[]): Command {
  for (const option of options) command.addOption(option.helpGroup(`${heading}:`));
  return command;
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Run a pipeline:': ['run', 'plan', 'resume', 'rerun', 'cancel'],
  'Write a pipeline:': ['init', 'check', 'audit', 'schema'],
  'See what happened:': ['runs', 'show', 'logs', 'diagnose', 'repro', 'flaky', 'artifacts', 'prune'],
  'What is live:': ['status', 'stop'],
};

export function groupCommands(program: Command): void {
  program.commandsGroup('More:').helpCommand(true);
  for (const command of program.commands) {
    const [heading = 'More:'] = Object.entries(GROUPS).find(([, names]) => names.includes(command.name())) ?? [];
    command.helpGroup(heading);
  }
}

/** Whoever mistypes an option is told which help lists it, of every command. */
export function pointToHelp(command: Command, path: string): void {
  const what = command.commands.length > 0 ? 'commands' : 'options';
  command.showHelpAfterError(`(${path} --help lists the ${what})`);
  for (const each of command.commands) pointToHelp(each, `${path} ${each.name()}`);
}
