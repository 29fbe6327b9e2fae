// Content by its digest: files that are written once. Nobody may write to them, and whoever does is found out.
import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, closeSync, copyFileSync, linkSync, lstatSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { constants, readFileSync, readSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface StoredObject {
  readonly sha256: string;
  readonly size: number;
  /** Changes with everything that is done to the file, a hard link to it included. */
  readonly stamp: string;
}

const CHUNK_BYTES = 1024 * 1024;
/** From here on a copy is left to another thread. */
const LARGE_BYTES = 4 * 1024 * 1024;

/** Copies `from`, and gives the digest of what was copied: what happens to the file meanwhile changes nothing. */
export async function addObject(folder: string, from: string): Promise<StoredObject> {
  const draft = join(folder, 'tmp', randomUUID());
  mkdirSync(dirname(draft), { recursive: true, mode: 0o700 });
  try {
    await copyContent(from, draft);
    const sha256 = digestOf(draft);
    const place = objectPath(folder, sha256);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    if (!isIntact(folder, { sha256, size: lstatSync(draft).size, stamp: '' })) {
      // A hard link to it has its mode and time.
      const { mode, mtimeMs } = lstatSync(from);
      chmodSync(draft, mode & 0o7777);
      utimesSync(draft, mtimeMs / 1000, mtimeMs / 1000);
      renameSync(draft, place);
    }
    const { size, stamp } = look(place);
    return { sha256, size, stamp };
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A copy shares its blocks with the original where the file system can (reflink); otherwise it is one. */
export async function copyContent(from: string, to: string): Promise<void> {
  if (lstatSync(from).size < LARGE_BYTES) copyFileSync(from, to, constants.COPYFILE_FICLONE);
  else await copyFile(from, to, constants.COPYFILE_FICLONE);
}

export function linkObject(folder: string, sha256: string, to: string): void {
  linkSync(objectPath(folder, sha256), to);
}

export function objectPath(folder: string, sha256: string): string {
  return join(folder, 'objects', sha256.slice(0, 2), sha256);
}

/** Untouched since it was written, or else of the right content all the same. */
export function isIntact(folder: string, { sha256, size, stamp }: StoredObject): boolean {
  const place = objectPath(folder, sha256);
  try {
    const seen = look(place);
    if (seen.size !== size) return false;
    return seen.stamp === stamp || digestOf(place) === sha256;
  } catch {
    return false;
  }
}

export function removeObject(folder: string, sha256: string): void {
  rmSync(objectPath(folder, sha256), { force: true });
}

/** Objects that nobody names, and that are older than `graceMs`: a younger one may belong to a step that is being kept. */
export function sweepObjects(folder: string, named: ReadonlySet<string>, olderThanMs: number): void {
  const root = join(folder, 'objects');
  for (const shelf of list(root)) {
    for (const name of list(join(root, shelf))) {
      if (named.has(name)) continue;
      const place = join(root, shelf, name);
      const seen = lstatSync(place, { throwIfNoEntry: false });
      if (seen && seen.ctimeMs < olderThanMs) rmSync(place, { force: true });
    }
  }
}

function look(place: string): { readonly size: number; readonly stamp: string } {
  const { size, ino, ctimeNs } = lstatSync(place, { bigint: true });
  return { size: Number(size), stamp: `${ino}:${ctimeNs}` };
}

function digestOf(file: string): string {
  const hash = createHash('sha256');
  if (lstatSync(file).size <= CHUNK_BYTES) return hash.update(readFileSync(file)).digest('hex');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const handle = openSync(file, 'r');
  try {
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk))
      hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(handle);
  }
  return hash.digest('hex');
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
