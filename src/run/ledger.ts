import type { Layer } from './diagnosis.ts';

/**
 * One step down from `passed`: what was wanted, what was used instead, why, and what that costs. Nothing lowers a
 * verdict without such an entry, and no entry can be silenced.
 */
export interface LedgerEntry {
  readonly what: 'fallback' | 'retry' | 'tolerated' | 'masked' | 'advisory' | 'stale' | 'unproven';
  /** `job / step`, or the job alone. */
  readonly where: string;
  readonly wanted: string;
  readonly used: string;
  readonly why: string;
  /** Where the failure behind it comes from, when diagnosis could tell; `why` says what it is. */
  readonly cause?: Layer;
  readonly loss?: string;
  /** `YYYY-MM-DD`, when the allowance ends. */
  readonly until?: string;
}
