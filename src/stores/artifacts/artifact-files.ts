import { createHash, randomInt, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { sha256 } from '#base/ids.ts';
import type { RunId, Sha256 } from '#base/ids.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { unreachable } from '#base/unreachable.ts';
import { safeName } from '../safe-name.ts';
import type { Artifact, ArtifactBody, ArtifactContent, ArtifactDraft, ArtifactStore } from './artifacts.ts';
import {
  CONTENT,
  copyEntry,
  ENTRY,
  entriesIn,
  FILES,
  expiredIn,
  readEntry,
  removeExpired,
  takeAway,
} from './artifact-entries.ts';
import { isReplacedBy } from './artifact-turn.ts';
import { digestOf, forEachOf, isCode, keepCopy, keepFile } from './contents.ts';

/** Copying waits for the disk, hashing for the processor. */
const AT_ONCE = 4;
const READABLE = 0o644;

/** One file of a tree; its content is `content/<digest>`. */
interface TreeFile {
  readonly path: string;
  readonly digest: Sha256;
  readonly bytes: number;
}

/**
 * `<dir>/runs/<run>/<name>/{entry.json, files.json, content/}`, made under `<dir>/tmp` and renamed into place, so that the
 * file system decides who wins. Content lies in `<dir>/pool` too, as another name of the same file.
 */
export function openFileArtifacts(dir: string, options: { readonly nowMs?: () => number } = {}): ArtifactStore {
  const nowMs = options.nowMs ?? Date.now;
  const place = { runs: join(dir, 'runs'), pool: join(dir, 'pool'), drafts: join(dir, 'tmp') };
  const listed = async (runId: RunId): Promise<readonly Artifact[]> => {
    const found = await entriesIn(join(place.runs, safeName(runId)));
    return found.filter((each) => each.expiresAtMs > nowMs()).toSorted((a, b) => a.id - b.id);
  };
  const folderOf = (runId: RunId, name: string): string => join(place.runs, safeName(runId), safeName(name));
  return {
    drafts: place.drafts,
    list: listed,
    save: async (draft, content) => save(draft, content, { ...place, final: folderOf(draft.runId, draft.name), nowMs }),
    knows: async (runId) => (await stat(join(place.runs, safeName(runId))).catch(() => undefined)) !== undefined,
    async get(runId, name) {
      const found = await readEntry(folderOf(runId, name));
      return found && found.expiresAtMs > nowMs() ? found : undefined;
    },
    extract: async (artifact, folder) => extract(artifact, folderOf(artifact.runId, artifact.name), folder),
    body: async (artifact) => body(artifact, folderOf(artifact.runId, artifact.name)),
    async carry(from, to, jobs) {
      const found = (await listed(from)).filter((each) => jobs.has(each.jobId));
      const carried = await Promise.all(
        found.map((each) => {
          const folders = { source: folderOf(from, each.name), final: folderOf(to, each.name), drafts: place.drafts };
          return copyEntry({ ...each, runId: to }, folders);
        }),
      );
      return carried.filter((each) => each !== undefined);
    },
    remove: async (runId, name) => takeAway(folderOf(runId, name), place.drafts),
    async sweep({ notAgainWithinMs = 0, isTrial = false } = {}) {
      if (isTrial) return expiredIn(place.runs, nowMs());
      const mark = join(dir, 'swept');
      const seen = await stat(mark).catch(() => undefined);
      if (seen && nowMs() - seen.mtimeMs < notAgainWithinMs) return [];
      await mkdir(dir, { recursive: true });
      await writeFile(mark, '');
      await utimes(mark, nowMs() / 1000, nowMs() / 1000);
      return removeExpired(place, nowMs());
    },
  };
}

interface SavePlace {
  readonly final: string;
  readonly pool: string;
  readonly drafts: string;
  readonly nowMs: () => number;
}

async function save(
  wanted: ArtifactDraft,
  content: ArtifactContent,
  place: SavePlace,
): Promise<Result<Artifact, 'exists'>> {
  const { final, drafts, nowMs } = place;
  if (!isFree(await readEntry(final), wanted, nowMs())) return err('exists');
  const draft = join(drafts, randomUUID());
  await mkdir(join(draft, CONTENT), { recursive: true });
  try {
    const what =
      content.form === 'tree' ? await fillTree(draft, content, place) : await fillFile(draft, content, place);
    const { runId, name, jobId, attempt, stepTry, retentionMs } = wanted;
    const createdAtMs = nowMs();
    const artifact: Artifact = {
      // Below 2^53 until the year 2255, and no two in the same millisecond alike but by rare chance.
      id: createdAtMs * 1000 + randomInt(1000),
      runId,
      name,
      jobId,
      attempt,
      ...(stepTry ? { stepTry } : {}),
      form: content.form,
      ...what,
      createdAtMs,
      expiresAtMs: createdAtMs + retentionMs,
    };
    await writeFile(join(draft, ENTRY), `${JSON.stringify(artifact)}\n`);
    // Again: another may have come first while this one was filled.
    const earlier = await readEntry(final);
    if (!isFree(earlier, wanted, nowMs())) return err('exists');
    // Only what was seen there: nothing means that whoever comes first now has the name.
    if (earlier) await takeAway(final, drafts);
    await mkdir(dirname(final), { recursive: true });
    await rename(draft, final);
    return ok(artifact);
  } catch (error) {
    if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return err('exists');
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function isFree(earlier: Artifact | undefined, wanted: ArtifactDraft, nowMs: number): boolean {
  if (!earlier || wanted.overwrite || earlier.expiresAtMs <= nowMs) return true;
  return isReplacedBy(earlier, wanted);
}

type Filled = Pick<Artifact, 'bytes' | 'digest' | 'files'>;

async function fillTree(
  draft: string,
  { files }: Extract<ArtifactContent, { form: 'tree' }>,
  place: SavePlace,
): Promise<Filled> {
  const kept: TreeFile[] = [];
  await forEachOf(files, AT_ONCE, async ({ path, source }) => {
    kept.push({ path, ...(await keepCopy(source, join(draft, CONTENT), place)) });
  });
  kept.sort((a, b) => (a.path < b.path ? -1 : 1));
  const digest = createHash('sha256');
  for (const { path, digest: of } of kept) digest.update(`${of}  ${path}\n`);
  await writeFile(join(draft, FILES), JSON.stringify(kept));
  const bytes = kept.reduce((sum, file) => sum + file.bytes, 0);
  return { bytes, files: kept.length, digest: sha256(digest.digest('hex')) };
}

async function fillFile(
  draft: string,
  { file, form }: Extract<ArtifactContent, { form: 'zip' | 'file' }>,
  { pool }: SavePlace,
): Promise<Filled> {
  const digest = await digestOf(file);
  const { size } = await stat(file);
  await keepFile(file, join(draft, CONTENT, digest), { pool, digest });
  await rm(file, { force: true });
  return { bytes: size, digest, ...(form === 'file' ? { files: 1 } : {}) };
}

async function extract(artifact: Artifact, entry: string, folder: string): Promise<'intact' | 'altered'> {
  await mkdir(folder, { recursive: true });
  switch (artifact.form) {
    case 'tree': {
      let isIntact = true;
      await forEachOf(await treeFiles(entry), AT_ONCE, async ({ path, digest }) => {
        const target = join(folder, inside(path));
        await layOut(join(entry, CONTENT, digest), target);
        if ((await digestOf(target)) !== digest) isIntact = false;
      });
      return isIntact ? 'intact' : 'altered';
    }
    case 'file': {
      const target = join(folder, inside(artifact.name));
      await layOut(join(entry, CONTENT, artifact.digest), target);
      return (await digestOf(target)) === artifact.digest ? 'intact' : 'altered';
    }
    case 'zip': {
      const archive = join(entry, CONTENT, artifact.digest);
      const isIntact = (await digestOf(archive)) === artifact.digest;
      await (await import('./zip-files.ts')).unzip(archive, folder);
      return isIntact ? 'intact' : 'altered';
    }
    default:
      return unreachable(artifact.form);
  }
}

/** Never through a link that is there: it may point anywhere. */
async function layOut(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await rm(target, { force: true });
  await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  await chmod(target, READABLE);
}

function inside(path: string): string {
  const plain = normalize(path);
  if (plain === '..' || plain.startsWith('../') || isAbsolute(plain)) throw new Error(`${path} leaves the folder`);
  return plain;
}

async function body(artifact: Artifact, entry: string): Promise<ArtifactBody> {
  if (artifact.form !== 'tree')
    return { kind: 'file', path: join(entry, CONTENT, artifact.digest), bytes: artifact.bytes };
  const { zipStream } = await import('./zip-files.ts');
  const files = (await treeFiles(entry)).map(({ path, digest }) => ({ path, source: join(entry, CONTENT, digest) }));
  return { kind: 'stream', stream: zipStream(files, artifact.createdAtMs) };
}

async function treeFiles(entry: string): Promise<readonly TreeFile[]> {
  const read: unknown = JSON.parse(await readFile(join(entry, FILES), 'utf8'));
  if (!Array.isArray(read) || !read.every(isTreeFile)) throw new Error(`${join(entry, FILES)} is no list of files`);
  return read;
}

function isTreeFile(value: unknown): value is TreeFile {
  if (typeof value !== 'object' || value === null || !('path' in value && 'digest' in value)) return false;
  return typeof value.path === 'string' && typeof value.digest === 'string' && /^[0-9a-f]{64}$/.test(value.digest);
}
