import { jobId, runId } from '#base/ids.ts';
import { chop, count, inline, printable, truncate, wrap } from '#run/report/layout.ts';
import type { Report } from '#run/report/report.ts';
import type { Paint } from '#run/report/words.ts';
import type { LogStore } from '#stores/logs/log-store.ts';

const MOST_LINES = 15;
/** Of one line of the log: what is longer was not written to be read. */
const MOST_ROWS = 5;

export interface FailuresPage {
  readonly paint: Paint;
  /** The terminal's, in columns. */
  readonly width: number;
}

/**
 * The last lines that each failing step printed: what its reader would look for first. Text comes from the log, not from
 * the report; why a step failed that printed nothing stands there.
 */
export function describeFailures(report: Report, logs: LogStore, { paint, width }: FailuresPage): string {
  const blocks: string[] = [];
  for (const job of report.jobs) {
    for (const step of job.steps.filter((each) => each.conclusion === 'failure' || each.verdict === 'failed')) {
      const tail: string[] = [];
      let lines = 0;
      for (const line of logs.read(runId(job.carriedFrom ?? report.run), jobId(job.id), { step: step.index })) {
        lines += 1;
        tail.push(line.text);
        if (tail.length > MOST_LINES) tail.shift();
      }
      if (lines === 0) continue;
      const [first = '', ...rest] = wrap(inline(`${job.name} / ${step.name}`), width - 8);
      const more = lines - tail.length;
      const rows = [
        ...(more > 0 ? [paint('dim', `… ${count(more, 'line')} before: gantry logs --failed`)] : []),
        ...tail.flatMap((text) => chop(truncate(printable(text), MOST_ROWS * (width - 4)), width - 4)),
      ];
      blocks.push(
        [
          '',
          `${paint('bad', 'Failed')}  ${first}`,
          ...rest.map((line) => `${' '.repeat(8)}${line}`),
          ...rows.map((row) => `  ${paint('dim', '│')} ${row}`.trimEnd()),
        ].join('\n'),
      );
    }
  }
  return blocks.length > 0 ? `${blocks.join('\n')}\n` : '';
}
