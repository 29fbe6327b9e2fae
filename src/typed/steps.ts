// What may stand under `steps:`. `Id` collects the ids of the job's steps, so that `wait` and `cancel` name one of them.
import type { Expression } from './expression.ts';

/** Text in which expressions may stand. */
export type Text = string | Expression;
export type Flag = boolean | Expression;
export type Amount = number | Expression;
export type Scalar = string | number | boolean | Expression;
/** Values by name; nothing is the empty text. */
export type Values = Expression | { readonly [name: string]: Scalar | null };
export type OneOrMore<T> = T | readonly T[];
/** Milliseconds to hours: `500ms`, `2s`, `1m30s`; a number is seconds. */
export type Duration = number | string;
/** `YYYY-MM-DD` */
export type Day = `${number}-${number}-${number}`;

export type Shell = 'bash' | 'sh' | 'python' | 'pwsh' | 'powershell' | 'cmd' | `${string}{0}${string}` | Expression;
/** `owner/repository[/path]@version`, a folder, or an image. */
export type ActionName = `${string}/${string}@${string}` | `./${string}` | `$/${string}` | `docker://${string}`;

/** The key of another kind of step. */
interface NotOfThisKind {
  readonly run?: never;
  readonly uses?: never;
  readonly wait?: never;
  readonly 'wait-all'?: never;
  readonly cancel?: never;
  readonly parallel?: never;
}
type OtherThan<Key extends keyof NotOfThisKind> = Omit<NotOfThisKind, Key>;

/** What every step and every fallback may have. */
interface Common {
  readonly name?: Text;
  readonly env?: Values;
  readonly 'timeout-minutes'?: Amount;
  readonly retry?: number | Retry;
  readonly expect?: Expectation;
}

interface RunKeys {
  /** Several lines are written ``script`…` ``, which takes the indentation away. */
  readonly run: Text;
  readonly shell?: Shell;
  readonly 'working-directory'?: Text;
  readonly with?: never;
}

interface UsesKeys {
  readonly uses: ActionName;
  readonly with?: Values;
  readonly shell?: never;
  readonly 'working-directory'?: never;
}

interface WorkKeys<Id> extends Common {
  readonly id?: Id;
  readonly if?: Text | boolean;
  readonly 'continue-on-error'?: Flag;
  /** The steps after it do not wait for it. */
  readonly background?: boolean;
  /** Reported with file and line, never blocks; after the day in `until` it does. */
  readonly advisory?: boolean | { readonly until?: Day };
  /** Lesser ways, tried in order when what stands before failed. */
  readonly fallback?: readonly Fallback[];
  /** Globs of what the step reads: nothing of it has changed, so what it `produces` is restored. */
  readonly consumes?: OneOrMore<Text>;
  readonly produces?: OneOrMore<Text>;
}

export interface RunStep<Id = string> extends WorkKeys<Id>, RunKeys, OtherThan<'run'> {}
export interface UsesStep<Id = string> extends WorkKeys<Id>, UsesKeys, OtherThan<'uses'> {}

interface ControlKeys<Id> {
  readonly id?: Id;
  readonly name?: Text;
  readonly 'continue-on-error'?: Flag;
}

/** Waits for steps in the background. */
export interface WaitStep<Id = string> extends ControlKeys<Id>, OtherThan<'wait'> {
  readonly wait: OneOrMore<NoInfer<Id>>;
}

/** Waits for all steps in the background: `'wait-all': null`. */
export interface WaitAllStep<Id = string> extends ControlKeys<Id>, OtherThan<'wait-all'> {
  readonly 'wait-all': boolean | null;
}

/** Ends a step in the background: SIGINT, then SIGTERM, then kill. */
export interface CancelStep<Id = string> extends ControlKeys<Id>, OtherThan<'cancel'> {
  readonly cancel: NoInfer<Id>;
}

/** Steps at the same time; the job waits for all of them. */
export interface ParallelStep<Id = string> extends OtherThan<'parallel'> {
  readonly parallel: readonly (RunStep<Id> | UsesStep<Id>)[];
}

export type Step<Id = string> =
  RunStep<Id> | UsesStep<Id> | WaitStep<Id> | WaitAllStep<Id> | CancelStep<Id> | ParallelStep<Id>;

interface FallbackKeys extends Common {
  /** What is given up by taking this way. */
  readonly loss: string;
  /** The last day on which using it does not fail the step. */
  readonly until?: Day;
}

export type Fallback = (FallbackKeys & RunKeys & OtherThan<'run'>) | (FallbackKeys & UsesKeys & OtherThan<'uses'>);

export type RetryCause =
  | 'exit-code'
  | 'signal'
  | 'timeout'
  | 'network'
  | 'registry'
  | 'resources'
  | 'runner'
  | 'test'
  | 'dependency'
  | 'configuration'
  | 'code'
  | 'policy'
  | 'secrets'
  | 'unknown';

export interface Retry {
  /** All of them, the first included: 1 to 20. */
  readonly attempts?: number;
  /** How an attempt must have ended, or what its cause must be. By default the transient ones. */
  readonly on?: OneOrMore<RetryCause>;
  /** Before the second attempt; doubles. */
  readonly delay?: Duration;
}

/** Proof, without which a green exit code is only a claim. */
export interface Expectation {
  readonly tests?: { readonly report: Text; readonly min?: number };
  readonly files?: OneOrMore<Text>;
}
