// The command. It parses, loads what the asked command needs and nothing else, and prints what goes wrong.
import { Argument, Command, CommanderError, Option } from 'commander';
import type { AuditOptions } from './commands/audit.ts';
import type { DownloadOptions } from './commands/artifacts.ts';
import type { Shell } from './commands/completion.ts';
import type { ExportOptions } from './commands/export.ts';
import type { InitOptions } from './commands/init.ts';
import type { LogOptions } from './commands/logs.ts';
import type { RunsOptions } from './commands/runs.ts';
import type { ShowOptions } from './commands/show.ts';
import type { PruneOptions } from './commands/prune.ts';
import type { ResumeOptions } from './commands/resume.ts';
import { addDiagnose } from './diagnose-command.ts';
import type { RunOptions } from './read-options.ts';
import { EXIT } from './exit-codes.ts';
import { examples, groupCommands, helpLayout, helpWidth, pointToHelp, withGroup } from './help.ts';
import { format, secretOptions, withPipeline, withRunOptions } from './run-options.ts';
import { addRepro, addRerun } from './run-again.ts';
import { told } from './told.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

interface DataOptions {
  readonly format: 'text' | 'json';
}

const program = new Command('gantry')
  .description('Runs the same pipeline on a laptop, on your own server and on GitHub, and tells the truth about it.')
  .version(VERSION)
  .option('-C, --directory <folder>', 'work as if started there')
  .showSuggestionAfterError()
  .exitOverride()
  .configureHelp(helpLayout)
  .configureOutput({
    getOutHelpWidth: () => helpWidth(process.stdout),
    getErrHelpWidth: () => helpWidth(process.stderr),
  })
  .addHelpText('after', examples('gantry init', 'gantry run', 'gantry show'))
  .hook('preAction', (command) => {
    const folder: unknown = command.opts()['directory'];
    if (typeof folder !== 'string') return;
    try {
      process.chdir(folder);
    } catch {
      throw new UsageError(`there is no folder ${folder}`);
    }
  });

/** Each command is loaded when it is asked for. Its number is the exit code. */
function action<A extends readonly unknown[]>(
  body: (...args: A) => number | Promise<number>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    process.exitCode = await body(...args);
  };
}

const running = program
  .command('run')
  .description('Runs a pipeline and reports; the ledger of what was given up comes first.');
withGroup(withRunOptions(withPipeline(running)), 'How it runs and reports', [
  new Option('--slots <number>', 'jobs at the same time'),
  new Option('--pause-on-failure', 'stop at a step that failed, and ask: a shell there, retry, go on or quit'),
  new Option('--strict', 'a degraded run ends with exit code 10'),
  new Option('--no-replay', 'no failed step is run again to find out whether it fails again'),
  format('text', 'json'),
  new Option('--from-github', 'in a workflow that gantry export wrote: event, needs and matrix are those of its job'),
])
  .addHelpText(
    'after',
    examples(
      'gantry run',
      'gantry run --dirty --job test',
      'gantry run --pause-on-failure',
      'gantry run .github/workflows/ci.yml -e pull_request --event-file event.json',
      'gantry run --format json > report.json',
    ),
  )
  .action(
    action(async (file: string | undefined, options: RunOptions) =>
      (await import('./commands/run.ts')).run(file, options),
    ),
  );

const planning = program.command('plan').description('Says what would run, in what order, and why the rest would not.');
withGroup(withRunOptions(withPipeline(planning)), 'How it reports', [format('text', 'json')])
  .addHelpText('after', examples('gantry plan', 'gantry plan -e pull_request', 'gantry plan --job deploy'))
  .action(
    action(async (file: string | undefined, options: RunOptions) =>
      (await import('./commands/plan.ts')).plan(file, options),
    ),
  );

program
  .command('check')
  .description('Reads pipelines and tells every mistake with its place and its cure.')
  .argument('[files...]', 'pipelines; by default all of the project')
  .addOption(format('text', 'json'))
  .addHelpText('after', examples('gantry check gantry.yml'))
  .action(
    action(async (files: readonly string[], options: DataOptions) =>
      (await import('./commands/check.ts')).check(files, options),
    ),
  );

