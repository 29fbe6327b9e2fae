// The report on a terminal. Columns are aligned over the whole run, and nothing is wider than asked for.
import { formatDuration } from '#base/duration.ts';
import type { StepDiagnosis } from '../diagnosis.ts';
import type { LedgerEntry } from '../ledger.ts';
import { maskedInWords } from '../masked.ts';
import { reuseInWords } from '../reuse/words.ts';
import { count, displayWidth, inline, padTo, truncate, wrap } from './layout.ts';
import type { Report, ReportJob, ReportStep } from './report.ts';
import type { Mark, Paint, ReleaseWords, SummaryOfStep, Tone } from './words.ts';
import {
  diagnosisInWords,
  artifactsInWords,
  failuresInWords,
  findings,
  findingsInWords,
  jobMark,
  jobWhy,
  ledgerInWords,
  stepDownInWords,
  LEVEL_TONES,
  messageOf,
  originInWords,
  placeOf,
  releasesInWords,
  runMark,
  stepMark,
  summariesOf,
  testsInWords,
  verdictInWords,
} from './words.ts';

const MOST_FINDINGS = 10;
/** Of one step. */
const MOST_SUMMARY_LINES = 60;
const MAX_WIDTH = 100;

interface Page {
  readonly paint: Paint;
  readonly width: number;
}

export interface TextOptions {
  /** The terminal's, in columns; more than 100 are not used. */
  readonly width?: number;
  /** Markdown that is not trusted, as lines of at most that many columns, safe to print. Without it there are no summaries. */
  readonly summaryToText?: (markdown: string, width: number, paint: Paint) => readonly string[];
}

/** Ends with the verdict in words and a newline. */
export function renderText(report: Report, paint: Paint, options: TextOptions = {}): string {
  const page = { paint, width: Math.max(40, Math.min(options.width ?? MAX_WIDTH, MAX_WIDTH)) };
  const blocks = [
    titleBlock(report, page),
    ledgerBlock(report, page),
    jobsBlock(report, page),
    findingsBlock(report, page),
    testsBlock(report, page),
    artifactsBlock(report, page),
    ...releasesInWords(report).map((release) => releaseBlock(release, page)),
    ...summariesOf(report).map((each) => summaryBlock(each, options.summaryToText, page)),
    verdictBlock(report, page),
  ];
  return blocks.flatMap((block) => (block.length > 0 ? [...block, ''] : [])).join('\n');
}

function titleBlock(report: Report, page: Page): readonly string[] {
  const title = inline(report.name) || inline(report.workflow);
  const origin = originInWords(report).map(inline);
  if (title !== inline(report.workflow)) origin.unshift(inline(report.workflow));
  const lines = [page.paint('strong', truncate(title, page.width))];
  if (origin.length > 0) lines.push(page.paint('dim', truncate(origin.join(' · '), page.width)));
  return lines;
}

function ledgerBlock(report: Report, page: Page): readonly string[] {
  if (report.ledger.length === 0) return [];
  const title = `${heading(page, 'Ledger')}  ${count(report.ledger.length, 'step')} down from passed`;
  return [title, ...report.ledger.flatMap((entry) => ledgerEntry(entry, page))];
}

function ledgerEntry(entry: LedgerEntry, page: Page): readonly string[] {
  const tone: Tone = entry.what === 'unproven' ? 'unsure' : 'warn';
  const head = `  ${page.paint(tone, padTo(entry.what, 10))}  `;
  const lines = hanging(head, 14, inline(entry.where), page);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['wanted', entry.wanted],
    ['used', entry.used],
    ['why', entry.why],
    ['loss', entry.loss],
    ['until', entry.until],
  ];
  const details = rows.flatMap(([label, value]) => {
    const text = inline(value ?? '');
    return text === '' ? [] : hanging(`${' '.repeat(14)}${page.paint('dim', padTo(label, 6))}  `, 22, text, page);
  });
  return [...lines, ...details];
}

function jobsBlock(report: Report, page: Page): readonly string[] {
  const names = report.jobs.flatMap((job) => [
    displayWidth(inline(job.name)),
    ...[...job.steps, ...(job.running ?? [])].map((step) => displayWidth(inline(step.name)) + 2),
  ]);
  // 4 columns before the name, 2 and 9 behind it for the time.
  const nameWidth = Math.min(Math.max(24, ...names), page.width - 15);
  return [heading(page, 'Jobs'), ...report.jobs.flatMap((job) => jobLines(job, nameWidth, page))];
}

