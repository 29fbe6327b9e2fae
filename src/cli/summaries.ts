import type { HtmlOptions } from '#run/report/html.ts';
import type { Report } from '#run/report/report.ts';
import type { TextOptions } from '#run/report/text.ts';
import { summariesOf } from '#run/report/words.ts';

/** What it takes to show the report's summaries; most reports have none, and then nothing is loaded. */
export async function htmlSummaries(report: Report): Promise<HtmlOptions> {
  if (summariesOf(report).length === 0) return {};
  const { summaryToHtml } = await import('./summary-html.ts');
  return { summaryToHtml };
}

export async function textSummaries(report: Report): Promise<TextOptions> {
  if (summariesOf(report).length === 0) return {};
  const { summaryToText } = await import('./summary-text.ts');
  return { summaryToText };
}
