import { jobId, runId } from '#base/ids.ts';
import { inline } from '#run/report/layout.ts';
import type { Report } from '#run/report/report.ts';
import type { Paint } from '#run/report/words.ts';
import type { LogStore } from '#stores/logs/log-store.ts';

const MOST_LINES = 15;

/** The last lines that each failing step printed: what its reader would look for first. Text comes from the log, not from the report. */
export function describeFailures(report: Report, logs: LogStore, paint: Paint): string {
  const blocks: string[] = [];
  for (const job of report.jobs) {
    for (const step of job.steps.filter((each) => each.conclusion === 'failure' || each.verdict === 'failed')) {
      const tail: string[] = [];
      for (const line of logs.read(runId(report.run), jobId(job.id), { step: step.index })) {
        tail.push(inline(line.text));
        if (tail.length > MOST_LINES) tail.shift();
      }
      const title = `${paint('bad', 'Failed')}  ${job.name} / ${step.name}${step.why ? `: ${step.why}` : ''}`;
      blocks.push(['', title, ...tail.map((line) => `  ${paint('dim', '│')} ${line}`)].join('\n'));
    }
  }
  return blocks.length > 0 ? `${blocks.join('\n')}\n` : '';
}
