// `github.actions.results.api.v1.CacheService` and the older `_apis/artifactcache`, by which `@actions/cache` works.
import { z } from 'zod';
import type { FoundArchive } from '#stores/cache/cache.ts';
import { cacheScopes } from '../actions/cache-scopes.ts';
import { invalid, Refusal } from './refusal.ts';
import type { ServiceSetting } from './service-setting.ts';
import type { Upload } from './uploads.ts';

const Entry = z.object({ key: z.string().min(1).max(512), version: z.string().min(1).max(512) });
const Lookup = Entry.extend({ restore_keys: z.array(z.string()).max(9).default([]) });

interface Reservation {
  readonly key: string;
  readonly version: string;
  readonly upload: Upload;
}

/** What both services do, under their own names. */
export class CacheEntries implements Disposable {
  readonly #setting: ServiceSetting;
  readonly #scopes: readonly [string, ...string[]];
  readonly #reserved = new Map<number, Reservation>();
  /** What was offered stays until the job ends. */
  readonly #found: FoundArchive[] = [];
  #lastId = 0;

  constructor(setting: ServiceSetting) {
    this.#setting = setting;
    this.#scopes = cacheScopes(setting.order);
  }

  /** Undefined: there is such an entry, or it is being made. */
  async reserve(key: string, version: string): Promise<{ readonly id: number; readonly upload: Upload } | undefined> {
    const [scope] = this.#scopes;
    using there = await this.#setting.cache.findArchive({ key, version, scopes: [scope] });
    const isMade = [...this.#reserved.values()].some((each) => each.key === key && each.version === version);
    if (there?.key === key || isMade) return undefined;
    const upload = await this.#setting.cacheUploads.begin();
    const id = ++this.#lastId;
    this.#reserved.set(id, { key, version, upload });
    return { id, upload };
  }

  upload(id: number): Upload {
    const reserved = this.#reserved.get(id);
    if (!reserved) throw new Refusal(404, 'not_found', 'there is no such cache entry');
    return reserved.upload;
  }

  idOf(key: string, version: string): number {
    const found = [...this.#reserved].find(([, each]) => each.key === key && each.version === version);
    if (!found) throw new Refusal(404, 'not_found', `the cache entry ${key} was not reserved`);
    return found[0];
  }

  async commit(id: number): Promise<'saved' | 'exists'> {
    const reserved = this.#reserved.get(id);
    if (!reserved) throw new Refusal(404, 'not_found', 'there is no such cache entry');
    const { key, version, upload } = reserved;
    if (!upload.isComplete) throw invalid(`nothing was uploaded for the cache entry ${key}`);
    this.#reserved.delete(id);
    try {
      const [scope] = this.#scopes;
      return await this.#setting.cache.saveArchive({ key, version, scope, file: upload.file });
    } finally {
      await this.#setting.cacheUploads.drop(upload);
    }
  }

  async find(
    key: string,
    restoreKeys: readonly string[],
    version: string,
  ): Promise<{ key: string; url: string } | undefined> {
    const found = await this.#setting.cache.findArchive({ key, restoreKeys, version, scopes: this.#scopes });
    if (!found) return undefined;
    this.#found.push(found);
    const url = this.#setting.downloads.offer({
      contentType: 'application/octet-stream',
      fileName: 'cache',
      open: async () => ({ kind: 'file', path: found.file }),
    });
    return { key: found.key, url };
  }

  [Symbol.dispose](): void {
    for (const found of this.#found.splice(0)) found[Symbol.dispose]();
  }
}

type Method = (body: unknown) => Promise<object>;

export function cacheService(entries: CacheEntries, setting: ServiceSetting): Readonly<Record<string, Method>> {
  return {
    async CreateCacheEntry(body) {
      const { key, version } = parse(Entry, body);
      const reserved = await entries.reserve(key, version);
      if (!reserved) return { ok: false, message: 'a cache entry of this key and version exists in this scope' };
      return { ok: true, signed_upload_url: setting.uploadUrl('caches', reserved.upload) };
    },
    async FinalizeCacheEntryUpload(body) {
      const { key, version } = parse(Entry, body);
      const id = entries.idOf(key, version);
      const ended = await entries.commit(id);
      return ended === 'saved'
        ? { ok: true, entry_id: String(id) }
        : { ok: false, message: 'another job saved it first' };
    },
    async GetCacheEntryDownloadURL(body) {
      const { key, version, restore_keys: restoreKeys } = parse(Lookup, body);
      const found = await entries.find(key, restoreKeys, version);
      return found ? { ok: true, signed_download_url: found.url, matched_key: found.key } : { ok: false };
    },
  };
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (!read.success) throw invalid(z.prettifyError(read.error));
  return read.data;
}

export interface OldAnswer {
  readonly status: number;
  readonly body?: object;
}

/** `rest` is what follows `_apis/artifactcache/`. Undefined: there is no such thing to ask for. */
export async function askOldCache(
  entries: CacheEntries,
  request: {
    readonly method: string;
    readonly rest: string;
    readonly query: URLSearchParams;
    readonly json: () => Promise<unknown>;
  },
): Promise<OldAnswer | undefined> {
  const { method, rest, query, json } = request;
  if (method === 'GET' && rest === 'cache') {
    const [key = '', ...restoreKeys] = (query.get('keys') ?? '').split(',');
    const found = await entries.find(key, restoreKeys, query.get('version') ?? '');
    return found ? { status: 200, body: { archiveLocation: found.url, cacheKey: found.key } } : { status: 204 };
  }
  if (method === 'GET' && rest === 'caches') return { status: 200, body: { totalCount: 0, artifactCaches: [] } };
  if (method === 'POST' && rest === 'caches') {
    const { key, version } = parse(Entry, await json());
    const reserved = await entries.reserve(key, version);
    if (!reserved) return { status: 409, body: { message: `a cache entry of the key ${key} exists already` } };
    return { status: 201, body: { cacheId: reserved.id } };
  }
  const id = /^caches\/(\d+)$/.exec(rest)?.[1];
  if (method !== 'POST' || id === undefined) return undefined;
  entries.upload(Number(id)).isComplete = true;
  await entries.commit(Number(id));
  return { status: 204 };
}
