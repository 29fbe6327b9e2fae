import { count } from '#run/report/layout.ts';
import type { Report } from '#run/report/report.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { runsTable } from '../runs-text.ts';
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
  process.stdout.write(reports.length === 0 ? 'no runs yet; gantry run starts one\n' : runsTable(reports, page));
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
