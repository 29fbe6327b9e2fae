/**
 * Keeps what is written true to what is there: links between the documents resolve, and the parts of docs/ that tell
 * what the code already knows (error codes, the command line, the keys of a pipeline) or what other documents hold
 * (the decisions) are written from it.
 *
 *     node scripts/docs.ts            writes what differs
 *     node scripts/docs.ts --check    writes nothing; ends with 1 when something differs or a link leads nowhere
 */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { drifted, formatted, readOr, replaceBetweenMarkers, writeDrifted, type GeneratedFile } from './generated.ts';
import { brokenLinks } from './links.ts';

const root = resolve(import.meta.dirname, '..');
const documents = ['*.md', 'docs/**/*.md', 'test/**/*.md', 'examples/*/*.md', '.ci/**/*.md'];

const Codes = z.record(z.string(), z.object({ title: z.string(), cure: z.string() }));

/** docs/errors.md, from the table that the checks take their codes from. */
async function errorsPage(): Promise<string | undefined> {
  const source = join(root, 'src/workflow/codes.ts');
  if (!existsSync(source)) return undefined;
  const loaded = z.object({ CODES: Codes }).parse(await import(pathToFileURL(source).href));
  const rows = Object.entries(loaded.CODES)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([code, { title, cure }]) => `| \`${code}\` | ${cell(title)} | ${cell(cure)} |`);
  const table = ['| code | what is wrong | cure |', '|---|---|---|', ...rows].join('\n');
  const intro = '# Error codes\n\nWhat `gantry check` can say, and what to do about it.\n';
  return replaceBetweenMarkers(readOr(root, 'docs/errors.md', intro), 'codes', table);
}

interface AuditRule {
  readonly title: string;
  readonly severity: string;
  readonly why: string;
  readonly bad: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
}

const Rules: z.ZodType<Readonly<Record<string, AuditRule>>> = z.record(
  z.string(),
  z.object({
    title: z.string(),
    severity: z.string(),
    why: z.string(),
    bad: z.record(z.string(), z.string()),
    good: z.record(z.string(), z.string()),
  }),
);

/** docs/audit/, from the table of rules: the list, and a page for each. */
async function auditPages(): Promise<readonly GeneratedFile[]> {
  const source = join(root, 'src/diagnosis/audit/rules.ts');
  if (!existsSync(source)) return [];
  const { RULES } = z.object({ RULES: Rules }).parse(await import(pathToFileURL(source).href));
  const rows = Object.entries(RULES).map(
    ([code, { title, severity }]) => `| [${code}](${code}.md) | ${severity} | ${cell(title)} |`,
  );
  const table = ['| rule | severity | finds |', '|---|---|---|', ...rows].join('\n');
  const files = (examples: Readonly<Record<string, string>>): string =>
    Object.entries(examples)
      .map(([path, text]) => `\`${path}\`\n\n\`\`\`\`${language(path)}\n${text.trimEnd()}\n\`\`\`\``)
      .join('\n\n');
  const pages = Object.entries(RULES).map(([code, { title, severity, why, bad, good }]) => ({
    path: `docs/audit/${code}.md`,
    content: `# ${code}: ${title}\n\nSeverity: \`${severity}\`. [All rules](README.md)\n\n${why}\n\n## Is found\n\n${files(bad)}\n\n## Is not\n\n${files(good)}\n`,
  }));
  const list = replaceBetweenMarkers(readOr(root, 'docs/audit/README.md', '# Rules of the audit\n'), 'rules', table);
  return [{ path: 'docs/audit/README.md', content: list }, ...pages];
}

function language(path: string): string {
  if (/\.ya?ml$/.test(path)) return 'yaml';
  if (/ockerfile/.test(path)) return 'dockerfile';
  return path.endsWith('.sh') ? 'sh' : path.endsWith('.json') ? 'json' : 'text';
}