function jobLines(job: ReportJob, nameWidth: number, page: Page): readonly string[] {
  const mark = jobMark(job);
  const name = padTo(truncate(inline(job.name), nameWidth), nameWidth);
  const right = job.durationMs === null ? mark.word : formatDuration(job.durationMs);
  const lines = [`  ${page.paint(mark.tone, mark.sign)} ${page.paint('strong', name)}  ${time(right, page)}`];
  const why = jobWhy(job);
  if (why) lines.push(...remark(why, mark, 4, page));
  return [
    ...lines,
    ...job.steps.flatMap((step) => stepLines(step, nameWidth - 2, page)),
    ...(job.running ?? []).map((step) => runningLine(step.name, nameWidth - 2, page)),
  ];
}

function runningLine(name: string, nameWidth: number, page: Page): string {
  const shown = padTo(truncate(inline(name), nameWidth), nameWidth);
  return `    ${page.paint('accent', '·')} ${shown}  ${time('running', page)}`;
}

function stepLines(step: ReportStep, nameWidth: number, page: Page): readonly string[] {
  const mark = stepMark(step);
  const name = padTo(truncate(inline(step.name), nameWidth), nameWidth);
  const right = step.verdict === null && step.conclusion === 'skipped' ? mark.word : formatDuration(step.durationMs);
  const shown = step.verdict === null ? page.paint('dim', name) : name;
  const lines = [`    ${page.paint(mark.tone, mark.sign)} ${shown}  ${time(right, page)}`];
  if (step.verdict === 'degraded') lines.push(...step.ledger.flatMap((entry) => stepDown(entry, mark, page)));
  if (step.why && step.verdict !== 'passed' && step.verdict !== 'degraded')
    lines.push(...remark(withExitCode(step), mark, 6, page));
  if (step.diagnosis) lines.push(...diagnosisLines(step.diagnosis, page));
  if (step.tests) lines.push(...remark(testsInWords(step.tests), DIM, 6, page));
  for (const said of maskedInWords(step.masked)) lines.push(...remark(said, DIM, 6, page));
  if (step.reuse) lines.push(...remark(reuseInWords(step.reuse), DIM, 6, page));
  return lines;
}

/** The cause stands out. */
function diagnosisLines(diagnosis: StepDiagnosis, page: Page): readonly string[] {
  return diagnosisInWords(diagnosis).flatMap((line, index) => remark(line, index === 0 ? BAD : DIM, 6, page));
}

function stepDown(entry: LedgerEntry, mark: Mark, page: Page): readonly string[] {
  return remark(stepDownInWords(entry), mark, 6, page);
}

function withExitCode(step: ReportStep): string {
  const why = step.why ?? '';
  const isNews = step.exitCode !== undefined && step.exitCode !== 0 && !/\bexit/iu.test(why);
  return isNews ? `${why} (exit code ${step.exitCode})` : why;
}

function findingsBlock(report: Report, page: Page): readonly string[] {
  const all = findings(report);
  if (all.length === 0) return [];
  const shown = all.slice(0, MOST_FINDINGS);
  const places = shown.map((each) => truncate(inline(placeOf(each)), Math.floor(page.width * 0.4)));
  const placeWidth = Math.max(0, ...places.map(displayWidth));
  const lines = shown.flatMap((each, index) => {
    const level = page.paint(LEVEL_TONES[each.level], padTo(each.level, 7));
    const place = placeWidth > 0 ? `${padTo(places[index] ?? '', placeWidth)}  ` : '';
    const message = inline(messageOf(each));
    return hanging(`  ${level}  ${place}`, 11 + displayWidth(place), message, page);
  });
  const more = all.length - shown.length;
  if (more > 0) lines.push(page.paint('dim', `  … and ${more} more`));
  return [`${heading(page, 'Findings')}  ${findingsInWords(all)}`, ...lines];
}

