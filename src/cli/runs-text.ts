// Runs as a table that is no wider than the terminal: a line each, and under it what is to be said of the run.
import { formatDuration } from '#base/duration.ts';
import { inline, wrap } from '#run/report/layout.ts';
import type { Report } from '#run/report/report.ts';
import { runMark, utcMinute, waitInWords } from '#run/report/words.ts';
import type { Paint } from '#run/report/words.ts';

export interface Page {
  readonly paint: Paint;
  readonly width: number;
}

const TITLES = ['run', 'verdict', 'started (UTC)', 'took'] as const;
/** A name that has no room for this much beside the columns, or needs more than two lines there, stands under them. */
const LEAST_NAME = 12;

export function runsTable(reports: readonly Report[], page: Page): string {
  const cells = reports.map(cellsOf);
  // Only as wide as it must be: what is left is for the names.
  const widths = TITLES.map((title, index) => Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[], paintState = (text: string): string => text): string =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        if (index === TITLES.length - 1) return cell.padStart(width);
        return index === 1 ? paintState(cell.padEnd(width)) : cell.padEnd(width);
      })
      .join('  ');
  const indent = 2 + widths.reduce((sum, width) => sum + width + 2, 0);
  const rows = reports.flatMap((report, index) => {
    const { sign, tone } = runMark(report);
    const columns = line(cells[index] ?? [], (text) => page.paint(tone, text));
    return [
      ...named(`${page.paint(tone, sign)} ${columns}`, report, { indent, width: page.width }),
      ...notes(report, page),
    ];
  });
  return `${[page.paint('dim', `  ${line(TITLES)}  pipeline`), ...rows].join('\n')}\n`;
}

function cellsOf(report: Report): readonly string[] {
  const took = report.durationMs === null ? '' : formatDuration(report.durationMs);
  return [report.run, runMark(report).word, utcMinute(report.startedAtMs).slice(0, 16), took];
}

function named(
  columns: string,
  report: Report,
  { indent, width }: { readonly indent: number; readonly width: number },
): readonly string[] {
  const name = inline(report.name || report.workflow);
  const beside = width - indent < LEAST_NAME ? [] : wrap(name, width - indent);
  const [first = '', second = '', ...more] = beside;
  if (first === '' || more.length > 0)
    return [columns.trimEnd(), ...wrap(name, width - 4).map((line) => `    ${line}`)];
  return [`${columns}  ${first}`, ...(second === '' ? [] : [`${' '.repeat(indent)}${second}`])];
}

function notes(report: Report, { paint, width }: Page): readonly string[] {
  const note = noteOf(report);
  return note === '' ? [] : wrap(note, Math.max(LEAST_NAME, width - 4)).map((line) => `    ${paint('dim', line)}`);
}

function noteOf(report: Report): string {
  if (report.interrupted) return `gantry resume ${report.run} goes on with it`;
  if (report.waitsFor) return waitInWords(report.waitsFor);
  return report.supersededBy === undefined ? '' : `superseded by run ${report.supersededBy}`;
}
