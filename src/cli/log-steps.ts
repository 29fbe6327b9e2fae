// The steps of a run's jobs as their logs are read: what each is called, what it does, and what became of it.
import type { JobId, RunId } from '#base/ids.ts';
import { stepName } from '#execution/step/step-name.ts';
import type { StepResult } from '#run/events.ts';
import { jobConclusion } from '#run/outcome.ts';
import { reportStep } from '#run/report/report.ts';
import { plannedJob } from '#run/scopes.ts';
import type { JobRecord, LiveRun } from '#run/state.ts';
import { OF_THE_JOB } from '#stores/logs/log-store.ts';
import type { Step } from '#workflow/model.ts';

export interface LogStep {
  /** Which has the log. */
  readonly runId: RunId;
  readonly jobId: JobId;
  readonly jobName: string;
  /** Or `OF_THE_JOB`: what is said of the job itself, beside its steps. */
  readonly index: number;
  readonly id?: string;
  readonly name: string;
  /** What it does as it is written, a line each; nothing of it is evaluated. */
  readonly commands: readonly string[];
  /** It has begun, and was not skipped. */
  readonly hasRun: boolean;
  readonly result?: StepResult;
  readonly hasFailed: boolean;
}

/** An earlier attempt, when the job was not run again. */
export function whoHasTheLog({ runId }: LiveRun, { state }: JobRecord): RunId {
  return state.kind === 'finished' ? (state.carriedFrom ?? runId) : runId;
}

/** The job itself first, then its steps in their order. */
export function logSteps(run: LiveRun, record: JobRecord): readonly LogStep[] {
  const { instance, state } = record;
  const results = 'steps' in state ? state.steps : [];
  const current = state.kind === 'running' ? state.currentSteps : [];
  const common = { runId: whoHasTheLog(run, record), jobId: instance.id, jobName: instance.name };
  const steps = (plannedJob(run, record)?.job.steps ?? []).map((step): LogStep => {
    const result = results.find(({ index }) => index === step.index);
    const running = current.find(({ index }) => index === step.index);
    return {
      ...common,
      index: step.index,
      ...(step.id === undefined ? {} : { id: step.id }),
      name: result?.name ?? running?.name ?? stepName(step),
      commands: commandsOf(step),
      hasRun: running !== undefined || (result !== undefined && result.conclusion !== 'skipped'),
      ...(result ? { result } : {}),
      hasFailed: result !== undefined && (result.conclusion === 'failure' || reportStep(result).verdict === 'failed'),
    };
  });
  const hasFailed = jobConclusion(record) === 'failure' && !steps.some((step) => step.hasFailed);
  return [{ ...common, index: OF_THE_JOB, name: '', commands: [], hasRun: false, hasFailed }, ...steps];
}

export interface StepChoice {
  /** A name, an id, or a number as people count. */
  readonly step?: string;
  readonly failed?: boolean;
}

export function chooseSteps(all: readonly LogStep[], { step, failed }: StepChoice): readonly LogStep[] {
  const wanted = step?.trim();
  const named = all.filter(
    (each) =>
      wanted === undefined || (each.index >= 0 && [each.name.trim(), each.id, String(each.index + 1)].includes(wanted)),
  );
  return failed === true ? named.filter((each) => each.hasFailed) : named;
}

function commandsOf(step: Step): readonly string[] {
  switch (step.kind) {
    case 'run':
      return step.run.value
        .trimEnd()
        .split('\n')
        .map((line, index) => `${index === 0 ? '$' : ' '} ${line}`);
    case 'uses':
      return [
        `uses: ${step.uses.value}`,
        ...Object.entries(step.with).flatMap(([name, { value }]) => {
          const [first = '', ...rest] = value.trimEnd().split('\n');
          return [`  ${name}: ${first}`, ...rest.map((line) => `    ${line}`)];
        }),
      ];
    default:
      return [];
  }
}
