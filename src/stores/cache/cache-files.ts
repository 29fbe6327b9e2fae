import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ArchiveSave, CachePaths, CacheQuery, CacheRestore, CacheSave, CacheStore } from './cache.ts';
import { entryFolder, MANIFEST, markUsed, matchingEntries, namesIn, openEntry, versionOf } from './cache-entries.ts';
import type { Entry, Manifest } from './cache-entries.ts';
import { evict } from './cache-eviction.ts';
import type { Evicted } from './cache-eviction.ts';
import { copyTree, exists, isCode, removeTree, sizeOfTree } from './trees.ts';

const run = promisify(execFile);

const DAY_MS = 24 * 60 * 60 * 1000;
/** GitHub's, for a repository. */
const STANDARD_LIMITS = { maxBytes: 10 * 1024 ** 3, unusedMs: 7 * DAY_MS };
// A copy that has not touched its folder for a day belongs to a process that died.
const ABANDONED_AFTER_MS = DAY_MS;

export interface FileCacheOptions {
  /** What `~/` stands for; the home of this process unless given. */
  readonly home?: string;
  /** Tells which of two entries is newer, and which was used last. */
  readonly nowMs?: () => number;
  /** Of all entries together; 10 GB unless given. */
  readonly maxBytes?: number;
  /** How long an entry is kept that nobody restores; 7 days unless given. */
  readonly unusedMs?: number;
}

/**
 * The cache as copies of trees. An entry is made under `<dir>/tmp` and renamed into place, so the file system decides
 * who wins. On file systems that can, copies share their blocks with the original (reflink) and cost next to nothing.
 * Needs GNU `cp`, and GNU `tar` for archives.
 */
export function openFileCache(dir: string, options: FileCacheOptions = {}): CacheStore {
  const cache = new FileCache(dir, { home: homedir(), nowMs: Date.now, ...STANDARD_LIMITS, ...options });
  return {
    restore: async (request) => cache.restore(request),
    lookup: async (request) => cache.lookup(request),
    save: async (request) => cache.save(request),
    findArchive: async (request) => cache.findArchive(request),
    saveArchive: async (request) => cache.saveArchive(request),
    tidy: async ({ isTrial = false } = {}) => cache.tidy(isTrial),
    drafts: path.join(dir, 'tmp'),
  };
}

class FileCache {
  readonly #dir: string;
  readonly #options: Required<FileCacheOptions>;

  constructor(dir: string, options: Required<FileCacheOptions>) {
    this.#dir = dir;
    this.#options = options;
  }

