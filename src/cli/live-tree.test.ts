import assert from 'node:assert/strict';
import { test } from 'node:test';

import { displayWidth } from '#run/report/layout.ts';
import { unpainted } from '#run/report/words.ts';
import type { JobScript } from '#test/support/report-runs.ts';
import { liveRun, START_MS } from '#test/support/report-runs.ts';

import { LiveTree, renderTree } from './live-tree.ts';

const ESC = String.fromCodePoint(27);

const JOBS: readonly JobScript[] = [
  { key: 'lint', name: 'lint', steps: [{ name: 'flake8' }], ends: { atMs: 1_500, conclusion: 'success' } },
  {
    key: 'test',
    name: 'Comprehensive testing',
    steps: [{ name: 'actions/checkout@v4' }],
    running: { name: 'Unit tests', atMs: 2_000 },
  },
  { key: 'deploy', name: 'deploy', waits: true },
];

const VIEW = { columns: 80, rows: 24, nowMs: START_MS + 12_300, frame: 0, paint: unpainted, lastLine: () => undefined };

function painted(jobs: readonly JobScript[], view: Partial<Parameters<typeof renderTree>[1]>): readonly string[] {
  return renderTree(liveRun({ jobs }), { ...VIEW, ...view }).map((line) => line.painted);
}

test('a frame shows each job, the running step and its last line', () => {
  assert.deepEqual(painted(JOBS, { lastLine: () => 'collected 24 items' }), [
    '  ✓ lint                       1.5 s  passed',
    '  ⠋ Comprehensive testing     12.3 s  step 2 of 3',
    '    Unit tests  10.3 s',
    '      collected 24 items',
    '  · deploy                 waiting',
    '  1 of 3 jobs done · 12.3 s',
  ]);
});

test('a last line can neither steer the terminal nor break the picture', () => {
  const lines = painted(JOBS, { columns: 40, lastLine: () => `${ESC}[2J\r日本語 ${'x'.repeat(80)}\u202E` });
  assert.equal(lines[3], `      日本語 ${'x'.repeat(25)}…`);
  assert.ok(lines.every((line) => displayWidth(line) <= 39));
});

test('on a low terminal detail gives way first', () => {
  assert.deepEqual(painted(JOBS, { rows: 6, lastLine: () => 'collected 24 items' }), [
    '  ✓ lint                       1.5 s  passed',
    '  ⠋ Comprehensive testing     12.3 s  step 2 of 3',
    '    Unit tests  10.3 s',
    '  · deploy                 waiting',
    '  1 of 3 jobs done · 12.3 s',
  ]);
  assert.deepEqual(painted(JOBS, { rows: 5, lastLine: () => 'collected 24 items' }), [
    '  ✓ lint                       1.5 s  passed',
    '  ⠋ Comprehensive testing     12.3 s  step 2 of 3',
    '  · deploy                 waiting',
    '  1 of 3 jobs done · 12.3 s',
  ]);
});

test('a job whose needs have not ended is there from the beginning', () => {
  const jobs: readonly JobScript[] = [
    { key: 'test', name: 'test', running: { name: 'Unit tests', atMs: 2_000 } },
    { key: 'deploy', name: 'deploy', planned: true },
  ];
  assert.deepEqual(painted(jobs, {}), [
    '  ⠋ test                     12.3 s  step 1 of 2',
    '    Unit tests  10.3 s',
    '  · deploy                waiting',
    '  0 of 2 jobs done · 12.3 s',
  ]);
  assert.deepEqual(painted(jobs, { rows: 3 }), ['  … 2 more', '  0 of 2 jobs done · 12.3 s']);
});

test('a cancellation has a line of its own, which says how to end what goes on', () => {
  const job: JobScript = { key: 'test', name: 'test', running: { name: 'Clean up', atMs: 2_000 } };
  const run = liveRun({ jobs: [job], cancel: 'interrupted at the terminal' });
  assert.deepEqual(
    renderTree(run, VIEW)
      .map((line) => line.painted)
      .slice(-2),
    [
      '  0 of 1 job done · 12.3 s · 1 entry in the ledger',
      '  cancelling: interrupted at the terminal · Ctrl-C again ends clean-up too',
    ],
  );
});

test('with more jobs than rows the running ones stay', () => {
  const waiting = Array.from({ length: 13 }, (_, index): JobScript => {
    return { key: `later-${index}`, name: `later ${index}`, waits: true };
  });
  assert.deepEqual(painted([...waiting, ...JOBS], { rows: 6 }), [
    '  · later 0                waiting',
    '  · later 1                waiting',
    '  ⠋ Comprehensive testing     12.3 s  step 2 of 3',
    '  … 13 more',
    '  1 of 16 jobs done · 12.3 s',
  ]);
});

test('a repaint goes back over the old picture, and disposing takes it away line by line, so that no terminal keeps it', () => {
  const written: string[] = [];
  const screen = { write: (text: string) => written.push(text), columns: 80, rows: 24 };
  const options = { screen, paint: unpainted, nowMs: () => START_MS + 500, lastLine: () => undefined, intervalMs: 0 };
  {
    using tree = new LiveTree(options);
    tree.repaint();
    assert.deepEqual(written, [], 'nothing is painted before there is a state');
    tree.update(liveRun({ jobs: [{ key: 'a', name: 'a', waits: true }] }));
    tree.repaint();
    tree.repaint();
    tree[Symbol.dispose]();
    tree.repaint();
  }
  const body = `  · a                     waiting${ESC}[K\n  0 of 1 job done · 0.5 s${ESC}[K\n${ESC}[J`;
  assert.deepEqual(written, [
    `${ESC}[?2026h${ESC}[?25l\r${body}${ESC}[?2026l`,
    `${ESC}[?2026h\r${ESC}[2A${body}${ESC}[?2026l`,
    `\r${ESC}[2A${ESC}[K\n${ESC}[K\n${ESC}[K\r${ESC}[2A${ESC}[?25h`,
  ]);
});

test('after the terminal became narrower the rows that it broke are painted over as well', () => {
  const written: string[] = [];
  const screen = { write: (text: string) => written.push(text), columns: 80, rows: 24 };
  const options = { screen, paint: unpainted, nowMs: () => START_MS, lastLine: () => undefined, intervalMs: 0 };
  using tree = new LiveTree(options);
  tree.update(liveRun({ jobs: [{ key: 'a', name: 'a', waits: true }] }));
  tree.repaint();
  screen.columns = 20;
  tree.repaint();
  // 31 and 23 columns: two rows each.
  assert.ok(written[1]?.startsWith(`${ESC}[?2026h\r${ESC}[4A`));
});
