// The report on a terminal. Columns are aligned over the whole run, and nothing is wider than asked for.
import { formatDuration } from '#base/duration.ts';
import type { LedgerEntry } from '../ledger.ts';
import { count, displayWidth, inline, padTo, truncate, wrap } from './layout.ts';
import { jobWhy, stepRemarks } from './remarks.ts';
import type { Remark } from './remarks.ts';
import type { Report, ReportJob, ReportStep } from './report.ts';
import type { Mark, Paint, ReleaseWords, SummaryOfStep, Tone } from './words.ts';
import {
  artifactsInWords,
  failuresInWords,
  flakyTestsInWords,
  findings,
  findingsInWords,
  jobMark,
  ledgerInWords,
  nextInWords,
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
  readonly nowMs?: number;
}

export interface TextOptions {
  /** The terminal's, in columns; more than 100 are not used. */
  readonly width?: number;
  /** Of a run that goes on, it is told for how long. */
  readonly nowMs?: number;
  /** Markdown that is not trusted, as lines of at most that many columns, safe to print. Without it there are no summaries. */
  readonly summaryToText?: (markdown: string, width: number, paint: Paint) => readonly string[];
}

/** Ends with the verdict in words and a newline. */
export function renderText(report: Report, paint: Paint, options: TextOptions = {}): string {
  const width = Math.max(40, Math.min(options.width ?? MAX_WIDTH, MAX_WIDTH));
  const page = { paint, width, ...(options.nowMs === undefined ? {} : { nowMs: options.nowMs }) };
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
  return [
    ...wrap(title, page.width).map((line) => page.paint('strong', line)),
    ...(origin.length > 0 ? wrap(origin.join(BETWEEN), page.width).map((line) => page.paint('dim', line)) : []),
  ];
}

function ledgerBlock(report: Report, page: Page): readonly string[] {
  if (report.ledger.length === 0) return [];
  const title = `${heading(page, 'Ledger')}  ${count(report.ledger.length, 'step')} down from passed`;
  return [title, ...alike(report.ledger, sameButForPlace).flatMap((entries) => ledgerEntries(entries, page))];
}

