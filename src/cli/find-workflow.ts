import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { renderDiagnostic } from '#workflow/render-diagnostic.ts';
import type { Diagnostic } from '#workflow/diagnostic.ts';
import type { Workflow } from '#workflow/model.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';
import type { CallOutput } from '#workflow/reading.ts';
import type { YamlNode } from '#workflow/yaml-node.ts';
import { projectRoot } from '#engine/project.ts';
import type { Paint } from '#run/report/words.ts';
import { ACTION_NAMES } from './action-names.ts';
import { UsageError } from './usage-error.ts';

/** Pipelines of a project, the ones that Gantry is asked for first in front. */
function listWorkflows(root: string): readonly string[] {
  const own = ['gantry.yml', 'gantry.yaml', 'gantry.ts'].filter((name) => existsSync(join(root, name)));
  const [only, another] = own;
  if (another !== undefined)
    throw new UsageError(`${own.join(' and ')} are both here; keep one of them, or name the one that is meant`);
  if (only !== undefined) return [join(root, only)];
  for (const folder of ['.gantry', '.github/workflows']) {
    const files = yamlFiles(join(root, folder));
    if (files.length > 0) return files;
  }
  return [];
}

/** Every pipeline that lies in the project, whichever of them `gantry run` would take. */
export function everyWorkflow(root: string): readonly string[] {
  const folders = ['.gantry', '.github/workflows'].flatMap((folder) => yamlFiles(join(root, folder)));
  return [...new Set([...listWorkflows(root), ...folders])];
}

export function findWorkflow(given: string | undefined, cwd: string): string {
  if (given !== undefined) {
    if (!statSync(given, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`there is no file ${given}`);
    return given;
  }
  const root = projectRoot(cwd);
  const all = listWorkflows(root);
  if (all.length === 0)
    throw new UsageError(
      `no pipeline here: neither gantry.yml nor gantry.ts, .gantry/ or .github/workflows/ in ${root}; gantry init writes one`,
    );
  const started = all.length === 1 ? all : all.filter((file) => !isOnlyCalled(file));
  const [first, ...others] = started.length === 0 ? all : started;
  if (first !== undefined && others.length === 0) return relative(cwd, first) || first;
  const names = (started.length === 0 ? all : started).map((file) => `  ${relative(cwd, file)}`).join('\n');
  const why =
    started.length === 0 ? 'there are several pipelines, all of them to be called' : 'there are several pipelines';
  throw new UsageError(`${why}; name one of them:\n${names}`);
}

/** No event starts it: it is there for others. Of a file that cannot be read nobody knows. */
function isOnlyCalled(file: string): boolean {
  const { workflow } = readFile(file);
  return workflow !== undefined && workflow.on.every(({ event }) => event === 'workflow_call');
}

export interface ReadFile {
  readonly file: string;
  readonly text: string;
  readonly workflow?: Workflow;
  readonly diagnostics: readonly Diagnostic[];
  readonly callOutputs?: readonly CallOutput[];
  /** What was read of a pipeline whose text is not YAML. */
  readonly root?: YamlNode;
}

/** More than any pipeline needs; the reader says so with a code when a file reaches it. */
const MAX_READ_BYTES = 8 * 1024 * 1024;

/** Any pipeline that may be the first: only one in TypeScript takes more than reading. */
export async function readPipeline(file: string): Promise<ReadFile> {
  return file.endsWith('.ts') ? (await import('./read-typed.ts')).readTypedFile(file) : readFile(file);
}

export function readFile(file: string): ReadFile {
  const size = statSync(file).size;
  const text = readFileSync(file).subarray(0, Math.min(size, MAX_READ_BYTES)).toString('utf8');
  return { file, text, ...readWorkflow(file, text, { actions: ACTION_NAMES, place: resolve(file) }) };
}

export function describeDiagnostics(read: ReadFile, paint: Paint): string {
  const colours = {
    error: (text: string): string => paint('bad', text),
    warning: (text: string): string => paint('warn', text),
    place: (text: string): string => paint('strong', text),
    faint: (text: string): string => paint('dim', text),
  };
  return read.diagnostics.map((each) => `${renderDiagnostic(each, read.text, colours).join('\n')}\n`).join('\n');
}

function yamlFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}
