// The `github` context of a local run (GitHub: "Contexts reference"), from what git says and what the event's payload says.
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import type { RunId } from '#base/ids.ts';
import { publicRunId } from '#stores/public-run-id.ts';
import type { Project } from './project.ts';

export interface EventFacts {
  readonly name: string;
  readonly payload: JsonObject;
  readonly runId: RunId;
  /** From 1, for each workflow file of the project. */
  readonly runNumber: number;
}

/** GitHub's own addresses, as every run there has them. */
const SERVER = { server_url: 'https://github.com', api_url: 'https://api.github.com' };

/**
 * What only GitHub knows, and the payload does not say, is empty. The commit is always the one that is here, whatever the
 * event tells of: it is what checkout takes.
 */
export function githubContext(project: Project, event: EventFacts): JsonObject {
  const { payload } = event;
  const sender = objectAt(payload, 'sender');
  const actor = textAt(sender, 'login') || userInfo().username;
  const told = objectAt(payload, 'repository');
  const repository = repositoryName(project) ?? (textAt(told, 'full_name') || localName(project));
  // Numbers of another repository would be worse than none.
  const known = textAt(told, 'full_name') === repository ? told : {};
  const refs = refsOf(project, event);
  return {
    action: '',
    actor,
    actor_id: textAt(sender, 'id'),
    ...SERVER,
    graphql_url: `${SERVER.api_url}/graphql`,
    event: payload,
    event_name: event.name,
    ...refs,
    ref_name: refs.ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    ref_protected: false,
    ref_type: refs.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository,
    repository_id: textAt(known, 'id'),
    repository_owner: repository.split('/')[0] ?? '',
    repository_owner_id: textAt(objectAt(known, 'owner'), 'id'),
    repositoryUrl: `git://github.com/${repository}.git`,
    repository_visibility: visibilityOf(known),
    retention_days: '90',
    run_attempt: '1',
    run_id: publicRunId(event.runId),
    run_number: String(event.runNumber),
    secret_source: 'Actions',
    sha: project.sha,
    token: '',
    triggering_actor: actor,
    workspace: '',
  };
}

/** Only the event can say it: `public`, `private` or `internal`. Older events say no more than whether it is private. */
function visibilityOf(repository: JsonObject): string {
  const { visibility, private: isPrivate } = repository;
  if (typeof visibility === 'string') return visibility;
  return typeof isPrivate === 'boolean' ? (isPrivate ? 'private' : 'public') : '';
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
    const base = textAt(objectAt(pull, 'base'), 'ref');
    const head = textAt(objectAt(pull, 'head'), 'ref');
    const merge = typeof pull['number'] === 'number' ? `refs/pull/${pull['number']}/merge` : project.ref;
    return { ref: name === 'pull_request_target' ? `refs/heads/${base}` : merge, base_ref: base, head_ref: head };
  }
  if (name === 'release' && isJsonObject(release) && textAt(release, 'tag_name') !== '')
    return { ref: `refs/tags/${textAt(release, 'tag_name')}`, ...none };
  if (typeof ref === 'string' && ref.startsWith('refs/')) return { ref, ...none };
  return { ref: project.ref, ...none };
}

/** What GitHub would send for a commit that is here; an event's file goes before it. */
export function localPayload(project: Project, workflowPath: string, event: string): JsonObject {
  const name = repositoryName(project) ?? localName(project);
  const [owner = '', short = ''] = name.split('/');
  const actor = userInfo().username;
  const common: JsonObject = {
    ref: project.ref,
    repository: {
      name: short,
      full_name: name,
      owner: { login: owner, name: owner },
      default_branch: project.defaultBranch,
      html_url: `${SERVER.server_url}/${name}`,
      clone_url: `${SERVER.server_url}/${name}.git`,
    },
    sender: { login: actor },
  };
  if (event === 'workflow_dispatch') return { ...common, workflow: workflowPath };
  return { ...common, ...pushed(project, actor) };
}

function pushed({ sha, ref, head }: Project, actor: string): JsonObject {
  if (!head) return { after: sha };
  const author = { name: head.authorName, email: head.authorEmail };
  const commit: JsonObject = {
    id: sha,
    tree_id: head.tree,
    message: head.message,
    timestamp: head.committedAt,
    author,
    committer: author,
    distinct: true,
  };
  return {
    before: head.parent || '0'.repeat(40),
    after: sha,
    created: false,
    deleted: false,
    forced: false,
    base_ref: null,
    pusher: { name: actor, email: head.authorEmail },
    head_commit: commit,
    commits: ref.startsWith('refs/tags/') ? [] : [commit],
  };
}

/** `owner/name` of the remote; undefined without one, and when it is a folder. */
function repositoryName({ origin }: Project): string | undefined {
  const address = origin.replace(/\/+$/, '').replace(/\.git$/, '');
  // `host:path` and `scheme://host/path` name a server; anything else is a path of this machine.
  if (!/^(?!file:)[A-Za-z][\w+.-]*:\/\/|^[^/:]+:(?!\/\/)/.test(address)) return undefined;
  const [, owner, name] = /[/:]([^/:]+)\/([^/:]+)$/.exec(address) ?? [];
  return owner !== undefined && name !== undefined ? `${owner}/${name}` : undefined;
}

function localName(project: Project): string {
  return `local/${basename(project.root) || 'project'}`;
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const inner = value[key];
  return isJsonObject(inner) ? inner : {};
}

/** Ids come as numbers, and stand in the context as text. */
function textAt(value: JsonObject, key: string): string {
  const text: JsonValue | undefined = value[key];
  return typeof text === 'string' || typeof text === 'number' ? String(text) : '';
}
