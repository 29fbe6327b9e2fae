// The contexts, by what can be read of them. GitHub: "Contexts reference".
import { expressionOf } from './expression.ts';
import type { Dynamic, Expression } from './expression.ts';

type Fields<Name extends string> = Expression & { readonly [K in Name]: Expression };

export type GithubContext = Fields<
  | 'action'
  | 'action_path'
  | 'action_ref'
  | 'action_repository'
  | 'action_status'
  | 'actor'
  | 'actor_id'
  | 'api_url'
  | 'base_ref'
  | 'env'
  | 'event_name'
  | 'event_path'
  | 'graphql_url'
  | 'head_ref'
  | 'job'
  | 'output'
  | 'path'
  | 'ref'
  | 'ref_name'
  | 'ref_protected'
  | 'ref_type'
  | 'repository'
  | 'repository_id'
  | 'repository_owner'
  | 'repository_owner_id'
  | 'repositoryUrl'
  | 'repository_visibility'
  | 'retention_days'
  | 'run_attempt'
  | 'run_id'
  | 'run_number'
  | 'secret_source'
  | 'server_url'
  | 'sha'
  | 'state'
  | 'step_summary'
  | 'token'
  | 'triggering_actor'
  | 'workflow'
  | 'workflow_ref'
  | 'workflow_sha'
  | 'workspace'
> & { readonly event: Dynamic };

export type RunnerContext = Fields<
  'arch' | 'debug' | 'environment' | 'name' | 'os' | 'temp' | 'tool_cache' | 'workspace'
>;
export type StrategyContext = Fields<'fail-fast' | 'job-index' | 'job-total' | 'max-parallel'>;

export type JobContext = Fields<
  'check_run_id' | 'status' | 'workflow_file_path' | 'workflow_ref' | 'workflow_repository' | 'workflow_sha'
> & {
  readonly container: Fields<'id' | 'network'>;
  readonly services: Expression & {
    readonly [service: string]: Fields<'id' | 'network'> & { readonly ports: Dynamic };
  };
};

/** How a step ended; `verdict` is Gantry's. */
export type StepContext = Fields<'outcome' | 'conclusion' | 'verdict'> & { readonly outputs: Dynamic };
/** How a job that is needed ended; `verdict` is Gantry's. */
export type NeedContext = Fields<'result' | 'verdict'> & { readonly outputs: Dynamic };

export type StepsContext<Id extends string = string> = Expression & { readonly [K in Id]: StepContext };
export type NeedsContext<Job extends string = string> = Expression & { readonly [K in Job]: NeedContext };

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what can be read
const context = <Shape extends Expression>(name: string): Shape =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any field can be read of the object
  expressionOf(name) as Expression as Shape;

export const github = context<GithubContext>('github');
export const runner = context<RunnerContext>('runner');
export const strategy = context<StrategyContext>('strategy');
export const job = context<JobContext>('job');
export const steps = context<StepsContext>('steps');
export const needs = context<NeedsContext>('needs');
/** The jobs of a workflow that is called, for its outputs. */
export const jobs = context<NeedsContext>('jobs');
export const matrix = expressionOf('matrix');
export const env = expressionOf('env');
export const vars = expressionOf('vars');
export const secrets = expressionOf('secrets');
export const inputs = expressionOf('inputs');

type NameIn<List> = List extends readonly (infer Name extends string)[] ? Name : List extends string ? List : never;

/** The `needs` context with these jobs and no others: `needsOf(list)` for a job that has `needs: list`. */
export function needsOf<const List extends string | readonly string[]>(_needs: List): NeedsContext<NameIn<List>> {
  return context('needs');
}

/** The `steps` context with these ids and no others. */
export function stepsOf<const Id extends string>(..._ids: readonly Id[]): StepsContext<Id> {
  return context('steps');
}

type MatrixNames<Matrix> =
  | Exclude<keyof Matrix & string, 'include' | 'exclude'>
  | (Matrix extends { readonly include: readonly (infer Entry)[] } ? KeysOfEach<Entry> : never);
type KeysOfEach<Entry> = Entry extends unknown ? keyof Entry & string : never;

/** The `matrix` context of this matrix: only names that it has can be read. */
export function matrixOf<const Matrix extends object>(
  _matrix: Matrix,
): Expression & { readonly [K in MatrixNames<Matrix>]: Dynamic } {
  return context('matrix');
}
