// The commands that take a run which has ended, or a part of it, once more.
import { Option } from 'commander';
import type { Command } from 'commander';
import type { ReproOptions } from './commands/repro.ts';
import type { RerunOptions } from './commands/rerun.ts';
import { examples } from './help.ts';
import { format, secretOptions } from './run-options.ts';

/** Makes of a command's body what is called when the command is given. */
export type Action = <A extends readonly unknown[]>(
  body: (...args: A) => number | Promise<number>,
) => (...args: A) => Promise<void>;

const RUN = ['[run]', 'its id or a part of it; by default the newest'] as const;

export function addRerun(program: Command, action: Action): void {
  const command = program
    .command('rerun')
    .description('Runs a run that has ended again, as its next attempt: the same commit, event and inputs.')
    .argument(...RUN);
  for (const option of [
    new Option('--failed', 'only what failed or was not run, and what depends on it; the rest is taken from before'),
    new Option('-j, --job <job>', 'only this job, what it needs that did not succeed, and what depends on it'),
    ...secretOptions(),
    new Option('--slots <number>', 'jobs at the same time'),
    new Option('--strict', 'a degraded run ends with exit code 10'),
    format('text', 'json'),
  ])
    command.addOption(option);
  command
    .addHelpText('after', examples('gantry rerun', 'gantry rerun --failed', 'gantry rerun 7f3a --job test'))
    .action(
      action(async (run: string | undefined, options: RerunOptions) =>
        (await import('./commands/rerun.ts')).rerun(run, options),
      ),
    );
}

export function addRepro(program: Command, action: Action): void {
  const command = program
    .command('repro')
    .description('Writes a folder from which a failed step can be run by itself: script, environment, run.sh.')
    .argument(...RUN);
  for (const option of [
    new Option('-j, --job <job>', 'of this job; by default of the first that failed'),
    new Option('--step <step>', 'this step, by name, id or number; by default the first that failed'),
    new Option('-o, --output <folder>', 'where to; by default a folder beside the runs, which is told'),
    new Option('--shell', 'then open a shell where the step ran, with its environment'),
  ])
    command.addOption(option);
  command
    .addHelpText(
      'after',
      examples('gantry repro', 'gantry repro --shell', 'gantry repro 7f3a --job test --step pytest -o /tmp/pytest'),
    )
    .action(
      action(async (run: string | undefined, options: ReproOptions) =>
        (await import('./commands/repro.ts')).repro(run, options),
      ),
    );
}
