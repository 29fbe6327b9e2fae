// `uses:` -> the folder of the action and what its metadata says.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { readAction } from '#workflow/read-action.ts';
import type { ActionDefinition } from '#workflow/read-action.ts';
import type { ActionEntry } from './native-action.ts';
import type { RepositoryStore } from './repository-store.ts';

export interface FoundAction {
  readonly definition: ActionDefinition;
  readonly folder: string;
  /** Of all the files that belong to it: it may use what lies beside its folder. */
  readonly root: string;
  /** The repository it came from; absent for one in the workspace or in the project. */
  readonly source?: { readonly repository: string; readonly ref: string; readonly folder: string };
  readonly ledger: readonly ActionEntry[];
}

export interface ActionPlaces {
  readonly workspace: string;
  /** The files of the project as checkout would give them, for `$/path`. */
  projectFolder(): Promise<Result<string, string>>;
  readonly source?: { readonly repository: string; readonly ref: string; readonly folder: string };
  readonly repositories: RepositoryStore;
  readonly signal: AbortSignal;
}

export async function findAction(uses: string, places: ActionPlaces): Promise<Result<FoundAction, string>> {
  if (uses.startsWith('./')) return findInWorkspace(uses, places);
  if (uses.startsWith('$/')) return findInOwnRepository(uses, places);
  const [, owner = '', name = '', path = '', ref = ''] = /^([^/@]+)\/([^/@]+)((?:\/[^@]*)?)@(.+)$/.exec(uses) ?? [];
  const repository = `${owner}/${name}`;
  const fetched = await places.repositories.fetch({ repository, ref }, places.signal);
  if (!fetched.ok) return err(`fetching the action ${uses}: ${fetched.error}`);
  const { folder, sha, stale } = fetched.value;
  const why = stale === undefined ? undefined : `${repository} was not asked what ${ref} is now: ${stale}`;
  const ledger: readonly ActionEntry[] =
    why === undefined ? [] : [{ what: 'stale', wanted: `${uses}, as it is now`, used: `commit ${sha}`, why }];
  const source = { repository, ref, folder };
  const read = readFrom(folder, path.replace(/^\/+/, ''), uses);
  return read.ok ? ok({ ...read.value, source, ledger }) : read;
}

function findInWorkspace(uses: string, { workspace }: ActionPlaces): Result<FoundAction, string> {
  const read = readFrom(workspace, uses.slice(2), uses);
  if (read.ok) return ok({ ...read.value, ledger: [] });
  const isBare = !existsSync(join(workspace, '.git')) && !existsSync(resolve(workspace, uses));
  const hint =
    '; a local action is looked for in the workspace, and no step before this one has checked the project out';
  return isBare ? err(`${read.error}${hint} (uses: actions/checkout@v4)`) : read;
}

async function findInOwnRepository(uses: string, places: ActionPlaces): Promise<Result<FoundAction, string>> {
  const { source } = places;
  const root = source ? ok(source.folder) : await places.projectFolder();
  if (!root.ok) return err(`${uses}: ${root.error}`);
  const read = readFrom(root.value, uses.slice(2), uses);
  return read.ok ? ok({ ...read.value, ...(source ? { source } : {}), ledger: [] }) : read;
}

function readFrom(
  root: string,
  path: string,
  uses: string,
): Result<Pick<FoundAction, 'definition' | 'folder' | 'root'>, string> {
  const folder = resolve(root, path);
  if (relative(root, folder).startsWith('..')) return err(`${uses} leaves its repository`);
  const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find((each) => isWithin(root, each));
  if (file === undefined) {
    // GitHub's runner takes a folder with nothing but a Dockerfile for an action, too.
    const image = ['Dockerfile', 'dockerfile'].find((name) => isWithin(root, join(folder, name)));
    if (image === undefined) return err(`there is no action.yml in ${uses}`);
    const definition = { file: join(path, image), inputs: {}, runs: { kind: 'container', image, env: {} } } as const;
    return ok({ definition, folder, root });
  }
  const { action, diagnostics } = readAction(join(path, 'action.yml'), readFileSync(file, 'utf8'));
  if (action) return ok({ definition: action, folder, root });
  const first = diagnostics.find((each) => each.severity === 'error');
  const place = first
    ? `${first.code} ${first.file}:${first.at.line}:${first.at.column} ${first.message}`
    : 'it is empty';
  return err(`${uses} is no valid action: ${place}`);
}

/** Whether there is such a file, and no link leads out of the root to it. */
function isWithin(root: string, file: string): boolean {
  try {
    return !relative(realpathSync(root), realpathSync(file)).startsWith('..');
  } catch {
    return false;
  }
}
