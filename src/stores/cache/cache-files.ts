import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { safeName } from '../safe-name.ts';
import type { CacheRestore, CacheStore } from './cache.ts';

const run = promisify(execFile);

// A copy that has not touched its folder for a day belongs to a process that died.
const abandonedAfterMs = 24 * 60 * 60 * 1000;

export interface FileCacheOptions {
  /** What `~/` stands for; the home of this process unless given. */
  readonly home?: string;
  /** Tells which of two entries is newer. */
  readonly nowMs?: () => number;
}

/** Written last into an entry. `present[i]` says whether `tree/<i>` holds what was at `paths[i]`. */
interface Manifest {
  readonly key: string;
  readonly paths: readonly string[];
  readonly present: readonly boolean[];
  readonly createdAtMs: number;
}

interface Entry {
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * The cache as copies of trees: `<dir>/<hash of the paths>/<key>/{manifest.json,tree/}`. An entry is made under
 * `<dir>/tmp` and renamed into place, so the file system decides who wins. On file systems that can, copies share
 * their blocks with the original (reflink) and cost next to nothing. Needs GNU `cp`.
 */
export function openFileCache(dir: string, options: FileCacheOptions = {}): CacheStore {
  const { home = homedir(), nowMs = Date.now } = options;
  return {
    async restore(key, restoreKeys, paths, workspace) {
      const wanted = normalized(paths);
      const places = wanted.map((each) => placeOf(each, workspace, home));
      const found = await findEntry(path.join(dir, versionOf(wanted)), [key, ...restoreKeys]);
      if (!found) return { hit: 'miss' };
      for (const [index, place] of places.entries()) {
        if (!found.manifest.present[index]) continue;
        await mkdir(path.dirname(place), { recursive: true });
        await copy(path.join(found.folder, 'tree', String(index)), place);
      }
      const hit: CacheRestore['hit'] = found.manifest.key === key ? 'exact' : 'partial';
      return { hit, key: found.manifest.key };
    },

    async save(key, paths, workspace) {
      const wanted = normalized(paths);
      const places = wanted.map((each) => placeOf(each, workspace, home));
      const final = path.join(dir, versionOf(wanted), safeName(key));
      if (await exists(final)) return 'exists';
      const present = await Promise.all(places.map(exists));
      if (!present.includes(true)) throw new Error(`nothing to cache: there is no ${wanted.join(', ')}`);

      await dropAbandoned(path.join(dir, 'tmp'));
      const draft = path.join(dir, 'tmp', randomUUID());
      await mkdir(path.join(draft, 'tree'), { recursive: true });
      try {
        for (const [index, place] of places.entries()) {
          if (present[index]) await copy(place, path.join(draft, 'tree', String(index)));
        }
        const manifest: Manifest = { key, paths: wanted, present, createdAtMs: nowMs() };
        await writeFile(path.join(draft, 'manifest.json'), `${JSON.stringify(manifest)}\n`);
        return await publish(draft, final);
      } finally {
        await remove(draft);
      }
    },
  };
}

function normalized(paths: readonly string[]): string[] {
  return paths.map((each) => each.trim()).filter((each) => each !== '');
}

function versionOf(paths: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(paths)).digest('hex');
}

function placeOf(text: string, workspace: string, home: string): string {
  if (text === '~' || text.startsWith('~/')) return path.join(home, text.slice(1));
  if (path.isAbsolute(text)) return path.normalize(text);
  const place = path.resolve(workspace, text);
  const back = path.relative(workspace, place);
  if (back === '..' || back.startsWith('../')) {
    throw new Error(`cache path ${text} leaves the workspace; write it from / or ~/ if that is meant`);
  }
  return place;
}

/** `-T`: the target is the thing itself, not a folder to put it in. A link or hard link at the target is replaced, never written through. */
async function copy(from: string, to: string): Promise<void> {
  try {
    await run('cp', ['-a', '--reflink=auto', '--remove-destination', '-T', '--', withoutSlash(from), withoutSlash(to)]);
  } catch (error) {
    throw new Error(`copying ${from} to ${to}`, { cause: error });
  }
}

/** A slash at the end would make cp follow a link it is to copy. */
function withoutSlash(place: string): string {
  return place.length > 1 && place.endsWith('/') ? place.slice(0, -1) : place;
}

async function publish(draft: string, final: string): Promise<'saved' | 'exists'> {
  await mkdir(path.dirname(final), { recursive: true });
  try {
    await rename(draft, final);
    return 'saved';
  } catch (error) {
    if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return 'exists';
    throw error;
  }
}

async function findEntry(folder: string, keys: readonly string[]): Promise<Entry | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  });
  const read = await Promise.all(names.map((name) => readEntry(path.join(folder, name))));
  const newestFirst = read
    .filter((entry) => entry !== undefined)
    .toSorted((a, b) => b.manifest.createdAtMs - a.manifest.createdAtMs);
  for (const key of keys) {
    const found =
      newestFirst.find(({ manifest }) => manifest.key === key) ??
      newestFirst.find(({ manifest }) => manifest.key.startsWith(key));
    if (found) return found;
  }
  return undefined;
}

/** Undefined for what is not a whole entry: somebody may be clearing the cache by hand. */
async function readEntry(folder: string): Promise<Entry | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8'));
    return isManifest(value) ? { folder, manifest: value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  if (!('key' in value && 'paths' in value && 'present' in value && 'createdAtMs' in value)) return false;
  const { key, paths, present, createdAtMs } = value;
  return typeof key === 'string' && Array.isArray(paths) && Array.isArray(present) && typeof createdAtMs === 'number';
}

async function dropAbandoned(drafts: string): Promise<void> {
  const names = await readdir(drafts).catch(() => []);
  for (const name of names) {
    const draft = path.join(drafts, name);
    const seen = await stat(draft).catch(() => undefined);
    if (seen && Date.now() - seen.mtimeMs > abandonedAfterMs) await remove(draft);
  }
}

/** Trees may hold folders nobody may write to (Go's module cache does), which keeps their content from being removed. */
async function remove(folder: string): Promise<void> {
  if (!(await exists(folder))) return;
  await run('chmod', ['-R', 'u+rwX', '--', folder]).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
}

async function exists(place: string): Promise<boolean> {
  try {
    await lstat(place);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
