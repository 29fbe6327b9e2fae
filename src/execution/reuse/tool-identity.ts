// What the name of a tool stands for on this machine: another version of it makes another result.
import { accessSync, closeSync, constants, lstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { FileDigests } from './file-digests.ts';
import { digestOfText, textOf } from './file-digests.ts';

export interface ToolPlace {
  readonly workspace: string;
  /** Where the script runs. */
  readonly folder: string;
  /** PATH */
  readonly path: string;
  readonly digests: FileDigests;
  /** What `<tool> --version` says; for a name that stands for one of several tools. */
  versionOf(file: string): Promise<string>;
}

/** Scripts that start scripts. */
const MAX_INTERPRETERS = 3;
const FIRST_LINE_BYTES = 256;

/** The tools that are named, and those that they are run by. */
export async function identifyTools(names: readonly string[], place: ToolPlace): Promise<Record<string, string>> {
  const tools: Record<string, string> = {};
  for (const name of names) await identify(name, place, { tools, depth: 0 });
  return tools;
}

async function identify(
  name: string,
  place: ToolPlace,
  found: { readonly tools: Record<string, string>; readonly depth: number },
): Promise<void> {
  if (found.tools[name] !== undefined) return;
  const file = findTool(name, place);
  found.tools[name] = file === undefined ? 'not there' : await identityOf(file, place);
  const interpreter = file === undefined || found.depth >= MAX_INTERPRETERS ? undefined : interpreterOf(file);
  if (interpreter !== undefined) await identify(interpreter, place, { ...found, depth: found.depth + 1 });
}

function findTool(name: string, { folder, path, workspace }: ToolPlace): string | undefined {
  if (name.includes('/')) return isExecutable(resolve(folder, name)) ? resolve(folder, name) : undefined;
  // An empty entry, and one that is relative, is looked up where the script runs.
  const folders = path.split(':').map((entry) => (isAbsolute(entry) ? entry : resolve(folder || workspace, entry)));
  return folders.map((each) => join(each, name)).find(isExecutable);
}

async function identityOf(file: string, place: ToolPlace): Promise<string> {
  const real = realpathSync(file);
  const shown = shownPath(file, place);
  const parts = [shown];
  if (isIn(place.workspace, real)) parts.push(place.digests.read(real).sha256.slice(0, 16));
  else {
    const { size, mtimeMs } = statSync(real);
    if (real !== file) parts.push(real);
    parts.push(`${size} bytes of ${new Date(mtimeMs).toISOString()}`);
  }
  // A version manager puts one and the same script in the place of every version.
  if (/\/(shims|\.volta\/bin|\.proto\/bin)(\/|$)/.test(file)) parts.push(await place.versionOf(file));
  const beside = installedBeside(file, place);
  if (beside !== undefined) parts.push(beside);
  return parts.join(', ');
}

/** A tool of a virtual environment or of `node_modules` does what is installed there with it. */
function installedBeside(file: string, { workspace, digests }: ToolPlace): string | undefined {
  const root = resolve(file, '../..');
  if (textOf(join(root, 'pyvenv.cfg')) !== undefined) {
    const packages = list(join(root, 'lib'))
      .filter((name) => name.startsWith('python'))
      .flatMap((name) => list(join(root, 'lib', name, 'site-packages')))
      .filter((name) => /\.(dist-info|egg-link|egg-info|pth)$/.test(name));
    return `${packages.length} packages ${digestOfText(packages.toSorted().join('\n')).slice(0, 16)}`;
  }
  const lock = join(root, '.package-lock.json');
  if (!/\/node_modules\/\.bin\/[^/]+$/.test(file) || !isIn(workspace, lock) || textOf(lock) === undefined)
    return undefined;
  return `packages ${digests.read(lock).sha256.slice(0, 16)}`;
}

/** Of a script, by its first line: `#!/usr/bin/env node` is run by `node`. */
function interpreterOf(file: string): string | undefined {
  const line = firstLine(file);
  if (!line.startsWith('#!')) return undefined;
  const [first = '', ...rest] = line.slice(2).trim().split(/\s+/);
  if (!/(^|\/)env$/.test(first)) return first === '' ? undefined : first;
  return rest.find((word) => !word.startsWith('-') && !word.includes('='));
}

function firstLine(file: string): string {
  const bytes = Buffer.alloc(FIRST_LINE_BYTES);
  const handle = openSync(file, 'r');
  try {
    const read = readSync(handle, bytes);
    return bytes.subarray(0, read).toString('latin1').split('\n')[0] ?? '';
  } finally {
    closeSync(handle);
  }
}

function shownPath(file: string, { workspace }: ToolPlace): string {
  return isIn(workspace, file) ? relative(workspace, file) : file;
}

function isIn(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function list(folder: string): readonly string[] {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}
