// Other people's repositories at single commits: `owner/repo@ref` becomes a folder that holds the tree of one commit.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { safeName } from '#stores/safe-name.ts';

const execute = promisify(execFile);

export interface RepositoryReference {
  /** `owner/repo` */
  readonly repository: string;
  /** A branch, a tag, or a commit, full or shortened. */
  readonly ref: string;
}

export interface FetchedRepository {
  /** Read only: every job of every project on this machine that names the commit uses this folder. */
  readonly folder: string;
  /** '' for a local replacement that is no git repository. */
  readonly sha: string;
  /** Set when the server did not answer, and the commit is the one that `ref` named when it last did. */
  readonly stale?: string;
}

/**
 * Safe for several processes at once: a commit's folder appears complete or not at all. What a ref means is asked once in
 * the lifetime of a store, so that all jobs of a run get the same commit; a failure is asked again.
 */
export interface RepositoryStore {
  fetch(wanted: RepositoryReference, signal: AbortSignal): Promise<Result<FetchedRepository, string>>;
  /** Whether the user has put a folder in the place of this one. */
  isReplaced(wanted: RepositoryReference): boolean;
}

export interface RepositoryStoreOptions {
  /** Where repositories come from: `https://github.com`, or any prefix that git understands, `file://` included. */
  readonly serverUrl: string;
  /** Folders by `owner/repo@ref`: used as they are, without asking anybody. */
  readonly local: Readonly<Record<string, string>>;
  /** Of the git commands: proxies, certificates and the user's own git configuration come from here. */
  readonly environment: Readonly<Record<string, string>>;
}

const FULL_SHA = /^[0-9a-f]{40}$/;
const SHORT_SHA = /^[0-9a-f]{7,39}$/;

export function openRepositoryStore(root: string, options: RepositoryStoreOptions): RepositoryStore {
  const answers = new Map<string, Promise<Result<FetchedRepository, string>>>();
  const keyOf = ({ repository, ref }: RepositoryReference): string => `${repository}@${ref}`;
  const localOf = (wanted: RepositoryReference): string | undefined =>
    Object.hasOwn(options.local, keyOf(wanted)) ? options.local[keyOf(wanted)] : undefined;
  return {
    isReplaced: (wanted) => localOf(wanted) !== undefined,
    fetch: async (wanted, signal) => {
      const key = keyOf(wanted);
      const known = answers.get(key);
      if (known) return known;
      const local = localOf(wanted);
      const answer =
        local === undefined ? new Fetch(root, wanted, { options, signal }).run() : openLocal(local, key, options);
      answers.set(key, answer);
      const result = await answer;
      // A failure is not for keeps: the next step, or the next try of this one, may find the network there again.
      if (!result.ok) answers.delete(key);
      return result;
    },
  };
}

async function openLocal(
  folder: string,
  key: string,
  { environment }: RepositoryStoreOptions,
): Promise<Result<FetchedRepository, string>> {
  if (!existsSync(folder)) return err(`--local-action puts ${folder} in the place of ${key}, and it is not there`);
  const head = await git(['-C', folder, 'rev-parse', 'HEAD'], environment);
  return ok({ folder, sha: head.ok ? head.value.trim() : '' });
}

