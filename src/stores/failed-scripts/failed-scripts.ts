import type { JobId, RunId } from '#base/ids.ts';
import type { JsonObject } from '#base/json.ts';

/** How a script was run that failed. It holds no value of a secret: whoever makes it leaves them out. */
export interface FailedScript {
  readonly v: 1;
  readonly runId: RunId;
  readonly jobId: JobId;
  /** Of the job; a script may be part of an action that the step uses. */
  readonly step: number;
  readonly why: string;
  /** `{0}` stands for the script's file. */
  readonly argv: readonly string[];
  /** What the name of that file ends with, such as `.sh`. */
  readonly extension: string;
  /** What the file held, before anything was added to it. */
  readonly script: string;
  /** There were secrets in it, and stars are in their places. */
  readonly isRedacted: boolean;
  readonly folder: string;
  readonly workspace: string;
  /** RUNNER_TEMP, which ends with the job. */
  readonly temporary: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that held a secret, or something with a secret in it. */
  readonly leftOut: readonly string[];
  /** Names of variables that name a file of the attempt, such as GITHUB_OUTPUT. */
  readonly files: readonly string[];
  /** Contexts of the job: `github.event` as `event`, `inputs`, `matrix`, `needs`, `steps`. */
  readonly contexts: JsonObject;
}

/**
 * What is needed to run a failed script by itself, beside the journal, which holds neither scripts nor environments. The last
 * failure of a step counts. It is there when `keep` has returned, for this user alone.
 */
export interface FailedScriptStore {
  keep(failed: FailedScript): void;
  /** Undefined when the step never failed, or what failed was no script of this machine. */
  find(runId: RunId, jobId: JobId, step: number): FailedScript | undefined;
  /** All of a run; nothing happens when there is none. */
  remove(runId: RunId): void;
}
