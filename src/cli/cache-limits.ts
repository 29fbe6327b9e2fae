// How much the cache of a project may hold, from the environment.
import { UsageError } from './usage-error.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const DAY_MS = 24 * 60 * 60 * 1000;

export interface CacheLimits {
  readonly maxBytes?: number;
  readonly unusedMs?: number;
}

/** What is not set is left to the cache. */
export function cacheLimits(env: Readonly<Record<string, string | undefined>>): CacheLimits {
  const size = env['GANTRY_CACHE_SIZE'] ?? '';
  const days = env['GANTRY_CACHE_DAYS'] ?? '';
  return {
    ...(size === '' ? {} : { maxBytes: bytesOf(size, 'GANTRY_CACHE_SIZE') }),
    ...(days === '' ? {} : { unusedMs: daysOf(days) * DAY_MS }),
  };
}

/** `10GB`, `512 MB`, or a bare number of bytes. */
export function bytesOf(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]B)?$/i.exec(text.trim());
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ''];
  if (!match || unit === undefined) throw new UsageError(`${what} is "${text}", which is no size such as 10GB`);
  return Number(match[1]) * unit;
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!Number.isFinite(days) || days < 0)
    throw new UsageError(`GANTRY_CACHE_DAYS is "${text}", which is no number of days`);
  return days;
}