function sameButForPlace({ where: _where, ...rest }: LedgerEntry): string {
  return JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Entries that differ in their places only, as those of a matrix do. */
function ledgerEntries(entries: readonly LedgerEntry[], page: Page): readonly string[] {
  const [entry] = entries;
  if (entry === undefined) return [];
  const tone: Tone = entry.what === 'unproven' ? 'unsure' : 'warn';
  const head = `  ${page.paint(tone, padTo(entry.what, 10))}  `;
  const lines = entries.flatMap(({ where }, index) =>
    hanging(index === 0 ? head : ' '.repeat(14), 14, inline(where), page),
  );
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
  return [heading(page, 'Jobs'), ...report.jobs.flatMap((job) => jobLines(job, report, { nameWidth, page }))];
}

interface JobShape {
  readonly nameWidth: number;
  readonly page: Page;
}

function jobLines(job: ReportJob, report: Report, { nameWidth, page }: JobShape): readonly string[] {
  const mark = jobMark(job, report);
  const right = job.durationMs === null ? mark.word : formatDuration(job.durationMs);
  const sign = `  ${page.paint(mark.tone, mark.sign)} `;
  const lines = namedRow(sign, 4, { name: job.name, right, tone: 'strong' }, { nameWidth, page });
  const why = jobWhy(job, report);
  if (why) lines.push(...remark(shortly(why, job, { report, page }), mark, 4, page));
  const running = report.interrupted ? mark : RUNNING;
  return [
    ...lines,
    ...job.steps.flatMap((step, index) => stepLines(step, job.steps[index - 1], { nameWidth: nameWidth - 2, page })),
    ...(job.running ?? []).flatMap((step) => runningLines(step.name, running, { nameWidth: nameWidth - 2, page })),
  ];
}

/** What the ledger told at length is not told again. */
function shortly(
  why: string,
  job: ReportJob,
  { report, page }: { readonly report: Report; readonly page: Page },
): string {
  const isTold = report.ledger.some((entry) => entry.where === job.name && entry.why === why);
  return isTold && displayWidth(inline(why)) > page.width - 4 ? 'the ledger says why' : why;
}

function runningLines(name: string, mark: Mark, { nameWidth, page }: JobShape): readonly string[] {
  const sign = `    ${page.paint(mark.tone, mark.sign)} `;
  return namedRow(sign, 6, { name, right: mark.word, tone: undefined }, { nameWidth, page });
}

interface Row {
  readonly name: string;
  readonly right: string;
  readonly tone: Tone | undefined;
}

/** A name that is wider than its column goes on under itself. */
function namedRow(sign: string, indent: number, { name, right, tone }: Row, { nameWidth, page }: JobShape): string[] {
  const paint = (text: string): string => (tone === undefined ? text : page.paint(tone, text));
  const [first = '', ...rest] = wrap(inline(name), nameWidth);
  return [
    `${sign}${paint(padTo(first, nameWidth))}  ${time(right, page)}`,
    ...rest.map((line) => `${' '.repeat(indent)}${paint(line)}`),
  ];
}

function stepLines(step: ReportStep, before: ReportStep | undefined, { nameWidth, page }: JobShape): readonly string[] {
  const mark = stepMark(step);
  const right = step.verdict === null && step.conclusion === 'skipped' ? mark.word : formatDuration(step.durationMs);
  const sign = `    ${page.paint(mark.tone, mark.sign)} `;
  const tone = step.verdict === null ? 'dim' : undefined;
  const lines = namedRow(sign, 6, { name: step.name, right, tone }, { nameWidth, page });
  // One reason for a row of skipped steps is said at the first of them.
  if (step.conclusion === 'skipped' && before?.conclusion === 'skipped' && step.why === before.why) return lines;
  return [...lines, ...stepRemarks(step).flatMap(({ kind, text }) => remark(text, toneOf(kind, mark), 6, page))];
}

function toneOf(kind: Remark['kind'], mark: Mark): Mark {
  return kind === 'reason' ? mark : kind === 'cause' ? BAD : DIM;
}

function findingsBlock(report: Report, page: Page): readonly string[] {
  const all = findings(report);
  if (all.length === 0) return [];
  const different = alike(all, (each) => JSON.stringify([each.level, placeOf(each), messageOf(each)]));
  const shown = different.slice(0, MOST_FINDINGS).flatMap(([each, ...again]) => {
    return each ? [{ ...each, times: again.length + 1 }] : [];
  });
  const places = shown.map((each) => truncate(inline(placeOf(each)), Math.floor(page.width * 0.4)));
  const placeWidth = Math.max(0, ...places.map(displayWidth));
  const lines = shown.flatMap((each, index) => {
    const level = page.paint(LEVEL_TONES[each.level], padTo(each.level, 7));
    const place = placeWidth > 0 ? `${padTo(places[index] ?? '', placeWidth)}  ` : '';
    const message = `${inline(messageOf(each))}${times(each.times)}`;
    return hanging(`  ${level}  ${place}`, 11 + displayWidth(place), message, page);
  });
  const more = different.length - shown.length;
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
  if (!report.tests || report.tests.total === 0) return [];
  const { named, more } = failuresInWords(report);
  const lines = alike(named, (test) => JSON.stringify(test)).flatMap((tests) => {
    const [test] = tests;
    if (test === undefined) return [];
    const place = placeOf(test) === '' ? '' : `  ${inline(placeOf(test))}`;
    const head = `  ${page.paint('bad', '✗')} `;
    const said = `${inline(test.name)}${place}${times(tests.length)}`;
    return [...hanging(head, 4, said, page), ...remark(test.message, DIM, 6, page)];
  });
  const rest = more > 0 ? [page.paint('dim', `  … and ${more} more`)] : [];
  const flaky = flakyTestsInWords(report).flatMap(({ name, what }) => [
    ...hanging(`  ${page.paint('warn', '◐')} `, 4, `flaky: ${inline(name)}`, page),
    ...remark(what, DIM, 6, page),
  ]);
  const head = hanging(`${heading(page, 'Tests')}  `, 7, testsInWords(report.tests), page);
  return [...head, ...lines, ...rest, ...flaky];
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
  const { tone, sign } = runMark(report);
  const verdict = `${sign} ${inline(verdictInWords(report, page.nowMs))}`;
  const at = report.jobs.flatMap((job) => (job.running ?? []).map((step) => inline(`at ${job.name} / ${step.name}`)));
  const ledger = !report.finished && report.ledger.length === 0 ? [] : [ledgerInWords(report)];
  const rows = joined([verdict, ...(report.interrupted ? [] : at), ...ledger, `run ${report.run}`], page.width);
  return [
    ...rows.map((row, index) => (index === 0 ? withStrongHead(row, tone, page) : row)),
    ...nextInWords(report).flatMap((line) => remark(line, DIM, 2, page)),
  ];
}

function withStrongHead(row: string, tone: Tone, page: Page): string {
  const [head = '', ...rest] = row.split(BETWEEN);
  return [page.paint('strong', page.paint(tone, head)), ...rest].join(page.paint('dim', BETWEEN));
}

const BETWEEN = ' · ';

/** Parts beside each other as far as there is room; only one that has no line to itself is broken. */
function joined(parts: readonly string[], width: number): readonly string[] {
  const rows: string[] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    const longer = `${last}${BETWEEN}${part}`;
    if (last !== undefined && displayWidth(longer) <= width) rows.splice(-1, 1, longer);
    else rows.push(...wrap(part, width - 2).map((line, index) => (rows.length + index === 0 ? line : `  ${line}`)));
  }
  return rows;
}

/** What is the same to a reader, in the order in which the first of each came. */
function alike<T>(all: readonly T[], keyOf: (each: T) => string): readonly (readonly T[])[] {
  return [...Map.groupBy(all, keyOf).values()];
}

function times(amount: number): string {
  return amount > 1 ? ` (${amount} times)` : '';
}

const BAD: Mark = { sign: '', tone: 'bad', word: '' };
const RUNNING: Mark = { sign: '·', tone: 'accent', word: 'running' };
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
