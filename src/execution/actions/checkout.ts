// `actions/checkout`: the project itself from its own folder, with no network and nothing of the working tree unless asked
// for; other repositories by git, from the server that actions come from.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { JsonValue } from '#base/json.ts';
import type { Annotation } from '#run/events.ts';
import { inputsOf } from '#workflow/built-in-actions.ts';
import { fetchOther } from './checkout-other.ts';
import { cloneProject, findCommit } from './checkout-project.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

export interface CheckoutOptions {
  /** `<serverUrl>/owner/name` is what git is given for repositories other than the project's. */
  readonly serverUrl: string;
}

export function createCheckoutAction(options: CheckoutOptions): NativeAction {
  return { main: async (context) => main(context, options) };
}

/** What is not here has no meaning for a checkout that needs neither keys nor a proxy of its own. */
const INPUTS = inputsOf('actions/checkout');

async function main(context: ActionContext, options: CheckoutOptions): Promise<ActionResult> {
  const { inputs, workspace } = context;
  const target = resolve(workspace, inputs['path'] ?? '.');
  if (relative(workspace, target).startsWith('..'))
    return failed(`path "${inputs['path']}" lies outside the workspace`);
  if (!/^\d*$/.test((inputs['fetch-depth'] ?? '').trim()))
    return failed(`fetch-depth "${inputs['fetch-depth']}" is no number of commits`);
  mkdirSync(target, { recursive: true });
  makeRoom(target, inputs['clean']?.toLowerCase() === 'false');
  const done = isOther(context)
    ? await fetchOther(context, target, options.serverUrl)
    : await takeProject(context, target);
  return done.kind === 'done' ? { ...done, annotations: warnings(context) } : done;
}

function isOther(context: ActionContext): boolean {
  const wanted = context.inputs['repository'] ?? '';
  return wanted !== '' && wanted.toLowerCase() !== repositoryOf(context)?.toLowerCase();
}

/** With `clean: false`, files that git does not know stay, as far as there was a checkout before. */
function makeRoom(target: string, keepsFiles: boolean): void {
  const entries = readdirSync(target);
  const isCheckout = entries.includes('.git');
  for (const name of entries)
    if (!(keepsFiles && isCheckout) || name === '.git') rmSync(join(target, name), { recursive: true, force: true });
}

/** On GitHub an input that the action does not have is a warning, and so is what cannot be done here. */
function warnings({ inputs }: ActionContext): readonly Annotation[] {
  const strangers = Object.keys(inputs).filter((name) => !INPUTS.includes(name));
  const said = strangers.map((name) => `actions/checkout does not know the input "${name}"`);
  if (inputs['lfs']?.toLowerCase() === 'true') said.push('lfs: what Git LFS keeps elsewhere stays a pointer here');
  return said.map((message) => ({ level: 'warning', message }));
}

async function takeProject(context: ActionContext, target: string): Promise<ActionResult> {
  const { inputs, order } = context;
  const prefix = await git(context, ['rev-parse', '--show-prefix']);
  if (!prefix.ok) return copyFolder(context, target);
  const found = await findCommit(context, inputs['ref'] || context.env['GITHUB_SHA'] || 'HEAD');
  if (!found.ok) return failed(found.error);
  const { sha } = found.value;
  const part = prefix.stdout.trim();
  const done =
    part === ''
      ? await cloneProject(context, target, found.value)
      : await extractInto(context, { target, sha, prefix: part });
  if (done !== undefined) return failed(done);
  let hasChanges = false;
  if (order.dirty) {
    const added = await addWorkingTree(context, target);
    if (!added.ok) return failed(added.error);
    hasChanges = added.value > 0;
  }
  context.output('commit', sha);
  context.output('ref', inputs['ref'] || (context.env['GITHUB_REF'] ?? ''));
  context.log(`${order.project} at ${sha.slice(0, 12)}${hasChanges ? ', with uncommitted changes' : ''}`);
  return { kind: 'done' };
}

interface Destination {
  readonly target: string;
  readonly sha: string;
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
