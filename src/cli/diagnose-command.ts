// gantry diagnose: of a run, of a log from anywhere, or of the commits since a run that was good.
import { Option } from 'commander';
import type { Command } from 'commander';
import type { DiagnoseOptions } from './commands/diagnose.ts';
import type { BisectOptions } from './commands/diagnose-bisect.ts';
import { examples, withGroup } from './help.ts';
import { format, secretOptions } from './run-options.ts';
import type { Action } from './run-again.ts';
import { UsageError } from './usage-error.ts';

type Options = DiagnoseOptions & BisectOptions & { readonly bisect?: boolean };

export function addDiagnose(program: Command, action: Action): void {
  const command = program
    .command('diagnose')
    .description(
      'Says why a run or a log ends in a failure: the cause, whose it is, the lines that show it, and what helps.',
    )
    .argument('[run]', 'its id or the beginning of it; by default the newest')
    .addOption(format('text', 'json'));
  withGroup(command, 'Of a log from anywhere', [
    new Option('--log <file>', 'the log; packed by gzip or not'),
    new Option('--green <file>', 'a log of the same job when it passed: what is new against it counts'),
  ]);
  withGroup(command, 'Of the commits since the last good run', [
    new Option('--bisect', 'run the failed job on commits in between, and name the one that broke it'),
    new Option('-j, --job <job>', 'this job; by default the first that failed'),
    ...secretOptions(),
  ]);
  command
    .addHelpText(
      'after',
      examples(
        'gantry diagnose',
        'gantry diagnose --log build.log',
        'gantry diagnose --log failed.log --green passed.log --format json',
        'gantry diagnose 7f3a --bisect --job test',
      ),
    )
    .action(action(diagnose));
}

async function diagnose(run: string | undefined, options: Options): Promise<number> {
  const isOfLog = options.log !== undefined || options.green !== undefined;
  if (options.bisect) {
    if (isOfLog) throw new UsageError('--bisect is about a run, and a log has no commits');
    return (await import('./commands/diagnose-bisect.ts')).bisect(run, options);
  }
  const needsBisect = options.job !== undefined || options.secret.length > 0 || options.secretFile !== undefined;
  if (needsBisect) throw new UsageError('--job and --secret are for --bisect, which runs the job again');
  return isOfLog
    ? (await import('./commands/diagnose.ts')).diagnose(options)
    : (await import('./commands/diagnose-run.ts')).diagnoseRun(run, options);
}
