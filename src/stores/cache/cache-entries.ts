// Entries on disk: `<dir>/<version>/<name>/{manifest.json, tree/ or archive, readers/}`, found by key.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import { safeName } from '../safe-name.ts';
import type { CacheQuery } from './cache.ts';
import { isCode } from './trees.ts';

/** Written last into an entry. */
export interface Manifest {
  readonly key: string;
  readonly scope: string;
  readonly createdAtMs: number;
  /** On disk. */
  readonly bytes: number;
  /** `items[i]` is in `tree/<i>`; null: it is the file `archive`. */
  readonly items: readonly string[] | null;
}

export interface Entry {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Its time of change is when the entry was last used. */
export const MANIFEST = 'manifest.json';
export const READERS = 'readers';
/** Marks an entry that is being removed: no new reader may begin. */
export const LEAVING = 'leaving';

/**
 * As `@actions/cache` computes it for archives by zstd: what that client saves is found by us under the same version.
 * Its other method has a version of its own.
 */
export function versionOf(
  paths: readonly string[],
  method: 'zstd-without-long' | 'gzip' = 'zstd-without-long',
): string {
  return createHash('sha256')
    .update([...paths, method, '1.0'].join('|'))
    .digest('hex');
}

export interface EntryName {
  readonly version: string;
  readonly key: string;
  readonly scope: string;
  readonly isTree: boolean;
}

export function entryFolder(dir: string, { version, key, scope, isTree }: EntryName): string {
  // A scope is the name of a ref, which has no blanks: no two pairs are written alike.
  const name = safeName(scope === '' ? key : `${scope} ${key}`);
  return path.join(dir, safeName(version), isTree ? name : `${name}.archive`);
}

/** The reader's until it is disposed of; undefined: it is being removed. */
export function openEntry({ folder }: Entry): Disposable | undefined {
  const reader = path.join(folder, READERS, `${process.pid}-${randomUUID()}`);
  try {
    // Never with what is above it: that would bring back an entry that is gone.
    if (!existsSync(path.dirname(reader))) mkdirSync(path.dirname(reader));
    writeFileSync(reader, '');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (!isCode(error, 'EEXIST')) throw error;
    writeFileSync(reader, '');
  }
  const lease = { [Symbol.dispose]: (): void => rmSync(reader, { force: true }) };
  // The mark first and then the look, and whoever removes does the same: at least one of the two gives way.
  if (!existsSync(path.join(folder, LEAVING))) return lease;
  lease[Symbol.dispose]();
  return undefined;
}

/** So that it is not the first to make room. */
export async function markUsed({ folder }: Entry, nowMs: number): Promise<void> {
  await utimes(path.join(folder, MANIFEST), nowMs / 1000, nowMs / 1000).catch(() => undefined);
}

/** Candidates of one scope after the other, and in each by one key after the other; the best stands first. */
export async function matchingEntries(
  folders: readonly string[],
  { key, restoreKeys = [], scopes }: CacheQuery,
): Promise<readonly Entry[]> {
  const all = (await Promise.all(folders.map(entriesIn))).flat();
  const newestFirst = all.toSorted((a, b) => b.manifest.createdAtMs - a.manifest.createdAtMs);
  const found = new Set<Entry>();
  for (const scope of scopes ?? [undefined]) {
    const here = scope === undefined ? newestFirst : newestFirst.filter(({ manifest }) => manifest.scope === scope);
    for (const wanted of [key, ...restoreKeys]) {
      for (const entry of here) if (entry.manifest.key === wanted) found.add(entry);
      for (const entry of here) if (entry.manifest.key.startsWith(wanted)) found.add(entry);
    }
  }
  return [...found];
}

async function entriesIn(folder: string): Promise<readonly Entry[]> {
  const read = await Promise.all((await namesIn(folder)).map((name) => readEntry(path.join(folder, name))));
  return read.filter((entry) => entry !== undefined);
}

export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return [];
    throw error;
  });
}

/** Undefined for what is not a whole entry: somebody may be clearing the cache by hand. */
export async function readEntry(folder: string): Promise<Entry | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8'));
    return isManifest(value) ? { folder, manifest: value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  if (!('key' in value && 'scope' in value && 'items' in value && 'bytes' in value && 'createdAtMs' in value))
    return false;
  const { key, scope, items, bytes, createdAtMs } = value;
  const isText = typeof key === 'string' && typeof scope === 'string';
  return (
    isText && (items === null || Array.isArray(items)) && typeof bytes === 'number' && typeof createdAtMs === 'number'
  );
}
