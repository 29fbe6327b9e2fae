// A run, frozen before it starts: everything that does not depend on what jobs will say.
import type { JsonObject } from '#base/json.ts';
import type { CallInterface, Concurrency, Job, NamedTemplates, RunDefaults } from '#workflow/model.ts';
import type { GivenNeeds } from './given-needs.ts';
import type { Rerun } from './rerun.ts';

export interface Plan {
  readonly v: 1;
  readonly workflowFile: string;
  readonly workflowName: string;
  readonly runName: string;
  /** The project's folder on this machine: what `actions/checkout` takes its tree from. */
  readonly project: string;
  /** Whether checkout takes uncommitted changes along. */
  readonly dirty: boolean;
  /** The `github` context, complete but for what differs by job. */
  readonly github: JsonObject;
  readonly vars: JsonObject;
  readonly inputs: JsonObject;
  readonly env: NamedTemplates;
  readonly defaults: RunDefaults;
  readonly concurrency?: Concurrency;
  /** `owner/name@ref` to the folder that stands in for the repository. */
  readonly localActions?: Readonly<Record<string, string>>;
  /** From `--no-reuse`: every step runs, whatever is kept of it. */
  readonly noReuse?: true;
  /** What `runs-on` may ask for on this machine, in lower case; absent from plans that are older than this field. */
  readonly labels?: readonly string[];
  /** Names only; values are handed to the steps that name them. */
  readonly secretNames: readonly string[];
  /** Commands of this machine in the place of services, by name; from `--service-command`. */
  readonly serviceCommands?: Readonly<Record<string, ServiceCommand>>;
  /** Of this job, only the combinations of its matrix that have these values. */
  readonly combination?: { readonly job: string; readonly values: JsonObject };
  /**
   * The one job of an exported workflow that is run here: how its needs ended on GitHub, which has judged its `if:` too.
   */
  readonly given?: GivenNeeds;
  /** Of a run that runs an earlier one again. */
  readonly rerun?: Rerun;
  readonly jobs: readonly PlannedJob[];
  readonly called?: Readonly<Record<string, CalledWorkflow>>;
}

/** A workflow that a job calls, as it was read when the run was planned. */
export interface CalledWorkflow {
  readonly file: string;
  readonly name: string;
  readonly env: NamedTemplates;
  readonly defaults: RunDefaults;
  readonly concurrency?: Concurrency;
  readonly interface: CallInterface;
  readonly jobs: readonly PlannedJob[];
  /** The repository that holds it; absent for the project itself. */
  readonly source?: WorkflowSource;
}

export interface WorkflowSource {
  /** `owner/name`. */
  readonly repository: string;
  readonly ref: string;
  /** Its files on this machine. */
  readonly folder: string;
}

export interface ServiceCommand {
  readonly argv: readonly [string, ...string[]];
  /** Of this machine; waited for before the steps. */
  readonly port?: number;
}

export interface PlannedJob {
  readonly job: Job;
  /** Of a job that calls a workflow, its entry in the plan's `called`. */
  readonly calls?: string;
  /** Why it cannot run here or was not asked for. `blameless`: nobody misses it. */
  readonly notRun?: { readonly why: string; readonly blameless: boolean };
}
