import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobId, runId } from '#base/ids.ts';
import { buildReport } from '#run/report/report.ts';
import { unpainted } from '#run/report/words.ts';
import { openMemoryLogStore } from '#stores/logs/log-memory.ts';
import { liveRun } from '#test/support/report-runs.ts';
import { describeFailures } from './failures.ts';

test('jobs that failed alike are named together over what they printed last; one that printed nothing is not shown', () => {
  const jobs = ['one', 'two', 'three', 'silent'].map((key) => ({
    key,
    name: key,
    steps: [{ name: 'Build', outcome: 'failure', conclusion: 'failure', why: 'exit code 1' } as const],
    ends: { atMs: 900, conclusion: 'failure' } as const,
  }));
  const run = liveRun({ jobs, endsAtMs: 1_000 });
  const logs = openMemoryLogStore();
  for (const [job, text] of [
    ['one', 'src/a.c:\n    int x = y;\n'],
    ['two', 'src/a.c:\n    int x = y;\n'],
    ['three', `${Array.from({ length: 17 }, (_, index) => `line ${index + 1}`).join('\n')}\n`],
  ] as const) {
    const bytes = Buffer.from(text);
    const log = logs.open(runId(run.runId), jobId(job));
    log.append({ step: 0, stream: 'stdout', atMs: 1, lines: text.split('\n').length - 1, bytes });
  }
  const shown = describeFailures(buildReport(run), logs, { paint: unpainted, width: 80 });
  assert.equal(
    shown.slice(0, shown.indexOf('line 4')),
    `
Failed  one / Build
        two / Build
  │ src/a.c:
  │     int x = y;

Failed  three / Build
  │ … 2 lines before: gantry logs --failed
  │ line 3
  │ `,
  );
  assert.ok(shown.endsWith('  │ line 17\n'), shown);
  assert.ok(!shown.includes('silent'));
});
