// What steps see: contexts, and the environment they run in. Grows as steps set variables, paths and outputs.
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import type { Secret } from '#base/secret.ts';
import type { Conclusion, StepResult } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';
import { stepVerdict } from '#run/verdict.ts';
import { evaluateMapping, evaluateTemplate } from '#workflow/expressions.ts';
import type { Scope } from '#workflow/expressions.ts';
import type { NamedTemplates } from '#workflow/model.ts';
import { toInside } from '../container/container-paths.ts';
import type { Mount } from '../container/container-paths.ts';
import { hashFiles } from './hash-files.ts';
import type { JobFolders } from './workspace.ts';

export interface ScopeSource {
  readonly order: JobOrder;
  readonly folders: JobFolders;
  /** The clean environment of this machine. */
  readonly machine: Readonly<Record<string, string>>;
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** What the steps of a composite action see in place of the job's. */
export interface ActionFrame {
  readonly inputs: Readonly<Record<string, string>>;
  /** `action_path`, `action_repository`, `action_ref` and `action` of the `github` context. */
  readonly github: Readonly<Record<string, string>>;
  /** The environment of the step that uses the action. */
  readonly stepEnv: Readonly<Record<string, string>>;
}

type Status = Exclude<Conclusion, 'skipped'>;

/** What grows as steps run; what single steps see of it is made anew each time. */
interface ScopeState {
  readonly steps: Record<string, JsonObject>;
  /** From workflow and job `env:`, then from GITHUB_ENV. */
  readonly env: Record<string, string>;
  paths: readonly string[];
  containers: JsonObject;
  mounts: readonly Mount[];
  /** Holds the event's payload; '' as long as it is not written. */
  eventFile: string;
  /** What steps had instead of what was wanted of them, by their names. */
  readonly lesserWays: Record<string, string>;
  status: Status;
  /** What made the status what it is, for people; '' when the job goes well. */
  because: string;
}

/** Where in a job a scope stands. */
interface ScopePlace {
  readonly frame?: ActionFrame;
  /** Round the composite action. */
  readonly outer?: JobScope;
  /** `env:` of the steps that use the composite actions round it: as on GitHub, nothing that is set inside is stronger. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Of the job, where composite actions have a status of their own. */
  readonly job?: ScopeState;
  /** `github.action` of the step. */
  readonly action?: string;
  /** The step's environment files, by the variables that name them. */
  readonly files?: Readonly<Record<string, string>>;
}

export class JobScope {
  readonly #source: ScopeSource;
  readonly #state: ScopeState;
  readonly #place: ScopePlace;

  constructor(source: ScopeSource, state: ScopeState = emptyState(), place: ScopePlace = { overrides: {} }) {
    this.#source = source;
    this.#state = state;
    this.#place = place;
  }

  get status(): Status {
    return this.#state.status;
  }

  /** Why steps that run only when all went well do not; '' while it does. */
  get because(): string {
    return this.#state.because;
  }

  /** Steps that run only when all went well are left out from here on. `because` is what they say then. */
  end(status: Exclude<Status, 'success'>, because: string): void {
    this.#state.status = status;
    this.#state.because = because;
  }

  /** The status of the job, where a composite action has had its own. */
  follow({ status, because }: Pick<JobScope, 'status' | 'because'>): void {
    this.#state.status = status;
    this.#state.because = because;
  }

  /** `github.action`: of the step, or of the one that uses the action round it. */
  get action(): string {
    return this.#place.action ?? this.#place.frame?.github['action'] ?? '';
  }