program
  .command('audit')
  .description('Finds checks that cannot fail, in anyone’s workflows, scripts and Dockerfiles.')
  .argument('[folder]', 'the project; by default this folder')
  .addOption(
    new Option('--fail-on <severity>', 'end with 1 when there is a finding of this severity or a worse one')
      .choices(['gate', 'risk', 'habit', 'never'])
      .default('gate'),
  )
  .option('--fix', 'show what can be mended safely, as a patch')
  .option('--apply', 'with --fix: make the change')
  .option('--baseline <file>', 'findings that are known and not told again; by default .gantry-audit.json where it is')
  .option('--update-baseline', 'take all findings of now for known')
  .addOption(format('text', 'json', 'sarif'))
  .addHelpText(
    'after',
    examples(
      'gantry audit',
      'gantry audit --fix',
      'gantry audit --format sarif > audit.sarif',
      'gantry audit --update-baseline',
    ),
  )
  .action(
    action(async (folder: string | undefined, options: AuditOptions) =>
      (await import('./commands/audit.ts')).audit(folder, options),
    ),
  );

program
  .command('runs')
  .description('Lists past and present runs, the newest first.')
  .option('-n, --limit <number>', 'so many of them', '20')
  .addOption(format('text', 'json'))
  .addHelpText('after', examples('gantry runs'))
  .action(action(async (options: RunsOptions) => (await import('./commands/runs.ts')).runs(options)));

program
  .command('show')
  .description('The report of a run, again.')
  .argument('[run]', 'its id or the beginning of it; by default the newest')
  .addOption(format('text', 'json', 'markdown', 'html'))
  .addHelpText('after', examples('gantry show --format html > report.html'))
  .action(
    action(async (run: string | undefined, options: ShowOptions) =>
      (await import('./commands/show.ts')).show(run, options),
    ),
  );

program
  .command('logs')
  .description('What the steps of a run did and printed, and why those failed that did.')
  .argument('[run]', 'its id or the beginning of it; by default the newest')
  .option('-j, --job <job>', 'of this job only: its name, its id, or its key for all jobs of a matrix')
  .option('-s, --step <step>', 'of this step only: its name, its id or its number')
  .option('--failed', 'of the steps that failed only')
  .option('-f, --follow', 'go on while the run does')
  .option('--raw', 'what was printed and nothing else')
  .option('-t, --timestamps', 'when each line was printed')
  .addHelpText(
    'after',
    examples('gantry logs --failed', 'gantry logs -f --job test', 'gantry logs --job test --step 3 --raw'),
  )
  .action(
    action(async (run: string | undefined, options: LogOptions) =>
      (await import('./commands/logs.ts')).logs(run, options),
    ),
  );

addDiagnose(program, action);

program
  .command('flaky')
  .description('Lists tests that failed and passed although nothing had changed: how often, and when last.')
  .addOption(format('text', 'json'))
  .addHelpText('after', examples('gantry flaky'))
  .action(action(async (options: DataOptions) => (await import('./commands/flaky.ts')).flaky(options)));

const artifacts = program
  .command('artifacts')
  .description('Lists what the jobs of a run handed on under a name, and until when it is kept.')
  .argument('[run]', 'its id or the beginning of it; by default the newest')
  .addOption(format('text', 'json'))
  .addHelpText('after', examples('gantry artifacts', 'gantry artifacts download coverage --to /tmp/coverage'))
  .action(
    action(async (run: string | undefined, options: DataOptions) =>
      (await import('./commands/artifacts.ts')).list(run, options),
    ),
  );

artifacts
  .command('download')
  .description('Lays out the files of an artifact.')
  .argument('<name>', 'the artifact, as gantry artifacts lists it')
  .option('--to <folder>', 'where to; by default a folder of its name')
  .option('--run <run>', "the run's id or the beginning of it; by default the newest")
  .addOption(format('text', 'json'))
  .addHelpText('after', examples('gantry artifacts download coverage --to /tmp/coverage'))
  .action(
    action(async (name: string, options: DownloadOptions) =>
      // The command above has an option of that name too, and takes it wherever it stands.
      (await import('./commands/artifacts.ts')).download(name, { ...options, ...artifacts.opts<DataOptions>() }),
    ),
  );

program
  .command('cancel')
  .description('Asks a run to end; its clean-up steps still run.')
  .argument('[run]', 'its id or the beginning of it; by default the newest')
  .option('--force', 'end at once also what goes on after a cancellation: steps and jobs under always()')
  .addHelpText('after', examples('gantry cancel'))
  .action(
    action(async (run: string | undefined, options: { readonly force?: boolean }) =>
      (await import('./commands/cancel.ts')).cancel(run, options),
    ),
  );

const resuming = program
  .command('resume')
  .description('Goes on with a run whose process was killed; finished steps are not run again.')
  .argument('[run]', 'its id or the beginning of it; by default the newest that was interrupted');
for (const option of secretOptions()) resuming.addOption(option);
resuming
  .option('--strict', 'a degraded run ends with exit code 10')
  .addOption(format('text', 'json'))
  .addHelpText('after', examples('gantry resume', 'gantry resume r-20260101 --secret TOKEN'))
  .action(
    action(async (run: string | undefined, options: ResumeOptions) =>
      (await import('./commands/resume.ts')).resume(run, options),
    ),
  );

