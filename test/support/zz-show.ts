import { writeFileSync } from 'node:fs';
import { liveRun } from './report-runs.ts';
import { PASSED, DEGRADED, UNKNOWN, FAILED, CANCELLED } from './report-scripts.ts';
import { buildReport } from '#run/report/report.ts';
import { renderText } from '#run/report/text.ts';
import { renderMarkdown } from '#run/report/markdown.ts';
import { renderHtml } from '#run/report/html.ts';
for (const [n, s] of Object.entries({ PASSED, DEGRADED, UNKNOWN, FAILED, CANCELLED })) {
  const r = buildReport(liveRun(s));
  process.stdout.write(renderText(r, (_t, x) => x) + '=====\n');
  if (n === 'DEGRADED') process.stdout.write(renderMarkdown(r));
  writeFileSync(`/tmp/rep/${n}.html`, renderHtml(r));
}
