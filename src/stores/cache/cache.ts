/** What a restore found. `partial`: `key` is another one than was asked for, so saving under the new one pays off. */
export interface CacheRestore {
  readonly hit: 'exact' | 'partial' | 'miss';
  /** The key of the entry that was restored; absent on a miss. */
  readonly key?: string;
}

/**
 * Folders and files kept from one run to the next, under a key. An entry never changes once it is saved.
 *
 * Paths: relative to `workspace`, under `~/`, or absolute; no globs. A relative one that leaves the workspace is
 * refused with an error. An entry belongs to its list of paths: the same key with other paths is another entry.
 * Matching, as GitHub does it: `key` itself, then the newest entry whose key starts with `key`, then the same for each
 * restore key in turn. Only `key` itself is an exact hit.
 * Concurrency: any number of processes may save and restore; of those that save one key at once, one wins. A reader
 * sees a whole entry or none.
 * Restoring lays the entry over what is there: files of the entry replace, others stay. When it throws, a part of the
 * entry may already be in place.
 */
export interface CacheStore {
  restore(
    key: string,
    restoreKeys: readonly string[],
    paths: readonly string[],
    workspace: string,
  ): Promise<CacheRestore>;
  /** Paths that do not exist are left out. Throws when none exists: an empty entry would block its key for good. */
  save(key: string, paths: readonly string[], workspace: string): Promise<'saved' | 'exists'>;
}
