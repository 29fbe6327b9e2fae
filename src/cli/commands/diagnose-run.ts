// gantry diagnose RUN: why the steps of a run failed, with the lines of the log that show it.
import { explainStep } from '#diagnosis/explain-step.ts';
import type { JobId, RunId } from '#base/ids.ts';
import type { StepDiagnosis } from '#run/diagnosis.ts';
import type { StepResult } from '#run/events.ts';
import { inline } from '#run/report/layout.ts';
import type { Paint } from '#run/report/words.ts';
import { layerInWords } from '#run/report/words.ts';
import type { Stores } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { findRun, loadRun, openProject } from './history.ts';

interface Failure {
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
  const blocks = failures.map((failure) => describe(failure, linesOf(stores, id, failure), paint));
  process.stdout.write(blocks.length === 0 ? `${paint('good', '✓')} no step of ${id} failed\n` : blocks.join('\n'));
  return EXIT.passed;
}

/** What was found out at the time, and for steps of earlier versions, or of a runner that asks nothing, what their logs tell. */
async function failuresOf(stores: Stores, id: RunId): Promise<readonly Failure[]> {
  const found: Failure[] = [];
  for (const { instance, state } of loadRun(stores, id).jobs.values()) {
    if (state.kind !== 'finished') continue;
    for (const step of state.steps) {
      if (step.conclusion !== 'failure' && step.refuted !== true) continue;
      const { index, name, durationMs, exitCode } = step;
      const facts = exitCode === undefined ? {} : { exitCode };
      const failed = { runId: id, jobId: instance.id, index, name, durationMs, facts };
      const diagnosis = step.diagnosis ?? (await explainStep(failed, stores));
      if (diagnosis) found.push({ job: instance.name, jobId: instance.id, step, diagnosis });
    }
  }
  return found;
}

interface NumberedLine {
  readonly seq: number;
  readonly text: string;
}

function linesOf(stores: Stores, id: RunId, { jobId, diagnosis }: Failure): readonly NumberedLine[] {
  const { excerpt } = diagnosis;
  const first = Math.min(...excerpt.map(({ start }) => start));
  const last = Math.max(...excerpt.map(({ end }) => end));
  const found: NumberedLine[] = [];
  if (excerpt.length === 0) return found;
  for (const { seq, text } of stores.logs.read(id, jobId, { afterSeq: first - 1 })) {
    if (seq > last) break;
    if (excerpt.some(({ start, end }) => start <= seq && seq <= end)) found.push({ seq, text });
  }
  return found;
}

function describe({ job, step, diagnosis }: Failure, lines: readonly NumberedLine[], paint: Paint): string {
  const { cause, fix, signature, probes = [], changed = [] } = diagnosis;
  const digits = String(lines.at(-1)?.seq ?? 0).length;
  const shown = lines.map(({ seq, text }, index) => {
    const gap =
      index > 0 && seq !== (lines[index - 1]?.seq ?? 0) + 1 ? `  ${' '.repeat(digits)} ${paint('dim', '⋮')}\n` : '';
    return `${gap}  ${paint('dim', `${String(seq).padStart(digits)} │`)} ${text.split(' ').map(inline).join(' ')}`.trimEnd();
  });
  const about = [layerInWords(diagnosis), ...(signature === undefined ? [] : [signature])].join(' · ');
  return [
    `${paint('bad', '✗')} ${paint('strong', inline(cause))}`,
    `  ${paint('dim', `${inline(job)} / ${inline(step.name)} · ${about}`)}`,
    ...(shown.length === 0 ? [] : ['', ...shown]),
    ...(fix === undefined ? [] : ['', `  ${paint('accent', 'Fix')}  ${inline(fix)}`]),
    ...(probes.length === 0
      ? []
      : ['', ...probes.map((probe) => `  ${probeMark(probe.ok, paint)} ${probe.name}: ${inline(probe.said)}`)]),
    ...changed.map((line) => `  ${paint('dim', 'changed')}  ${inline(line)}`),
    '',
  ].join('\n');
}

function probeMark(ok: boolean | undefined, paint: Paint): string {
  if (ok === undefined) return paint('dim', '·');
  return ok ? paint('good', '✓') : paint('bad', '✗');
}
