// Everything a runner needs to run one job, as plain data: it asks nothing in mid-job.
import type { JobId, RunId } from '#base/ids.ts';
import type { JsonObject } from '#base/json.ts';
import type { Job, NamedTemplates, RunDefaults } from '#workflow/model.ts';
import type { StepResult, TestCounts } from './events.ts';
import type { Failure } from './failure.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Plan, WorkflowSource } from './plan.ts';
import type { Verdict } from './verdict.ts';

export interface JobOrder {
  readonly runId: RunId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly name: string;
  readonly project: string;
  readonly dirty: boolean;
  readonly job: Job;
  readonly env: NamedTemplates;
  readonly defaults: RunDefaults;
  /** Contexts that are known before the job starts: github, vars, inputs, matrix, needs, strategy. */
  readonly contexts: JsonObject;
  readonly serviceCommands?: Plan['serviceCommands'];
  /** Every step runs, whatever is kept of it. */
  readonly noReuse?: true;
  readonly secretNames: readonly string[];
  /**
   * The job belongs to a called workflow: by call, the outermost first, which secrets it is given. Templates, so that no
   * value is ever in an order; whoever has the values evaluates them.
   */
  readonly secretCalls?: readonly { readonly secrets: NamedTemplates; readonly contexts: JsonObject }[];
  /** The repository that holds the job's workflow; absent for the project itself. */
  readonly source?: WorkflowSource;
  /** Steps that an earlier attempt finished; they are not run again. */
  readonly carried: readonly StepResult[];
  /** The step that was running when an earlier attempt's engine died; it is run again, from its start. */
  readonly interrupted?: string;
  /** Indexes of all steps that were running then; in the background there may be several. */
  readonly interruptedSteps?: readonly number[];
  /** The run so far, for messages and a deployment's manifest: jobs that have ended, and the steps of this one that have. */
  readonly evidence: {
    readonly verdict: Verdict;
    readonly ledger: readonly LedgerEntry[];
    readonly tests: readonly (TestCounts & { readonly where: string })[];
    /** What broke and was not tolerated, in the order of the jobs. */
    readonly failures: readonly Failure[];
  };
}
