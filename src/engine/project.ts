// What git and the machine say about a project, gathered before planning.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Project {
  /** The folder that the pipeline belongs to. */
  readonly root: string;
  readonly isGit: boolean;
  readonly sha: string;
  /** `refs/heads/<branch>`, or `refs/tags/<tag>` of a tag that is checked out; '' when neither is, or without git. */
  readonly ref: string;
  readonly branch: string;
  readonly isClean: boolean;
  /** Address of the remote `origin`, or of the first there is; '' without one. */
  readonly origin: string;
  /** What the remote calls its default branch; else `main` or `master`, whichever is there; else the branch itself. */
  readonly defaultBranch: string;
  /** Absent without git, and before the first commit. */
  readonly head?: HeadCommit;
}

export interface HeadCommit {
  readonly message: string;
  readonly authorName: string;
  readonly authorEmail: string;
  /** With its offset, as `2026-11-26T05:00:00+01:00`. */
  readonly committedAt: string;
  readonly tree: string;
  /** The first parent; '' for a first commit, and where a shallow clone ends. */
  readonly parent: string;
}

/** The nearest folder, upwards from `folder`, that holds a pipeline or a repository; `folder` itself when none does. */
export function projectRoot(folder: string): string {
  const start = resolve(folder);
  const marks = ['gantry.yml', 'gantry.yaml', 'gantry.ts', '.gantry', '.github/workflows', '.git'];
  for (let current = start; ; current = dirname(current)) {
    if (marks.some((mark) => existsSync(join(current, mark)))) return current;
    if (dirname(current) === current) return start;
  }
}

/** The folder that a pipeline belongs to: `gantry.yml` and `gantry.ts` to their own, files in `.gantry/` and `.github/workflows/` to the one above; any other to the project round the current folder. */
export function projectOf(workflowFile: string): string {
  const file = resolve(workflowFile);
  const folder = dirname(file);
  if (basename(folder) === 'workflows' && basename(dirname(folder)) === '.github') return dirname(dirname(folder));
  if (basename(folder) === '.gantry') return dirname(folder);
  if (/^gantry\.(ya?ml|ts)$/.test(basename(file))) return folder;
  return projectRoot(process.cwd());
}

export async function findProject(workflowFile: string): Promise<Project> {
  const root = projectOf(workflowFile);
  const [head, symbolic, status, origin, heads] = await Promise.all([
    git(root, ['log', '-1', '--format=%H%n%P%n%T%n%an%n%ae%n%cI%n%B']),
    git(root, ['symbolic-ref', '--quiet', 'HEAD']),
    git(root, ['status', '--porcelain', '--untracked-files=normal', '.']),
    originOf(root),
    git(root, ['for-each-ref', '--format=%(refname) %(symref)', 'refs/heads', 'refs/remotes/*/HEAD']),
  ]);
  const [sha = '', parents = '', tree = '', authorName = '', authorEmail = '', committedAt = '', ...message] =
    head?.split('\n') ?? [];
  const ref = symbolic ?? (head === undefined ? '' : await refOfDetached(root));
  const branch = ref.startsWith(BRANCHES) ? ref.slice(BRANCHES.length) : '';
  const [parent = ''] = parents.split(' ');
  return {
    root,
    isGit: status !== undefined,
    sha,
    ref,
    branch,
    isClean: status === '',
    origin,
    defaultBranch: defaultBranch(heads ?? '', branch),
    ...(head === undefined
      ? {}
      : { head: { message: message.join('\n'), authorName, authorEmail, committedAt, tree, parent } }),
  };
}

const BRANCHES = 'refs/heads/';

async function originOf(root: string): Promise<string> {
  const origin = await git(root, ['remote', 'get-url', 'origin']);
  if (origin !== undefined) return origin;
  const [first] = (await git(root, ['remote']))?.split('\n') ?? [];
  return first ? ((await git(root, ['remote', 'get-url', first])) ?? '') : '';
}

/** A tag that is checked out; else the one branch, here or at the remote, that is at this commit. */
async function refOfDetached(root: string): Promise<string> {
  const tag = await git(root, ['describe', '--tags', '--exact-match']);
  if (tag) return `refs/tags/${tag}`;
  const places = ['--points-at', 'HEAD', '--format=%(refname)', 'refs/heads', 'refs/remotes'];
  const refs = (await git(root, ['for-each-ref', ...places]))?.split('\n') ?? [];
  const names = refs.flatMap((ref) => /^refs\/(?:heads|remotes\/[^/]+)\/(?!HEAD$)(.+)$/.exec(ref)?.[1] ?? []);
  const [only, ...others] = new Set(names);
  return only !== undefined && others.length === 0 ? `${BRANCHES}${only}` : '';
}

function defaultBranch(refs: string, branch: string): string {
  const lines = refs.split('\n');
  const atRemote = lines.flatMap(
    (line) => /^refs\/remotes\/[^/]+\/HEAD refs\/remotes\/[^/]+\/(.+)$/.exec(line)?.[1] ?? [],
  );
  const here = ['main', 'master'].find((name) => lines.some((line) => line.trim() === `${BRANCHES}${name}`));
  return atRemote[0] ?? here ?? (branch || 'main');
}

/** Files that the last commit changed, and with `dirty` those changed since; undefined when git cannot tell. */
export async function changedPaths(project: Project, dirty: boolean): Promise<readonly string[] | undefined> {
  const committed = await git(project.root, ['diff', '--name-only', '--relative', 'HEAD~1', 'HEAD']);
  const changed = dirty ? await git(project.root, ['diff', '--name-only', '--relative', 'HEAD']) : '';
  if (committed === undefined || changed === undefined) return undefined;
  return [...committed.split('\n'), ...changed.split('\n')].filter((name) => name !== '');
}

async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await execute('git', args, { cwd, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/**
 * Everything Gantry keeps of a project: outside of it, so that a job's tools do not find the project's own files above
 * their workspace, and cleaning the repository does not take down what is live. `GANTRY_STATE_DIR` overrides the place.
 */
export function stateFolder(project: string, env: Readonly<Record<string, string | undefined>>): string {
  const home =
    env['GANTRY_STATE_DIR'] ??
    join(env['XDG_STATE_HOME'] ?? join(env['HOME'] ?? homedir(), '.local', 'state'), 'gantry');
  const digest = createHash('sha256').update(project).digest('hex').slice(0, 8);
  return join(home, `${basename(project) || 'root'}-${digest}`);
}
