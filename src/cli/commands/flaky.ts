// gantry flaky: the tests that failed and passed although nothing had changed.
import { inline, truncate } from '#run/report/layout.ts';
import { flakyInWords } from '#run/flaky.ts';
import { utcMinute } from '#run/report/words.ts';
import { openSqliteTestHistory } from '#stores/tests/test-history-sqlite.ts';
import type { FlakyRecord } from '#stores/tests/test-history.ts';
import { projectRoot, stateFolder } from '#engine/project.ts';
import { testHistoryFile } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';

const WIDEST = 100;

export function flaky(options: { readonly format: 'text' | 'json' }): number {
  const folder = stateFolder(projectRoot(process.cwd()), process.env);
  const records = openSqliteTestHistory(testHistoryFile(folder)).flaky();
  process.stdout.write(options.format === 'json' ? asJson(records) : asText(records));
  return EXIT.passed;
}

function asJson(records: readonly FlakyRecord[]): string {
  const tests = records.map(({ name, workflow, job, step, times, runs, lastRun, lastAtMs, lastHow }) => ({
    name,
    workflow,
    job,
    step,
    times,
    runs,
    rate: rateOf(times, runs),
    last: { run: lastRun, atMs: lastAtMs, how: lastHow },
  }));
  return `${JSON.stringify({ version: 1, tests }, null, 2)}\n`;
}

function asText(records: readonly FlakyRecord[]): string {
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  if (records.length === 0) return `${paint('good', '✓')} no test is known to be flaky\n`;
  const blocks = records.map(({ name, workflow, job, step, times, runs, lastRun, lastAtMs, lastHow }) => {
    const percent = Math.round(rateOf(times, runs) * 100);
    const often = `in ${times} of ${runs} ${runs === 1 ? 'run' : 'runs'}, ${percent} %`;
    return [
      `${paint('warn', '◐')} ${paint('strong', truncate(inline(name), WIDEST - 2))}`,
      `  ${paint('dim', `${inline(workflow)} · ${inline(job)} / ${inline(step)}`)}`,
      `  flaky ${often}; last in ${lastRun}, ${utcMinute(lastAtMs)}: ${flakyInWords({ how: lastHow })}`,
    ].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

function rateOf(times: number, runs: number): number {
  return Math.round((times / runs) * 1_000) / 1_000;
}
