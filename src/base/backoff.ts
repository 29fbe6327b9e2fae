/**
 * How long to wait before attempt `attempt + 1`: doubles each time, and `jitter` (0 to 1, drawn by the
 * caller) spreads it over the upper half, so that many waiters do not come back at the same moment.
 */
export function backoffMs(baseMs: number, attempt: number, jitter: number, maxMs = 300_000): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(full / 2 + (full / 2) * jitter);
}
