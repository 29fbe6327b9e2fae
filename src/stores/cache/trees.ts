// Copying and removing trees of files, as they are: links, modes, times.
import { execFile } from 'node:child_process';
import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `-T`: the target is the thing itself, not a folder to put it in. A link or hard link at the target is replaced, never written through. */
export async function copyTree(from: string, to: string): Promise<void> {
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

/** Trees may hold folders nobody may write to (Go's module cache does), which keeps their content from being removed. */
export async function removeTree(folder: string): Promise<void> {
  if (!(await exists(folder))) return;
  await run('chmod', ['-R', 'u+rwX', '--', folder]).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
}

/** Bytes of all files in it; what two names stand for counts twice. */
export async function sizeOfTree(place: string): Promise<number> {
  const seen = await lstat(place);
  if (!seen.isDirectory()) return seen.size;
  let bytes = 0;
  for (const entry of await readdir(place, { withFileTypes: true }))
    bytes += await sizeOfTree(path.join(place, entry.name));
  return bytes;
}

export async function exists(place: string): Promise<boolean> {
  try {
    await lstat(place);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return false;
    throw error;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
