// The project's own repository in a job's workspace: a real one that borrows the project's objects, made in milliseconds
// whatever the history weighs, and as shallow as GitHub's.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { finishCheckout } from './checkout-tree.ts';
import type { ActionContext } from './native-action.ts';

export interface FoundCommit {
  readonly sha: string;
  /** The branch that was asked for by name. */
  readonly branch?: string;
}

/** A ref as the action takes it: a branch, a tag or a commit, by its short name or in full. */
export async function findCommit(context: ActionContext, ref: string): Promise<Result<FoundCommit, string>> {
  const short = ref.replace(/^refs\/heads\//, '');
  const candidates = [`refs/heads/${short}`, `refs/remotes/origin/${short}`, `refs/tags/${short}`, ref];
  for (const [index, candidate] of candidates.entries()) {
    const isBranch = index < 2;
    if (isBranch && (ref === 'HEAD' || (ref.startsWith('refs/') && short === ref))) continue;
    const revision = await git(context, [
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${candidate}^{commit}`,
    ]);
    if (revision.ok) return ok({ sha: revision.stdout.trim(), ...(isBranch ? { branch: short } : {}) });
  }
  return err(`there is no commit ${ref} in ${context.order.project}`);
}

/** The answer is why it could not be made. */
export async function cloneProject(
  context: ActionContext,
  target: string,
  { sha, branch }: FoundCommit,
): Promise<string | undefined> {
  const { inputs, order } = context;
  const aside = join(context.temporary, 'clone');
  rmSync(aside, { recursive: true, force: true });
  const depth = Number(inputs['fetch-depth']?.trim() || '1');
  const hasTags = depth === 0 || inputs['fetch-tags']?.toLowerCase() === 'true';
  const tags = hasTags ? [] : ['--no-tags'];
  const cloned = await context.run({
    argv: ['git', 'clone', '--quiet', '--shared', '--no-checkout', ...tags, order.project, aside],
    quiet: true,
  });
  if (!cloned.ok) return cloned.why;
  const ref = context.env['GITHUB_REF'] ?? '';
  const own = ref.startsWith('refs/heads/') && !inputs['ref'] ? ref.slice('refs/heads/'.length) : undefined;
  const name = branch ?? own;
  if (depth > 0) await makeShallow(context, { folder: aside, sha, depth, branch: name });
  renameSync(join(aside, '.git'), join(target, '.git'));
  rmSync(aside, { recursive: true, force: true });
  const origin = await git(context, ['remote', 'get-url', 'origin']);
  if (origin.ok)
    await context.run({ argv: ['git', 'remote', 'set-url', 'origin', origin.stdout.trim()], cwd: target, quiet: true });
  return finishCheckout(context, { target, sha, branch: name, submodules: order.project });
}

interface Shallow {
  readonly folder: string;
  readonly sha: string;
  readonly depth: number;
  readonly branch: string | undefined;
}

/** As a fetch of that depth leaves it: history ends, and no other branch is known. */
async function makeShallow(context: ActionContext, { folder, sha, depth, branch }: Shallow): Promise<void> {
  const run = async (argv: readonly string[]): Promise<string> =>
    (await context.run({ argv: ['git', ...argv], cwd: folder, quiet: true })).stdout;
  const ends = await historyEnds(run, sha, depth);
  const file = join(folder, '.git', 'shallow');
  // A project that is shallow itself has such a file already, and nothing behind it.
  if (ends.length > 0 && !existsSync(file)) writeFileSync(file, ends.map((commit) => `${commit}\n`).join(''));
  const kept = branch === undefined ? '' : `refs/remotes/origin/${branch}`;
  const known = (await run(['for-each-ref', '--format=%(refname)', 'refs/remotes'])).split('\n');
  for (const ref of known) if (ref !== '' && ref !== kept) await run(['update-ref', '--no-deref', '-d', ref]);
  if (kept !== '') await run(['update-ref', kept, sha]);
}

/** The commits, `depth` steps from the newest on, whose parents are left out. */
async function historyEnds(
  run: (argv: readonly string[]) => Promise<string>,
  sha: string,
  depth: number,
): Promise<readonly string[]> {
  if (depth === 1) return [sha];
  const parents = new Map<string, readonly string[]>();
  for (const line of (await run(['rev-list', '--parents', sha])).split('\n')) {
    const [commit = '', ...others] = line.split(' ');
    parents.set(commit, others);
  }
  let level = new Set([sha]);
  const seen = new Set(level);
  for (let step = 1; step < depth && level.size > 0; step++) {
    const next = [...level].flatMap((commit) => parents.get(commit) ?? []).filter((commit) => !seen.has(commit));
    level = new Set(next);
    for (const commit of level) seen.add(commit);
  }
  return [...level].filter((commit) => (parents.get(commit)?.length ?? 0) > 0);
}

function git(context: ActionContext, args: readonly string[]): ReturnType<ActionContext['run']> {
  return context.run({ argv: ['git', ...args], cwd: context.order.project, quiet: true });
}
