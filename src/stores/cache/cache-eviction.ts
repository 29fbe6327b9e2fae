// Making room: what was not used for a while goes, then what was not used longest, until the rest fits.
import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LEAVING, MANIFEST, namesIn, READERS, readEntry } from './cache-entries.ts';
import { isCode, removeTree, sizeOfTree } from './trees.ts';

export interface EvictionLimits {
  readonly maxBytes: number;
  readonly unusedMs: number;
}

/** Nothing reads for a day: the mark of such a reader is left over. */
const READER_LIMIT_MS = 24 * 60 * 60 * 1000;

interface Candidate {
  readonly folder: string;
  readonly usedAtMs: number;
  readonly bytes: number;
}

export interface Evicted {
  readonly entries: number;
  readonly bytes: number;
}

/** `keep`: the entry that room is made for. `isTrial`: nothing is removed, and the answer is what would be. */
export async function evict(
  dir: string,
  limits: EvictionLimits & { readonly nowMs: number; readonly keep?: string; readonly isTrial?: boolean },
): Promise<Evicted> {
  const all = await candidates(dir);
  let bytes = all.reduce((sum, each) => sum + each.bytes, 0);
  const evicted: Candidate[] = [];
  for (const each of all.toSorted((a, b) => a.usedAtMs - b.usedAtMs)) {
    if (each.folder === limits.keep) continue;
    if (limits.nowMs - each.usedAtMs <= limits.unusedMs && bytes <= limits.maxBytes) continue;
    if (limits.isTrial !== true && !(await removeEntry(dir, each.folder))) continue;
    bytes -= each.bytes;
    evicted.push(each);
  }
  return { entries: evicted.length, bytes: evicted.reduce((sum, each) => sum + each.bytes, 0) };
}

async function candidates(dir: string): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for (const version of await namesIn(dir)) {
    if (version === 'tmp') continue;
    for (const name of await namesIn(path.join(dir, version))) {
      const folder = path.join(dir, version, name);
      const entry = await readEntry(folder);
      const seen = await stat(entry ? path.join(folder, MANIFEST) : folder).catch(() => undefined);
      if (!seen) continue;
      const bytes = entry?.manifest.bytes ?? (await sizeOfTree(folder).catch(() => 0));
      found.push({ folder, usedAtMs: seen.mtimeMs, bytes });
    }
  }
  return found;
}

/** False: somebody reads it, or it is gone already. */
async function removeEntry(dir: string, folder: string): Promise<boolean> {
  const mark = path.join(folder, LEAVING);
  const gone = path.join(dir, 'tmp', `evicted-${randomUUID()}`);
  try {
    await writeFile(mark, '');
    if (await hasReaders(path.join(folder, READERS))) {
      await rm(mark, { force: true });
      return false;
    }
    await rename(folder, gone);
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return false;
    throw error;
  }
  await removeTree(gone);
  return true;
}

async function hasReaders(folder: string): Promise<boolean> {
  for (const name of await namesIn(folder)) {
    const seen = await stat(path.join(folder, name)).catch(() => undefined);
    if (seen && Date.now() - seen.mtimeMs < READER_LIMIT_MS && isRunning(Number.parseInt(name, 10))) return true;
  }
  return false;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}
