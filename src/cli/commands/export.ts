// `gantry export github`: a pipeline as a workflow that GitHub runs, with the same meaning.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { diffLines } from '#base/line-diff.ts';
import type { JsonObject } from '#base/json.ts';
import { findProject, stateFolder } from '#engine/project.ts';
import type { Project } from '#engine/project.ts';
import type { Paint } from '#run/report/words.ts';
import { exportWorkflow } from '#workflow/export/export-workflow.ts';
import { pinKey, pinsIn, referencesToPin, writeWorkflow, WRITTEN_BY } from '#workflow/export/write-workflow.ts';
import type { Pins } from '#workflow/export/write-workflow.ts';
import { readYaml } from '#workflow/read-yaml.ts';
import { Reporter } from '#workflow/reporter.ts';
import { openRepositories } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { describeDiagnostics, findWorkflow, readPipeline } from '../find-workflow.ts';
import type { ReadFile } from '../find-workflow.ts';
import { choosePaint } from '../paint.ts';
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';

const PIN_LIMIT_MS = 2 * 60_000;

export interface ExportOptions {
  readonly output?: string;
  readonly check?: boolean;
  /** `false` for `--no-pin`. */
  readonly pin: boolean;
  readonly renew?: boolean;
  readonly package?: string;
  readonly force?: boolean;
}

interface Target {
  /** Where the exported jobs check the repository out: its top, which may be above the project. */
  readonly top: string;
  readonly prefix: string;
  /** `-` is the standard output. */
  readonly output: string;
  readonly before: string | undefined;
}

export async function exportGitHub(file: string | undefined, asked: ExportOptions): Promise<number> {
  const path = findWorkflow(file, process.cwd());
  if (/(^|[\\/])\.github[\\/]workflows[\\/]/.test(resolve(path)))
    throw new UsageError(`${path} is a workflow of GitHub as it is: there is nothing to export`);
  const paint = choosePaint({ isTerminal: process.stderr.isTTY, env: process.env });
  const read = await readPipeline(path);
  if (!read.workflow) {
    process.stderr.write(`${describeDiagnostics(read, paint)}\n`);
    return EXIT.invalidWorkflow;
  }
  const project = await findProject(path);
  const target = chooseTarget(path, project, asked);
  const options = asked.check ? asWritten(asked, target) : asked;
  const drafted = draft(read, { project, target, options });
  if (drafted.diagnostics.length > 0) process.stderr.write(`${describeDiagnostics({ ...read, ...drafted }, paint)}\n`);
  if (drafted.diagnostics.some((each) => each.severity === 'error')) return EXIT.invalidWorkflow;
  const pins = await choosePins(drafted.exported, { project, target, options });
  if (typeof pins === 'number') return pins;
  const text = writeWorkflow(drafted.exported, header(path, { project, target, options }), pins);
  if (options.check) return checkDrift(text, target);
  const code = put(text, target, options);
  if (code === EXIT.passed && options.package === undefined && text.includes(` ${STANDARD_PACKAGE} `))
    process.stderr.write(PACKAGE_NOTE);
  return code;
}

const STANDARD_PACKAGE = `gantry@${VERSION}`;

const PACKAGE_NOTE = `gantry: on GitHub its jobs run "npx ${STANDARD_PACKAGE}", so npm must have this version there. If it does not, say what
npx is to fetch instead:
  --package github:OWNER/REPOSITORY#TAG  a git repository that holds gantry
  --package ./tools/gantry.tgz           a file of this repository, made by npm pack
  --package https://…/gantry.tgz         the same file from elsewhere
`;

