import type { JsonObject } from '#base/json.ts';
import type { Job } from '#workflow/model.ts';
import type { JobOrder } from './job-order.ts';
import { jobLedger, needsContext, runLedger, runVerdict } from './outcome.ts';
import type { JobRecord, LiveRun } from './state.ts';
import { entryVerdict, worst } from './verdict.ts';

/** The order for a job's next attempt. A job that was lost goes on behind the last step that it finished. */
export function orderJob(run: LiveRun, record: JobRecord, job: Job): JobOrder {
  const lost = record.state.kind === 'lost' ? record.state : undefined;
  const group = run.groups.get(record.key);
  const strategy: JsonObject = {
    'fail-fast': group?.failFast ?? true,
    'job-index': record.instance.index,
    'job-total': group?.ids.length ?? 1,
    'max-parallel': group?.maxParallel ?? group?.ids.length ?? 1,
  };
  return {
    runId: run.runId,
    jobId: record.instance.id,
    attempt: (lost?.attempt ?? 0) + 1,
    name: record.instance.name,
    project: run.plan.project,
    dirty: run.plan.dirty,
    job,
    env: run.plan.env,
    defaults: run.plan.defaults,
    contexts: {
      github: { ...run.plan.github, job: record.key },
      vars: run.plan.vars,
      inputs: run.plan.inputs,
      matrix: record.instance.matrix ?? null,
      needs: needsContext(
        run,
        job.needs.map((need) => need.value),
      ),
      strategy,
    },
    secretNames: run.plan.secretNames,
    carried: lost?.steps ?? [],
    ...(lost?.interrupted === undefined ? {} : { interrupted: lost.interrupted }),
    ...(lost?.interruptedSteps === undefined ? {} : { interruptedSteps: lost.interruptedSteps }),
    evidence: evidenceOf(run),
  };
}

function evidenceOf(run: LiveRun): JobOrder['evidence'] {
  const tests = [...run.jobs.values()].flatMap(({ state, instance }) =>
    state.kind === 'finished'
      ? state.steps.flatMap((step) => (step.tests ? [{ ...step.tests, where: `${instance.name} / ${step.name}` }] : []))
      : [],
  );
  // Of what has ended so far: jobs that still run have said nothing yet.
  const ended = [...run.jobs.values()].flatMap(jobLedger);
  return { verdict: worst(runVerdict(run), ...ended.map(entryVerdict)), ledger: runLedger(run), tests };
}
