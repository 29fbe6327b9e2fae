// The checked pipeline: what the reader makes from YAML, and the planner plans from. Plain data, so that it can stand
// in the journal. Anything that may hold `${{ }}` is kept as its text and evaluated when its contexts exist.
import type { JsonObject, JsonValue } from '#base/json.ts';
import type { Located, Span } from './position.ts';

/** Text in which `${{ }}` is evaluated later. */
export type Template = Located<string>;

/** A literal, or a template that must evaluate to such a value. */
export type OrTemplate<T> = Located<T | string>;

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
  readonly jobs: readonly Job[];
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
  readonly cron?: readonly Located<string>[];
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
  readonly environment?: { readonly name: Template; readonly url?: Template };
  readonly env: NamedTemplates;
  readonly defaults: RunDefaults;
  readonly outputs: NamedTemplates;
  readonly timeoutMinutes?: OrTemplate<number>;
  readonly strategy?: Strategy;
  readonly continueOnError?: OrTemplate<boolean>;
  readonly accept?: Located<Acceptance>;
  readonly steps: readonly Step[];
}

export interface Strategy {
  readonly at: Span;
  readonly matrix?: Matrix;
  readonly failFast?: OrTemplate<boolean>;
  readonly maxParallel?: OrTemplate<number>;
}

/**
 * `matrix:` as written. `value` is the whole mapping with `${{ }}` texts still in it, or one text that
 * evaluates to it.
 */
export type Matrix = Located<JsonObject | string>;

export type Step = RunStep | UsesStep;

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
}

export interface RunStep extends StepBase {
  readonly kind: 'run';
  readonly run: Template;
  readonly shell?: Template;
  readonly workingDirectory?: Template;
}

export interface UsesStep extends StepBase {
  readonly kind: 'uses';
  /** `owner/repo[/path]@ref`, `./path` or `docker://image`. */
  readonly uses: Located<string>;
  readonly with: NamedTemplates;
}

/** Causes that `retry.on` may name today: how the attempt ended, and the diagnosed layers, once diagnosis can tell them. */
export type RetryCause = 'exit-code' | 'signal' | 'timeout' | 'network' | 'registry' | 'resources' | 'runner';

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
