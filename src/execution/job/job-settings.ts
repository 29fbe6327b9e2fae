// Keys of a job that may be expressions, evaluated when the job runs.
import { evaluateValue } from '#workflow/expressions.ts';
import type { Job } from '#workflow/model.ts';
import type { JobScope } from './job-scope.ts';

/** GitHub's default. */
const DEFAULT_TIMEOUT_MINUTES = 360;

export function toleratesFailure(job: Job, scope: JobScope): boolean {
  const written = job.continueOnError?.value;
  if (written === undefined || typeof written === 'boolean') return written === true;
  const value = evaluateValue(written, scope.scope());
  return value.ok && (value.value === true || value.value === 'true');
}

export function timeLimitMs(job: Job, scope: JobScope): number {
  const written = job.timeoutMinutes?.value ?? DEFAULT_TIMEOUT_MINUTES;
  const evaluated = typeof written === 'number' ? written : evaluateValue(written, scope.scope());
  const minutes = typeof evaluated === 'number' ? evaluated : evaluated.ok ? Number(evaluated.value) : NaN;
  return (Number.isFinite(minutes) && minutes > 0 ? minutes : DEFAULT_TIMEOUT_MINUTES) * 60_000;
}
