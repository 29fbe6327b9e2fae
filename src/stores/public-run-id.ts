// `github.run_id` is a number on GitHub, and actions read it as one. Ours is the run's id in another form, so that it stays
// the same for a run and leads back to it: seconds since 1970, then 16 bits that tell runs of one second apart.
import { runId } from '#base/ids.ts';
import type { RunId } from '#base/ids.ts';
import { attemptOfRun } from '#base/run-attempt.ts';

const FORM = /^r-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-([0-9a-f]{4})$/;
const DISTINCT = 65_536;

/**
 * At most 15 digits, so that it is exact as a number too, and the same for every attempt of a run. An id of another form
 * stays as it is.
 */
export function publicRunId(id: RunId): string {
  const [, year, month, day, hour, minute, second, rest = ''] = FORM.exec(attemptOfRun(id).first) ?? [];
  if (year === undefined) return id;
  const [y = 0, mo = 1, d = 1, h = 0, mi = 0, s = 0] = [year, month, day, hour, minute, second].map(Number);
  return String((Date.UTC(y, mo - 1, d, h, mi, s) / 1_000) * DISTINCT + parseInt(rest, 16));
}

/** The run that is meant, in either form; `from` means itself by its public id, whichever attempt it is. */
export function runIdFrom(text: string, from: RunId): RunId {
  if (text === publicRunId(from)) return from;
  if (!/^\d{10,15}$/.test(text)) return runId(text);
  const value = Number(text);
  const digits = new Date(Math.floor(value / DISTINCT) * 1_000).toISOString().replace(/[-:T]/g, '');
  const rest = (value % DISTINCT).toString(16).padStart(4, '0');
  return runId(`r-${digits.slice(0, 8)}-${digits.slice(8, 14)}-${rest}`);
}
