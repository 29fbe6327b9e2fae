import { formatDuration } from '#base/duration.ts';
import { count, inline, padTo, wrap } from '#run/report/layout.ts';
import type { Report } from '#run/report/report.ts';
import { runMark, utcMinute, waitInWords } from '#run/report/words.ts';
import type { Paint } from '#run/report/words.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { UsageError } from '../usage-error.ts';
import { openProject, reportOf } from './history.ts';

export interface RunsOptions {
  readonly limit: string;
  readonly format: 'text' | 'json';
}

const MOST_AT_ALL = 10_000;

export function runs(options: RunsOptions): number {
  const { stores } = openProject();
  const limit = Number(options.limit);
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new UsageError(`--limit is "${options.limit}", which is no number above 0`);
  const ids = stores.journal.runs(MOST_AT_ALL);
  const reports = ids.slice(0, limit).map((id) => reportOf(stores, id));
  if (options.format === 'json') {
    process.stdout.write(`${JSON.stringify({ version: 1, runs: reports.map(rowOf) }, null, 2)}\n`);
    return EXIT.passed;
  }
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  const page = { paint, width: process.stdout.columns ?? 120 };
  process.stdout.write(reports.length === 0 ? 'no runs yet; gantry run starts one\n' : table(reports, page));
  const more = ids.length - reports.length;
  if (more > 0)
    process.stdout.write(paint('dim', `  … and ${count(more, 'older run')}: gantry runs --limit ${ids.length}`) + '\n');
  return EXIT.passed;
}

function rowOf(report: Report): object {
  return {
    run: report.run,
    ...(report.attempt !== undefined && { attempt: report.attempt }),
    workflow: report.workflow,
    verdict: report.verdict,
    conclusion: report.conclusion,
    finished: report.finished,
    interrupted: report.interrupted !== undefined,
    ...(report.waitsFor && !report.interrupted && { waitsFor: report.waitsFor }),
    ...(report.supersededBy && { supersededBy: report.supersededBy }),
    startedAtMs: report.startedAtMs,
    durationMs: report.durationMs,
  };
}

interface Page {
  readonly paint: Paint;
  readonly width: number;
}

const WIDTHS = { run: 24, state: 11, started: 16, took: 9 };
/** Up to the name: two for the sign, and two behind each column. */
const INDENT = 2 + Object.values(WIDTHS).reduce((sum, width) => sum + width + 2, 0);

function table(reports: readonly Report[], page: Page): string {
  const titles = [
    'run'.padEnd(WIDTHS.run),
    'verdict'.padEnd(WIDTHS.state),
    'started (UTC)'.padEnd(WIDTHS.started),
    'took'.padStart(WIDTHS.took),
    'pipeline',
  ];
  const lines = [page.paint('dim', `  ${titles.join('  ')}`), ...reports.flatMap((report) => rows(report, page))];
  return `${lines.join('\n')}\n`;
}

function rows(report: Report, { paint, width }: Page): readonly string[] {
  const { sign, tone, word } = runMark(report);
  const took = report.durationMs === null ? '' : formatDuration(report.durationMs);
  const columns = [
    padTo(report.run, WIDTHS.run),
    paint(tone, word.padEnd(WIDTHS.state)),
    utcMinute(report.startedAtMs).slice(0, WIDTHS.started),
    took.padStart(WIDTHS.took),
  ];
  const room = Math.max(12, width - INDENT);
  const [first = '', ...rest] = wrap(inline(report.name || report.workflow), room);
  const note = noteOf(report);
  return [
    `${paint(tone, sign)} ${columns.join('  ')}  ${first}`,
    ...rest.map((line) => `${' '.repeat(INDENT)}${line}`),
    ...(note === '' ? [] : wrap(note, Math.max(12, width - 4)).map((line) => `    ${paint('dim', line)}`)),
  ];
}

function noteOf(report: Report): string {
  if (report.interrupted) return `gantry resume ${report.run} goes on with it`;
  if (report.waitsFor) return waitInWords(report.waitsFor);
  return report.supersededBy === undefined ? '' : `superseded by run ${report.supersededBy}`;
}
