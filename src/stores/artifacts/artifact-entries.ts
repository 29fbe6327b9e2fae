// Artifacts as they lie on disk: reading what they are, taking them away, and clearing up behind those that expired.
import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { safeName } from '../safe-name.ts';
import type { Artifact } from './artifacts.ts';
import { dropUnused, isCode, namesIn } from './contents.ts';

/** What a dead process left unfinished. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** Written last into an artifact's folder. */
export const ENTRY = 'entry.json';
/** Of a tree: its paths and their digests. */
export const FILES = 'files.json';
export const CONTENT = 'content';

export interface ArtifactPlaces {
  readonly runs: string;
  readonly pool: string;
  readonly drafts: string;
}

/** Out of sight at once, and then gone. */
export async function takeAway(folder: string, drafts: string): Promise<boolean> {
  const gone = join(drafts, `gone-${randomUUID()}`);
  await mkdir(drafts, { recursive: true });
  try {
    await rename(folder, gone);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
  await rm(gone, { recursive: true, force: true });
  return true;
}

interface CopyPlace {
  readonly source: string;
  readonly final: string;
  readonly drafts: string;
}

/** The same content under another run; undefined when that has the name. */
export async function copyEntry(
  artifact: Artifact,
  { source, final, drafts }: CopyPlace,
): Promise<Artifact | undefined> {
  const draft = join(drafts, randomUUID());
  await mkdir(join(draft, CONTENT), { recursive: true });
  try {
    for (const name of await namesIn(join(source, CONTENT)))
      await link(join(source, CONTENT, name), join(draft, CONTENT, name));
    if (artifact.form === 'tree') await copyFile(join(source, FILES), join(draft, FILES));
    await writeFile(join(draft, ENTRY), `${JSON.stringify(artifact)}\n`);
    await mkdir(dirname(final), { recursive: true });
    await rename(draft, final);
    return artifact;
  } catch (error) {
    if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return undefined;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

export async function expiredIn(runs: string, nowMs: number): Promise<readonly Artifact[]> {
  const found: Artifact[] = [];
  for (const run of await namesIn(runs))
    found.push(...(await entriesIn(join(runs, run))).filter((each) => each.expiresAtMs <= nowMs));
  return found;
}

export async function removeExpired(
  { runs, pool, drafts }: ArtifactPlaces,
  nowMs: number,
): Promise<readonly Artifact[]> {
  const expired: Artifact[] = [];
  for (const artifact of await expiredIn(runs, nowMs))
    if (await takeAway(join(runs, safeName(artifact.runId), safeName(artifact.name)), drafts)) expired.push(artifact);
  for (const name of await namesIn(drafts)) {
    const seen = await stat(join(drafts, name)).catch(() => undefined);
    if (seen && Date.now() - seen.mtimeMs > ABANDONED_AFTER_MS)
      await rm(join(drafts, name), { recursive: true, force: true });
  }
  await dropUnused(pool);
  return expired;
}

export async function entriesIn(folder: string): Promise<readonly Artifact[]> {
  const read = await Promise.all((await namesIn(folder)).map((name) => readEntry(join(folder, name))));
  return read.filter((entry) => entry !== undefined);
}

/** Undefined for what is no whole artifact: somebody may be clearing up by hand. */
export async function readEntry(folder: string): Promise<Artifact | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, ENTRY), 'utf8'));
    return isArtifact(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

function isArtifact(value: unknown): value is Artifact {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value && 'name' in value && 'form' in value && 'digest' in value && 'expiresAtMs' in value))
    return false;
  const { id, name, form, digest, expiresAtMs } = value;
  const isForm = form === 'tree' || form === 'zip' || form === 'file';
  return (
    isForm &&
    typeof id === 'number' &&
    typeof name === 'string' &&
    typeof digest === 'string' &&
    typeof expiresAtMs === 'number'
  );
}
