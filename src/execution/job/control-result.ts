// The result of a step that does no work itself.
import type { Conclusion, StepResult } from '#run/events.ts';
import type { LedgerEntry } from '#run/ledger.ts';
import { evaluateValue } from '#workflow/expressions.ts';
import type { CancelStep, WaitStep } from '#workflow/model.ts';
import type { JobScope } from './job-scope.ts';

interface Ended {
  readonly jobName: string;
  readonly name: string;
  readonly outcome: Exclude<Conclusion, 'skipped'>;
  /** '' when it succeeded. */
  readonly why: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

export function controlResult(step: WaitStep | CancelStep, ended: Ended, scope: JobScope): StepResult {
  const { name, outcome, why } = ended;
  const isTolerated = outcome === 'failure' && continuesOnError(step, scope);
  const entry: LedgerEntry = {
    what: 'tolerated',
    where: `${ended.jobName} / ${name}`,
    wanted: name,
    used: 'its failure, tolerated by continue-on-error',
    why,
  };
  return {
    index: step.index,
    ...(step.id === undefined ? {} : { id: step.id }),
    name,
    outcome,
    conclusion: isTolerated ? 'success' : outcome,
    outputs: {},
    ledger: isTolerated ? [entry] : [],
    annotations: [],
    durationMs: ended.endedAtMs - ended.startedAtMs,
    ...(why === '' ? {} : { why }),
  };
}

function continuesOnError(step: WaitStep | CancelStep, scope: JobScope): boolean {
  const written = step.continueOnError?.value;
  if (written === undefined || typeof written === 'boolean') return written === true;
  const value = evaluateValue(written, scope.scope());
  return value.ok && (value.value === true || value.value === 'true');
}
