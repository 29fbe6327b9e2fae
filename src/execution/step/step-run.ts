import type { Secret } from '#base/secret.ts';
import type { FailedCommand, StepDiagnosis } from '#run/diagnosis.ts';
import type { Annotation, StepResult } from '#run/events.ts';
import type { Replayable } from '#run/replay.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { FailedScript } from '#stores/failed-scripts/failed-scripts.ts';
import type { LogStream } from '#stores/logs/log-store.ts';
import type { ReuseStore } from '#stores/reuse/reuse-store.ts';
import type { TestHistory } from '#stores/tests/test-history.ts';
import type { NativeAction } from '../actions/native-action.ts';
import type { RepositoryStore } from '../actions/repository-store.ts';
import type { EngineFound } from '../container/container-engine.ts';
import type { Mount } from '../container/container-paths.ts';
import type { MatcherRegistry } from '../output/matcher-registry.ts';
import type { StepTry } from '#stores/artifacts/artifacts.ts';
import type { JobScope } from '../job/job-scope.ts';
import type { JobFolders } from '../job/workspace.ts';
import type { RuntimeServices } from '../runtime-services/runtime-services.ts';
import type { StartProcess } from '../process/host-process.ts';
import type { FileDigests } from '../reuse/file-digests.ts';
import type { PauseStep } from './pause-step.ts';
import type { StepChanges } from './step-files.ts';

/** Where the output of one attempt goes. */
export interface StepOutput {
  write(stream: LogStream, chunk: Buffer): void;
  end(): void;
  /** What workflow commands, and the findings of an advisory step, have pointed at so far. */
  readonly annotations: readonly Annotation[];
  /** A command that could not be obeyed: the step has failed, whatever its exit code says. */
  readonly problem: string | undefined;
}

