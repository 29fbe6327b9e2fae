import type { StepResult } from './events.ts';
import type { LedgerEntry } from './ledger.ts';

/** What can be said of a step, job or run. A lattice: verdicts combine by the worst, in this order. */
export const VERDICTS = ['passed', 'degraded', 'unknown', 'failed'] as const;

export type Verdict = (typeof VERDICTS)[number];

export function worst(...verdicts: readonly Verdict[]): Verdict {
  let result: Verdict = 'passed';
  for (const verdict of verdicts) if (rank(verdict) > rank(result)) result = verdict;
  return result;
}

/** Whether `verdict` is no worse than `limit`. */
export function isAtMost(verdict: Verdict, limit: Verdict): boolean {
  return rank(verdict) <= rank(limit);
}

export function entryVerdict(entry: LedgerEntry): Verdict {
  return entry.what === 'unproven' ? 'unknown' : 'degraded';
}

/** The one place where a step's facts become its verdict. A skipped step says nothing, so it lowers nothing. */
export function stepVerdict(step: Pick<StepResult, 'conclusion' | 'ledger' | 'refuted' | 'nothingRan'>): Verdict {
  const entries = worst(...step.ledger.map(entryVerdict));
  if (step.refuted) return 'failed';
  if (step.conclusion === 'failure') return step.nothingRan ? 'unknown' : 'failed';
  // Cut off in the middle: it did not happen.
  if (step.conclusion === 'cancelled') return 'failed';
  return entries;
}

function rank(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}
