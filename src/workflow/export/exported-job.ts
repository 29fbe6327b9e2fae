// What of a job is GitHub's business when an exported workflow runs it there, and what is left to the run inside.
import type { Job, Workflow } from '../model.ts';

/** The output that carries what `environment.url` of a job evaluates to. */
export const URL_OUTPUT = 'gantry_url';

/**
 * The workflow as one of its jobs runs it on GitHub: there, the machine was chosen, the job's `if:` was judged and its turn in a
 * concurrency group has come. What GitHub asks for afterwards is an output.
 */
export function asExportedJob(workflow: Workflow, key: string): Workflow {
  const { concurrency: _, ...rest } = workflow;
  return { ...rest, jobs: workflow.jobs.map((job) => (job.key === key ? withoutGitHubsPart(job) : job)) };
}

function withoutGitHubsPart(job: Job): Job {
  const { concurrency: _, ...rest } = job;
  const url = job.environment?.url;
  return {
    ...rest,
    runsOn: { value: [], at: job.runsOn.at },
    outputs: url ? { ...job.outputs, [URL_OUTPUT]: url } : job.outputs,
  };
}
