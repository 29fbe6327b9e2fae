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
import { hashFiles } from './hash-files.ts';
import type { JobFolders } from './workspace.ts';

export interface ScopeSource {
  readonly order: JobOrder;
  readonly folders: JobFolders;
  /** The clean environment of this machine. */
  readonly machine: Readonly<Record<string, string>>;
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** What the steps of a composite action see otherwise than the job's. */
export interface ActionFrame {
  /** The `env:` of the step that uses the action. */
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  /** `action`, `action_path` and the like. */
  readonly github: Readonly<Record<string, string>>;
}

export class JobScope {
  readonly #source: ScopeSource;
  readonly #frame: ActionFrame | undefined;
  readonly #outer: JobScope | undefined;
  readonly #steps: Record<string, JsonObject> = {};
  /** From workflow and job `env:`, then from GITHUB_ENV. */
  readonly #env: Record<string, string> = {};
  readonly #paths: string[] = [];
  status: Exclude<Conclusion, 'skipped'> = 'success';

  constructor(source: ScopeSource, outer?: { readonly scope: JobScope; readonly frame: ActionFrame }) {
    this.#source = source;
    this.#outer = outer?.scope;
    this.#frame = outer?.frame;
    if (!outer) return;
    Object.assign(this.#env, outer.scope.#env, outer.frame.env);
    this.#paths.push(...outer.scope.#paths);
  }

  /**
   * For the steps of a composite action: ids and a status of their own, and what they set reaches the job only when the
   * action has ended. Secrets are not seen in there, as on GitHub.
   */
  nested(frame: ActionFrame): JobScope {
    return new JobScope(this.#source, { scope: this, frame });
  }

  /** The workflow's `env:`, then the job's. Throws `UnusableTemplate`. */
  setTemplates(): void {
    const { order } = this.#source;
    for (const templates of [order.env, order.job.env]) Object.assign(this.#env, this.evaluateAll(templates, {}));
  }

  setVariable(name: string, value: string): void {
    this.#env[name] = value;
  }

  /** The newest stands first in PATH. */
  addPath(folder: string): void {
    const known = this.#paths.indexOf(folder);
    if (known >= 0) this.#paths.splice(known, 1);
    this.#paths.unshift(folder);
  }

  addStep(result: StepResult): void {
    if (result.id !== undefined) {
      this.#steps[result.id] = {
        outputs: result.outputs,
        outcome: result.outcome,
        conclusion: result.conclusion,
        verdict: stepVerdict(result),
      };
    }
    if (this.status === 'success' && result.conclusion === 'failure') this.status = 'failure';
  }

  /** `stepEnv` is the step's own `env:`, evaluated. */
  scope(stepEnv: Readonly<Record<string, string>> = {}): Scope {
    const { order, folders, secrets } = this.#source;
    const github = order.contexts['github'];
    const frame = this.#frame;
    const contexts: Record<string, JsonValue> = {
      ...order.contexts,
      ...(frame
        ? { inputs: frame.inputs }
        : { secrets: Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.reveal()])) }),
      github: {
        ...(isObject(github) ? github : {}),
        workspace: folders.workspace,
        ...frame?.github,
        ...(frame ? { action_status: this.status } : {}),
      },
      env: { ...this.#env, ...stepEnv },
      steps: this.#steps,
      job: { status: this.#jobStatus() },
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
      ...actionVariables(this.#frame?.github ?? {}),
      ...this.#env,
      ...stepEnv,
      ...files,
      PATH: stepEnv['PATH'] ?? path,
    };
  }

  #jobStatus(): string {
    return this.#outer ? this.#outer.#jobStatus() : this.status;
  }

  #runner(): JsonObject {
    return {
      name: hostname(),
      os: process.platform === 'darwin' ? 'macOS' : 'Linux',
      arch: process.arch === 'arm64' ? 'ARM64' : 'X64',
      temp: this.#source.folders.temporary,
      tool_cache: this.#source.folders.temporary,
      environment: 'self-hosted',
      debug: '',
    };
  }
}

/** A template of a step that passed the check and still cannot be evaluated with the values of this run. Fails the step. */
export class UnusableTemplate extends Error {}

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
    if (typeof value === 'string' && name !== 'token' && name !== 'workspace')
      variables[`GITHUB_${name.toUpperCase()}`] = value;
  }
  return variables;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `action_path` as GITHUB_ACTION_PATH, and so on. */
export function actionVariables(github: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]));
}
