// The checked pipeline: what the reader makes from YAML, and the planner plans from. Plain data, so that it can stand
// in the journal. Anything that may hold `${{ }}` is kept as its text and evaluated when its contexts exist.
import type { JsonObject, JsonValue } from '#base/json.ts';
import type { Located, Span } from './position.ts';

/** Text in which `${{ }}` is evaluated later. */
export type Template = Located<string>;

/** A literal, or a template that must evaluate to such a value. */
export type OrTemplate<T> = Located<T | string>;

/**
 * Texts by name, in order. GitHub allows an expression for a name, and for a whole mapping: a name that holds `${{ }}` is
 * evaluated when the mapping is, and the name `${{ insert }}` stands for all entries of the mapping that its value makes.
 * `env: ${{ x }}` is kept as the one entry `${{ insert }}: ${{ x }}`.
 */
export type NamedTemplates = Readonly<Record<string, Template>>;

export interface Workflow {
  /** As given to the reader, for diagnostics and reports. */
  readonly file: string;
  readonly name?: string;
  readonly runName?: Template;
  readonly on: readonly Trigger[];
  /** `workflow_dispatch` inputs by name, in order. */
  readonly inputs: Readonly<Record<string, DispatchInput>>;
  readonly env: NamedTemplates;
  readonly defaults: RunDefaults;
  readonly permissions?: Permissions;
  readonly concurrency?: Concurrency;
  /** What `on.workflow_call` declares; absent when the workflow cannot be called. */
  readonly callable?: CallInterface;
  readonly jobs: readonly Job[];
}

export type PermissionLevel = 'none' | 'read' | 'write';

/** Of GitHub's token, by scope; a scope that is not named has none. */
export type Permissions = Readonly<Record<string, PermissionLevel>>;

/** Runs and jobs of one group run one at a time. */
export interface Concurrency {
  readonly at: Span;
  readonly group: Template;
  readonly cancelInProgress?: OrTemplate<boolean>;
  /** `single`: one may wait, and a newer one takes its place. `max`: all wait in order. */
  readonly queue: 'single' | 'max';
}

export interface CallInterface {
  readonly inputs: Readonly<Record<string, CallInput>>;
  readonly secrets: Readonly<Record<string, { readonly required: boolean; readonly at: Span }>>;
  /** By name, the `value:` of each, which reads the `jobs` context. */
  readonly outputs: NamedTemplates;
}

export interface CallInput {
  readonly type: 'string' | 'boolean' | 'number';
  readonly required: boolean;
  /** A literal, or a template when it is text. */
  readonly default?: OrTemplate<string | boolean | number>;
  readonly at: Span;
}

/** One event of `on:` with its filters. A filter that is absent lets everything through. */
export interface Trigger {
  readonly event: string;
  readonly at: Span;
  readonly types?: readonly string[];
  readonly branches?: readonly string[];
  readonly branchesIgnore?: readonly string[];
  readonly tags?: readonly string[];
  readonly tagsIgnore?: readonly string[];
  readonly paths?: readonly string[];
  readonly pathsIgnore?: readonly string[];
  /** Names of upstream workflows, for `workflow_run`. */
  readonly workflows?: readonly string[];
  /** POSIX cron, five fields, for `schedule`. */
  readonly schedules?: readonly Schedule[];
}

export interface Schedule {
  readonly cron: string;
  /** Of the IANA database; absent for UTC. */
  readonly timezone?: string;
}

export interface DispatchInput {
  readonly type: 'string' | 'boolean' | 'number' | 'choice' | 'environment';
  readonly description?: string;
  readonly required: boolean;
  readonly default?: string | boolean | number;
  readonly options?: readonly string[];
  readonly at: Span;
}

export interface RunDefaults {
  readonly shell?: Template;
  readonly workingDirectory?: Template;
}

export type Acceptance = 'passed' | 'degraded';

export interface Job {
  /** Its key under `jobs:`. */
  readonly key: string;
  readonly at: Span;
  readonly name?: Template;
  readonly needs: readonly Located<string>[];
  /** The condition without `${{ }}`; absent means `success()`. */
  readonly if?: Template;
  readonly runsOn: Located<readonly string[] | string>;
  /** A group of runners that GitHub is to choose from. */
  readonly runnerGroup?: Template;
  readonly environment?: { readonly name: Template; readonly url?: Template };
  readonly env: NamedTemplates;
  /** Absent when it says nothing for its scripts; otherwise the workflow's do not hold in it. */
  readonly defaults?: RunDefaults;
  readonly outputs: NamedTemplates;
  readonly timeoutMinutes?: OrTemplate<number>;
  /** How long what still runs after a cancellation may take in all. */
  readonly cancelTimeoutMinutes?: OrTemplate<number>;
  readonly strategy?: Strategy;
  readonly continueOnError?: OrTemplate<boolean>;
  readonly accept?: Located<Acceptance>;
  readonly permissions?: Permissions;
  readonly concurrency?: Concurrency;
  readonly container?: Container;
  /** By name. The one name `${{ insert }}` has `image` as the expression that makes them all. */
  readonly services: Readonly<Record<string, Container>>;
  /** The job is a call of another workflow; then it has no steps and no `runs-on` of its own. */
  readonly call?: WorkflowCall;
  readonly steps: readonly Step[];
}

