// A run as its events tell it. Built only by `evolve`.
import type { JobId, RunId } from '#base/ids.ts';
import type { ArtifactFact, JobDelivery, JobInstance, Conclusion, LogEnd, RunEvent, StepResult } from './events.ts';
import type { JsonObject } from '#base/json.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Holder } from './line.ts';
import type { Plan } from './plan.ts';
import type { Verdict } from './verdict.ts';

export type RunState = { readonly kind: 'unborn'; readonly early: readonly RunEvent[] } | LiveRun;

export interface LiveRun {
  readonly kind: 'live';
  readonly runId: RunId;
  readonly plan: Plan;
  readonly startedAtMs: number;
  readonly groups: ReadonlyMap<string, JobGroup>;
  /** Those of them in which a job has still to end. */
  readonly open: ReadonlyMap<string, JobGroup>;
  readonly jobs: ReadonlyMap<JobId, JobRecord>;
  /** The jobs of each group of which all have ended: nothing changes there any more. */
  readonly settled: ReadonlyMap<string, readonly JobRecord[]>;
  /** By the job that made it; in the order in which they were made. */
  readonly calls: ReadonlyMap<JobId, OpenCall>;
  readonly cancel?: Cancellation;
  /** Its places in the lines of concurrency groups, by holder. */
  readonly places: ReadonlyMap<string, Place>;
  /** What was found live after the run, one entry an environment. */
  readonly observed: readonly Extract<RunEvent, { type: 'environment.observed' }>[];
  readonly finished?: { readonly atMs: number; readonly cancelled: boolean };
  /** Events that came before what they speak of. */
  readonly early: readonly RunEvent[];
}

export interface Cancellation {
  readonly reason: string;
  readonly supersededBy?: RunId;
  readonly force?: true;
}

/** Where it stands in the line of a concurrency group; see `line.ts` for what happens there. */
export interface Place {
  readonly group: string;
  readonly holder: Holder;
  readonly turn: number;
  readonly stage:
    | {
        readonly kind: 'waiting';
        readonly behind: { readonly runId: RunId; readonly holder: Holder };
        readonly ahead: number;
      }
    | { readonly kind: 'held' | 'released' }
    | { readonly kind: 'refused'; readonly why: string };
}

export interface OpenCall {
  readonly workflow: string;
  readonly inputs: JsonObject;
}

/** What one key under `jobs:` became: its instances, in order. */
export interface JobGroup {
  readonly key: string;
  readonly caller?: JobId;
  readonly ids: readonly JobId[];
  readonly failFast: boolean;
  readonly afterCancel: boolean;
  readonly maxParallel?: number;
}

export interface JobRecord {
  readonly instance: JobInstance;
  readonly key: string;
  /** The job that called the workflow this one belongs to. */
  readonly caller?: JobId;
  readonly state: JobState;
  /** Somebody asked for its end, and not for that of the whole run. */
  readonly cancel?: Cancellation;
}

export type JobState =
  | { readonly kind: 'waiting' }
  | SkippedJob
  /** Its place is taken by the jobs of the workflow that it called. */
  | { readonly kind: 'calling'; readonly startedAtMs: number }
  | RunningJob
  /** Its engine died; it waits for its next attempt. */
  | {
      readonly kind: 'lost';
      readonly attempt: number;
      readonly steps: readonly StepResult[];
      readonly interrupted?: string;
      readonly interruptedSteps?: readonly number[];
    }
  | FinishedJob;

export interface SkippedJob {
  readonly kind: 'skipped';
  readonly why: string;
  readonly blameless: boolean;
  readonly conclusion: Conclusion;
  /** The earlier attempt of the run in which that was so. */
  readonly carriedFrom?: RunId;
}

export interface CurrentStep {
  readonly index: number;
  readonly name: string;
  readonly startedAtMs: number;
  /** It failed, and waits for somebody who was asked what now. */
  readonly pausedAtMs?: number;
}

export interface RunningJob {
  readonly kind: 'running';
  readonly attempt: number;
  readonly dispatchedAtMs: number;
  readonly startedAtMs?: number;
  readonly workspace?: string;
  readonly steps: readonly StepResult[];
  /** In the order in which they began; more than one when steps run in the background. */
  readonly currentSteps: readonly CurrentStep[];
  /** The number that the next delivery must have; others wait in `ahead`. */
  readonly nextSeq: number;
  readonly ahead: readonly JobDelivery[];
}

export interface FinishedJob {
  readonly kind: 'finished';
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly workspace?: string;
  readonly steps: readonly StepResult[];
  readonly outcome: Conclusion;
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  readonly why?: string;
  readonly timedOut?: true;
  readonly ledger?: readonly LedgerEntry[];
  readonly log?: LogEnd;
  readonly artifacts?: readonly ArtifactFact[];
  /** It called a workflow: what its jobs amount to. */
  readonly returned?: { readonly verdict?: Verdict };
  /** The earlier attempt of the run that ran it, and has its log. */
  readonly carriedFrom?: RunId;
}

export const UNBORN: RunState = { kind: 'unborn', early: [] };
