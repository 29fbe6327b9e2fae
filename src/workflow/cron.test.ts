import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronProblem } from './cron.ts';

const good = [
  '* * * * *',
  '30 5 * * 1-5',
  '*/15 0-23/2 1,15 * *',
  '0 0 1 JAN-MAR sun',
  '0 0 31 12 6',
  ' 0  0 * * * ',
  '5/10 * * * *',
  '59 23 * * SAT',
];

for (const cron of good) {
  test(`"${cron}" is a schedule`, () => {
    assert.equal(cronProblem(cron), undefined);
  });
}

const bad: readonly (readonly [string, string])[] = [
  ['', 'it has 1 field, and 5 are needed'],
  ['* * * *', 'it has 4 fields, and 5 are needed'],
  ['0 * * * * *', 'it has 6 fields, and 5 are needed'],
  ['@daily', 'names such as @daily are not supported'],
  ['60 * * * *', '"60" cannot be the minute (0 to 59)'],
  ['* 24 * * *', '"24" cannot be the hour (0 to 23)'],
  ['* * 0 * *', '"0" cannot be the day of the month (1 to 31)'],
  ['* * * 13 *', '"13" cannot be the month (1 to 12)'],
  ['* * * FOO *', '"FOO" cannot be the month (1 to 12)'],
  ['* * * * 7', '"7" cannot be the day of the week (0 to 6)'],
  ['*/0 * * * *', '"*/0" cannot be a step of the minute'],
  ['*/x * * * *', '"*/x" cannot be a step of the minute'],
  ['1/2/3 * * * *', '"1/2/3" cannot be a step of the minute'],
  ['5-1 * * * *', '"5-1" runs backwards'],
  ['1,,2 * * * *', '"" cannot be the minute (0 to 59)'],
  ['1-2-3 * * * *', '"1-2-3" cannot be the minute (0 to 59)'],
  ['-1 * * * *', '"-1" cannot be the minute (0 to 59)'],
];

for (const [cron, problem] of bad) {
  test(`"${cron}" is none: ${problem}`, () => {
    assert.equal(cronProblem(cron), problem);
  });
}
