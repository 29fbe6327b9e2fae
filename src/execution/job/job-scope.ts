// What steps see: contexts, and the environment they run in. Grows as steps set variables, paths and outputs.
import { hostname } from 'node:os';
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

export class JobScope {
  readonly #source: ScopeSource;
  readonly #steps: Record<string, JsonObject> = {};
  /** From workflow and job `env:`, then from GITHUB_ENV. */
  readonly #env: Record<string, string> = {};
  readonly #paths: string[] = [];
  #containers: JsonObject = {};
  #mounts: readonly Mount[] = [];
  readonly #frame: ActionFrame | undefined;
  status: Exclude<Conclusion, 'skipped'> = 'success';

  constructor(source: ScopeSource, frame?: ActionFrame) {
    this.#source = source;
    this.#frame = frame;
  }

  /**
   * The scope of a composite action's steps: `steps` of its own, and what they set reaches the job only when the action's
   * step has ended.
   */
  nested(frame: ActionFrame): JobScope {
    const scope = new JobScope(this.#source, frame);
    Object.assign(scope.#env, this.#env, frame.stepEnv);
    scope.#paths.push(...this.#paths);
    scope.setContainers(this.#containers, this.#mounts);
    if (this.status === 'cancelled') scope.status = 'cancelled';
    return scope;
  }

  /** The workflow's `env:`, then the job's. Throws `UnusableTemplate`. */
  setTemplates(): void {
    const { order } = this.#source;
    for (const templates of [order.env, order.job.env]) Object.assign(this.#env, this.evaluateAll(templates, {}));
  }

  /** Of the context `job`, and the names of the job's folders where its steps run. */
  setContainers(context: JsonObject, mounts: readonly Mount[]): void {
    this.#containers = context;
    this.#mounts = mounts;
  }

  setVariable(name: string, value: string): void {
    this.#env[name] = value;
  }

  /** The context `env` of a step. */
  variables(stepEnv: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { ...this.#env, ...stepEnv };
  }

  /** Step debug, as on GitHub: ACTIONS_STEP_DEBUG is `true` as a secret, or else as a variable. */
  get isDebug(): boolean {
    const { order, secrets } = this.#source;
    const { vars } = order.contexts;
    const secret = secrets.get('ACTIONS_STEP_DEBUG')?.reveal();
    const asked = secret ?? (isObject(vars) ? vars['ACTIONS_STEP_DEBUG'] : undefined);
    return typeof asked === 'string' && asked.toLowerCase() === 'true';
  }

  /** The newest stands first in PATH. */
  addPath(folder: string): void {
    this.#paths.unshift(folder);
  }

  /** From now on `steps.<id>` knows it, and its failure is the job's. */
  addStep(result: StepResult): void {
    this.nameStep(result);
    if (this.status === 'success' && result.conclusion === 'failure') this.status = 'failure';
  }

  nameStep(result: StepResult): void {
    if (result.id !== undefined) {
      this.#steps[result.id] = {
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
    const github = order.contexts['github'];
    const contexts: Record<string, JsonValue> = {
      ...order.contexts,
      github: {
        ...(isObject(github) ? github : {}),
        workspace: toInside(this.#mounts, folders.workspace),
        ...this.#actionFields(),
      },
      env: { ...this.#env, ...stepEnv },
      // As on GitHub, an action is given secrets by its inputs or not at all.
      ...(this.#frame
        ? { inputs: this.#frame.inputs }
        : { secrets: Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.reveal()])) }),
      steps: this.#steps,
      job: { ...this.#containers, status: this.status },
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

  #actionFields(): JsonObject {
    return this.#frame ? { ...this.#frame.github, action_status: this.status } : {};
  }

  /** Evaluates in order, each seeing the ones before it; a template that cannot be evaluated stops with its problem. */
  evaluateAll(templates: NamedTemplates, stepEnv: Readonly<Record<string, string>>): Record<string, string> {
    const values = evaluateMapping(templates, (soFar) => this.scope({ ...stepEnv, ...soFar }));
    if (!values.ok) throw new UnusableTemplate(values.error);
    return { ...values.value };
  }

  evaluate(text: string, stepEnv: Readonly<Record<string, string>> = {}): string {
    const result = evaluateTemplate(text, this.scope(stepEnv));
    if (!result.ok) throw new UnusableTemplate(`${text}: ${result.error.message}`);
    return result.value;
  }

  environment(
    stepEnv: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>>,
  ): Record<string, string> {
    const { machine, order, folders } = this.#source;
    const path = [...this.#paths, machine['PATH'] ?? ''].join(':');
    return {
      ...machine,
      ...githubVariables(order, folders),
      ...Object.fromEntries(
        Object.entries(this.#frame?.github ?? {}).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]),
      ),
      RUNNER_TRACKING_ID: trackingId(order),
      ...(this.isDebug ? { RUNNER_DEBUG: '1' } : {}),
      ...this.#env,
      ...stepEnv,
      ...files,
      PATH: stepEnv['PATH'] ?? path,
    };
  }

  #runner(): JsonObject {
    return {
      name: hostname(),
      os: process.platform === 'darwin' ? 'macOS' : 'Linux',
      arch: process.arch === 'arm64' ? 'ARM64' : 'X64',
      temp: toInside(this.#mounts, this.#source.folders.temporary),
      tool_cache: toInside(this.#mounts, this.#source.folders.temporary),
      environment: 'self-hosted',
      ...(this.isDebug ? { debug: '1' } : {}),
    };
  }
}

/** A template of a step that passed the check and still cannot be evaluated with the values of this run. Fails the step. */
export class UnusableTemplate extends Error {}

/** By this variable the job's processes are told from others when it ends; a process without it is let be. */
export function trackingId(order: JobOrder): string {
  return `gantry_${order.runId}/${order.jobId}`;
}

/** Of the `github` context, what GitHub gives no variable for, or another value. */
const NO_VARIABLE = new Set(['token', 'workspace', 'repositoryUrl', 'secret_source', 'action_status']);

function githubVariables(order: JobOrder, folders: JobFolders): Record<string, string> {
  const github = order.contexts['github'];
  const variables: Record<string, string> = {
    CI: 'true',
    GANTRY: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: folders.workspace,
    RUNNER_TEMP: folders.temporary,
    RUNNER_TOOL_CACHE: folders.temporary,
    RUNNER_OS: process.platform === 'darwin' ? 'macOS' : 'Linux',
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_NAME: hostname(),
  };
  if (!isObject(github)) return variables;
  for (const [name, value] of Object.entries(github)) {
    if (typeof value === 'string' && !NO_VARIABLE.has(name)) variables[`GITHUB_${name.toUpperCase()}`] = value;
  }
  return variables;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
