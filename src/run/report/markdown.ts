// The report as GitHub-flavoured Markdown, for job summaries and comments. Names and messages are not trusted: none
// of them may become markup, a mention or a new line.
import { formatDuration } from '#base/duration.ts';
import { count, inline } from './layout.ts';
import { jobWhy, stepRemarks } from './remarks.ts';
import type { Report, ReportJob } from './report.ts';
import type { Mark, SummaryOfStep } from './words.ts';
import {
  artifactsInWords,
  failuresInWords,
  flakyTestsInWords,
  findings,
  findingsInWords,
  jobMark,
  ledgerInWords,
  messageOf,
  nextInWords,
  originInWords,
  placeOf,
  releasesInWords,
  runMark,
  stepMark,
  summariesOf,
  testsInWords,
  utcMinute,
  verdictInWords,
} from './words.ts';

const MOST_FINDINGS = 50;

export function renderMarkdown(report: Report): string {
  const mark = runMark(report);
  const title = `## ${mark.sign} ${plain(report.name || report.workflow)}: ${mark.word}`;
  const origin = [...originInWords(report), utcMinute(report.startedAtMs)].map(plain).join(' · ');
  const blocks = [
    [title],
    ledgerTable(report),
    ['### Jobs'],
    ...report.jobs.map((job) => jobLines(job, report)),
    findingsTable(report),
    testsLines(report),
    artifactLines(report),
    releaseLines(report),
    [
      `**${plain(verdictInWords(report))}** · ${ledgerInWords(report)} · run ${code(report.run)}`,
      ...nextInWords(report).map(plain),
      '',
      origin,
    ],
    ...summariesOf(report).map(summaryLines),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function ledgerTable(report: Report): readonly string[] {
  if (report.ledger.length === 0) return [];
  const rows = report.ledger.map((entry) =>
    row([
      entry.what,
      plain(entry.where),
      `${plain(entry.wanted)} → ${plain(entry.used)}`,
      plain(entry.why),
      plain(entry.loss ?? ''),
      plain(entry.until ?? ''),
    ]),
  );
  const head = ['what', 'where', 'wanted → used', 'why', 'loss', 'until'];
  return [`### Ledger: ${count(report.ledger.length, 'step')} down from passed`, '', row(head), rule(head), ...rows];
}

function jobLines(job: ReportJob, report: Report): readonly string[] {
  const time = job.durationMs === null ? '' : ` · ${formatDuration(job.durationMs)}`;
  const reason = jobWhy(job, report);
  const why = reason ? `: ${plain(reason)}` : '';
  const steps = job.steps.map((step) => {
    const mark = stepMark(step);
    const said = stepRemarks(step).map(({ text }) => plain(text));
    const remarks = said.length > 0 ? `<br>${said.join('<br>')}` : '';
    return row([signed(mark), `${plain(step.name)}${remarks}`, formatDuration(step.durationMs)]);
  });
  const head = ['verdict', 'step', 'time'];
  const table = steps.length > 0 ? ['', row(head), '| --- | --- | ---: |', ...steps] : [];
  return [`**${signed(jobMark(job, report))} · ${plain(job.name)}**${time}${why}`, ...table];
}

function findingsTable(report: Report): readonly string[] {
  const all = findings(report);
  if (all.length === 0) return [];
  const rows = all.slice(0, MOST_FINDINGS).map((each) => {
    const place = placeOf(each);
    return row([each.level, place ? code(place) : '', plain(messageOf(each))]);
  });
  const more = all.length - rows.length;
  const head = ['level', 'place', 'finding'];
  const rest = more > 0 ? ['', `… and ${more} more`] : [];
  return [`### Findings: ${findingsInWords(all)}`, '', row(head), rule(head), ...rows, ...rest];
}

function artifactLines(report: Report): readonly string[] {
  const all = artifactsInWords(report);
  return all.length === 0 ? [] : ['### Artifacts', '', ...all.map(({ name, what }) => `- ${code(name)}: ${what}`)];
}

function testsLines(report: Report): readonly string[] {
  if (!report.tests || report.tests.total === 0) return [];
  const { named, more } = failuresInWords(report);
  const head = ['failed test', 'place', 'message'];
  const rows = named.map((test) =>
    row([plain(test.name), placeOf(test) ? code(placeOf(test)) : '', plain(test.message)]),
  );
  const table = rows.length > 0 ? ['', row(head), rule(head), ...rows] : [];
  const rest = more > 0 ? ['', `… and ${more} more`] : [];
  const flaky = flakyTestsInWords(report).map(({ name, what }) => `- flaky: ${plain(name)}: ${plain(what)}`);
  return ['### Tests', '', testsInWords(report.tests), ...table, ...rest, ...(flaky.length > 0 ? ['', ...flaky] : [])];
}

/** Markdown as the step wrote it, and last: whatever it leaves open has nothing behind it but its like. */
function summaryLines({ where, markdown }: SummaryOfStep): readonly string[] {
  return [`### Summary: ${plain(where)}`, '', markdown.trim()];
}

function releaseLines(report: Report): readonly string[] {
  return releasesInWords(report).map((release) => {
    const name = [release.environment, release.version]
      .filter((part) => part !== '')
      .map(code)
      .join(' ');
    if (release.isLive) {
      const before = release.previous ? `, before: ${code(release.previous)}` : '';
      return `- **Live** ${name}${release.address ? ` at ${plain(release.address)}` : ''}${before}`;
    }
    const proof = release.isVerified ? ', and it answers' : ', not verified';
    const serving = release.stillServing ? `still serving ${code(release.stillServing)}${proof}` : 'nothing is serving';
    return `- **Not live: ${plain(release.what)}** ${name}${release.why ? `: ${plain(release.why)}` : ''}; ${serving}`;
  });
}

function signed(mark: Mark): string {
  return `${mark.sign} ${mark.word}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function rule(head: readonly string[]): string {
  return row(head.map(() => '---'));
}

/** Text that stays text. A word joiner behind `@` keeps it from becoming a mention. */
function plain(text: string): string {
  return inline(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~#!$]/gu, String.raw`\$&`)
    .replaceAll('@', '@\u2060');
}

function code(text: string): string {
  const clean = inline(text).replaceAll('|', String.raw`\|`);
  const ticks = Math.max(0, ...[...clean.matchAll(/`+/gu)].map(([run]) => run.length)) + 1;
  const fence = '`'.repeat(ticks);
  return ticks > 1 ? `${fence} ${clean} ${fence}` : `${fence}${clean}${fence}`;
}
