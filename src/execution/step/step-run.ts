import type { Secret } from '#base/secret.ts';
import type { Annotation, StepResult } from '#run/events.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { LogStream } from '#stores/logs/log-store.ts';
import type { NativeAction } from '../actions/native-action.ts';
import type { RepositoryStore } from '../actions/repository-store.ts';
import type { JobScope } from '../job/job-scope.ts';
import type { JobFolders } from '../job/workspace.ts';

/** Where the output of one attempt goes. */
export interface StepOutput {
  write(stream: LogStream, chunk: Buffer): void;
  end(): void;
  /** What workflow commands, and the findings of an advisory step, have pointed at so far. */
  readonly annotations: readonly Annotation[];
}

/** What a step is given by the job that it belongs to. */
export interface StepRun {
  readonly order: JobOrder;
  readonly folders: JobFolders;
  readonly scope: JobScope;
  readonly actions: Readonly<Record<string, NativeAction>>;
  readonly repositories: RepositoryStore;
  /** The repository that holds the file of this step, for `$/path`; absent for the project itself. */
  readonly source?: ActionSource;
  /** Runs a step of a composite action. */
  runStep(step: RunStep | UsesStep, name: string, run: StepRun): Promise<StepResult>;
  /** Composite actions round this step. */
  readonly depth: number;
  readonly signal: AbortSignal;
  now(): number;
  /** A number from 0 to 1, for jitter. */
  random(): number;
  /** `files`: the folder of the step's environment files, when it is not the job's own. */
  openOutput(step: number, files?: string): StepOutput;
  /** The process group that must be ended when this engine dies and another takes the job up again. */
  noteProcess(pid: number | undefined): void;
  redact(text: string): string;
  /** From here on the value is not shown. */
  mask(value: string): Secret;
  /** Actions whose `post` is due at the end of the job. */
  addPost(post: PostStep): void;
}

/** Where a fetched action came from. */
export interface ActionSource {
  readonly repository: string;
  readonly ref: string;
  readonly folder: string;
}

export interface PostStep {
  readonly name: string;
  readonly index: number;
  /**
   * `on-success`: of an action that is built in; it saves what a job that went well has made, and its own failure is only
   * told. Otherwise the condition of an action's `post-if`, and then a failure is the job's.
   */
  readonly when: 'on-success' | { readonly condition: string };
  run(run: StepRun): Promise<{ readonly ok: boolean; readonly why: string }>;
}
