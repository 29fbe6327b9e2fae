/**
 * The workspace of a failed step as it was before the step, as far as that can be told afterwards: nothing is kept for it
 * while steps go well. In a copy, what the step made is taken away, and what it changed is taken from git's index; what
 * git does not know stays as the step left it, and is named. For as long as the copy is used it stands in the place of the
 * workspace, whose absolute path scripts and virtual environments hold; the workspace itself is put aside untouched.
 */
import { existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { putAsideFolder } from '../job/workspace.ts';
import type { JobFolders } from '../job/workspace.ts';
import { startProcess } from '../process/host-process.ts';
import { changedSince } from './changed-since.ts';

export interface EarlierSetting {
  readonly folders: JobFolders;
  /** When the step began, by the clock of the file system. */
  readonly sinceMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface Earlier<T> {
  readonly value: T;
  /** Paths that may not be as they were. */
  readonly unlike: readonly string[];
}

/** As long as people may be made to wait for it. */
const COPY_MS = 3_000;
/** As many names as fit into one command. */
const MOST_RESTORED = 500;

export async function inEarlierWorkspace<T>(
  setting: EarlierSetting,
  body: () => Promise<T>,
): Promise<Result<Earlier<T>, string>> {
  const { folders, sinceMs } = setting;
  const { root, workspace } = folders;
  const changes = changedSince(workspace, sinceMs);
  if (!changes.ok) return changes;
  const copy = join(root, '_replayed');
  try {
    await rm(copy, { recursive: true, force: true });
    const copied = await run(['cp', '-a', workspace, copy], setting);
    if (copied === undefined) return err('its workspace could not be copied in time');
    const unlike = await restore(copy, changes.value, setting);
    const aside = putAsideFolder(root);
    renameSync(workspace, aside);
    try {
      renameSync(copy, workspace);
      return ok({ value: await body(), unlike });
    } finally {
      if (existsSync(workspace)) renameSync(workspace, copy);
      renameSync(aside, workspace);
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

interface Paths {
  readonly made: readonly string[];
  readonly changed: readonly string[];
}

/** The index of a repository is written anew by whoever asks it; anything else in there is what the step did with git. */
function isOfGit(path: string): boolean {
  return path === '.git' || path.startsWith('.git/');
}

async function restore(copy: string, { made, changed }: Paths, setting: EarlierSetting): Promise<readonly string[]> {
  const all = [...made, ...changed];
  const git = all.some((path) => isOfGit(path) && path !== '.git/index') ? ['.git'] : [];
  const wanted = all.filter((path) => !isOfGit(path));
  for (const path of made) if (!isOfGit(path)) await rm(join(copy, path), { recursive: true, force: true });
  const restored = new Set(await fromGit(copy, wanted, setting));
  return [...changed.filter((path) => !isOfGit(path) && !restored.has(path)), ...git];
}

/** What git knows of these files, and of those in these folders, is written anew. The names of what was. */
async function fromGit(copy: string, paths: readonly string[], setting: EarlierSetting): Promise<readonly string[]> {
  if (paths.length === 0 || paths.length > MOST_RESTORED || !existsSync(join(copy, '.git'))) return [];
  const listed = await run(['git', '-C', copy, '--literal-pathspecs', 'ls-files', '-z', '--', ...paths], setting);
  const known = (listed ?? '').split('\0').filter((path) => path !== '');
  if (known.length === 0 || known.length > MOST_RESTORED) return [];
  const written = await run(['git', '-C', copy, 'checkout-index', '--force', '--', ...known], setting);
  return written === undefined ? [] : known;
}

/** What it printed; undefined when it did not do well. */
async function run(argv: readonly [string, ...string[]], setting: EarlierSetting): Promise<string | undefined> {
  const printed: Buffer[] = [];
  const result = await startProcess({
    argv,
    cwd: setting.folders.root,
    env: setting.env,
    signal: setting.signal,
    timeoutMs: COPY_MS,
    onOutput: (stream, chunk) => void (stream === 'stdout' && printed.push(chunk)),
  });
  return result.kind === 'exited' && result.exitCode === 0 ? Buffer.concat(printed).toString('utf8') : undefined;
}
