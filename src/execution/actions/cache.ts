// `actions/cache`, `actions/cache/restore` and `actions/cache/save` on this machine's own store.
import { homedir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import { cacheScopes } from './cache-scopes.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

/** As long as GitHub lets a key be, and as many as it tries. */
const MAX_KEY_LENGTH = 512;
const MAX_KEYS = 10;

/** Restored at its step, saved at the end of a successful job when it was no exact hit. */
export function createCacheAction(store: CacheStore): NativeAction {
  return {
    main: async (context) => restore(context, store),
    post: async (context) => (context.state('exact') === 'true' ? { kind: 'done' } : save(context, store)),
  };
}

export function createCacheRestoreAction(store: CacheStore): NativeAction {
  return { main: async (context) => restore(context, store) };
}

/** As on GitHub, a cache that cannot be saved is no reason to fail: it says so, and the job goes on. */
export function createCacheSaveAction(store: CacheStore): NativeAction {
  return {
    main: async (context) => {
      const result = await save(context, store);
      if (result.kind === 'done') return result;
      context.log(`not saved: ${result.why}`);
      return { kind: 'done', annotations: [{ level: 'warning', message: `cache not saved: ${result.why}` }] };
    },
  };
}

interface Wanted {
  readonly key: string;
  readonly restoreKeys: readonly string[];
  readonly paths: readonly string[];
}

function readInputs({ inputs }: ActionContext): Result<Wanted, string> {
  const key = inputs['key']?.trim() ?? '';
  const restoreKeys = lines(inputs['restore-keys']);
  const paths = lines(inputs['path']);
  if (key === '' || paths.length === 0) return err('inputs "path" and "key" are required');
  const keys = [key, ...restoreKeys];
  if (keys.length > MAX_KEYS) return err(`there are ${keys.length} keys; at most ${MAX_KEYS} are tried`);
  for (const each of keys) {
    if (each.length > MAX_KEY_LENGTH) return err(`the key ${each} is longer than ${MAX_KEY_LENGTH} characters`);
    if (each.includes(',')) return err(`the key ${each} has a comma in it`);
  }
  return ok({ key, restoreKeys, paths });
}

async function restore(context: ActionContext, store: CacheStore): Promise<ActionResult> {
  const { inputs, workspace } = context;
  const wanted = readInputs(context);
  if (!wanted.ok) return { kind: 'failed', why: wanted.error };
  const { key, restoreKeys } = wanted.value;
  const request = { ...wanted.value, workspace, scopes: cacheScopes(context.order) };
  const onlyLooks = inputs['lookup-only'] === 'true';
  const found = onlyLooks ? await store.lookup(request) : await store.restore(request);
  context.output('cache-primary-key', key);
  context.output('cache-hit', found.hit === 'miss' ? '' : String(found.hit === 'exact'));
  context.output('cache-matched-key', found.key ?? '');
  if (found.hit === 'exact') context.saveState('exact', 'true');
  if (found.hit !== 'miss') {
    context.log(`${onlyLooks ? 'there is' : 'restored'} ${found.key} (${found.hit} hit)`);
    return { kind: 'done' };
  }
  const keys = [key, ...restoreKeys].join(', ');
  if (inputs['fail-on-cache-miss'] === 'true') return { kind: 'failed', why: `nothing cached for ${keys}` };
  context.log(`nothing cached for ${keys}`);
  return { kind: 'done' };
}

async function save(context: ActionContext, store: CacheStore): Promise<ActionResult> {
  const wanted = readInputs({ ...context, inputs: { ...context.inputs, 'restore-keys': '' } });
  if (!wanted.ok) return { kind: 'failed', why: wanted.error };
  const { key, paths } = wanted.value;
  const [scope] = cacheScopes(context.order);
  const { workspace } = context;
  try {
    const items = await itemsOf(paths, workspace);
    if (!items.ok) return { kind: 'failed', why: items.error };
    const ended = await store.save({ key, paths, items: items.value, workspace, scope });
    context.log(ended === 'saved' ? `saved as ${key}` : `${key} is cached already`);
    return { kind: 'done' };
  } catch (cause) {
    return { kind: 'failed', why: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Plain paths as they are; with patterns among them, what all together match. */
async function itemsOf(paths: readonly string[], workspace: string): Promise<Result<readonly string[], string>> {
  if (!paths.some((path) => /[*?[\]!#\\]/.test(path))) return ok(paths);
  const { findPaths, readPatterns } = await import('./path-patterns.ts');
  const home = homedir();
  const read = readPatterns(paths.join('\n'), { workspace, home });
  if (!read.ok) return read;
  const items: string[] = [];
  let inside: string | undefined;
  for await (const { path, isFolder } of findPaths(read.value, { descendants: false, excludeHidden: false })) {
    // What lies in a folder that is taken comes with it.
    if (inside !== undefined && path.startsWith(inside)) continue;
    if (isFolder) inside = `${path}/`;
    items.push(writtenAgain(path, workspace, home));
  }
  return items.length > 0 ? ok(items) : err(`nothing to cache: nothing matches ${paths.join(', ')}`);
}

/** So that it is found in another workspace, and under another home. */
function writtenAgain(path: string, workspace: string, home: string): string {
  const inWorkspace = relative(workspace, path);
  if (!isOutside(inWorkspace)) return inWorkspace === '' ? '.' : inWorkspace;
  const inHome = relative(home, path);
  return isOutside(inHome) ? path : join('~', inHome);
}

function isOutside(path: string): boolean {
  return path === '..' || path.startsWith('../') || isAbsolute(path);
}

function lines(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
