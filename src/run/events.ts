// What the journal holds. Facts in the past tense; nothing here is ever changed, only added to.
import type { JobId, RunId, Sha256 } from '#base/ids.ts';
import type { JsonObject } from '#base/json.ts';
import type { StepDiagnosis } from './diagnosis.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Holder } from './line.ts';
import type { StepMasked } from './masked.ts';
import type { Plan } from './plan.ts';
import type { StepReuse } from './reuse/facts.ts';
import type { Verdict } from './verdict.ts';

/** How a step or job ended, as GitHub's `outcome` and `conclusion` say it. */
export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** The last line and the last column of what is meant. */
  readonly endLine?: number;
  readonly endColumn?: number;
  /** By which the tool that found it calls it, such as `TS2304`. */
  readonly code?: string;
  /** It tells of a failed test, which the test counts name as well. */
  readonly of?: 'test';
}

/** A test that failed, as its report tells of it. */
export interface FailedTest {
  /** With what it belongs to in front, such as `tests.test_app.test_start`. */
  readonly name: string;
  /** One line; '' when the report says nothing. */
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  /** In how many earlier runs of this step it was flaky; absent when it never was. */
  readonly flakyBefore?: number;
}

/** A test that failed and passed although nothing had changed. */
export interface FlakyTest {
  readonly name: string;
  /** It passed when the step was tried again, in a replay of it, when its own tool ran it again, or in this run of the same commit. */
  readonly how: 'retry' | 'replay' | 'tool' | 'commit';
  /** In which it failed, when that is another one. */
  readonly run?: string;
}

/** Counts read from a JUnit report; `skipped` are part of `total`. */
export interface TestCounts {
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
  /** The first of those that failed, by name; absent when none did. */
  readonly failures?: readonly FailedTest[];
  /** The first of those that were flaky, whether they count as passed or failed; absent when none was. */
  readonly flaky?: readonly FlakyTest[];
}

/** A finished step: all that contexts, verdict and report need to know about it. Redacted before it is made. */
export interface StepResult {
  readonly index: number;
  readonly id?: string;
  readonly name: string;
  readonly outcome: Conclusion;
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  readonly ledger: readonly LedgerEntry[];
  readonly annotations: readonly Annotation[];
  readonly durationMs: number;
  /** Of the last attempt; absent when no process ran or a signal ended it. */
  readonly exitCode?: number;
  /** One line for people: why it did not succeed, or why it was skipped. */
  readonly why?: string;
  readonly tests?: TestCounts;
  /** What the step wrote to GITHUB_STEP_SUMMARY: Markdown, not trusted. */
  readonly summary?: string;
  /** Proof speaks against the exit code: the report holds failures although the command ended with 0. */
  readonly refuted?: boolean;
  /** The command failed, and its test report says that not one test ran: nothing was proven either way. */
  readonly nothingRan?: boolean;
  /** What a `gantry/deploy` step put live, and where. */
  readonly release?: JsonObject;
  /** What its scripts swallowed; the part of it that counts is in the ledger too. Absent: nothing is to be said. */
  readonly masked?: StepMasked;
  /** Of a step that says what it consumes and produces. */
  readonly reuse?: StepReuse;
  /** Of a step whose failure is the job's. */
  readonly diagnosis?: StepDiagnosis;
}

export interface LogEnd {
  readonly bytes: number;
  readonly lines: number;
  readonly sha256: Sha256;
}

/** What jobs of the run have handed on under a name. */
export interface ArtifactFact {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  /** Unknown for an archive that was brought whole. */
  readonly files?: number;
  readonly digest: Sha256;
  readonly expiresAtMs: number;
}

/** What a step has for people, written after it had ended. */
export interface StepSummary {
  readonly index: number;
  readonly summary: string;
}

/** Of whoever looked at a step that failed: `quit` ends the run. */
export type PauseAnswer = 'retry' | 'go-on' | 'quit';

/** What a runner says about one attempt of one job, numbered from 1 without gaps. */
export type JobFact =
  | { readonly type: 'job.started'; readonly v: 1; readonly atMs: number; readonly workspace: string }
  | {
      readonly type: 'step.started';
      readonly v: 1;
      readonly atMs: number;
      readonly index: number;
      readonly name: string;
    }
  /** It failed, and waits for somebody who was asked; until then nothing goes on in it. */
  | {
      readonly type: 'step.paused';
      readonly v: 1;
      readonly atMs: number;
      readonly index: number;
      readonly why: string;
    }
  | {
      readonly type: 'step.continued';
      readonly v: 1;
      readonly atMs: number;
      readonly index: number;
      readonly answer: PauseAnswer;
    }
  | { readonly type: 'step.finished'; readonly v: 1; readonly atMs: number; readonly result: StepResult }
  | {
      readonly type: 'job.finished';
      readonly v: 1;
      readonly atMs: number;
      /** Before and after the job's `continue-on-error`. */
      readonly outcome: Conclusion;
      readonly conclusion: Conclusion;
      readonly outputs: Readonly<Record<string, string>>;
      readonly why?: string;
      /** It was cancelled because its `timeout-minutes` were over. */
      readonly timedOut?: true;
      /** The job's own steps down, beside those of its steps. */
      readonly ledger?: readonly LedgerEntry[];
      /** Markdown for people that is due to steps which had ended when it was written. */
      readonly summaries?: readonly StepSummary[];
      /** All that the run has at that moment, of whatever job; absent when it never had one. */
      readonly artifacts?: readonly ArtifactFact[];
      /** Absent: the log has no end marker, so what it proves is unknown. */
      readonly log?: LogEnd;
    };

