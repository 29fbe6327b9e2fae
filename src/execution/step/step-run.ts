import type { Secret } from '#base/secret.ts';
import type { Annotation, StepResult } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { LogStream } from '#stores/logs/log-store.ts';
import type { RunStep, Step, UsesStep } from '#workflow/model.ts';
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

/** The repository that `$/` stands for: the one whose file names the action. */
export type Home =
  | { readonly kind: 'project' }
  | { readonly kind: 'repository'; readonly folder: string; readonly repository: string; readonly ref: string };

/** What a step is given by the job that it belongs to. */
export interface StepRun {
  readonly order: JobOrder;
  readonly folders: JobFolders;
  readonly scope: JobScope;
  readonly actions: Readonly<Record<string, NativeAction>>;
  readonly signal: AbortSignal;
  now(): number;
  /** A number from 0 to 1, for jitter. */
  random(): number;
  /** `job`, or `job / step` for the steps of a composite action. */
  readonly where: string;
  /** The steps that this one stands among. */
  readonly siblings: readonly Step[];
  /** How many composite actions this step stands in. */
  readonly depth: number;
  /** Tells a step from all others of the job: its number, below those of the actions that it stands in. */
  readonly path: string;
  /** The number of the job's step that this is, or stands in. */
  readonly stepIndex: number;
  readonly home: Home;
  readonly repositories: RepositoryStore;
  /** The job's own private folder, however deep the step stands. */
  readonly jobPrivate: string;
  runStep(step: RunStep | UsesStep, name: string, run: StepRun): Promise<StepResult>;
  /** `files`: where the environment files of the step are, when it is a step within an action. */
  openOutput(step: number, files?: string): StepOutput;
  /** The process group that must be ended when this engine dies and another takes the job up again. */
  noteProcess(pid: number | undefined): void;
  redact(text: string): string;
  /** From here on the value is not shown. */
  mask(value: string): Secret;
  /** Actions whose `post` is due at the end of the job. */
  addPost(post: PostStep): void;
}

export type PostStep = NativePost | ProgramPost;

export interface NativePost {
  readonly kind: 'native';
  readonly name: string;
  readonly index: number;
  run(run: StepRun): Promise<{ readonly ok: boolean; readonly why: string }>;
}

/** The `post` of an action that is a program. Plain data: it is kept in the job's private folder for a resumed job. */
export interface ProgramPost {
  readonly kind: 'program';
  /** A later one with the same path takes the place of this: the step was tried again. */
  readonly path: string;
  readonly name: string;
  readonly index: number;
  /** Absent: `always()`. */
  readonly condition?: string;
  readonly program: string;
  readonly variables: Readonly<Record<string, string>>;
}
