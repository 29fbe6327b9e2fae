// `actions/cache` on this machine's own store: restored at its step, saved at the end of the job when it was no exact hit.
import type { CacheStore } from '#stores/cache/cache.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

export function createCacheAction(store: CacheStore): NativeAction {
  return { main: async (context) => restore(context, store), post: async (context) => save(context, store) };
}

async function restore(context: ActionContext, store: CacheStore): Promise<ActionResult> {
  const { inputs, workspace } = context;
  const key = inputs['key']?.trim();
  const paths = lines(inputs['path']);
  if (!key || paths.length === 0) return { kind: 'failed', why: 'inputs "path" and "key" are required' };
  const found = await store.restore(key, lines(inputs['restore-keys']), paths, workspace);
  context.output('cache-primary-key', key);
  context.output('cache-hit', found.hit === 'miss' ? '' : String(found.hit === 'exact'));
  context.output('cache-matched-key', found.key ?? '');
  if (found.hit === 'exact') context.saveState('exact', 'true');
  if (found.hit === 'miss' && inputs['fail-on-cache-miss'] === 'true')
    return { kind: 'failed', why: `no cache for key ${key}` };
  context.log(found.hit === 'miss' ? `nothing cached for ${key}` : `restored ${found.key} (${found.hit} hit)`);
  return { kind: 'done' };
}

async function save(context: ActionContext, store: CacheStore): Promise<ActionResult> {
  if (context.state('exact') === 'true') return { kind: 'done' };
  const key = context.inputs['key']?.trim() ?? '';
  const ended = await store.save(key, lines(context.inputs['path']), context.workspace);
  context.log(ended === 'saved' ? `saved as ${key}` : `${key} is cached already`);
  return { kind: 'done' };
}

function lines(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