addRerun(program, action);
addRepro(program, action);

program
  .command('prune')
  .description('Shows what of the past could go, and with --apply removes it: runs, logs, workspaces, caches.')
  .option('--older-than <time>', 'runs and workspaces that are older go', '30d')
  .option('--keep <number>', 'so many runs of each pipeline stay in any case, the newest', '10')
  .option('--max-size <size>', 'when all runs together take more, younger ones go too, such as 2GB')
  .option('--apply', 'remove it; without this nothing is removed')
  .addOption(format('text', 'json'))
  .addHelpText('after', examples('gantry prune', 'gantry prune --older-than 7d --keep 3 --apply'))
  .action(action(async (options: PruneOptions) => (await import('./commands/prune.ts')).prune(options)));

program
  .command('init')
  .description('Writes a gantry.yml for this project, from what is there, that passes at once.')
  .option('--dry-run', 'shows what would be written, and writes nothing')
  .option('--stdout', 'prints the pipeline and nothing else')
  .option('--from <file>', 'begins with this workflow of GitHub, word for word')
  .option('--force', 'writes over a gantry.yml that is there')
  .addHelpText('after', examples('gantry init --dry-run', 'gantry init --from .github/workflows/ci.yml'))
  .action(action(async (options: InitOptions) => (await import('./commands/init.ts')).init(options)));

program
  .command('status')
  .description('What is live, asked now.')
  .addOption(format('text', 'json'))
  .addHelpText('after', examples('gantry status'))
  .action(action(async (options: DataOptions) => (await import('./commands/releases.ts')).status(options)));

program
  .command('stop')
  .description('Takes what is live down.')
  .argument('[environment]', 'by default all of the project')
  .addHelpText('after', examples('gantry stop production'))
  .action(
    action(async (environment: string | undefined) => (await import('./commands/releases.ts')).stop(environment)),
  );

const exporting = program
  .command('export')
  .description('The pipeline for another system.')
  .addHelpText('after', examples('gantry export github'));

exporting
  .command('github')
  .description('Writes a workflow for GitHub that keeps the meaning of the seven keys.')
  .argument('[file]', 'the pipeline; by default gantry.yml, or the only file in .gantry/')
  .option('-o, --output <file>', 'where to; by default .github/workflows/ and the name of the pipeline; - prints it')
  .option('--check', 'writes nothing; ends with 1 and shows what differs when the file has drifted')
  .option('--no-pin', 'name actions by their tags, not by commits')
  .option('--renew', 'ask again which commits the tags mean')
  .option(
    '--package <spec>',
    'what npx runs on GitHub: a name, a git repository or a packed file; by default this version of gantry',
  )
  .option('--force', 'write over a file that gantry export did not write')
  .addHelpText(
    'after',
    examples(
      'gantry export github',
      'gantry export github --check',
      'gantry export github .gantry/release.yml --output -',
    ),
  )
  .action(
    action(async (file: string | undefined, options: ExportOptions) =>
      (await import('./commands/export.ts')).exportGitHub(file, options),
    ),
  );

program
  .command('schema')
  .description('Prints the JSON schema of pipelines, by which editors complete them.')
  .option('--path', 'where it is, instead')
  .addHelpText('after', examples('gantry schema > .gantry/schema.json'))
  .action(action(async (options: { path?: boolean }) => (await import('./commands/schema.ts')).schema(options)));

program
  .command('completion')
  .description('Prints a script by which a shell completes commands and options.')
  .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
  .addHelpText('after', examples('eval "$(gantry completion bash)"', 'gantry completion fish | source'))
  .action(action(async (shell: Shell) => (await import('./commands/completion.ts')).completion(program, shell)));

groupCommands(program);
pointToHelp(program, 'gantry');

// Whoever reads the output may go away, as `head` does. A run goes on all the same: it is not done for its printing.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

try {
  await program.parseAsync();
} catch (cause) {
  if (cause instanceof CommanderError) process.exitCode = cause.exitCode === 0 ? EXIT.passed : EXIT.usage;
  else if (cause instanceof UsageError) {
    process.stderr.write(await told(cause.message));
    process.exitCode = cause.exitCode;
  } else {
    process.stderr.write(await told(explain(cause)));
    process.exitCode = EXIT.engineFault;
  }
}

/** What was being tried, and under it what stood in the way; the stack only for who asks. */
function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause === undefined ? '' : `: ${explain(cause.cause)}`;
  return process.env['GANTRY_DEBUG'] ? `${cause.stack ?? cause.message}${inner}` : `${cause.message}${inner}`;
}
