// What `setup-python` and `setup-node` keep from run to run when they are asked to: `cache: pip`, `cache: npm`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import { cacheScopes } from './cache-scopes.ts';
import type { ActionContext } from './native-action.ts';

export interface DependencyCache {
  /** Before the hash of the files that name the dependencies. */
  readonly prefix: string;
  /** Those files, by pattern. */
  readonly files: readonly string[];
  /** Whether another list of dependencies is better than none. */
  readonly takesOlder: boolean;
  /** Relative to `base`. */
  readonly paths: readonly string[];
  readonly base: string;
}

export type DependencyHit = 'exact' | 'partial' | 'miss';

const KEY = 'cache-key';
const HIT = 'cache-is-exact';

/** Says what it found, in the log and in the output `cache-hit`. */
export async function restoreDependencies(
  context: ActionContext,
  store: CacheStore,
  cache: DependencyCache,
): Promise<Result<DependencyHit, string>> {
  const hash = context.hashFiles(cache.files);
  if (hash === '')
    return err(
      `nothing says which dependencies to cache: there is no ${cache.files.join(' and no ')} in the workspace`,
    );
  const key = `${cache.prefix}-${hash}`;
  const found = await store.restore({
    key,
    ...(cache.takesOlder ? { restoreKeys: [`${cache.prefix}-`] } : {}),
    scopes: cacheScopes(context.order),
    paths: cache.paths,
    workspace: cache.base,
  });
  // Without restore keys the store still takes what begins with the key.
  const hit = found.hit === 'partial' && !cache.takesOlder ? 'miss' : found.hit;
  context.saveState(KEY, key);
  context.saveState(HIT, String(hit === 'exact'));
  context.output('cache-hit', String(hit === 'exact'));
  context.log(hit === 'miss' ? `no dependencies are cached for ${key}` : `cached dependencies: ${found.key}`);
  return ok(hit);
}

/** At the end of a job that went well, unless they were there. A cache that cannot be saved fails nothing. */
export async function saveDependencies(
  context: ActionContext,
  store: CacheStore,
  cache: Pick<DependencyCache, 'paths' | 'base'>,
): Promise<void> {
  const key = context.state(KEY);
  if (key === undefined || context.state(HIT) === 'true') return;
  if (!cache.paths.some((path) => existsSync(join(cache.base, path)))) {
    context.log('no dependencies were downloaded, so none are cached');
    return;
  }
  const [scope] = cacheScopes(context.order);
  const ended = await store.save({ key, scope, paths: cache.paths, workspace: cache.base });
  context.log(ended === 'saved' ? `dependencies are cached as ${key}` : `${key} is cached already`);
}

/** Whether `restoreDependencies` was asked for, and did not find just what is wanted. */
export function wantsSaving(context: ActionContext): boolean {
  return context.state(KEY) !== undefined && context.state(HIT) !== 'true';
}

/** As `runner.os` and `runner.arch` say it. */
export function platformName(): string {
  const os = process.platform === 'darwin' ? 'macOS' : 'Linux';
  return `${os}-${process.arch}`;
}
