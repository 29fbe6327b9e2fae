import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRunMs } from './next-run.ts';

const next = (cron: string, timezone: string | undefined, after: string): string | undefined => {
  const atMs = nextRunMs({ cron, ...(timezone === undefined ? {} : { timezone }) }, Date.parse(after));
  return atMs === undefined ? undefined : new Date(atMs).toISOString();
};

const cases: readonly (readonly [string, string | undefined, string, string | undefined, string])[] = [
  ['30 5 * * *', undefined, '2026-11-26T05:29:59Z', '2026-11-26T05:30:00.000Z', 'later today, in UTC'],
  ['30 5 * * *', undefined, '2026-11-26T05:30:00Z', '2026-11-27T05:30:00.000Z', 'tomorrow, when it is just then'],
  ['30 5 * * 1-5', undefined, '2026-11-27T06:00:00Z', '2026-11-30T05:30:00.000Z', 'on Monday, after a Friday'],
  ['0 0 29 FEB *', undefined, '2026-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z', 'in the next leap year'],
  ['0 0 31 2 *', undefined, '2026-01-01T00:00:00Z', undefined, 'never, on a day that there is not'],
  [
    '0 0 13 * FRI',
    undefined,
    '2026-11-10T12:00:00Z',
    '2026-11-13T00:00:00.000Z',
    'on a day of the month or of the week',
  ],
  ['0 0 13 * FRI', undefined, '2026-11-13T12:00:00Z', '2026-11-20T00:00:00.000Z', 'on a day of the week alone'],
  ['*/20 8-9 * * *', undefined, '2026-11-26T08:41:00Z', '2026-11-26T09:00:00.000Z', 'by steps and ranges'],
  ['30 5 * * *', 'Europe/Berlin', '2026-11-26T00:00:00Z', '2026-11-26T04:30:00.000Z', 'in winter, an hour before UTC'],
  [
    '30 5 * * *',
    'Europe/Berlin',
    '2026-07-01T00:00:00Z',
    '2026-07-01T03:30:00.000Z',
    'in summer, two hours before UTC',
  ],
  ['0 23 * * *', 'America/New_York', '2026-11-27T03:00:00Z', '2026-11-27T04:00:00.000Z', 'on the day of its zone'],
  ['0 0 * * MON', 'Pacific/Auckland', '2026-11-26T00:00:00Z', '2026-11-29T11:00:00.000Z', 'on the weekday of its zone'],
  [
    '30 2 * * *',
    'America/New_York',
    '2026-03-08T05:00:00Z',
    '2026-03-08T07:00:00.000Z',
    'at 3:00 when 2:30 is left out',
  ],
  [
    '30 1 * * *',
    'America/New_York',
    '2026-11-01T04:00:00Z',
    '2026-11-01T05:30:00.000Z',
    'at the first of two times 1:30',
  ],
  ['30 1 * * *', 'America/New_York', '2026-11-01T05:30:00Z', '2026-11-02T06:30:00.000Z', 'and not at the second'],
];

for (const [cron, timezone, after, expected, how] of cases) {
  test(`${cron} in ${timezone ?? 'UTC'} comes ${how}`, () => {
    assert.equal(next(cron, timezone, after), expected);
  });
}
