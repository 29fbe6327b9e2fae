// Keys of a job that may be expressions, evaluated when the job runs.
import { evaluateValue } from '#workflow/expressions.ts';
import type { Job } from '#workflow/model.ts';
import type { JobScope } from './job-scope.ts';

/** GitHub's defaults. */
const DEFAULT_TIMEOUT_MINUTES = 360;
const DEFAULT_CANCEL_MINUTES = 5;

export function toleratesFailure(job: Job, scope: JobScope): boolean {
  const written = job.continueOnError?.value;
  if (written === undefined || typeof written === 'boolean') return written === true;
  const value = evaluateValue(written, scope.scope());
  return value.ok && (value.value === true || value.value === 'true');
}

export function timeLimitMs(job: Job, scope: JobScope): number {
  return minutesMs(job.timeoutMinutes, { scope, otherwise: DEFAULT_TIMEOUT_MINUTES });
}

/** For all that still runs after a cancellation; 0 for nothing. */
export function cancelLimitMs(job: Job, scope: JobScope): number {
  return minutesMs(job.cancelTimeoutMinutes, { scope, otherwise: DEFAULT_CANCEL_MINUTES, least: 0 });
}

function minutesMs(
  written: Job['timeoutMinutes'],
  { scope, otherwise, least = Number.MIN_VALUE }: { scope: JobScope; otherwise: number; least?: number },
): number {
  const given = written?.value ?? otherwise;
  const evaluated = typeof given === 'number' ? given : evaluateValue(given, scope.scope());
  const minutes = typeof evaluated === 'number' ? evaluated : evaluated.ok ? Number(evaluated.value) : NaN;
  return (Number.isFinite(minutes) && minutes >= least ? minutes : otherwise) * 60_000;
}
