import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth } from '#run/report/layout.ts';
import { buildReport } from '#run/report/report.ts';
import { unpainted } from '#run/report/words.ts';
import { liveRun } from '#test/support/report-runs.ts';
import { CANCELLED, FAILED } from '#test/support/report-scripts.ts';
import { runsTable } from './runs-text.ts';

const running = liveRun({ jobs: [{ key: 'a', name: 'a', running: { name: 'Unit tests', atMs: 0 } }] });
const REPORTS = [
  buildReport(running, { lastHeardAtMs: running.startedAtMs + 1_000 }),
  buildReport(liveRun(CANCELLED)),
  buildReport(liveRun(FAILED)),
];

test('runs that were cancelled or interrupted are called so, and columns are as wide as they must be', () => {
  assert.equal(
    runsTable(REPORTS, { paint: unpainted, width: 120 }),
    `\
  run                     verdict      started (UTC)      took  pipeline
? r-20261123-094012-7f3a  interrupted  2026-11-23 09:40         Space Intelligence pipeline
    gantry resume r-20261123-094012-7f3a goes on with it
– r-20261123-094012-7f3a  cancelled    2026-11-23 09:40  4.1 s  Space Intelligence pipeline
✗ r-20261123-094012-7f3a  failed       2026-11-23 09:40  9.0 s  Space Intelligence pipeline
`,
  );
});

test('on a narrow terminal a name goes on under itself, or stands under its line', () => {
  const linesAt = (width: number): readonly string[] => runsTable(REPORTS, { paint: unpainted, width }).split('\n');
  assert.deepEqual(linesAt(84).slice(4, 6), [
    '– r-20261123-094012-7f3a  cancelled    2026-11-23 09:40  4.1 s  Space Intelligence',
    `${' '.repeat(64)}pipeline`,
  ]);
  assert.deepEqual(linesAt(80).slice(4, 6), [
    '– r-20261123-094012-7f3a  cancelled    2026-11-23 09:40  4.1 s',
    '    Space Intelligence pipeline',
  ]);
  for (const width of [80, 84]) assert.ok(linesAt(width).every((line) => displayWidth(line) <= width));
});