export interface OutputPlace {
  /** The folder of the step's environment files, when it is not the job's own. */
  readonly files?: string;
  /** The step's own environment, which may allow commands that are off by default. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a step is given by the job that it belongs to. */
export interface StepRun {
  readonly order: JobOrder;
  readonly folders: JobFolders;
  readonly scope: JobScope;
  readonly actions: Readonly<Record<string, NativeAction>>;
  readonly repositories: RepositoryStore;
  /** For actions that carry clients of GitHub's services. */
  readonly services: RuntimeServices;
  /** The repository that holds the file of this step, for `$/path`; absent for the project itself. */
  readonly source?: ActionSource;
  /** Runs a step of a composite action. */
  runStep(step: RunStep | UsesStep, name: string, run: StepRun): Promise<StepResult>;
  /** What earlier runs made; absent for the steps of a composite action. */
  readonly reuse?: StepReuseDeps;
  /** Steps that took longer are not run again to find out whether they fail again; 0: none is. */
  readonly replayMostMs: number;
  /** Whether steps of the job have left something running. */
  areProcessesLeft(): boolean;
  /** What is known of tests from earlier runs; absent where nobody keeps it. */
  readonly testHistory?: TestHistory;
  /** What is to become of a step that failed; absent where nobody is there to be asked. */
  readonly pause?: PauseStep;
  /** For whoever wants to run a script that failed by itself; absent where nobody keeps it. */
  keepFailedScript?(failed: FailedScript): void;
  /** A step round this one runs whatever happened before it. */
  readonly cleansUp?: boolean;
  /** The composite actions round this step, from the job's step inwards. */
  readonly around: readonly ActionUse[];
  /** Where the `pre` of actions leave their files: unlike those of `main`, they stay when a step is tried again. */
  readonly preFolder: string;
  /** Which try of which of the job's steps this is part of; absent outside of one. */
  readonly stepTry?: StepTry;
  readonly signal: AbortSignal;
  /** Nothing begins any more, whatever its `if:` says. */
  readonly force: AbortSignal;
  readonly containers: {
    findEngine(): Promise<EngineFound>;
    /** Of the job; '' when it has none. */
    readonly network: string;
    readonly mounts: readonly Mount[];
    readonly machine: Readonly<Record<string, string>>;
  };
  /** Starts a process of the step where the job's steps run. */
  readonly start: StartProcess;
  /** Why a step failed; absent where nobody asks, as inside a composite action, whose own step is asked about. */
  readonly explain?: (ended: EndedStep) => Promise<StepDiagnosis | undefined>;
  now(): number;
  /** A number from 0 to 1, for jitter. */
  random(): number;
  openOutput(step: number, place?: OutputPlace): StepOutput;
  /** The job's problem matchers. */
  readonly matchers: MatcherRegistry;
  /** The process group that must be ended when this engine dies and another takes the job up again. */
  noteProcess(pid: number | undefined): void;
  redact(text: string): string;
  /** From here on the value is not shown. */
  mask(value: string): Secret;
  /** Actions whose `post` is due at the end of the job. */
  addPost(post: PostStep): void;
}

/** Under `always()`, `cancelled()` and `failure()` things are put in order, or reported, as well as it goes. */
export function isCleanUp(step: RunStep | UsesStep): boolean {
  return /\b(?:always|cancelled|failure)\s*\(/i.test(step.if?.value ?? '');
}

/** A step that failed, or in which something did, as the engine knows it without reading its log. */
export interface EndedStep {
  readonly index: number;
  readonly name: string;
  readonly durationMs: number;
  /** What it said before is of earlier attempts, and no matter of this one. */
  readonly sinceMs?: number;
  /** What its processes were given. */
  readonly env: Readonly<Record<string, string>>;
  readonly facts: { readonly exitCode?: number; readonly signal?: string; readonly timedOut?: boolean };
  /** What it ran, when that was a script. */
  readonly ran?: RanScript;
  /** Absent when what it did is not to be done again. */
  readonly replay?: Replayable;
  /** Of its script, those that are known to have failed. */
  readonly commands?: readonly FailedCommand[];
}

/** May hold secrets that its author wrote into it. */
export interface RanScript {
  readonly script: string;
  readonly folder: string;
  readonly argv: readonly [string, ...string[]];
  /** The word of `argv` that names the script's file, which is gone. */
  readonly file: string;
  /** As the shell reads it. */
  readonly content: string;
  /** When it began, by the clock of the file system. */
  readonly atMs: number;
}

export interface StepReuseDeps {
  readonly store: ReuseStore;
  readonly digests: FileDigests;
  /** Every step runs; what it makes takes the place of what was kept. */
  readonly isForced: boolean;
}

/** Where a fetched action came from. */
export interface ActionSource {
  readonly repository: string;
  readonly ref: string;
  readonly folder: string;
}

/** An action as a step uses it. */
export interface ActionUse {
  readonly uses: string;
  /** Of the step, in its job or in the composite action round it. */
  readonly index: number;
  /** What its `env:` and its `with:` came to. */
  readonly stepEnv: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
}

/** All by which an engine that takes the job up again finds what is still due. It may hold secrets. */
export interface PostRecord {
  /** From the job's step inwards; the last is the action whose `post` it is. */
  readonly uses: readonly ActionUse[];
  /** What `pre` and `main` saved. */
  readonly state: Readonly<Record<string, string>>;
  /** Due since `pre` ran; what `main` has to add takes its place. */
  readonly sincePre: boolean;
}

export interface PostEnd {
  readonly ok: boolean;
  readonly why: string;
  /** What it wrote to its files. */
  readonly changes?: StepChanges;
}

export interface PostStep {
  readonly name: string;
  /** Of the job's step. */
  readonly index: number;
  readonly record: PostRecord;
  /**
   * `on-success`: of an action that is built in; it saves what a job that went well has made, and its own failure is only
   * told. Otherwise the condition of an action's `post-if`, and then a failure is the job's.
   */
  readonly when: 'on-success' | { readonly condition: string };
  run(run: StepRun): Promise<PostEnd>;
}