  async tidy(isTrial: boolean): Promise<Evicted> {
    const { maxBytes, unusedMs, nowMs } = this.#options;
    return evict(this.#dir, { maxBytes, unusedMs, nowMs: nowMs(), isTrial });
  }

  async restore(request: CacheQuery & CachePaths): Promise<CacheRestore> {
    const { workspace } = request;
    for (const each of normalized(request.paths)) this.#placeOf(each, workspace);
    for (const entry of await this.#find(request)) {
      using reader = openEntry(entry);
      if (!reader) continue;
      await this.#layOut(entry, workspace);
      await markUsed(entry, this.#options.nowMs());
      return found(entry, request.key);
    }
    return { hit: 'miss' };
  }

  async lookup(request: CacheQuery & CachePaths): Promise<CacheRestore> {
    const [entry] = await this.#find(request);
    return entry ? found(entry, request.key) : { hit: 'miss' };
  }

  async #find(request: CacheQuery & CachePaths): Promise<readonly Entry[]> {
    const paths = normalized(request.paths);
    const versions = [versionOf(paths), versionOf(paths, 'gzip')];
    return matchingEntries(
      versions.map((version) => path.join(this.#dir, version)),
      request,
    );
  }

  async #layOut({ folder, manifest }: Entry, workspace: string): Promise<void> {
    if (manifest.items === null) return unpack(path.join(folder, 'archive'), workspace);
    for (const [index, item] of manifest.items.entries()) {
      const place = this.#placeOf(item, workspace);
      await mkdir(path.dirname(place), { recursive: true });
      await copyTree(path.join(folder, 'tree', String(index)), place);
    }
  }

  async save({ key, scope = '', paths, items = paths, workspace }: CacheSave): Promise<'saved' | 'exists'> {
    const wanted = normalized(items);
    const places = wanted.map((item) => ({ item, place: this.#placeOf(item, workspace) }));
    const final = entryFolder(this.#dir, { version: versionOf(normalized(paths)), key, scope, isTree: true });
    if (await exists(final)) return 'exists';
    const present: typeof places = [];
    for (const each of places) if (await exists(each.place)) present.push(each);
    if (present.length === 0) throw new Error(`nothing to cache: there is no ${normalized(paths).join(', ')}`);
    return this.#publish(final, { key, scope, items: present.map(({ item }) => item) }, async (draft) => {
      await mkdir(path.join(draft, 'tree'));
      for (const [index, { place }] of present.entries())
        await copyTree(place, path.join(draft, 'tree', String(index)));
    });
  }

  async findArchive(request: CacheQuery & { readonly version: string }): ReturnType<CacheStore['findArchive']> {
    const folder = path.dirname(entryFolder(this.#dir, { ...request, scope: '', isTree: false }));
    for (const entry of await matchingEntries([folder], request)) {
      if (entry.manifest.items !== null) continue;
      const reader = openEntry(entry);
      if (!reader) continue;
      await markUsed(entry, this.#options.nowMs());
      const close = (): void => reader[Symbol.dispose]();
      return { key: entry.manifest.key, file: path.join(entry.folder, 'archive'), [Symbol.dispose]: close };
    }
    return undefined;
  }

  async saveArchive({ key, version, scope = '', file }: ArchiveSave): Promise<'saved' | 'exists'> {
    const final = entryFolder(this.#dir, { version, key, scope, isTree: false });
    if (await exists(final)) return 'exists';
    return this.#publish(final, { key, scope, items: null }, (draft) => rename(file, path.join(draft, 'archive')));
  }

  async #publish(
    final: string,
    what: Pick<Manifest, 'key' | 'scope' | 'items'>,
    fill: (draft: string) => Promise<void>,
  ): Promise<'saved' | 'exists'> {
    const { nowMs, maxBytes, unusedMs } = this.#options;
    await dropAbandoned(path.join(this.#dir, 'tmp'));
    const draft = path.join(this.#dir, 'tmp', randomUUID());
    await mkdir(draft, { recursive: true });
    try {
      await fill(draft);
      const now = nowMs();
      const manifest: Manifest = { ...what, createdAtMs: now, bytes: await sizeOfTree(draft) };
      await writeFile(path.join(draft, MANIFEST), `${JSON.stringify(manifest)}\n`);
      await utimes(path.join(draft, MANIFEST), now / 1000, now / 1000);
      await mkdir(path.dirname(final), { recursive: true });
      await rename(draft, final);
      await evict(this.#dir, { maxBytes, unusedMs, nowMs: now, keep: final });
      return 'saved';
    } catch (error) {
      if (isCode(error, 'ENOTEMPTY') || isCode(error, 'EEXIST')) return 'exists';
      throw error;
    } finally {
      await removeTree(draft);
    }
  }

  #placeOf(text: string, workspace: string): string {
    if (text === '~' || text.startsWith('~/')) return path.join(this.#options.home, text.slice(1));
    if (path.isAbsolute(text)) return path.normalize(text);
    const place = path.resolve(workspace, text);
    const back = path.relative(workspace, place);
    if (back === '..' || back.startsWith('../')) {
      throw new Error(`cache path ${text} leaves the workspace; write it from / or ~/ if that is meant`);
    }
    return place;
  }
}

function found({ manifest }: Entry, key: string): CacheRestore {
  return { hit: manifest.key === key ? 'exact' : 'partial', key: manifest.key };
}

function normalized(paths: readonly string[]): string[] {
  return paths.map((each) => each.trim()).filter((each) => each !== '');
}

/** As `@actions/cache` unpacks what it packed: with paths that are absolute or go upwards from the workspace. */
async function unpack(archive: string, workspace: string): Promise<void> {
  try {
    await run('tar', ['-xPf', archive, '-C', workspace]);
  } catch (error) {
    throw new Error(`unpacking a cache archive into ${workspace}`, { cause: error });
  }
}

async function dropAbandoned(drafts: string): Promise<void> {
  for (const name of await namesIn(drafts)) {
    const draft = path.join(drafts, name);
    const seen = await stat(draft).catch(() => undefined);
    if (seen && Date.now() - seen.mtimeMs > ABANDONED_AFTER_MS) await removeTree(draft);
  }
}
