// The newest run in which the same step of the same job went well, and what is different now.
import type { JobId, RunId } from '#base/ids.ts';
import type { StepResult } from '#run/events.ts';
import { foldEvents } from '#run/evolve.ts';
import type { LiveRun } from '#run/state.ts';
import type { Journal } from '#stores/journal/journal.ts';
import type { FailedStep } from './explain-step.ts';

export interface GoodStep {
  readonly runId: RunId;
  readonly jobId: JobId;
  readonly index: number;
  readonly durationMs: number;
}

/** How far back is looked: what went well before that says little of today. */
const MOST_RUNS = 50;

export function lastGood({ runId, jobId, name }: FailedStep, journal: Journal): GoodStep | undefined {
  const file = load(journal, runId)?.plan.workflowFile;
  if (file === undefined) return undefined;
  for (const earlier of journal.runs(MOST_RUNS)) {
    if (earlier === runId) continue;
    const run = load(journal, earlier);
    const state = run?.plan.workflowFile === file ? run.jobs.get(jobId)?.state : undefined;
    const step = state?.kind === 'finished' ? state.steps.find((each) => each.name === name) : undefined;
    const ran = state?.kind === 'finished' ? (state.carriedFrom ?? earlier) : earlier;
    if (step?.outcome === 'success' && !hasFailedOnTheWay(step))
      return { runId: ran, jobId, index: step.index, durationMs: step.durationMs };
  }
  return undefined;
}

/** What failed in it, and was swallowed, tried again or done in another way, must not pass for how a good run looks. */
function hasFailedOnTheWay({ masked, ledger }: StepResult): boolean {
  return (
    (masked?.failures ?? []).some(({ noted }) => noted === undefined) ||
    ledger.some(({ what }) => what === 'fallback' || what === 'retry')
  );
}

function load(journal: Journal, runId: RunId): LiveRun | undefined {
  const state = foldEvents(journal.read(runId, 0).map((entry) => entry.event));
  return state.kind === 'live' ? state : undefined;
}

/** A line each, for people. */
export function whatChanged(
  failed: FailedStep,
  { good, journal }: { readonly good: GoodStep; readonly journal: Journal },
): readonly string[] {
  const now = load(journal, failed.runId);
  const then = load(journal, good.runId);
  if (!now || !then) return [];
  const changes: string[] = [];
  const text = (run: LiveRun, key: string): string => {
    const value = run.plan.github[key];
    return typeof value === 'string' ? value : '';
  };
  const [before, after] = [text(then, 'sha'), text(now, 'sha')];
  if (before !== after) changes.push(`commits ${before.slice(0, 12)}..${after.slice(0, 12)} since ${good.runId}`);
  if (before === after && before !== '') changes.push(`the same commit as in ${good.runId}, ${before.slice(0, 12)}`);
  if (now.plan.dirty && !then.plan.dirty) changes.push('uncommitted changes were taken along');
  if (text(then, 'ref') !== text(now, 'ref')) changes.push(`the branch: ${text(then, 'ref')}, now ${text(now, 'ref')}`);
  if (text(then, 'event_name') !== text(now, 'event_name'))
    changes.push(`the event: ${text(then, 'event_name')}, now ${text(now, 'event_name')}`);
  const isLonger = failed.durationMs > 3 * good.durationMs && failed.durationMs > good.durationMs + 5_000;
  if (isLonger) changes.push(`it took ${seconds(failed.durationMs)}, then ${seconds(good.durationMs)}`);
  return changes;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
