// What git and the machine say about a project, gathered before planning: the `github` context of a local run.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '#base/json.ts';

const execute = promisify(execFile);

export interface Project {
  /** The folder that the pipeline belongs to. */
  readonly root: string;
  readonly isGit: boolean;
  readonly sha: string;
  /** `refs/heads/<branch>`; '' when detached or without git. */
  readonly ref: string;
  readonly branch: string;
  readonly isClean: boolean;
  readonly origin: string;
}

/** The nearest folder, upwards from `folder`, that holds a pipeline or a repository; `folder` itself when none does. */
export function projectRoot(folder: string): string {
  const start = resolve(folder);
  const marks = ['gantry.yml', 'gantry.yaml', '.gantry', '.github/workflows', '.git'];
  for (let current = start; ; current = dirname(current)) {
    if (marks.some((mark) => existsSync(join(current, mark)))) return current;
    if (dirname(current) === current) return start;
  }
}

/** `gantry.yml` belongs to its own folder, files in `.gantry/` and `.github/workflows/` to the one above; any other to the project round the current folder. */
function rootOf(workflowFile: string): string {
  const file = resolve(workflowFile);
  const folder = dirname(file);
  if (/^gantry\.ya?ml$/.test(basename(file))) return folder;
  if (basename(folder) === '.gantry') return dirname(folder);
  if (basename(folder) === 'workflows' && basename(dirname(folder)) === '.github') return dirname(dirname(folder));
  return projectRoot(process.cwd());
}

export async function findProject(workflowFile: string): Promise<Project> {
  const root = rootOf(workflowFile);
  const [head, ref, status, origin] = await Promise.all([
    git(root, ['rev-parse', 'HEAD']),
    git(root, ['symbolic-ref', '--quiet', 'HEAD']),
    git(root, ['status', '--porcelain', '--untracked-files=normal', '.']),
    git(root, ['remote', 'get-url', 'origin']),
  ]);
  const branch = ref?.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : '';
  return {
    root,
    isGit: status !== undefined,
    sha: head ?? '',
    ref: ref ?? '',
    branch,
    isClean: status === '',
    origin: origin ?? '',
  };
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

export interface EventFacts {
  readonly name: string;
  readonly payload: JsonObject;
  readonly runId: string;
  readonly runNumber: number;
}

export function githubContext(project: Project, event: EventFacts): JsonObject {
  const actor = userInfo().username;
  const repository = repositoryName(project);
  return {
    action: '',
    actor,
    api_url: '',
    base_ref: '',
    event: event.payload,
    event_name: event.name,
    head_ref: '',
    ref: project.ref,
    ref_name: project.branch,
    ref_protected: false,
    ref_type: project.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository,
    repository_owner: repository.split('/')[0] ?? '',
    run_attempt: '1',
    run_id: event.runId,
    run_number: String(event.runNumber),
    server_url: '',
    sha: project.sha,
    token: '',
    triggering_actor: actor,
    workspace: '',
  };
}

/** `owner/name` of the remote; without one, `local/<folder>`. */
function repositoryName(project: Project): string {
  const match = /[/:]([^/:]+)\/([^/]+?)(\.git)?$/.exec(project.origin);
  return match ? `${match[1]}/${match[2]}` : `local/${basename(project.root)}`;
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
