// Repositories of actions and called workflows, as they are at one commit. Shared by all projects of this machine: a commit
// is fetched once, and never again.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { startProcess } from '../process/host-process.ts';

export interface RepositoryReference {
  /** `owner/name`. */
  readonly repository: string;
  /** A branch, a tag, or a commit. */
  readonly ref: string;
}

export interface FetchedRepository {
  /** Its files; nobody writes there. */
  readonly folder: string;
  /** '' for a folder that was named with `--local-action`. */
  readonly sha: string;
  /** Why the server was not asked what the ref is now, when it should have been. */
  readonly stale?: string;
}

export interface RepositoryStore {
  /** Whether a folder of this machine was named for it; then it goes before what is built in. */
  hasLocal(uses: string): boolean;
  fetch(reference: RepositoryReference, signal: AbortSignal): Promise<Result<FetchedRepository, string>>;
  /** The commit that the reference means now. Asks the server, and fetches nothing. */
  resolve(reference: RepositoryReference, signal: AbortSignal): Promise<Result<string, string>>;
}

export interface RepositoryStoreOptions {
  /** `<serverUrl>/owner/name` is what git is given. */
  readonly serverUrl: string;
  /** `owner/name@ref` to a folder that stands in for it. */
  readonly local: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

const FULL_COMMIT = /^[0-9a-f]{40}$/;
const SHORT_COMMIT = /^[0-9a-f]{7,39}$/;
const SAFE_REPOSITORY = /^[A-Za-z0-9_][\w.-]*\/[A-Za-z0-9_.][\w.-]*$/;
/** What git takes for the name of a ref, and no option (git-check-ref-format(1)). */
const SAFE_REF = /^(?!-)(?!.*\.\.)(?!.*@\{)[^\s~^:?*[\\\p{Cc}]+$/u;

export function openRepositoryStore(root: string, options: RepositoryStoreOptions): RepositoryStore {
  const fetched = new Map<string, Promise<Result<FetchedRepository, string>>>();
  return {
    hasLocal: (uses) => {
      const [, repository = '', ref = ''] = /^([^/@]+\/[^/@]+)(?:\/[^@]*)?@(.+)$/.exec(uses) ?? [];
      return options.local[`${repository}@${ref}`] !== undefined;
    },
    resolve: async ({ repository, ref }, signal) =>
      misnamed(repository, ref) ?? resolveRef(addressOf(options, repository), ref, { ...options, signal }),
    fetch: async (reference, signal) => {
      const key = `${reference.repository.toLowerCase()}@${reference.ref}`;
      const local = options.local[`${reference.repository}@${reference.ref}`];
      if (local !== undefined) return ok({ folder: resolve(local), sha: '' });
      // Within a run a ref means one commit, whoever asks for it.
      const known = fetched.get(key) ?? fetchRepository(root, reference, { ...options, signal });
      fetched.set(key, known);
      const result = await known;
      if (!result.ok) fetched.delete(key);
      return result;
    },
  };
}

type FetchOptions = RepositoryStoreOptions & { readonly signal: AbortSignal };

async function fetchRepository(
  root: string,
  { repository, ref }: RepositoryReference,
  options: FetchOptions,
): Promise<Result<FetchedRepository, string>> {
  const mistake = misnamed(repository, ref);
  if (mistake) return mistake;
  const home = join(root, ...repository.toLowerCase().split('/'));
  const folderOf = (sha: string): string => join(home, sha);
  if (FULL_COMMIT.test(ref) && existsSync(folderOf(ref))) return ok({ folder: folderOf(ref), sha: ref });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const url = addressOf(options, repository);
  const note = join(home, `ref-${encodeURIComponent(ref)}`);
  const asked = await resolveRef(url, ref, options);
  if (!asked.ok) {
    const last = existsSync(note) ? readFileSync(note, 'utf8') : '';
    if (last !== '' && existsSync(folderOf(last))) return ok({ folder: folderOf(last), sha: last, stale: asked.error });
    return err(`${repository}@${ref}: ${asked.error}`);
  }
  const sha = asked.value;
  if (!existsSync(folderOf(sha))) {
    const got = await download({ url, sha, ref, home }, options);
    if (got !== undefined) return err(`${repository}@${ref}: ${got}`);
  }
  writeFileSync(note, sha);
  return ok({ folder: folderOf(sha), sha });
}

function misnamed(repository: string, ref: string): Result<never, string> | undefined {
  if (!SAFE_REPOSITORY.test(repository) || repository.includes('..')) return err(`"${repository}" names no repository`);
  return SAFE_REF.test(ref) ? undefined : err(`"${ref}" names no branch, tag or commit`);
}

function addressOf({ serverUrl }: RepositoryStoreOptions, repository: string): string {
  return `${serverUrl.replace(/\/+$/, '')}/${repository}`;
}

/** The commit that a ref is now. A tag before a branch, as GitHub's runner asks. */
async function resolveRef(url: string, ref: string, options: FetchOptions): Promise<Result<string, string>> {
  if (FULL_COMMIT.test(ref)) return ok(ref);
  const listed = await git(
    ['ls-remote', '--', url, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`, ref],
    options,
  );
  if (!listed.ok) return listed;
  const refs = new Map(
    listed.value.split('\n').flatMap((line): [string, string][] => {
      const [sha = '', name = ''] = line.split('\t');
      return name === '' ? [] : [[name, sha]];
    }),
  );
  const sha =
    refs.get(`refs/tags/${ref}^{}`) ?? refs.get(`refs/tags/${ref}`) ?? refs.get(`refs/heads/${ref}`) ?? refs.get(ref);
  if (sha !== undefined && FULL_COMMIT.test(sha)) return ok(sha);
  // GitHub does not take them either: what a few letters mean may change.
  const hint = SHORT_COMMIT.test(ref) ? '; of a commit, all 40 letters are needed' : '';
  return err(`${url} has no branch or tag "${ref}"${hint}`);
}

interface Wanted {
  readonly url: string;
  readonly sha: string;
  readonly ref: string;
  readonly home: string;
}

/** Undefined when the commit's files are in place. Made aside and moved there, so that nobody sees half of it. */
async function download({ url, sha, home }: Wanted, options: FetchOptions): Promise<string | undefined> {
  const aside = join(home, `incoming-${randomUUID()}`);
  mkdirSync(aside, { mode: 0o700 });
  try {
    for (const args of [
      ['init', '--quiet', aside],
      ['-C', aside, 'fetch', '--quiet', '--depth=1', '--no-tags', '--', url, sha],
      ['-C', aside, 'checkout', '--quiet', '--detach', 'FETCH_HEAD'],
    ]) {
      const done = await git(args, options);
      if (!done.ok) return done.error;
    }
    rmSync(join(aside, '.git'), { recursive: true, force: true });
    try {
      renameSync(aside, join(home, sha));
    } catch (cause) {
      // Another process was faster; a commit is a commit.
      if (!existsSync(join(home, sha))) throw cause;
    }
    return undefined;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

const MAX_SAID = 4_096;
const MAX_LISTED_BYTES = 1024 * 1024;

async function git(args: readonly string[], { env, signal }: FetchOptions): Promise<Result<string, string>> {
  const out: Buffer[] = [];
  const said: Buffer[] = [];
  let bytes = 0;
  const result = await startProcess({
    argv: ['git', ...args],
    cwd: '/',
    // No prompt may hold up a run that nobody watches.
    env: { ...env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '', SSH_ASKPASS: '' },
    onOutput: (stream, chunk) => {
      bytes += chunk.length;
      if (bytes < MAX_LISTED_BYTES) (stream === 'stdout' ? out : said).push(chunk);
    },
    signal,
    timeoutMs: 5 * 60_000,
  });
  if (result.kind === 'exited' && result.exitCode === 0) return ok(Buffer.concat(out).toString('utf8'));
  if (result.kind === 'not-started') return err(result.why);
  const lines = Buffer.concat(said).toString('utf8').slice(0, MAX_SAID).trim().split('\n');
  // Advice follows the reason.
  const reason = lines.find((line) => line.startsWith('fatal: ')) ?? lines.at(-1) ?? '';
  return err(reason === '' ? `git ${args[0] ?? ''} ended without success` : reason.replace(/^fatal: /, ''));
}
