// gantry diagnose RUN: why the steps of a run failed, with the lines of the log that show it.
import { explainStep } from '#diagnosis/explain-step.ts';
import type { JobId, RunId } from '#base/ids.ts';
import type { StepDiagnosis } from '#run/diagnosis.ts';
import type { StepResult } from '#run/events.ts';
import type { Stores } from '../compose.ts';
import { describeDiagnosis } from '../diagnosis-text.ts';
import type { LogExcerpt } from '../diagnosis-text.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { findRun, loadRun, openProject } from './history.ts';

interface Failure {
  /** Which has the log: an earlier attempt, when the job was not run again. */
  readonly runId: RunId;
  readonly job: string;
  readonly jobId: JobId;
  readonly step: StepResult;
  readonly diagnosis: StepDiagnosis;
}

export async function diagnoseRun(
  given: string | undefined,
  options: { readonly format: 'text' | 'json' },
): Promise<number> {
  const { stores } = openProject();
  const id = findRun(stores, given);
  const failures = await failuresOf(stores, id);
  if (options.format === 'json') {
    // The first that failed is the run's; the others stand beside it.
    const [first] = failures;
    const all = failures.map(({ job, step, diagnosis }) => ({ job, step: step.name, ...diagnosis }));
    const none = { cause: 'no step of it failed', layer: 'unknown', confidence: 0, excerpt: [] };
    process.stdout.write(
      `${JSON.stringify({ version: 1, run: id, ...(first?.diagnosis ?? none), failures: all }, null, 2)}\n`,
    );
    return EXIT.passed;
  }
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  const blocks = failures.map((failure) => {
    const { job, step, diagnosis } = failure;
    const where = `${job} / ${step.name}`;
    return describeDiagnosis(diagnosis, { lines: linesOf(stores, failure), where }, paint);
  });
  process.stdout.write(blocks.length === 0 ? `${paint('good', '✓')} no step of ${id} failed\n` : blocks.join('\n'));
  return EXIT.passed;
}

/** Of steps that failed, and of those whose failure was tolerated or swallowed: what was found out at the time, and for steps of earlier versions, or of a runner that asks nothing, what their logs tell. */
async function failuresOf(stores: Stores, id: RunId): Promise<readonly Failure[]> {
  const found: Failure[] = [];
  for (const { instance, state } of loadRun(stores, id).jobs.values()) {
    if (state.kind !== 'finished') continue;
    const runId = state.carriedFrom ?? id;
    for (const step of state.steps) {
      const hasFailed = step.conclusion === 'failure' || step.refuted === true;
      if (!hasFailed && !step.diagnosis) continue;
      const { index, name, durationMs, exitCode } = step;
      const facts = exitCode === undefined ? {} : { exitCode };
      const failed = { runId, jobId: instance.id, index, name, durationMs, facts };
      const diagnosis = step.diagnosis ?? (await explainStep(failed, stores));
      if (diagnosis) found.push({ runId, job: instance.name, jobId: instance.id, step, diagnosis });
    }
  }
  return found;
}

function linesOf(stores: Stores, { runId, jobId, diagnosis }: Failure): LogExcerpt['lines'] {
  const { excerpt } = diagnosis;
  const first = Math.min(...excerpt.map(({ start }) => start));
  const last = Math.max(...excerpt.map(({ end }) => end));
  const found: { readonly number: number; readonly text: string }[] = [];
  if (excerpt.length === 0) return found;
  for (const { seq, text } of stores.logs.read(runId, jobId, { afterSeq: first - 1 })) {
    if (seq > last) break;
    if (excerpt.some(({ start, end }) => start <= seq && seq <= end)) found.push({ number: seq, text });
  }
  return found;
}