/** To tell drift, the file is written again as it was asked for: its header has the command. */
function asWritten(asked: ExportOptions, { before = '' }: Target): ExportOptions {
  const command = before.startsWith(WRITTEN_BY) ? (/^# {5}gantry export github .*$/m.exec(before)?.[0] ?? '') : '';
  const named = / --package (\S+)/.exec(command)?.[1];
  return {
    ...asked,
    pin: asked.pin && !/ --no-pin\b/.test(command),
    ...(asked.package === undefined && named !== undefined ? { package: named } : {}),
  };
}

function chooseTarget(path: string, project: Project, options: ExportOptions): Target {
  const top = repositoryTop(project.root);
  const inside = relative(top, project.root);
  const fallback = join(top, '.github', 'workflows', basename(path).replace(/\.(ya?ml|ts)$/, '.yml'));
  const output = options.output ?? fallback;
  const before = output !== '-' && existsSync(output) ? readFileSync(output, 'utf8') : undefined;
  return { top, prefix: inside === '' ? '' : `${inside.split('\\').join('/')}/`, output, before };
}

function repositoryTop(root: string): string {
  try {
    const args = ['rev-parse', '--show-toplevel'];
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return root;
  }
}

interface Setting {
  readonly project: Project;
  readonly target: Target;
  readonly options: ExportOptions;
}

function draft(
  read: ReadFile,
  { project, target, options }: Setting,
): { readonly exported: JsonObject; readonly diagnostics: ReadFile['diagnostics'] } {
  const reporter = new Reporter(read.file);
  const root = read.root ?? readYaml(read.text, new Reporter(read.file)).root;
  if (!read.workflow || root?.kind !== 'map') throw new UsageError(`${read.file} holds no pipeline`);
  const exported = exportWorkflow({
    workflow: read.workflow,
    root,
    file: relative(project.root, resolve(read.file)).split('\\').join('/'),
    prefix: target.prefix,
    package: options.package ?? STANDARD_PACKAGE,
    report: (finding) => reporter.report(finding),
  });
  return { exported, diagnostics: reporter.all() };
}

/** Those that the file has already stay, unless they are to be renewed: whoever only checks needs no network. */
async function choosePins(exported: JsonObject, { project, target, options }: Setting): Promise<Pins | number> {
  if (!options.pin) return new Map();
  const pins = new Map(options.renew ? [] : pinsIn(target.before ?? ''));
  const missing = referencesToPin(exported).filter((reference) => !pins.has(pinKey(reference)));
  const repositories = openRepositories(stateFolder(project.root, process.env), {});
  const signal = AbortSignal.timeout(PIN_LIMIT_MS);
  const problems = await Promise.all(
    missing.map(async (reference) => {
      const found = await repositories.resolve(reference, signal);
      if (found.ok) pins.set(pinKey(reference), found.value);
      return found.ok ? [] : [`  ${reference.repository}@${reference.ref}: ${found.error}`];
    }),
  );
  const told = problems.flat();
  if (told.length === 0) return pins;
  process.stderr.write(
    `gantry: these could not be pinned to a commit:\n${told.join('\n')}\nTry again with a network, or write tags with --no-pin.\n`,
  );
  return EXIT.failed;
}

function header(path: string, { target, options }: Setting): readonly string[] {
  const source = relative(target.top, resolve(path));
  const output = relative(target.top, resolve(target.output));
  const again = [
    'gantry export github',
    source,
    ...(target.output === '-' ? [] : ['--output', output]),
    ...(options.package === undefined ? [] : ['--package', options.package]),
    ...(options.pin ? [] : ['--no-pin']),
  ].join(' ');
  return [
    `${WRITTEN_BY.slice(2)} from ${source}. Do not edit it: change ${source}, and write it again with`,
    '',
    `    ${again}`,
    '',
    'With --check the same command tells whether the two have drifted apart.',
    options.pin
      ? 'Actions are pinned to commits; --renew asks for those that their tags mean now.'
      : 'Actions are named by their tags, which can be moved: --no-pin was asked for.',
  ];
}

function put(text: string, { output, before, top }: Target, { force }: ExportOptions): number {
  if (output === '-') {
    process.stdout.write(text);
    return EXIT.passed;
  }
  const shown = relative(process.cwd(), resolve(output));
  if (before !== undefined && !before.startsWith(WRITTEN_BY) && !force)
    throw new UsageError(
      `${shown} was not written by gantry export; name another --output, or write over it with --force`,
    );
  if (before === text) {
    process.stdout.write(`${shown} is up to date\n`);
    return EXIT.passed;
  }
  mkdirSync(dirname(resolve(output)), { recursive: true });
  writeFileSync(output, text);
  const isSeen = relative(join(top, '.github', 'workflows'), resolve(output)) === basename(output);
  const where = isSeen ? '' : '; GitHub reads only what is in .github/workflows/';
  process.stdout.write(`wrote ${shown}${where}\n`);
  return EXIT.passed;
}

function checkDrift(text: string, { output, before }: Target): number {
  const shown = relative(process.cwd(), resolve(output));
  if (before === text) {
    process.stdout.write(`${shown} is up to date\n`);
    return EXIT.passed;
  }
  if (before === undefined) {
    process.stdout.write(`${shown} is not there; gantry export github writes it\n`);
    return EXIT.failed;
  }
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  process.stdout.write(`${shown} has drifted from its pipeline:\n${renderDiff(before, text, paint)}`);
  return EXIT.failed;
}

const CONTEXT_LINES = 2;

/** What differs, with the lines round it; `-` is in the file, `+` is what it should have. */
function renderDiff(before: string, after: string, paint: Paint): string {
  const lines = diffLines(before, after);
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some((line) => line.kind !== 'same');
  const shown = lines.flatMap((line, index) => {
    if (line.kind === 'removed') return [paint('bad', `  - ${line.text}`)];
    if (line.kind === 'added') return [paint('good', `  + ${line.text}`)];
    if (isNear(index)) return [`    ${line.text}`];
    return isNear(index - 1) ? [paint('dim', '    …')] : [];
  });
  return `${shown.join('\n')}\n`;
}