function artifactsBlock(report: Report, page: Page): readonly string[] {
  const all = artifactsInWords(report);
  if (all.length === 0) return [];
  const width = Math.min(Math.max(...all.map(({ name }) => displayWidth(inline(name)))), Math.floor(page.width / 2));
  const lines = all.flatMap(({ name, what }) => {
    const head = `  ${padTo(truncate(inline(name), width), width)}  `;
    return hanging(head, width + 4, what, page);
  });
  return [`${heading(page, 'Artifacts')}  gantry artifacts download NAME --run ${report.run}`, ...lines];
}

function testsBlock(report: Report, page: Page): readonly string[] {
  if (!report.tests) return [];
  const { named, more } = failuresInWords(report);
  const lines = named.flatMap((test) => {
    const place = placeOf(test) === '' ? '' : `  ${inline(placeOf(test))}`;
    const head = `  ${page.paint('bad', '✗')} `;
    return [...hanging(head, 4, `${inline(test.name)}${place}`, page), ...remark(test.message, DIM, 6, page)];
  });
  const rest = more > 0 ? [page.paint('dim', `  … and ${more} more`)] : [];
  return [...hanging(`${heading(page, 'Tests')}  `, 7, testsInWords(report.tests), page), ...lines, ...rest];
}

function summaryBlock(
  { where, markdown }: SummaryOfStep,
  toText: TextOptions['summaryToText'],
  page: Page,
): readonly string[] {
  const lines = toText?.(markdown, page.width - 2, page.paint) ?? [];
  if (lines.length === 0) return [];
  const shown = lines.slice(0, MOST_SUMMARY_LINES).map((line) => (line === '' ? '' : `  ${line}`));
  const more = lines.length - shown.length;
  const rest = more > 0 ? [page.paint('dim', `  … and ${more} more lines: gantry show --format html`)] : [];
  return [...hanging(`${heading(page, 'Summary')}  `, 9, inline(where), page), ...shown, ...rest];
}

function releaseBlock(release: ReleaseWords, page: Page): readonly string[] {
  const name = [inline(release.environment), inline(release.version)].filter((part) => part !== '').join(' ');
  const rows: (readonly [string, string])[] = [];
  if (release.address) rows.push(['address', release.address]);
  if (release.isLive) rows.push(['before', release.previous || 'nothing, this is the first release']);
  else {
    if (release.why) rows.push(['why', release.why]);
    const verified = release.isVerified ? ', and it answers' : ', not verified';
    rows.push(['serving', release.stillServing ? `still ${release.stillServing}${verified}` : 'nothing']);
  }
  const what = release.isLive ? 'Live' : `Not live: ${inline(release.what)}`;
  const head = `${page.paint('strong', page.paint(release.isLive ? 'good' : 'bad', what))}  `;
  return [
    ...hanging(head, displayWidth(what) + 2, name, page),
    ...rows.flatMap(([label, value]) => hanging(`  ${page.paint('dim', padTo(label, 7))}  `, 11, inline(value), page)),
  ];
}

function verdictBlock(report: Report, page: Page): readonly string[] {
  const mark = runMark(report);
  const verdict = page.paint('strong', page.paint(mark.tone, `${mark.sign} ${verdictInWords(report)}`));
  const parts = [verdict, ledgerInWords(report), `run ${report.run}`];
  return [parts.join(page.paint('dim', ' · '))];
}

const BAD: Mark = { sign: '', tone: 'bad', word: '' };
const DIM: Mark = { sign: '', tone: 'dim', word: '' };

function heading(page: Page, text: string): string {
  return page.paint('strong', text);
}

/** Right-aligned, so that tenths stand under tenths. */
function time(text: string, page: Page): string {
  return page.paint('dim', text.padStart(9));
}

function remark(text: string, mark: Mark, indent: number, page: Page): readonly string[] {
  if (inline(text) === '') return [];
  const lines = wrap(inline(text), page.width - indent);
  return lines.map((line) => `${' '.repeat(indent)}${page.paint(mark.tone, line)}`);
}

/** `head` takes `indent` columns; what has no room behind it goes on under it. */
function hanging(head: string, indent: number, text: string, page: Page): string[] {
  const [first = '', ...rest] = wrap(text, page.width - indent);
  return [`${head}${first}`, ...rest.map((line) => `${' '.repeat(indent)}${line}`)];
}
