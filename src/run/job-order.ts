// Everything a runner needs to run one job, as plain data: it asks nothing in mid-job.
import type { JobId, RunId } from '#base/ids.ts';
import type { JsonObject } from '#base/json.ts';
import type { Job, NamedTemplates, RunDefaults } from '#workflow/model.ts';
import type { StepResult, TestCounts } from './events.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Verdict } from './verdict.ts';

export interface JobOrder {
  readonly runId: RunId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly name: string;
  readonly project: string;
  readonly dirty: boolean;
  /** The repository that holds the workflow's file, at one commit; absent when that is the project. */
  readonly source?: { readonly repository: string; readonly sha: string };
  readonly job: Job;
  readonly env: NamedTemplates;
  readonly defaults: RunDefaults;
  /** Contexts that are known before the job starts: github, vars, inputs, matrix, needs, strategy. */
  readonly contexts: JsonObject;
  readonly secretNames: readonly string[];
  /** Steps that an earlier attempt finished; they are not run again. */
  readonly carried: readonly StepResult[];
  /** The step that was running when an earlier attempt's engine died; it is run again, from its start. */
  readonly interrupted?: string;
  /** The run so far, for a deployment's manifest. */
  readonly evidence: {
    readonly verdict: Verdict;
    readonly ledger: readonly LedgerEntry[];
    readonly tests: readonly (TestCounts & { readonly where: string })[];
  };
}
