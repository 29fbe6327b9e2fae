/** What a restore found. `partial`: `key` is another one than was asked for, so saving under the new one pays off. */
export interface CacheRestore {
  readonly hit: 'exact' | 'partial' | 'miss';
  /** The key of the entry that was restored; absent on a miss. */
  readonly key?: string;
}

export interface CacheQuery {
  readonly key: string;
  /** Beginnings of other keys, tried in turn. */
  readonly restoreKeys?: readonly string[];
  /** Scopes whose entries may be used, in this order: all keys in the first, then all in the next. Absent: all of them as one. */
  readonly scopes?: readonly string[];
}

export interface CachePaths {
  /** As the pipeline writes them: an entry belongs to its list of paths, and the same key with other paths is another entry. */
  readonly paths: readonly string[];
  readonly workspace: string;
}

export interface CacheSave extends CachePaths {
  readonly key: string;
  /** Who may use the entry, such as a branch. */
  readonly scope?: string;
  /** What is kept, when `paths` are patterns: what they matched, with the same rules as for paths. */
  readonly items?: readonly string[];
}

/** An entry as one file, as actions bring it that carry a cache client of their own. `version` is that client's. */
export interface ArchiveSave {
  readonly key: string;
  readonly version: string;
  readonly scope?: string;
  /** On the file system of the cache; it is moved. */
  readonly file: string;
}

export interface FoundArchive extends Disposable {
  readonly key: string;
  /** Stays where it is until disposed of. */
  readonly file: string;
}

/**
 * Folders and files kept from one run to the next, under a key. An entry never changes once it is saved.
 *
 * Paths: relative to `workspace`, under `~/`, or absolute. A relative one that leaves the workspace is refused with an
 * error; patterns are for the caller to match (`items`).
 * Matching, as GitHub does it: `key` itself, then the newest entry whose key starts with `key`, then the same for each
 * restore key in turn. Only `key` itself is an exact hit.
 * Concurrency: any number of processes may save and restore; of those that save one key at once, one wins. A reader
 * sees a whole entry or none.
 * Restoring lays the entry over what is there: files of the entry replace, others stay. When it throws, a part of the
 * entry may already be in place.
 * Size: what was not used for a while, and then what was not used longest, makes room when something is saved; never an
 * entry that is being read, nor the one just saved.
 */
export interface CacheStore {
  restore(request: CacheQuery & CachePaths): Promise<CacheRestore>;
  /** What `restore` would find. */
  lookup(request: CacheQuery & CachePaths): Promise<CacheRestore>;
  /** Paths that do not exist are left out. Throws when none exists: an empty entry would block its key for good. */
  save(request: CacheSave): Promise<'saved' | 'exists'>;
  findArchive(request: CacheQuery & { readonly version: string }): Promise<FoundArchive | undefined>;
  saveArchive(request: ArchiveSave): Promise<'saved' | 'exists'>;
  /** Makes room without saving anything. `isTrial`: nothing is removed, and the answer is what would be. */
  tidy(options?: { readonly isTrial?: boolean }): Promise<{ readonly entries: number; readonly bytes: number }>;
  /** A folder on the cache's file system for files that are to become archives. */
  readonly drafts: string;
}
