// A run where there is no terminal: a line for each thing that happened, told by the difference between two states, so
// that duplicates and late deliveries are never told twice.
import { formatDuration } from '#base/duration.ts';
import type { StepResult } from '#run/events.ts';
import type { LedgerEntry } from '#run/ledger.ts';
import { holderKey } from '#run/line.ts';
import type { Holder } from '#run/line.ts';
import { jobLedger, jobVerdict } from '#run/outcome.ts';
import { inline } from '#run/report/layout.ts';
import type { Mark, Paint } from '#run/report/words.ts';
import { jobMark, stepMark, testsInWords, waitInWords } from '#run/report/words.ts';
import { reportStep, waitOf } from '#run/report/report.ts';
import type { FinishedJob, JobRecord, JobState, LiveRun, RunState } from '#run/state.ts';

/** Where whole lines go, each with its newline. */
export interface LineSink {
  write(text: string): unknown;
}

/** Give it every state, in order; it writes what is new in it. The first one is told from the beginning. */
export function createPlainLines(sink: LineSink, paint: Paint): (state: RunState) => void {
  let told: LiveRun | undefined;
  return (state) => {
    if (state.kind === 'unborn') return;
    const lines = describeChange(told, state, paint);
    told = state;
    if (lines.length > 0) sink.write(`${lines.join('\n')}\n`);
  };
}

function describeChange(before: LiveRun | undefined, after: LiveRun, paint: Paint): readonly string[] {
  const lines: string[] = [];
  if (!before) lines.push(`run ${after.runId}: ${inline(after.plan.runName || after.plan.workflowName)}`);
  if (after.cancel && !before?.cancel) lines.push(`cancelling: ${inline(after.cancel.reason)}`);
  lines.push(...waitLines(before, after, { kind: 'run' }));
  for (const [id, job] of after.jobs) {
    const old = before?.jobs.get(id);
    // Of most jobs there is nothing new, and each event of a run asks for all of them.
    if (old === job && before?.places === after.places) continue;
    const head = paint('dim', `${inline(job.instance.name)} │ `);
    const waits = (['job', 'call'] as const).flatMap((kind) => waitLines(before, after, { kind, jobId: id }));
    lines.push(...waits.map((line) => head + line));
    if (old?.state === job.state) continue;
    lines.push(...jobChange(old?.state, job, paint).map((line) => head + line));
  }
  return lines;
}

function waitLines(before: LiveRun | undefined, after: LiveRun, holder: Holder): readonly string[] {
  if (before?.places === after.places) return [];
  const [old, wait] = [before && waitOf(before, holder), waitOf(after, holder)];
  if (wait) return old?.run === wait.run && old.ahead === wait.ahead ? [] : [inline(waitInWords(wait))];
  const isHeld = after.places.get(holderKey(holder))?.stage.kind === 'held';
  return old && isHeld ? [`has the concurrency group "${inline(old.group)}" now`] : [];
}

function jobChange(before: JobState | undefined, job: JobRecord, paint: Paint): readonly string[] {
  const { state } = job;
  if (state.kind === 'finished' && state.carriedFrom !== undefined) return [carriedLine(job, state, paint)];
  const lines: string[] = [];
  if (hasStarted(state) && !hasStarted(before, state)) lines.push(attemptOf(state) > 1 ? 'started again' : 'started');
  const told = new Set(stepsOf(before).map((step) => step.index));
  for (const step of stepsOf(state)) if (!told.has(step.index)) lines.push(...stepLines(step, paint));
  if (state.kind === before?.kind) return lines;
  switch (state.kind) {
    case 'waiting':
    case 'calling':
    case 'running':
      break;
    case 'lost':
      lines.push(paint('unsure', `? lost${state.interrupted ? ` during ${inline(state.interrupted)}` : ''}`));
      break;
    case 'finished':
    case 'skipped':
      lines.push(...endLines(job, state, paint));
      break;
  }
  return lines;
}

function carriedLine(job: JobRecord, { conclusion, kind, carriedFrom }: FinishedJob, paint: Paint): string {
  const mark = jobMark({ verdict: jobVerdict(job) ?? null, conclusion, state: kind });
  return `${signed(mark, mark.word, paint)}: not run again, taken from ${carriedFrom}`;
}

function stepLines(step: StepResult, paint: Paint): readonly string[] {
  const mark = stepMark(reportStep(step));
  const tests = step.tests
    ? testsInWords({ ...step.tests, passed: step.tests.total - step.tests.failed - step.tests.skipped })
    : '';
  const why = step.conclusion === 'success' ? '' : inline(step.why ?? '');
  const restored = step.reuse?.how === 'restored' ? `restored from run ${step.reuse.from}` : '';
  const parts = [step.conclusion === 'skipped' ? mark.word : formatDuration(step.durationMs), restored, tests, why];
  const said = parts.filter((part) => part !== '').join(' · ');
  return [
    `${signed(mark, inline(step.name), paint)}  ${said}`,
    ...step.ledger.map((entry) => ledgerLine(entry, paint)),
  ];
}

function endLines(
  job: JobRecord,
  state: Extract<JobState, { kind: 'finished' | 'skipped' }>,
  paint: Paint,
): readonly string[] {
  const mark = jobMark({ verdict: jobVerdict(job) ?? null, conclusion: state.conclusion, state: state.kind });
  // Those of its steps are told; what is left follows from how the job ended.
  const own = jobLedger(job).slice(stepsOf(state).reduce((sum, step) => sum + step.ledger.length, 0));
  const time = state.kind === 'finished' ? ` in ${formatDuration(state.finishedAtMs - state.startedAtMs)}` : '';
  const why = state.why && state.conclusion !== 'success' ? `: ${inline(state.why)}` : '';
  return [...own.map((entry) => ledgerLine(entry, paint)), `${signed(mark, `${mark.word}${time}`, paint)}${why}`];
}

function ledgerLine(entry: LedgerEntry, paint: Paint): string {
  const loss = entry.loss ? `; loss: ${inline(entry.loss)}` : '';
  const until = entry.until ? `; until ${inline(entry.until)}` : '';
  const text = `${inline(entry.wanted)} → ${inline(entry.used)} (${inline(entry.why)})${loss}${until}`;
  return `  ${paint(entry.what === 'unproven' ? 'unsure' : 'warn', `ledger: ${entry.what}:`)} ${text}`;
}

function signed(mark: Mark, text: string, paint: Paint): string {
  return `${paint(mark.tone, mark.sign)} ${text}`;
}

/** With `state`, whether the same attempt had started before. */
function hasStarted(before: JobState | undefined, state?: JobState): boolean {
  if (!before || (state && attemptOf(before) !== attemptOf(state))) return false;
  return before.kind === 'running' ? before.startedAtMs !== undefined : before.kind === 'finished';
}

function attemptOf(state: JobState): number {
  return 'attempt' in state ? state.attempt : 0;
}

function stepsOf(state: JobState | undefined): readonly StepResult[] {
  return state && 'steps' in state ? state.steps : [];
}
