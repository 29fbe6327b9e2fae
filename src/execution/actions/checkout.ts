// `actions/checkout`, served from the project's own folder: no network, nothing of the working tree unless asked for.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { JsonValue } from '#base/json.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

export const checkout: NativeAction = { main };

/** Inputs that mean something here; any other is an error, because ignoring it would check out something else. */
const KNOWN = new Set([
  'path',
  'ref',
  'clean',
  'fetch-depth',
  'fetch-tags',
  'persist-credentials',
  'lfs',
  'submodules',
  'token',
  'repository',
  'show-progress',
  'set-safe-directory',
]);

async function main(context: ActionContext): Promise<ActionResult> {
  const { inputs, order, workspace } = context;
  for (const name of Object.keys(inputs)) if (!KNOWN.has(name)) return failed(`unknown input "${name}"`);
  if (inputs['repository'] !== undefined && inputs['repository'] !== repositoryOf(context))
    return failed(`repository ${inputs['repository']}: only the project's own can be checked out`);
  const target = resolve(workspace, inputs['path'] ?? '.');
  if (relative(workspace, target).startsWith('..'))
    return failed(`path "${inputs['path']}" lies outside the workspace`);
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(target)) rmSync(join(target, name), { recursive: true, force: true });
  const prefix = await git(context, ['rev-parse', '--show-prefix']);
  if (!prefix.ok) return copyFolder(context, target);
  const commit = inputs['ref'] ?? context.env['GITHUB_SHA'] ?? 'HEAD';
  const revision = await findCommit(context, commit || 'HEAD');
  if (!revision.ok) return failed(`there is no commit ${commit || 'HEAD'} in ${order.project}`);
  const sha = revision.stdout.trim();
  const done =
    prefix.stdout.trim() === ''
      ? await cloneInto(context, { target, sha })
      : await extractInto(context, { target, sha, prefix: prefix.stdout.trim() });
  if (done) return failed(done);
  let hasChanges = false;
  if (order.dirty) {
    const added = await addWorkingTree(context, target);
    if (!added.ok) return failed(added.error);
    hasChanges = added.value > 0;
  }
  context.output('commit', sha);
  context.output('ref', context.env['GITHUB_REF'] ?? '');
  context.log(`${order.project} at ${sha.slice(0, 12)}${hasChanges ? ', with uncommitted changes' : ''}`);
  return { kind: 'done' };
}

/** A branch that was never checked out here is known by the name that its remote has for it. */
async function findCommit(context: ActionContext, name: string): ReturnType<ActionContext['run']> {
  const find = (each: string): ReturnType<ActionContext['run']> =>
    git(context, ['rev-parse', '--verify', '--quiet', `${each}^{commit}`]);
  const found = await find(name);
  return found.ok ? found : find(`refs/remotes/origin/${name}`);
}

interface Destination {
  readonly target: string;
  readonly sha: string;
}

/** A real repository that borrows the project's objects: made in milliseconds, whatever the history weighs. */
async function cloneInto(context: ActionContext, { target, sha }: Destination): Promise<string | undefined> {
  const aside = join(context.temporary, 'clone');
  rmSync(aside, { recursive: true, force: true });
  const cloned = await context.run({
    argv: ['git', 'clone', '--quiet', '--shared', '--no-checkout', context.order.project, aside],
  });
  if (!cloned.ok) return cloned.why;
  renameSync(join(aside, '.git'), join(target, '.git'));
  rmSync(aside, { recursive: true, force: true });
  const origin = await git(context, ['remote', 'get-url', 'origin']);
  if (origin.ok)
    await context.run({ argv: ['git', 'remote', 'set-url', 'origin', origin.stdout.trim()], cwd: target, quiet: true });
  const ref = context.env['GITHUB_REF'] ?? '';
  const place = ref.startsWith('refs/heads/') ? ['-B', ref.slice('refs/heads/'.length)] : ['--detach'];
  const checked = await context.run({ argv: ['git', 'checkout', '--quiet', '--force', ...place, sha], cwd: target });
  return checked.ok ? undefined : checked.why;
}

/** The project is a part of a larger repository: its part alone is checked out, as if it stood by itself. */
async function extractInto(
  context: ActionContext,
  destination: Destination & { readonly prefix: string },
): Promise<string | undefined> {
  const archive = join(context.temporary, 'tree.tar');
  const made = await git(context, ['archive', '--format=tar', '-o', archive, destination.sha]);
  if (!made.ok) return made.why;
  return unpack(context, archive, destination.target);
}

/** How many files differ from the commit now. */
async function addWorkingTree(context: ActionContext, target: string): Promise<Result<number, string>> {
  // Against the commit and not the index: what is staged is not committed either.
  const diff = ['diff', '--name-only', '--no-renames', '--relative', '-z'];
  const changed = await git(context, [...diff, '--diff-filter=d', 'HEAD', '--']);
  const deleted = await git(context, [...diff, '--diff-filter=D', 'HEAD', '--']);
  const added = await git(context, ['ls-files', '--others', '--exclude-standard', '-z']);
  const present = [...new Set([...names(changed.stdout), ...names(added.stdout)])];
  // Of a file that was taken out of the index and left in its place, the file counts.
  const gone = new Set(names(deleted.stdout).filter((name) => !present.includes(name)));
  for (const name of gone) rmSync(join(target, name), { force: true });
  const why = await pack(context, present, target);
  return why ? err(why) : ok(present.length + gone.size);
}

async function copyFolder(context: ActionContext, target: string): Promise<ActionResult> {
  context.log(`${context.order.project} is no git repository: its files are copied as they are`);
  const entries = readdirSync(context.order.project).filter((name) => name !== '.git');
  const why = await pack(context, entries, target);
  return why ? failed(why) : { kind: 'done' };
}

async function pack(context: ActionContext, entries: readonly string[], target: string): Promise<string | undefined> {
  if (entries.length === 0) return undefined;
  const list = join(context.temporary, 'tree.list');
  const archive = join(context.temporary, 'tree.tar');
  writeFileSync(list, entries.map((name) => `./${name}\0`).join(''));
  const made = await context.run({ argv: ['tar', '-C', context.order.project, '-cf', archive, '--null', '-T', list] });
  return made.ok ? unpack(context, archive, target) : made.why;
}

async function unpack(context: ActionContext, archive: string, target: string): Promise<string | undefined> {
  const unpacked = await context.run({ argv: ['tar', '-C', target, '-xf', archive] });
  rmSync(archive, { force: true });
  return unpacked.ok ? undefined : unpacked.why;
}

function git(context: ActionContext, args: readonly string[]): ReturnType<ActionContext['run']> {
  return context.run({ argv: ['git', ...args], cwd: context.order.project, quiet: true });
}

function repositoryOf(context: ActionContext): string | undefined {
  const github: JsonValue | undefined = context.order.contexts['github'];
  if (typeof github !== 'object' || github === null || Array.isArray(github) || !('repository' in github))
    return undefined;
  return typeof github['repository'] === 'string' ? github['repository'] : undefined;
}

function names(zeroSeparated: string): readonly string[] {
  return zeroSeparated.split('\0').filter((name) => name !== '');
}

function failed(why: string): ActionResult {
  return { kind: 'failed', why };
}
