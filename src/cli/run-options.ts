// The options of `run` and `plan`, and those that several commands share.
import { Option } from 'commander';
import type { Command } from 'commander';
import { withGroup } from './help.ts';

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

const list = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(collect).default([]);

export const format = (...choices: readonly string[]): Option =>
  new Option('--format <format>', 'how to print').choices(choices).default('text');

export const secretOptions = (): readonly Option[] => [
  list('--secret <name[=value]>', 'a secret; without a value it is taken from the environment'),
  new Option('--secret-file <file>', 'secrets, NAME=value a line'),
];

export function withPipeline(command: Command): Command {
  return command.argument(
    '[file]',
    'the pipeline; by default gantry.yml or gantry.ts, or the only one in .gantry/ or .github/workflows/ that an event starts',
  );
}

/** What may be left out, what happened, and what the run is given. */
export function withRunOptions(command: Command): Command {
  withGroup(command, 'What is run', [
    new Option('-j, --job <job>', 'only this job and what it needs'),
    list('--matrix <name=value>', 'of that job, only the combinations of its matrix that have this'),
    new Option('--dirty', 'take uncommitted changes along'),
    new Option('--no-reuse', 'run every step, also one whose result is kept'),
  ]);
  withGroup(command, 'What happened', [
    new Option('-e, --event <event>', 'the event, such as push or workflow_dispatch'),
    new Option('--event-file <file>', "the event's payload, as GitHub sends it"),
    list('-i, --input <name=value>', 'an input of workflow_dispatch'),
  ]);
  return withGroup(command, 'What it is given', [
    list('--var <name=value>', 'a value of the vars context'),
    new Option('--debug', 'show what steps print for debugging; short for --var ACTIONS_STEP_DEBUG=true'),
    ...secretOptions(),
    list(
      '--service-command <name[:port]=command>',
      'without a container engine, this command in the place of a service',
    ),
    list('--local-action <action=folder>', 'owner/repository@ref from a folder of this machine'),
  ]);
}
