// What git and the machine say about a project, gathered before planning: the `github` context of a local run.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';

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
  readonly origin: string;
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
  const [head, ref, status, origin] = await Promise.all([
    git(root, ['rev-parse', 'HEAD']),
    git(root, ['symbolic-ref', '--quiet', 'HEAD']),
    git(root, ['status', '--porcelain', '--untracked-files=normal', '.']),
    git(root, ['remote', 'get-url', 'origin']),
  ]);
  // Detached, as after checking out a tag: then the tag is what runs.
  const tag =
    ref === undefined && head !== undefined ? await git(root, ['describe', '--tags', '--exact-match']) : undefined;
  const full = ref ?? (tag === undefined || tag === '' ? '' : `refs/tags/${tag}`);
  const branch = full.startsWith('refs/heads/') ? full.slice('refs/heads/'.length) : '';
  return {
    root,
    isGit: status !== undefined,
    sha: head ?? '',
    ref: full,
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

/** GitHub's own addresses, as every run there has them. */
const SERVER = { server_url: 'https://github.com', api_url: 'https://api.github.com' };

/**
 * The `github` context (GitHub: "Contexts reference"). What only GitHub knows (ids, a token) is empty. The commit is always
 * the one that is here, whatever the event tells of: it is what checkout takes.
 */
export function githubContext(project: Project, event: EventFacts): JsonObject {
  const actor = userInfo().username;
  const repository = repositoryName(project);
  const refs = refsOf(project, event);
  return {
    action: '',
    actor,
    actor_id: '',
    ...SERVER,
    graphql_url: `${SERVER.api_url}/graphql`,
    event: event.payload,
    event_name: event.name,
    ...refs,
    ref_name: refs.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_protected: false,
    ref_type: refs.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository,
    repository_id: '',
    repository_owner: repository.split('/')[0] ?? '',
    repository_owner_id: '',
    repositoryUrl: `git://github.com/${repository}.git`,
    retention_days: '90',
    run_attempt: '1',
    run_id: event.runId,
    run_number: String(event.runNumber),
    secret_source: 'Actions',
    sha: project.sha,
    token: '',
    triggering_actor: actor,
    workspace: '',
  };
}

interface Refs {
  readonly ref: string;
  readonly base_ref: string;
  readonly head_ref: string;
}

/** What the event's payload says, and otherwise what is checked out. */
function refsOf(project: Project, { name, payload }: EventFacts): Refs {
  const none = { base_ref: '', head_ref: '' };
  const { pull_request: pull, release, ref } = payload;
  if (name.startsWith('pull_request') && isJsonObject(pull)) {
    const base = textAt(pull['base'], 'ref');
    const head = textAt(pull['head'], 'ref');
    const merge = typeof pull['number'] === 'number' ? `refs/pull/${pull['number']}/merge` : project.ref;
    return { ref: name === 'pull_request_target' ? `refs/heads/${base}` : merge, base_ref: base, head_ref: head };
  }
  if (name === 'release' && textAt(release, 'tag_name') !== '')
    return { ref: `refs/tags/${textAt(release, 'tag_name')}`, ...none };
  if (typeof ref === 'string' && ref.startsWith('refs/')) return { ref, ...none };
  return { ref: project.ref, ...none };
}

function textAt(value: JsonValue | undefined, key: string): string {
  const text = value !== undefined && isJsonObject(value) ? value[key] : undefined;
  return typeof text === 'string' ? text : '';
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