/** A fact with its address: duplicates and late arrivals are told by `attempt` and `seq`. */
export interface JobDelivery {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly seq: number;
  readonly fact: JobFact;
}

export interface JobInstance {
  readonly id: JobId;
  readonly name: string;
  readonly matrix?: JsonObject;
  readonly index: number;
  /** Combinations of the whole matrix, when only a part of it was asked for. */
  readonly total?: number;
}

export type RunEvent =
  | { readonly type: 'run.created'; readonly v: 1; readonly runId: RunId; readonly atMs: number; readonly plan: Plan }
  /** A job key's needs are done: these are its instances; with `ruledOut` there is one, and it will not run. */
  | {
      readonly type: 'job.expanded';
      readonly v: 1;
      readonly atMs: number;
      /** With the prefix of its scope. */
      readonly key: string;
      /** The job whose call opened the scope; absent for the run's own jobs. */
      readonly caller?: JobId;
      readonly instances: readonly JobInstance[];
      readonly failFast: boolean;
      /** It was let in knowing that the run is cancelled, as `always()` does; so the cancellation does not stop it. */
      readonly afterCancel: boolean;
      readonly maxParallel?: number;
    }
  | {
      readonly type: 'job.dispatched';
      readonly v: 1;
      readonly atMs: number;
      readonly jobId: JobId;
      readonly attempt: number;
      readonly carried: readonly StepResult[];
    }
  /** Not run. `blameless`: its own `if:` or the trigger ruled it out, so nobody is waiting for it in vain. */
  | {
      readonly type: 'job.skipped';
      readonly v: 1;
      readonly atMs: number;
      readonly jobId: JobId;
      readonly why: string;
      readonly blameless: boolean;
      readonly conclusion: 'skipped' | 'cancelled' | 'failure';
    }
  /** It is not run again: how it ended in an earlier attempt of the run, which the plan holds, counts in this one. */
  | {
      readonly type: 'job.carried';
      readonly v: 1;
      readonly atMs: number;
      readonly jobId: JobId;
      /** The attempt that ran it. */
      readonly from: RunId;
    }
  /** The job's place is taken by the jobs of the workflow that it calls. */
  | {
      readonly type: 'workflow.called';
      readonly v: 1;
      readonly atMs: number;
      readonly jobId: JobId;
      /** Its entry in the plan. */
      readonly workflow: string;
      readonly inputs: JsonObject;
    }
  /** All of them have ended, and so has the job that called. */
  | {
      readonly type: 'workflow.returned';
      readonly v: 1;
      readonly atMs: number;
      readonly jobId: JobId;
      readonly conclusion: Conclusion;
      readonly outputs: Readonly<Record<string, string>>;
      /** Absent: none of them has one. */
      readonly verdict?: Verdict;
      readonly why?: string;
    }
  | { readonly type: 'job.reported'; readonly v: 1; readonly delivery: JobDelivery }
  /** The engine that ran it died. The job's next attempt carries over what was finished. */
  | {
      readonly type: 'job.lost';
      readonly v: 1;
      /** Number of the last delivery that the dead engine got into the journal. */
      readonly lastSeq: number;
      readonly atMs: number;
      readonly jobId: JobId;
      readonly attempt: number;
      readonly interrupted?: string;
      readonly interruptedSteps?: readonly number[];
    }
  | {
      readonly type: 'run.cancel-requested';
      readonly v: 1;
      readonly atMs: number;
      readonly reason: string;
      /** Of a newer run of its concurrency group, which has taken its place. */
      readonly supersededBy?: RunId;
      /** Also what is to run after a cancellation, such as a job with `if: always()`, is ended. */
      readonly force?: true;
    }
  /** One job is to end, because a newer one of its concurrency group has taken its place. */
  | {
      readonly type: 'job.cancel-requested';
      readonly v: 1;
      readonly atMs: number;
      readonly jobId: JobId;
      readonly reason: string;
      readonly supersededBy?: RunId;
    }
  /** It waits for its concurrency group; told again when its place in the line has changed. */
  | {
      readonly type: 'concurrency.queued';
      readonly v: 1;
      readonly atMs: number;
      readonly group: string;
      readonly holder: Holder;
      readonly turn: number;
      /** Who holds the group. */
      readonly behind: { readonly runId: RunId; readonly holder: Holder };
      /** How many wait in front of it. */
      readonly ahead: number;
    }
  /** It would wait for what waits for it, and does not come into the line. */
  | {
      readonly type: 'concurrency.refused';
      readonly v: 1;
      readonly atMs: number;
      readonly group: string;
      readonly holder: Holder;
      readonly turn: number;
      readonly why: string;
    }
  | {
      readonly type: 'concurrency.acquired' | 'concurrency.released';
      readonly v: 1;
      readonly atMs: number;
      readonly group: string;
      readonly holder: Holder;
      readonly turn: number;
    }
  /** What an environment answered when it was asked after a run that meant to deploy, whatever became of the deploy. */
  | {
      readonly type: 'environment.observed';
      readonly v: 1;
      readonly atMs: number;
      readonly environment: string;
      readonly state: 'live' | 'unhealthy' | 'stopped' | 'nothing-deployed';
      readonly version?: string;
      readonly address?: string;
      readonly why?: string;
    }
  | { readonly type: 'run.finished'; readonly v: 1; readonly atMs: number; readonly cancelled: boolean };
