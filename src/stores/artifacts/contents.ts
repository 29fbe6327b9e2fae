// Content by its digest: one file for all that is equal, shared by hard links. `<pool>/<2 digits>/<digest>`.
import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sha256 } from '#base/ids.ts';
import type { Sha256 } from '#base/ids.ts';

const READ_ONLY = 0o444;

export async function digestOf(file: string): Promise<Sha256> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return sha256(hash.digest('hex'));
}

export interface PoolPlace {
  readonly pool: string;
  readonly drafts: string;
}

/** What is copied is what is hashed, however the source goes on. The answer's `place` is in `folder`, by its digest. */
export async function keepCopy(
  source: string,
  folder: string,
  place: PoolPlace,
): Promise<{ readonly digest: Sha256; readonly bytes: number }> {
  const draft = join(place.drafts, randomUUID());
  try {
    // Blocks are shared where the file system can.
    await copyFile(source, draft, constants.COPYFILE_FICLONE);
    const digest = await digestOf(draft);
    const { size } = await stat(draft);
    await keepFile(draft, join(folder, digest), { pool: place.pool, digest });
    return { digest, bytes: size };
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves `draft` to `target`, or gives it the name of an equal file that is there already. */
export async function keepFile(
  draft: string,
  target: string,
  { pool, digest }: { readonly pool: string; readonly digest: Sha256 },
): Promise<void> {
  const pooled = join(pool, digest.slice(0, 2), digest);
  if (await linked(pooled, target)) return;
  await chmod(draft, READ_ONLY);
  await mkdir(dirname(pooled), { recursive: true });
  await linked(draft, pooled);
  // Its own, when the pool lost it meanwhile or has given it as many names as a file can have.
  if (!(await linked(pooled, target))) await rename(draft, target);
}

/** False: there is no such file, or it has too many names. That the target is there already is as good. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return true;
    if (isCode(error, 'ENOENT') || isCode(error, 'EMLINK')) return false;
    throw error;
  }
}

/** Takes out what no artifact has. One that is given a name at this very moment keeps its content: it has its own. */
export async function dropUnused(pool: string): Promise<void> {
  for (const part of await namesIn(pool)) {
    for (const name of await namesIn(join(pool, part))) {
      const file = join(pool, part, name);
      const seen = await stat(file).catch(() => undefined);
      if (seen?.nlink === 1) await rm(file, { force: true });
    }
  }
}

export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return [];
    throw error;
  });
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** In order, so many at a time. */
export async function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const item of left) await work(item);
  });
  await Promise.all(workers);
}
