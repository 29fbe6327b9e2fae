// From a repository with its commit to files: sparse or whole, on a branch or detached, with submodules.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ActionContext } from './native-action.ts';

export interface TreeSetting {
  readonly target: string;
  readonly sha: string;
  /** Undefined: no branch, HEAD is the commit itself. */
  readonly branch: string | undefined;
  /** A folder of this machine with the same submodules, whose repositories need not be fetched again. */
  readonly submodules?: string;
}

/** The answer is why it could not be done. */
export async function finishCheckout(context: ActionContext, setting: TreeSetting): Promise<string | undefined> {
  const { target, sha, branch } = setting;
  const sparse = await makeSparse(context, target);
  if (sparse !== undefined) return sparse;
  const place = branch === undefined ? ['--detach'] : ['-B', branch];
  const checked = await context.run({ argv: ['git', 'checkout', '--quiet', '--force', ...place, sha], cwd: target });
  if (!checked.ok) return checked.why;
  const wanted = context.inputs['submodules']?.trim().toLowerCase() ?? '';
  if (wanted !== 'true' && wanted !== 'recursive') return undefined;
  return takeSubmodules(context, { target, from: setting.submodules, isRecursive: wanted === 'recursive' });
}

async function makeSparse(context: ActionContext, target: string): Promise<string | undefined> {
  const patterns = (context.inputs['sparse-checkout'] ?? '').split('\n').flatMap((line) => line.trim() || []);
  if (patterns.length === 0) return undefined;
  const isCone = context.inputs['sparse-checkout-cone-mode']?.toLowerCase() !== 'false';
  const mode = isCone ? '--cone' : '--no-cone';
  const set = await context.run({
    argv: ['git', 'sparse-checkout', 'set', mode, '--end-of-options', ...patterns],
    cwd: target,
  });
  return set.ok ? undefined : set.why;
}

interface Submodules {
  readonly target: string;
  readonly from: string | undefined;
  readonly isRecursive: boolean;
}

async function takeSubmodules(
  context: ActionContext,
  { target, from, isRecursive }: Submodules,
): Promise<string | undefined> {
  if (!existsSync(join(target, '.gitmodules'))) return undefined;
  const run = async (argv: readonly string[]): ReturnType<ActionContext['run']> =>
    context.run({ argv: ['git', ...argv], cwd: target, quiet: true });
  const listed = await run(['config', '--file', '.gitmodules', '--get-regexp', '^submodule\\..*\\.path$']);
  await run(['submodule', 'init']);
  for (const line of listed.stdout.split('\n')) {
    const [, name = '', path = ''] = /^submodule\.(.*)\.path (.*)$/.exec(line) ?? [];
    if (name === '') continue;
    const here = from === undefined ? undefined : join(from, path);
    const isHere = here !== undefined && existsSync(join(here, '.git'));
    if (isHere) await run(['config', `submodule.${name}.url`, here]);
    // Of this machine or of the server that the project names: both are where its author says they are.
    const updated = await context.run({
      argv: ['git', '-c', 'protocol.file.allow=always', 'submodule', 'update', '--force', '--', path],
      cwd: target,
    });
    if (!updated.ok) return `submodule ${path}: ${updated.why}`;
    if (!isRecursive) continue;
    const why = await takeSubmodules(context, {
      target: join(target, path),
      from: isHere ? here : undefined,
      isRecursive,
    });
    if (why !== undefined) return why;
  }
  return undefined;
}
