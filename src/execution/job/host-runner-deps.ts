// What runs jobs on this machine is made of.
import type { JobId, RunId } from '#base/ids.ts';
import type { Secret } from '#base/secret.ts';
import type { StepDiagnosis } from '#run/diagnosis.ts';
import type { PauseAnswer } from '#run/events.ts';
import type { ArtifactStore } from '#stores/artifacts/artifacts.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import type { FailedScriptStore } from '#stores/failed-scripts/failed-scripts.ts';
import type { LogStore } from '#stores/logs/log-store.ts';
import type { ReuseStore } from '#stores/reuse/reuse-store.ts';
import type { TestHistory } from '#stores/tests/test-history.ts';
import type { EngineFound } from '../container/container-engine.ts';
import type { NativeAction } from '../actions/native-action.ts';
import type { RepositoryStore } from '../actions/repository-store.ts';
import type { StartProcess } from '../process/host-process.ts';
import type { FileDigests } from '../reuse/file-digests.ts';
import type { PausedStep } from '../step/pause-step.ts';
import type { EndedStep } from '../step/step-run.ts';

/** When it fails, the step's log says so, and nothing else happens. */
export type ExplainStep = (failed: FailedStep) => Promise<StepDiagnosis | undefined>;

export interface FailedStep extends Omit<EndedStep, 'env' | 'ran'> {
  readonly runId: RunId;
  readonly jobId: JobId;
  readonly script?: string;
  /** Where and as what the step ran. */
  readonly place: {
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    readonly start: StartProcess;
    readonly signal: AbortSignal;
    /** By the kernel, for want of memory, before the job began. */
    readonly oomKillsBefore?: number;
  };
}

export type PauseJobStep = (
  paused: PausedStep & { readonly runId: RunId; readonly jobId: JobId; readonly job: string },
) => Promise<PauseAnswer>;

export interface HostRunnerDeps {
  readonly logs: LogStore;
  readonly artifacts: ArtifactStore;
  readonly cache: CacheStore;
  readonly workRoot: string;
  /** Lasts, for all jobs: what actions install once for everybody. */
  readonly toolCache: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly actions: Readonly<Record<string, NativeAction>>;
  readonly repositories: RepositoryStore;
  /** What steps made in earlier runs. */
  readonly reuse: ReuseStore;
  readonly digests: FileDigests;
  /** The container engine of this machine, or why there is none; asked only when a job needs it. */
  readonly findEngine: () => Promise<EngineFound>;
  /** Why a step failed, found out while its job is still there; absent when nobody wants to know. */
  readonly explain?: ExplainStep;
  readonly testHistory: TestHistory;
  readonly failedScripts: FailedScriptStore;
  /** The longest step that is run again to find out whether it fails again; 0: none. */
  readonly replayMostMs: number;
  /** Asked what is to become of a step that failed; absent when nobody is there. */
  readonly pause?: PauseJobStep;
  readonly now: () => number;
  readonly random: () => number;
  /** The newest line of a job's log, for whoever watches. */
  readonly onLine?: (jobId: string, line: () => string) => void;
}