  /** The same scope, seen by one step of it. */
  ofStep(action: string): JobScope {
    return new JobScope(this.#source, this.#state, { ...this.#place, action });
  }

  /** The step's environment files, by the variables that name them. */
  get fileVariables(): Readonly<Record<string, string>> {
    return this.#place.files ?? {};
  }

  /** The same, for one attempt of a step: it knows its environment files. */
  withFiles(files: Readonly<Record<string, string>>): JobScope {
    return new JobScope(this.#source, this.#state, { ...this.#place, files });
  }

  /**
   * The scope of a composite action's steps: `steps` of its own, and what they set reaches the job only when the action's
   * step has ended.
   */
  nested(frame: ActionFrame): JobScope {
    const { env, status, because } = this.#state;
    const state: ScopeState = {
      ...this.#state,
      steps: {},
      env: { ...env },
      ...(status === 'cancelled' ? { status, because } : { status: 'success', because: '' }),
    };
    const overrides = { ...this.#place.overrides, ...frame.stepEnv };
    return new JobScope(this.#source, state, { frame, overrides, outer: this, job: this.#place.job ?? this.#state });
  }

  /** The same place when the composite actions round it have ended: what the job has set since then is there. */
  asOfNow(): JobScope {
    const { frame, outer } = this.#place;
    if (!frame || !outer) return this;
    const now = outer.asOfNow().nested(frame);
    return new JobScope(this.#source, { ...now.#state, steps: this.#state.steps }, { ...this.#place, ...now.#place });
  }

  /** The workflow's `env:`, then the job's. Throws `UnusableTemplate`. */
  setTemplates(): void {
    const { order } = this.#source;
    for (const templates of [order.env, order.job.env]) Object.assign(this.#state.env, this.evaluateAll(templates, {}));
  }

  /** Of the context `job`, and the names of the job's folders where its steps run. */
  setContainers(context: JsonObject, mounts: readonly Mount[]): void {
    this.#state.containers = context;
    this.#state.mounts = mounts;
  }

  setEventFile(file: string): void {
    this.#state.eventFile = file;
  }

  setVariable(name: string, value: string): void {
    this.#state.env[name] = value;
  }

  /** The context `env` of a step. */
  variables(stepEnv: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { ...this.#state.env, ...this.#place.overrides, ...stepEnv };
  }

  /** Step debug, as on GitHub: ACTIONS_STEP_DEBUG is `true` as a secret, or else as a variable. */
  get isDebug(): boolean {
    const { order, secrets } = this.#source;
    const { vars } = order.contexts;
    const secret = secrets.get('ACTIONS_STEP_DEBUG')?.reveal();
    const asked = secret ?? objectOf(vars)['ACTIONS_STEP_DEBUG'];
    return typeof asked === 'string' && asked.toLowerCase() === 'true';
  }

  /** The newest stands first in PATH. */
  addPath(folder: string): void {
    this.#state.paths = [folder, ...this.#state.paths.filter((other) => other !== folder)];
  }

  /** From now on `steps.<id>` knows it, and its failure is the job's. */
  addStep(result: StepResult): void {
    this.nameStep(result);
    if (this.status === 'success' && result.conclusion === 'failure')
      this.end('failure', `a step before it failed: ${result.name}`);
  }

  /** What steps had instead of what was wanted of them, by their names. */
  get lesserWays(): Readonly<Record<string, string>> {
    return this.#state.lesserWays;
  }

  nameStep(result: StepResult): void {
    const lesser = result.ledger.filter(({ what }) => LESSER.has(what)).map(({ what, used }) => `${what}: ${used}`);
    if (lesser.length > 0) this.#state.lesserWays[result.name] = lesser.join('; ');
    if (result.id !== undefined) {
      this.#state.steps[result.id] = {
        outputs: result.outputs,
        outcome: result.outcome,
        conclusion: result.conclusion,
        verdict: stepVerdict(result),
      };
    }
  }

  /** `stepEnv` is the step's own `env:`, evaluated. */
  scope(stepEnv: Readonly<Record<string, string>> = {}): Scope {
    const { order, folders, secrets } = this.#source;
    const { steps, containers, mounts, status, eventFile } = this.#state;
    const { frame, job } = this.#place;
    const contexts: Record<string, JsonValue> = {
      ...order.contexts,
      github: {
        ...objectOf(order.contexts['github']),
        workspace: toInside(mounts, folders.workspace),
        event_path: toInside(mounts, eventFile),
        token: secrets.get('GITHUB_TOKEN')?.reveal() ?? '',
        ...this.#fileFields(),
        ...this.#actionFields(),
      },
      env: this.variables(stepEnv),
      // As on GitHub, an action is given secrets by its inputs or not at all.
      ...(frame
        ? { inputs: frame.inputs }
        : { secrets: Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.reveal()])) }),
      steps,
      job: { ...objectOf(order.contexts['job']), ...containers, status: job?.status ?? status },
      runner: this.#runner(),
    };
    return {
      contexts,
      functions: {
        success: () => this.status === 'success',
        failure: () => this.status === 'failure',
        cancelled: () => this.status === 'cancelled',
        always: () => true,
        hashFiles: (...patterns) => hashFiles(folders.workspace, patterns.map(String)),
      },
    };
  }

  /** `github.env`, `github.output` and their like. */
  #fileFields(): JsonObject {
    const files = Object.entries(this.#place.files ?? {});
    return Object.fromEntries(
      files.map(([variable, file]) => [
        variable.replace('GITHUB_', '').toLowerCase(),
        toInside(this.#state.mounts, file),
      ]),
    );
  }

  #actionFields(): JsonObject {
    const { frame, action } = this.#place;
    const own: JsonObject = action === undefined ? {} : { action };
    return frame ? { ...own, ...frame.github, action_status: this.status } : own;
  }

  /** As on GitHub, no entry sees another. The first that cannot be evaluated stops with its problem. */
  evaluateAll(templates: NamedTemplates, stepEnv: Readonly<Record<string, string>>): Record<string, string> {
    const values = evaluateMapping(templates, this.scope(stepEnv));
    if (!values.ok) throw new UnusableTemplate(values.error);
    return { ...values.value };
  }

  evaluate(text: string, stepEnv: Readonly<Record<string, string>> = {}): string {
    const result = evaluateTemplate(text, this.scope(stepEnv));
    if (!result.ok) throw new UnusableTemplate(`${text}: ${result.error.message}`);
    return result.value;
  }

  /** The default variables of GitHub are the strongest: an `env:` cannot change them. `CI` it can. */
  environment(
    stepEnv: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>>,
  ): Record<string, string> {
    const { machine, order, folders } = this.#source;
    const set: Record<string, string> = { ...machine, CI: 'true', ...this.variables(stepEnv) };
    return {
      ...set,
      ...runnerVariables(folders),
      ...(this.isDebug ? { RUNNER_DEBUG: '1' } : {}),
      ...githubVariables({ ...objectOf(order.contexts['github']), ...this.#actionFields() }),
      GITHUB_WORKSPACE: folders.workspace,
      ...(this.#state.eventFile === '' ? {} : { GITHUB_EVENT_PATH: this.#state.eventFile }),
      RUNNER_TRACKING_ID: set['RUNNER_TRACKING_ID'] ?? trackingId(order),
      ...files,
      PATH: [...this.#state.paths, set['PATH'] ?? ''].join(':'),
    };
  }

  #runner(): JsonObject {
    return {
      name: hostname(),
      os: process.platform === 'darwin' ? 'macOS' : 'Linux',
      arch: process.arch === 'arm64' ? 'ARM64' : 'X64',
      temp: toInside(this.#state.mounts, this.#source.folders.temporary),
      tool_cache: toInside(this.#state.mounts, this.#source.folders.tools),
      workspace: toInside(this.#state.mounts, dirname(this.#source.folders.workspace)),
      environment: 'self-hosted',
      ...(this.isDebug ? { debug: '1' } : {}),
    };
  }
}

/** Entries that tell of another state of the job than the one that was wanted. */
const LESSER: ReadonlySet<string> = new Set(['fallback', 'tolerated', 'masked', 'stale']);

/** A template of a step that passed the check and still cannot be evaluated with the values of this run. Fails the step. */
export class UnusableTemplate extends Error {}

/** By this variable the job's processes are told from others when it ends; a process without it is let be. */
export function trackingId(order: JobOrder): string {
  return `gantry_${order.runId}/${order.jobId}`;
}

/** Of the `github` context, what GitHub gives no variable for, or another value. */
const NO_VARIABLE = new Set([
  'token',
  'workspace',
  'repositoryUrl',
  'repository_visibility',
  'secret_source',
  'action_status',
]);

function githubVariables(github: JsonObject): Record<string, string> {
  const variables: Record<string, string> = { GITHUB_ACTIONS: 'true', GANTRY: 'true' };
  for (const [name, value] of Object.entries(github)) {
    const isText = typeof value === 'string' || typeof value === 'boolean';
    if (isText && !NO_VARIABLE.has(name)) variables[`GITHUB_${name.toUpperCase()}`] = String(value);
  }
  return variables;
}

function runnerVariables({ temporary, tools, workspace }: JobFolders): Record<string, string> {
  return {
    RUNNER_TEMP: temporary,
    RUNNER_TOOL_CACHE: tools,
    RUNNER_WORKSPACE: dirname(workspace),
    RUNNER_OS: process.platform === 'darwin' ? 'macOS' : 'Linux',
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_NAME: hostname(),
    RUNNER_ENVIRONMENT: 'self-hosted',
  };
}

function emptyState(): ScopeState {
  return {
    steps: {},
    env: {},
    paths: [],
    containers: {},
    mounts: [],
    eventFile: '',
    lesserWays: {},
    status: 'success',
    because: '',
  };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {};
}
