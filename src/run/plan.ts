// A run, frozen before it starts: everything that does not depend on what jobs will say.
import type { JsonObject } from '#base/json.ts';
import type { Job, NamedTemplates, RunDefaults } from '#workflow/model.ts';

export interface Plan {
  readonly v: 1;
  readonly workflowFile: string;
  readonly workflowName: string;
  readonly runName: string;
  /** The project's folder on this machine: what `actions/checkout` takes its tree from. */
  readonly project: string;
  /** Whether checkout takes uncommitted changes along. */
  readonly dirty: boolean;
  /** Folders that stand in for repositories, by `owner/repo@ref`. */
  readonly localActions?: Readonly<Record<string, string>>;
  /** The `github` context, complete but for what differs by job. */
  readonly github: JsonObject;
  readonly vars: JsonObject;
  readonly inputs: JsonObject;
  readonly env: NamedTemplates;
  readonly defaults: RunDefaults;
  /** Names only; values are handed to the steps that name them. */
  readonly secretNames: readonly string[];
  readonly jobs: readonly PlannedJob[];
}

export interface PlannedJob {
  readonly job: Job;
  /** Why it cannot run here or was not asked for. `blameless`: nobody misses it. */
  readonly notRun?: { readonly why: string; readonly blameless: boolean };
}