/** Nothing that git could take for an option, and nothing that leaves the store's folder or the server's prefix. */
export function checkReference({ repository, ref }: RepositoryReference): string | undefined {
  const parts = repository.split('/');
  if (parts.length !== 2 || !parts.every((part) => /^\w[\w.-]{0,99}$/.test(part)))
    return `"${repository}" is not the name of a repository: it takes the form owner/repository`;
  const isRef = /^[^-/.~^:?*[\\\s@{}][^~^:?*[\\\s{}]{0,249}$/.test(ref) && !/\.\.|\/\/|\/\.|\.lock$|[/.]$/.test(ref);
  // oxlint-disable-next-line no-control-regex -- what git refuses in the name of a ref
  return isRef && !/[\u0000-\u001f\u007f]/.test(ref) ? undefined : `"${ref}" cannot be a branch, a tag or a commit`;
}

class Fetch {
  readonly #folder: string;
  readonly #wanted: RepositoryReference;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #url: string;
  readonly #signal: AbortSignal;
  /** What the ref was when the server was last asked. */
  readonly #lastSeen: string;

  constructor(
    root: string,
    wanted: RepositoryReference,
    { options, signal }: { options: RepositoryStoreOptions; signal: AbortSignal },
  ) {
    this.#wanted = wanted;
    const [owner = '', name = ''] = wanted.repository.split('/');
    // The same name on another server is another repository.
    this.#folder = join(root, safeName(options.serverUrl), safeName(owner), safeName(name));
    this.#environment = options.environment;
    this.#url = `${options.serverUrl.replace(/\/+$/, '')}/${wanted.repository}`;
    this.#signal = signal;
    this.#lastSeen = join(this.#folder, 'refs', safeName(wanted.ref));
  }

  async run(): Promise<Result<FetchedRepository, string>> {
    const problem = checkReference(this.#wanted);
    if (problem !== undefined) return err(problem);
    const { ref } = this.#wanted;
    if (FULL_SHA.test(ref)) return this.#commit(ref);
    const resolved = await this.#resolve();
    if (!resolved.ok) return this.#lastKnown(resolved.error);
    const fetched = await this.#commit(resolved.value);
    if (!fetched.ok) return this.#lastKnown(fetched.error);
    this.#write(this.#lastSeen, resolved.value);
    return fetched;
  }

  #lastKnown(why: string): Result<FetchedRepository, string> {
    const sha = existsSync(this.#lastSeen) ? readFileSync(this.#lastSeen, 'utf8').trim() : '';
    const folder = this.#tree(sha);
    return FULL_SHA.test(sha) && existsSync(folder) ? ok({ folder, sha, stale: why }) : err(why);
  }

  /** A tag comes before a branch of the same name, and the commit of an annotated tag before the tag itself. */
  async #resolve(): Promise<Result<string, string>> {
    const { repository, ref } = this.#wanted;
    const names = [`refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`];
    if (ref.startsWith('refs/')) names.unshift(`${ref}^{}`, ref);
    const listed = await this.#git(['ls-remote', '--', this.#url, ...names]);
    if (!listed.ok) return listed;
    const found = new Map(
      listed.value.split('\n').map((line): [string, string] => {
        const [sha = '', name = ''] = line.split('\t');
        return [name, sha];
      }),
    );
    const sha = names.map((name) => found.get(name)).find((each) => each !== undefined);
    if (sha !== undefined) return ok(sha);
    return SHORT_SHA.test(ref) ? this.#lengthen(ref) : err(`${repository} has no branch, tag or commit ${ref}`);
  }

  /** Servers do not look up the beginning of a commit's name, so the commits' names are fetched, without their files. */
  async #lengthen(short: string): Promise<Result<string, string>> {
    const aside = this.#aside();
    try {
      const prepared = await this.#git(['init', '--quiet', '--bare', '--template=', aside]);
      if (!prepared.ok) return prepared;
      const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
      const fetched = await this.#git(['-C', aside, 'fetch', '--quiet', '--filter=tree:0', '--', this.#url, ...refs]);
      if (!fetched.ok) return fetched;
      const found = await this.#git(['-C', aside, 'rev-parse', '--verify', '--quiet', `${short}^{commit}`]);
      return found.ok ? ok(found.value.trim()) : err(`${this.#wanted.repository} has no commit ${short}`);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }

  async #commit(sha: string): Promise<Result<FetchedRepository, string>> {
    const folder = this.#tree(sha);
    if (existsSync(folder)) return ok({ folder, sha });
    const aside = this.#aside();
    try {
      const steps = [
        ['init', '--quiet', '--template=', aside],
        ['-C', aside, 'fetch', '--quiet', '--depth=1', '--no-tags', '--', this.#url, sha],
        ['-C', aside, '-c', 'core.hooksPath=/dev/null', 'checkout', '--quiet', '--detach', sha],
      ];
      for (const step of steps) {
        const done = await this.#git(step);
        if (!done.ok) return done;
      }
      rmSync(join(aside, '.git'), { recursive: true, force: true });
      mkdirSync(join(this.#folder, 'commits'), { recursive: true });
      this.#moveInto(aside, folder);
      return ok({ folder, sha });
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }

  /** Whoever comes second finds the same commit there already. */
  #moveInto(aside: string, folder: string): void {
    try {
      renameSync(aside, folder);
    } catch (cause) {
      if (!existsSync(folder)) throw cause;
    }
  }

  #tree(sha: string): string {
    return join(this.#folder, 'commits', sha);
  }

  #aside(): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return join(this.#folder, `aside-${randomUUID()}`);
  }

  #write(file: string, text: string): void {
    mkdirSync(join(this.#folder, 'refs'), { recursive: true });
    const aside = this.#aside();
    writeFileSync(aside, `${text}\n`);
    renameSync(aside, file);
  }

  #git(args: readonly string[]): Promise<Result<string, string>> {
    return git(args, this.#environment, this.#signal);
  }
}

/** Never asks for a password, and takes no transport that runs a command of the other side's choice. */
async function git(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Result<string, string>> {
  try {
    const { stdout } = await execute('git', ['-c', 'protocol.ext.allow=never', ...args], {
      env: { ...environment, GIT_TERMINAL_PROMPT: '0', GIT_LFS_SKIP_SMUDGE: '1', LC_ALL: 'C' },
      maxBuffer: 64 * 1024 * 1024,
      ...(signal ? { signal } : {}),
    });
    return ok(stdout);
  } catch (cause) {
    const stderr = typeof cause === 'object' && cause !== null && 'stderr' in cause ? String(cause.stderr).trim() : '';
    const said = stderr || (cause instanceof Error ? cause.message : String(cause));
    return err(`git ${args.find((arg) => !arg.startsWith('-') && !arg.startsWith('/'))}: ${said.split('\n')[0]}`);
  }
}
