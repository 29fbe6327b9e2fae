import { unreachable } from '#base/unreachable.ts';
import { renderHtml } from '#run/report/html.ts';
import { renderMarkdown } from '#run/report/markdown.ts';
import { renderText } from '#run/report/text.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { htmlSummaries, textSummaries } from '../summaries.ts';
import { findRun, openProject, reportOf } from './history.ts';

export interface ShowOptions {
  readonly format: 'text' | 'json' | 'markdown' | 'html';
}

export async function show(given: string | undefined, options: ShowOptions): Promise<number> {
  const { stores } = openProject();
  const id = findRun(stores, given);
  const report = reportOf(stores, id);
  switch (options.format) {
    case 'json':
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      break;
    case 'markdown':
      process.stdout.write(renderMarkdown(report));
      break;
    case 'html':
      process.stdout.write(renderHtml(report, await htmlSummaries(report)));
      break;
    case 'text':
      process.stdout.write(
        renderText(report, choosePaint({ isTerminal: process.stdout.isTTY, env: process.env }), {
          ...(await textSummaries(report)),
          width: process.stdout.columns ?? 100,
          nowMs: Date.now(),
        }),
      );
      break;
    default:
      return unreachable(options.format);
  }
  return report.finished ? exitCodeOf(report, false) : EXIT.passed;
}
