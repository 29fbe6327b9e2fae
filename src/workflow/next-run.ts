// When a schedule comes next. A line of cron that was checked, in a zone that was.
import { cronValues } from './cron.ts';
import type { Schedule } from './model.ts';
import { localMs } from './timezone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A schedule for the 29th of February comes every eight years at the least. */
const MOST_DAYS = 366 * 9;

/**
 * The first moment after `afterMs`; undefined when there is none, as for the 31st of February. A time that the clocks of
 * the zone leave out comes when they go on, one that they show twice comes once: GitHub's rule, and the usual one.
 */
export function nextRunMs({ cron, timezone = 'UTC' }: Schedule, afterMs: number): number | undefined {
  const values = cronValues(cron);
  const [minutes, hours] = values;
  const today = Math.floor(localMs(afterMs, timezone) / DAY_MS);
  // A day early: a time that was left out yesterday evening may come today.
  for (let day = today - 1; day < today + MOST_DAYS; day++) {
    if (!isDayOf(values, day * DAY_MS)) continue;
    for (const hour of hours)
      for (const minute of minutes) {
        const atMs = momentOf(day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS, timezone);
        if (atMs > afterMs) return atMs;
      }
  }
  return undefined;
}

/** With both a day of the month and one of the week, either will do: POSIX. */
function isDayOf([, , days, months, weekdays]: ReturnType<typeof cronValues>, localDayMs: number): boolean {
  const [, month = 0, day = 0] = calendarDay(localDayMs);
  if (!months.includes(month)) return false;
  // 1970 began with a Thursday.
  const isWeekday = weekdays.includes((Math.floor(localDayMs / DAY_MS) + 4) % 7);
  const isDay = days.includes(day);
  const [anyDay, anyWeekday] = [days.length === 31, weekdays.length === 7];
  return anyDay || anyWeekday ? isDay && isWeekday : isDay || isWeekday;
}

/** Year, month from 1, day. */
function calendarDay(localDayMs: number): readonly number[] {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC' }).format(localDayMs);
  return parts.split('-').map(Number);
}

/** The first moment at which the clocks of the zone show this time, or have gone past it. */
function momentOf(local: number, timezone: string): number {
  // No zone is more than 15 hours away, and its offset changes by a few hours at most.
  const before = local - 15 * HOUR_MS;
  const early = local - (localMs(before, timezone) - before);
  const late = local - (localMs(early, timezone) - early);
  const candidates = [Math.min(early, late), Math.max(early, late)];
  const shown = candidates.find((atMs) => localMs(atMs, timezone) === local);
  return shown ?? firstPast(local, timezone, candidates[0] ?? early);
}

/** Where the clocks jump over the time: the minute at which they show a later one. */
function firstPast(local: number, timezone: string, fromMs: number): number {
  let [low, high] = [fromMs - 4 * HOUR_MS, fromMs + 4 * HOUR_MS];
  while (high - low > MINUTE_MS) {
    const middle = Math.floor((low + high) / 2 / MINUTE_MS) * MINUTE_MS;
    if (localMs(middle, timezone) >= local) high = middle;
    else low = middle;
  }
  return high;
}
