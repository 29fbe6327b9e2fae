// What may stand under `jobs:`. `Name` is the name of any job of the pipeline, `Id` an id of this job's steps.
import type { Expression } from './expression.ts';
import type { Amount, Flag, OneOrMore, Scalar, Shell, Step, Text, Values } from './steps.ts';

export type Data = string | number | boolean | null | Expression | readonly Data[] | { readonly [name: string]: Data };

export type Permission =
  | 'actions'
  | 'artifact-metadata'
  | 'attestations'
  | 'checks'
  | 'code-quality'
  | 'contents'
  | 'deployments'
  | 'discussions'
  | 'issues'
  | 'packages'
  | 'pages'
  | 'pull-requests'
  | 'repository-projects'
  | 'security-events'
  | 'statuses';

export type Permissions =
  | 'read-all'
  | 'write-all'
  | ({ readonly [P in Permission]?: 'none' | 'read' | 'write' } & {
      readonly [P in 'models' | 'vulnerability-alerts']?: 'none' | 'read';
    } & { readonly [P in 'id-token' | 'copilot-requests']?: 'none' | 'write' });

export type Concurrency =
  Text | { readonly group: Text; readonly 'cancel-in-progress'?: Flag; readonly queue?: 'single' | 'max' };

export interface Defaults {
  readonly run?: { readonly shell?: Shell; readonly 'working-directory'?: Text };
}

export type MatrixEntries = Expression | readonly (Expression | { readonly [name: string]: Data })[];

export type Matrix =
  | Expression
  | ({ readonly [name: string]: Expression | readonly Data[] } & {
      readonly include?: MatrixEntries;
      readonly exclude?: MatrixEntries;
    });

export interface Strategy {
  readonly matrix?: Matrix;
  readonly 'fail-fast'?: Flag;
  readonly 'max-parallel'?: Amount;
}

export interface ContainerKeys {
  readonly image: Text;
  readonly credentials?: Expression | { readonly username: Text; readonly password: Text };
  readonly env?: Values;
  readonly ports?: readonly (Text | number)[];
  readonly volumes?: readonly Text[];
  readonly options?: Text;
}

export interface ServiceKeys extends ContainerKeys {
  readonly entrypoint?: Text;
  readonly command?: Text;
}

export type Container = Text | ContainerKeys;
export type Service = Text | ServiceKeys;
export type RunsOn = OneOrMore<Text> | { readonly labels?: OneOrMore<Text>; readonly group?: Text };
export type Environment = Text | { readonly name: Text; readonly url?: Text; readonly deployment?: Flag };

interface CommonKeys<Name> {
  readonly name?: Text;
  /** Jobs of this pipeline that end before this one begins. */
  readonly needs?: OneOrMore<Name>;
  readonly if?: Text | boolean;
  readonly strategy?: Strategy;
  readonly permissions?: Permissions;
  readonly concurrency?: Concurrency;
  /** The worst verdict of its needs with which the job still runs; `degraded` when it is left out. */
  readonly accept?: 'passed' | 'degraded';
}

export interface StepsJob<Name = string, Id = string> extends CommonKeys<Name> {
  readonly 'runs-on': RunsOn;
  readonly environment?: Environment;
  readonly env?: Values;
  readonly defaults?: Defaults;
  readonly outputs?: { readonly [name: string]: Scalar };
  readonly 'timeout-minutes'?: Amount;
  readonly 'cancel-timeout-minutes'?: Amount;
  readonly 'continue-on-error'?: Flag;
  readonly container?: Container;
  readonly services?: Expression | { readonly [name: string]: Service };
  readonly steps: readonly Step<Id>[];
  readonly uses?: never;
  readonly with?: never;
  readonly secrets?: never;
}

/** A job that calls another workflow. */
export interface CallJob<Name = string> extends CommonKeys<Name> {
  readonly uses: `./.github/workflows/${string}` | `$/.github/workflows/${string}` | `${string}/${string}@${string}`;
  readonly with?: Values;
  readonly secrets?: 'inherit' | Values;
  readonly 'runs-on'?: never;
  readonly steps?: never;
}

export type Job<Name = string, Id = string> = StepsJob<Name, Id> | CallJob<Name>;
