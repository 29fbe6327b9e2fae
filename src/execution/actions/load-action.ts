// `uses:` of a step -> the action's folder and what its file says.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { readAction } from '#workflow/read-action.ts';
import type { ActionDefinition } from '#workflow/read-action.ts';
import type { Home, StepRun } from '../step/step-run.ts';
import type { ActionEntry } from './native-action.ts';

const execute = promisify(execFile);

export interface LoadedAction {
  readonly definition: ActionDefinition;
  readonly folder: string;
  /** The action's files may refer to others in here, and no further. */
  readonly root: string;
  /** What `$/` means inside the action. */
  readonly home: Home;
  /** `owner/repo` and the ref it was asked for by; '' for an action of the project. */
  readonly repository: string;
  readonly ref: string;
  readonly ledger: readonly ActionEntry[];
}

export type Uses =
  | { readonly kind: 'docker'; readonly image: string }
  | { readonly kind: 'workspace' | 'home'; readonly path: string }
  | {
      readonly kind: 'repository';
      readonly name: string;
      readonly repository: string;
      readonly ref: string;
      readonly path: string;
    };

export function parseUses(text: string): Uses {
  if (text.startsWith('docker://')) return { kind: 'docker', image: text.slice('docker://'.length) };
  if (text.startsWith('./')) return { kind: 'workspace', path: text };
  if (text.startsWith('$/')) return { kind: 'home', path: text.slice(2) };
  const cut = text.indexOf('@');
  const name = cut < 0 ? text : text.slice(0, cut);
  const [owner = '', repository = '', ...path] = name.split('/');
  const ref = cut < 0 ? '' : text.slice(cut + 1);
  return { kind: 'repository', name, repository: `${owner}/${repository}`, ref, path: path.join('/') };
}

/** The action that `text` names, as seen from the step; the error is one sentence. */
export async function loadAction(
  text: string,
  uses: Exclude<Uses, { kind: 'docker' }>,
  run: StepRun,
): Promise<Result<LoadedAction, string>> {
  switch (uses.kind) {
    case 'workspace':
      return loadFromWorkspace(text, run);
    case 'home':
      return loadFromHome(text, uses.path, run);
    case 'repository': {
      const fetched = await run.repositories.fetch(uses, run.signal);
      if (!fetched.ok) return err(`${text} could not be fetched: ${fetched.error}`);
      const { folder, sha, stale } = fetched.value;
      const { repository, ref } = uses;
      const entry: ActionEntry = {
        what: 'stale',
        wanted: `${text} as it is now`,
        used: `commit ${sha.slice(0, 12)}, which it was when last seen`,
        why: stale ?? '',
      };
      return readFrom(text, {
        root: folder,
        path: uses.path,
        origin: {
          home: { kind: 'repository', folder, repository, ref },
          repository,
          ref,
          ledger: stale === undefined ? [] : [entry],
        },
      });
    }
    default:
      return uses satisfies never;
  }
}

function originOf(home: Home): Omit<LoadedAction, 'definition' | 'folder' | 'root'> {
  return home.kind === 'project'
    ? { home, repository: '', ref: '', ledger: [] }
    : { home, repository: home.repository, ref: home.ref, ledger: [] };
}

function loadFromWorkspace(text: string, run: StepRun): Result<LoadedAction, string> {
  const { workspace } = run.folders;
  const folder = resolve(workspace, text);
  if (!existsSync(folder)) {
    const isEmpty = !existsSync(join(workspace, '.git')) && !existsSync(dirname(folder));
    const cure = isEmpty ? '; a step with actions/checkout must come before it, or write "$/" for "./"' : '';
    return err(`${text} is not there in the workspace${cure}`);
  }
  return readFrom(text, { root: workspace, path: text, origin: originOf(run.home) });
}

async function loadFromHome(text: string, path: string, run: StepRun): Promise<Result<LoadedAction, string>> {
  const { home } = run;
  const root = home.kind === 'repository' ? ok(home.folder) : await projectTree(run);
  return root.ok ? readFrom(text, { root: root.value, path, origin: originOf(home) }) : root;
}

/** The project as a checkout at the start of the job would give it, apart from the workspace. */
async function projectTree(run: StepRun): Promise<Result<string, string>> {
  const { order } = run;
  if (order.source) {
    const fetched = await run.repositories.fetch(
      { repository: order.source.repository, ref: order.source.sha },
      run.signal,
    );
    return fetched.ok ? ok(fetched.value.folder) : fetched;
  }
  const github = order.contexts['github'];
  const sha =
    typeof github === 'object' && github !== null && !Array.isArray(github) && 'sha' in github ? github['sha'] : '';
  if (order.dirty || typeof sha !== 'string' || !/^[0-9a-f]{40,64}$/.test(sha)) return ok(order.project);
  const folder = join(run.jobPrivate, 'project');
  if (existsSync(folder)) return ok(folder);
  const aside = join(run.jobPrivate, `project-${crypto.randomUUID()}`);
  const archive = `${aside}.tar`;
  try {
    mkdirSync(aside, { recursive: true });
    const signal = { signal: run.signal };
    await execute('git', ['-C', order.project, 'archive', '--format=tar', '-o', archive, sha], signal);
    await execute('tar', ['-C', aside, '-xf', archive], signal);
    if (existsSync(folder)) rmSync(aside, { recursive: true });
    else renameSync(aside, folder);
    return ok(folder);
  } catch (cause) {
    return err(`the project at ${sha.slice(0, 12)}: ${cause instanceof Error ? cause.message.split('\n')[0] : 'git'}`);
  } finally {
    rmSync(archive, { force: true });
  }
}

interface Place {
  readonly root: string;
  readonly path: string;
  readonly origin: Omit<LoadedAction, 'definition' | 'folder' | 'root'>;
}

/** More than any action needs. */
const MAX_FILE_BYTES = 1024 * 1024;

function readFrom(text: string, { root, path, origin }: Place): Result<LoadedAction, string> {
  const folder = resolve(root, path || '.');
  if (!isWithin(root, folder)) return err(`${text} leads out of its repository`);
  const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find((each) => existsSync(each));
  if (file === undefined) {
    if (!existsSync(folder)) return err(`${text} is not there: its repository has no folder ${path}`);
    if (!existsSync(join(folder, 'Dockerfile'))) return err(`${text} is no action: it has no action.yml`);
    // As on GitHub, a Dockerfile alone is an action too.
    const runs = { kind: 'docker', image: 'Dockerfile', args: [], env: {} } as const;
    return ok({ definition: { name: text, inputs: {}, outputs: {}, runs }, folder, root, ...origin });
  }
  if (!isWithin(root, file)) return err(`${text} leads out of its repository`);
  if (statSync(file).size > MAX_FILE_BYTES)
    return err(`${text}: its action.yml is larger than ${MAX_FILE_BYTES} bytes`);
  const read = readAction(file, readFileSync(file, 'utf8'));
  if (read.action) return ok({ definition: read.action, folder, root, ...origin });
  const problem = read.diagnostics.find((each) => each.severity === 'error');
  const where = problem ? `${relative(root, file)}:${problem.at.line}:${problem.at.column}` : relative(root, file);
  return err(`${text} is not valid: ${problem?.code ?? ''} ${where} ${problem?.message ?? 'it cannot be read'}`);
}

/** Links are followed: a link is no way out either. */
export function isWithin(root: string, path: string): boolean {
  const real = existsSync(path) ? realpathSync(path) : resolve(path);
  const away = relative(realpathSync(root), real);
  return away === '' || (!away.startsWith('..') && !away.startsWith('/'));
}
