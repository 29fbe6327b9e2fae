// The workflows that a pipeline's jobs call, and those that these call: read and checked before anything runs.
import { realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { RepositoryStore } from '#execution/actions/repository-store.ts';
import type { LoadedWorkflow } from '#run/make-plan.ts';
import type { WorkflowSource } from '#run/plan.ts';
import { checkCall, checkCallOutputs, checkCallPermissions } from '#workflow/check-call.ts';
import { CODES } from '#workflow/codes.ts';
import type { Code } from '#workflow/codes.ts';
import type { Job, Permissions, Workflow } from '#workflow/model.ts';
import { hasExpression } from '#workflow/template-text.ts';
import { readFile } from './find-workflow.ts';
import type { ReadFile } from './find-workflow.ts';

/** GitHub: a workflow may call workflows ten levels deep, itself counted, and fifty different ones in all. */
const MAX_LEVELS = 10;
const MAX_CALLED = 50;

export interface LoadedCalls {
  /** By key. */
  readonly called: Readonly<Record<string, LoadedWorkflow>>;
  /** Keys by the `uses:` of the pipeline's own jobs. */
  readonly calls: Readonly<Record<string, string>>;
  /** What is to be said of the pipeline's calls and of the called files. */
  readonly reads: readonly ReadFile[];
}

export interface CallPlaces {
  readonly project: string;
  /** Absent: what would have to be fetched is not looked at. */
  readonly repositories?: RepositoryStore;
  readonly signal: AbortSignal;
  /** Names of the secrets that the run is given; absent when there is no run. */
  readonly secretNames?: readonly string[];
}

export async function loadCalled(read: ReadFile, places: CallPlaces): Promise<LoadedCalls> {
  const loader = new Loader(places);
  const calls = read.workflow ? await loader.load(read, { chain: [], ...secretsOfRun(places) }) : {};
  return { called: Object.fromEntries(loader.called), calls, reads: loader.reads };
}

function secretsOfRun({ secretNames }: CallPlaces): Pick<Caller, 'secrets'> {
  return secretNames ? { secrets: new Set(['github_token', ...secretNames.map((name) => name.toLowerCase())]) } : {};
}

/** What the called workflow has of its caller's secrets. */
function handedOn(job: Job, caller: Caller): Pick<Caller, 'secrets'> {
  const given = job.call?.secrets ?? {};
  if (given === 'inherit') return caller.secrets ? { secrets: caller.secrets } : {};
  const names = Object.keys(given);
  // An expression may give any name.
  return names.some(hasExpression) ? {} : { secrets: new Set(names.map((name) => name.toLowerCase())) };
}

/** A regular file in the folder, wherever links lead; undefined when there is none. */
function fileIn(folder: string, path: string): string | undefined {
  try {
    const root = realpathSync(folder);
    const file = realpathSync(join(root, path));
    return !relative(root, file).startsWith('..') && statSync(file).isFile() ? join(folder, path) : undefined;
  } catch {
    return undefined;
  }
}

interface Caller {
  /** Keys of the workflows that led here, the outermost first. */
  readonly chain: readonly string[];
  /** What the callers say that the called workflow may have; absent when none of them says it. */
  readonly allowed?: Permissions;
  readonly source?: WorkflowSource;
  /** Names of the secrets that the caller has, in lower case; absent when nobody knows yet. */
  readonly secrets?: ReadonlySet<string>;
}

interface Target {
  readonly key: string;
  readonly file: string;
  readonly source?: WorkflowSource;
}

interface Call {
  readonly read: ReadFile;
  readonly job: Job;
  readonly called: Workflow;
  readonly allowed: Permissions | undefined;
  readonly caller: Caller;
}

class Loader {
  readonly called = new Map<string, LoadedWorkflow>();
  readonly reads: ReadFile[] = [];
  readonly #places: CallPlaces;
  /** Levels of each workflow, itself counted: how deep calls go must not depend on which of them is looked at first. */
  readonly #heights = new Map<string, number>();

  constructor(places: CallPlaces) {
    this.#places = places;
  }

  async load(read: ReadFile, caller: Caller): Promise<Readonly<Record<string, string>>> {
    const calls: Record<string, string> = {};
    for (const job of read.workflow?.jobs ?? []) {
      if (!job.call) continue;
      const key = await this.#loadOne(read, job, caller);
      if (key !== undefined) calls[job.call.uses.value] = key;
    }
    return calls;
  }

  async #loadOne(read: ReadFile, job: Job, caller: Caller): Promise<string | undefined> {
    const uses = job.call?.uses.value ?? '';
    const target = await this.#find(uses, caller);
    if (target === undefined) return undefined;
    if ('why' in target) return this.#report(read, job, 'WF100', target.why);
    const { key, source } = target;
    if (caller.chain.includes(key)) return this.#report(read, job, 'WF105', `"${uses}" calls itself in the end`);
    // The pipeline itself, those that led here, and what is called with all below it.
    const levels = 1 + caller.chain.length + (this.#heights.get(key) ?? 1);
    if (levels > MAX_LEVELS)
      return this.#report(
        read,
        job,
        'WF105',
        `calls go ${MAX_LEVELS} levels deep at most; with "${uses}" they go ${levels} levels deep`,
      );
    const allowed = job.permissions ?? read.workflow?.permissions ?? caller.allowed;
    const known = this.called.get(key);
    if (known) {
      this.#checkCall({ read, job, called: known.workflow, allowed, caller });
      return key;
    }
    if (this.called.size >= MAX_CALLED)
      return this.#report(read, job, 'WF105', `a pipeline calls ${MAX_CALLED} different workflows at most`);
    const inner = readFile(target.file);
    if (inner.diagnostics.length > 0) this.reads.push(inner);
    if (!inner.workflow) return this.#report(read, job, 'WF100', `"${uses}" is not a valid workflow`);
    this.#checkCall({ read, job, called: inner.workflow, allowed, caller });
    const loaded = { workflow: inner.workflow, calls: {}, ...(source ? { source } : {}) };
    this.called.set(key, loaded);
    const calls = await this.load(inner, {
      chain: [...caller.chain, key],
      ...(allowed ? { allowed } : {}),
      ...(source ? { source } : {}),
      ...handedOn(job, caller),
    });
    this.called.set(key, { ...loaded, calls });
    const below = Object.values(calls).map((each) => this.#heights.get(each) ?? 1);
    this.#heights.set(key, 1 + Math.max(0, ...below));
    return key;
  }

  async #find(uses: string, { source }: Caller): Promise<Target | { readonly why: string } | undefined> {
    const local = /^(?:\.|\$)\/(.+)$/.exec(uses)?.[1];
    if (local !== undefined) {
      const file = fileIn(source?.folder ?? this.#places.project, local);
      if (file === undefined) return { why: `there is no workflow "${uses}"` };
      if (source) return { key: `${source.repository}/${local}@${source.ref}`, file, source };
      // Named as the pipeline itself is: from where the command was given.
      return { key: `./${local}`, file: relative(process.cwd(), file) };
    }
    const [, repository = '', path = '', ref = ''] = /^([^/]+\/[^/]+)\/([^@]+)@(.+)$/.exec(uses) ?? [];
    const { repositories, signal } = this.#places;
    if (!repositories) return undefined;
    const fetched = await repositories.fetch({ repository, ref }, signal);
    if (!fetched.ok) return { why: `fetching the workflow "${uses}": ${fetched.error}` };
    const { folder } = fetched.value;
    const file = fileIn(folder, path);
    if (file === undefined) return { why: `${repository} has no workflow ${path} at ${ref}` };
    return { key: uses, file, source: { repository, ref, folder } };
  }

  #checkCall({ read, job, called, allowed, caller }: Call): void {
    const { file } = read;
    const diagnostics = [
      ...checkCall(job, called, { file, inheritable: caller.secrets }),
      ...(called.callable ? checkCallOutputs(job, called, { file, read: read.callOutputs ?? [] }) : []),
      ...(allowed ? checkCallPermissions(job, called, { allowed, file }) : []),
    ];
    if (diagnostics.length > 0) this.reads.push({ file: read.file, text: read.text, diagnostics });
  }

  #report(read: ReadFile, job: Job, code: Code, message: string): undefined {
    const at = job.call?.uses.at ?? job.at;
    const diagnostic = { code, severity: 'error', file: read.file, at, message, cure: CODES[code].cure } as const;
    this.reads.push({ file: read.file, text: read.text, diagnostics: [diagnostic] });
    return undefined;
  }
}
