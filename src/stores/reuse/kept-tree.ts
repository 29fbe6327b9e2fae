// A tree of files, links and folders, out of a workspace and back into one.
import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { addObject, copyContent, isIntact, linkObject, objectPath, removeObject } from './object-folder.ts';

export type KeptEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number; readonly mtimeMs: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly mtimeMs: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly mtimeMs: number;
      readonly sha256: string;
      readonly size: number;
      readonly stamp: string;
    };

type KeptFile = Extract<KeptEntry, { kind: 'file' }>;

export interface TreePlace {
  /** Where the objects are. */
  readonly folder: string;
  readonly workspace: string;
  /** Hard links also for files that may be written to. */
  readonly linksAll: boolean;
}

/** Other jobs of this process have their turn in between. */
const SLICE = 64;

export async function captureTree(
  paths: readonly string[],
  { folder, workspace }: TreePlace,
): Promise<Result<readonly KeptEntry[], string>> {
  const entries: KeptEntry[] = [];
  for (const [index, path] of paths.entries()) {
    if (index % SLICE === SLICE - 1) await setImmediate();
    const place = join(workspace, path);
    const seen = lstatSync(place, { throwIfNoEntry: false });
    if (!seen) return err(`${path} went away while it was being kept`);
    const { mtimeMs } = seen;
    const mode = seen.mode & 0o7777;
    if (seen.isDirectory()) entries.push({ kind: 'folder', path, mode, mtimeMs });
    else if (seen.isSymbolicLink()) entries.push({ kind: 'link', path, target: readlinkSync(place), mtimeMs });
    else if (seen.isFile()) entries.push({ kind: 'file', path, mode, mtimeMs, ...(await addObject(folder, place)) });
    else return err(`${path} is neither a file, a link nor a folder`);
  }
  return ok(entries);
}

/** Before anything is touched: whether all that the tree is made of is there and whole. */
export async function checkTree(
  entries: readonly KeptEntry[],
  { folder, workspace }: TreePlace,
  replaces: ReadonlySet<string>,
): Promise<Result<undefined, string>> {
  const own = new Set(entries.map(({ path }) => path));
  const safe = new Set<string>(['.']);
  for (const [index, entry] of entries.entries()) {
    if (index % SLICE === SLICE - 1) await setImmediate();
    if (entry.kind === 'file' && !isIntact(folder, entry)) {
      removeObject(folder, entry.sha256);
      return err(`what was kept of ${entry.path} is damaged`);
    }
    for (let parent = dirname(entry.path); !safe.has(parent); parent = dirname(parent)) {
      safe.add(parent);
      if (own.has(parent) || replaces.has(parent)) continue;
      const seen = lstatSync(join(workspace, parent), { throwIfNoEntry: false });
      if (seen && !seen.isDirectory()) return err(`${parent} is in the way: it is no folder`);
    }
  }
  return ok(undefined);
}

/** What was made there before, the deepest first. A folder that holds something else stays. */
export function clearPaths(workspace: string, paths: readonly string[]): void {
  for (const path of paths.toSorted().toReversed()) {
    const place = join(workspace, path);
    const seen = lstatSync(place, { throwIfNoEntry: false });
    if (!seen) continue;
    if (!seen.isDirectory()) unlinkSync(place);
    else {
      try {
        rmdirSync(place);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
      }
    }
  }
}

export async function layTree(entries: readonly KeptEntry[], place: TreePlace): Promise<void> {
  const { workspace } = place;
  const folders: Extract<KeptEntry, { kind: 'folder' }>[] = [];
  for (const [index, entry] of entries.entries()) {
    if (index % SLICE === SLICE - 1) await setImmediate();
    const to = join(workspace, entry.path);
    mkdirSync(entry.kind === 'folder' ? to : dirname(to), { recursive: true });
    if (entry.kind === 'folder') folders.push(entry);
    else if (entry.kind === 'link') {
      symlinkSync(entry.target, to);
      lutimesSync(to, entry.mtimeMs / 1000, entry.mtimeMs / 1000);
    } else await layFile(entry, to, place);
  }
  // Only now: a folder may forbid writing, and its time changes with what is put into it.
  for (const { path, mode, mtimeMs } of folders.toReversed()) {
    chmodSync(join(workspace, path), mode);
    utimesSync(join(workspace, path), mtimeMs / 1000, mtimeMs / 1000);
  }
}

async function layFile(entry: KeptFile, to: string, { folder, linksAll }: TreePlace): Promise<void> {
  if ((linksAll || isReadOnly(entry.mode)) && tryLink(entry, to, folder)) return;
  await copyContent(objectPath(folder, entry.sha256), to);
  chmodSync(to, entry.mode);
  utimesSync(to, entry.mtimeMs / 1000, entry.mtimeMs / 1000);
}

/** Nobody can write to it by mistake; for root there is no such mode. */
function isReadOnly(mode: number): boolean {
  return (mode & 0o222) === 0 && process.getuid?.() !== 0;
}

/** A link has mode and time in common with the object, so it is made only where they are right. */
function tryLink({ mode, mtimeMs, sha256 }: KeptFile, to: string, folder: string): boolean {
  try {
    const seen = lstatSync(objectPath(folder, sha256));
    if ((seen.mode & 0o7777) !== mode || Math.abs(seen.mtimeMs - mtimeMs) >= 1) return false;
    linkObject(folder, sha256, to);
    return true;
  } catch {
    return false;
  }
}