/** A job that runs another workflow's jobs in its place. */
export interface WorkflowCall {
  /** `./.github/workflows/x.yml`, `$/…`, or `owner/repo/.github/workflows/x.yml@ref`. */
  readonly uses: Located<string>;
  readonly with: NamedTemplates;
  readonly secrets: 'inherit' | NamedTemplates;
}

/** A container for the steps of a job, or a service beside them. */
export interface Container {
  readonly at: Span;
  /** When it evaluates to nothing, there is no container. */
  readonly image: Template;
  readonly env: NamedTemplates;
  readonly ports: readonly Template[];
  readonly volumes: readonly Template[];
  /** Further options of the engine's `create` command, as one text. */
  readonly options?: Template;
  /** Of a service: what is run in the place of the image's own entry point and command. */
  readonly entrypoint?: Template;
  readonly command?: Template;
  /** `username` and `password`, or one expression that makes both. */
  readonly credentials?: NamedTemplates;
}

export interface Strategy {
  readonly at: Span;
  /** One expression that makes the whole mapping; then the others are absent. */
  readonly whole?: Template;
  readonly matrix?: Matrix;
  readonly failFast?: OrTemplate<boolean>;
  readonly maxParallel?: OrTemplate<number>;
}

/**
 * `matrix:` as written. `value` is the whole mapping with `${{ }}` texts still in it, or one text that
 * evaluates to it.
 */
export type Matrix = Located<JsonObject | string>;

export type Step = RunStep | UsesStep | WaitStep | CancelStep;

interface StepBase {
  /** Counts from 0 in its job. */
  readonly index: number;
  readonly at: Span;
  readonly id?: string;
  readonly name?: Template;
  readonly if?: Template;
  readonly env: NamedTemplates;
  readonly continueOnError?: OrTemplate<boolean>;
  readonly timeoutMinutes?: OrTemplate<number>;
  readonly retry?: Retry;
  readonly fallback: readonly Fallback[];
  readonly advisory?: Advisory;
  readonly expect?: Expectation;
  /** Globs of what the step reads, and of what it makes: while the first are unchanged, the second are restored. Either both or none. */
  readonly consumes?: readonly Template[];
  readonly produces?: readonly Template[];
}

/** What a step that does work has beside it. */
interface WorkBase extends StepBase {
  /** The steps after it do not wait for it. */
  readonly background?: true;
}

export interface RunStep extends WorkBase {
  readonly kind: 'run';
  readonly run: Template;
  readonly shell?: Template;
  readonly workingDirectory?: Template;
}

export interface UsesStep extends WorkBase {
  readonly kind: 'uses';
  /** `owner/repo[/path]@ref`, `./path`, `$/path` or `docker://image`. */
  readonly uses: Located<string>;
  readonly with: NamedTemplates;
}

/**
 * Waits until background steps have ended. `parallel:` is read as its steps in the background and one of these behind
 * them.
 */
export interface WaitStep extends StepBase {
  readonly kind: 'wait';
  /** Indexes of the steps in their job; `all` that still run. */
  readonly steps: readonly number[] | 'all';
}

/** Ends a background step: SIGINT, then SIGTERM, then kill. */
export interface CancelStep extends StepBase {
  readonly kind: 'cancel';
  readonly step: number;
}

/** What `retry.on` may name: how an attempt ended, and the layers that the diagnosis of a failure tells apart. */
export const RETRY_CAUSES = [
  'exit-code',
  'signal',
  'timeout',
  'network',
  'registry',
  'resources',
  'runner',
  'test',
  'dependency',
  'configuration',
  'code',
  'policy',
  'secrets',
  'unknown',
] as const;

export type RetryCause = (typeof RETRY_CAUSES)[number];

export interface Retry {
  readonly at: Span;
  /** Attempts in all, the first included; at least 1. */
  readonly attempts: number;
  readonly on: readonly RetryCause[];
  readonly delayMs: number;
}

/** A lesser way to do the step. `loss` says what is given up by taking it. */
export interface Fallback {
  readonly at: Span;
  readonly loss: string;
  /** `YYYY-MM-DD`: after this day, using it fails the run. */
  readonly until?: Located<string>;
  readonly step: RunStep | UsesStep;
}

export interface Advisory {
  readonly at: Span;
  /** `YYYY-MM-DD`: after this day, findings block. */
  readonly until?: Located<string>;
}

export interface Expectation {
  readonly at: Span;
  readonly files: readonly Template[];
  /** `report` is a glob of JUnit XML files; `min` tests at least must have run. */
  readonly tests?: { readonly report: Template; readonly min: number };
}

/** Inputs of a run as `inputs.*` sees them. */
export type Inputs = Readonly<Record<string, JsonValue>>;