/** docs/cli.md, from the help of every command. */
function cliPage(): string | undefined {
  if (!existsSync(join(root, 'src/cli/main.ts'))) return undefined;
  const sections = commandsUnder([]).map((command) => {
    const title = command.length === 0 ? 'gantry' : `gantry ${command.join(' ')}`;
    return `## ${title}\n\n\`\`\`text\n${help(command)}\n\`\`\``;
  });
  const intro = '# The command line\n\nWhat each command prints with `--help`.\n';
  return replaceBetweenMarkers(readOr(root, 'docs/cli.md', intro), 'commands', sections.join('\n\n'));
}

/** The command itself, and every one that its help lists, down to the last. */
function commandsUnder(command: readonly string[]): readonly (readonly string[])[] {
  const lists = [...help(command).matchAll(/^(?!Arguments|Examples?)[A-Z].*:\n((?: +.*\n?)+)/gm)].map(
    ([, list]) => list,
  );
  // A command stands two spaces in; what is further in goes on with a description, and options begin with a dash.
  const names = [...lists.join('\n').matchAll(/^ {2}([a-z][\w-]*)/gm)].map((match) => match[1] ?? '');
  return [command, ...names.filter((name) => name !== 'help').flatMap((name) => commandsUnder([...command, name]))];
}

function help(command: readonly string[]): string {
  const env = { ...process.env, GANTRY_FROM_SOURCE: '1', NO_COLOR: '1', COLUMNS: '80', FORCE_COLOR: undefined };
  const text = execFileSync(join(root, 'bin/gantry'), [...command, '--help'], { env, encoding: 'utf8' });
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

/** docs/schemas/pipeline.v1.json, from the tables of the reader. */
async function schemaPage(): Promise<string | undefined> {
  const source = join(root, 'scripts/pipeline-schema.ts');
  if (!existsSync(source)) return undefined;
  const loaded = z.object({ pipelineSchema: z.function({ input: [], output: z.json() }) });
  return JSON.stringify(loaded.parse(await import(pathToFileURL(source).href)).pipelineSchema());
}

/** The list of decisions in docs/architecture.md, from their titles. */
function decisionsPage(): string | undefined {
  const paths = globSync('docs/decisions/*.md', { cwd: root }).toSorted();
  if (paths.length === 0) return undefined;
  const rows = paths.map((path) => {
    const [, number, title] = /^# (\d{4}) (.+)$/m.exec(readFileSync(join(root, path), 'utf8')) ?? [];
    if (number === undefined || !basename(path).startsWith(`${number}-`))
      throw new Error(`${path} must begin with "# ", the number in its name, and its title`);
    return `- [${number} ${title}](decisions/${basename(path)})`;
  });
  return replaceBetweenMarkers(readOr(root, 'docs/architecture.md', '# Architecture\n'), 'decisions', rows.join('\n'));
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

async function generatePages(): Promise<readonly GeneratedFile[]> {
  const drafts = [
    { path: 'docs/errors.md', content: await errorsPage() },
    { path: 'docs/cli.md', content: cliPage() },
    { path: 'docs/schemas/pipeline.v1.json', content: await schemaPage() },
    { path: 'docs/architecture.md', content: decisionsPage() },
    ...(await auditPages()),
  ];
  const pages: GeneratedFile[] = [];
  for (const { path, content } of drafts) {
    if (content !== undefined) pages.push({ path, content: await formatted(root, path, content) });
  }
  return pages;
}

async function main(): Promise<number> {
  const pages = await generatePages();
  const check = process.argv.includes('--check');
  const stale = check ? drifted(root, pages) : [];
  for (const path of stale) console.error(`${path} differs from what the code says; run: npm run docs`);
  if (!check) for (const path of writeDrifted(root, pages)) console.log(`wrote ${path}`);
  const paths = globSync(documents, { cwd: root, exclude: ['node_modules'] }).map((path) => join(root, path));
  const broken = paths.flatMap((path) => brokenLinks(path).map((problem) => `${relative(root, path)}${problem}`));
  for (const problem of broken) console.error(problem);
  return stale.length + broken.length === 0 ? 0 : 1;
}

process.exitCode = await main();
