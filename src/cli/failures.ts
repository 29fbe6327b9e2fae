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
  // Combinations of a matrix often fail alike: then they are named together.
  const alike = new Map<string, string[]>();
  for (const job of report.jobs) {
    for (const step of job.steps.filter((each) => each.conclusion === 'failure' || each.verdict === 'failed')) {
      const log = logs.read(runId(job.carriedFrom ?? report.run), jobId(job.id), { step: step.index });
      const rows = lastRows(log, { paint, width });
      if (rows.length === 0) continue;
      const excerpt = rows.map((row) => `  ${paint('dim', '│')} ${row}`.trimEnd()).join('\n');
      alike.set(excerpt, [...(alike.get(excerpt) ?? []), inline(`${job.name} / ${step.name}`)]);
    }
  }
  const blocks = [...alike].map(([excerpt, places]) => {
    const lines = places.flatMap((place) => wrap(place, width - 8));
    const names = lines.map((line, index) => `${index === 0 ? paint('bad', 'Failed') : '      '}  ${line}`);
    return ['', ...names, excerpt, ''].join('\n');
  });
  return blocks.join('');
}

function lastRows(log: Iterable<{ readonly text: string }>, { paint, width }: FailuresPage): readonly string[] {
  const tail: string[] = [];
  let lines = 0;
  for (const { text } of log) {
    lines += 1;
    tail.push(text);
    if (tail.length > MOST_LINES) tail.shift();
  }
  const more = lines - tail.length;
  return [
    ...(more > 0 ? [paint('dim', `… ${count(more, 'line')} before: gantry logs --failed`)] : []),
    ...tail.flatMap((text) => chop(truncate(printable(text), MOST_ROWS * (width - 4)), width - 4)),
  ];
}
