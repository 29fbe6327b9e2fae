// What every form of the report says in the same words.
import { formatDuration } from '#base/duration.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { isJsonObject } from '#base/json.ts';
import type { Annotation, ArtifactFact, FailedTest } from '../events.ts';
import { flakyInWords } from '../flaky.ts';
import type { Verdict } from '../verdict.ts';
import { count, inline } from './layout.ts';
import type { Report, ReportJob, ReportStep, ReportTests, ReportEnvironment, ReportWait } from './report.ts';

/** Roles of text; each output decides what they look like. */
export type Tone = 'strong' | 'dim' | 'good' | 'warn' | 'unsure' | 'bad' | 'accent';

/** Puts a tone on text. Colour is never the only carrier of a meaning. */
export type Paint = (tone: Tone, text: string) => string;

export const unpainted: Paint = (_tone, text) => text;

export interface Mark {
  readonly sign: string;
  readonly tone: Tone;
  readonly word: string;
}

const MARKS: Readonly<Record<Verdict, Mark>> = {
  passed: { sign: '✓', tone: 'good', word: 'passed' },
  degraded: { sign: '◐', tone: 'warn', word: 'degraded' },
  unknown: { sign: '?', tone: 'unsure', word: 'unknown' },
  failed: { sign: '✗', tone: 'bad', word: 'failed' },
};

const INTERRUPTED: Mark = { sign: '?', tone: 'unsure', word: 'interrupted' };

function verdictMark(verdict: Verdict | null, otherwise: string): Mark {
  return verdict ? MARKS[verdict] : { sign: '–', tone: 'dim', word: otherwise };
}

export function stepMark(step: Pick<ReportStep, 'verdict' | 'conclusion'>): Mark {
  return verdictMark(step.verdict, step.conclusion === 'cancelled' ? 'cancelled' : 'skipped');
}

/** `within`: what the run's being interrupted makes of a job that was running. */
export function jobMark(
  job: Pick<ReportJob, 'verdict' | 'conclusion' | 'state'>,
  within?: Pick<Report, 'interrupted'>,
): Mark {
  if (within?.interrupted && (job.state === 'running' || job.state === 'lost'))
    return { ...INTERRUPTED, word: 'cut off' };
  if (job.state === 'running') return { sign: '·', tone: 'accent', word: 'running' };
  if (job.state === 'waiting' || job.state === 'lost') return { sign: '·', tone: 'dim', word: job.state };
  return verdictMark(job.verdict, job.conclusion === 'cancelled' ? 'cancelled' : 'not run');
}

/** `waits for the concurrency group "deploy", which run r-1 holds; 2 wait in front of it`. */
export function waitInWords(wait: ReportWait): string {
  const holder = wait.job === undefined ? `run ${wait.run}` : `job "${inline(wait.job)}" of run ${wait.run}`;
  const queue = wait.ahead === 0 ? '' : `; ${wait.ahead === 1 ? 'one waits' : `${wait.ahead} wait`} in front of it`;
  return `waits for the concurrency group "${inline(wait.group)}", which ${holder} holds${queue}`;
}

export function runMark(report: Report): Mark {
  if (report.interrupted) return INTERRUPTED;
  if (report.waitsFor) return { sign: '·', tone: 'dim', word: 'waiting' };
  if (!report.finished) return { sign: '·', tone: 'accent', word: 'running' };
  const mark = verdictMark(report.verdict, 'not run');
  return report.conclusion === 'cancelled' ? { ...mark, sign: '–', word: 'cancelled' } : mark;
}

/** `degraded in 12.3 s`, `cancelled after 4.1 s, verdict unknown`. `nowMs`: how long it has been running is told. */
export function verdictInWords(report: Report, nowMs?: number): string {
  const { word } = runMark(report);
  const { startedAtMs, interrupted } = report;
  if (interrupted) {
    const { lastHeardAtMs } = interrupted;
    return `interrupted after ${formatDuration(lastHeardAtMs - startedAtMs)}, last heard of ${utcMinute(lastHeardAtMs)}`;
  }
  if (report.waitsFor) return waitInWords(report.waitsFor);
  if (report.durationMs === null)
    return nowMs === undefined ? 'still running' : `running for ${formatDuration(nowMs - startedAtMs)}`;
  const time = formatDuration(report.durationMs);
  if (report.conclusion !== 'cancelled') return `${word} in ${time}`;
  const by = report.supersededBy === undefined ? '' : `, superseded by run ${report.supersededBy}`;
  return `cancelled after ${time}${by}, verdict ${report.verdict ?? 'none'}`;
}

/** What can be done with a run that is not at its end, a line each. */
export function nextInWords(report: Report): readonly string[] {
  return report.interrupted ? [`The process that ran it is gone: gantry resume ${report.run} goes on with it.`] : [];
}

export function ledgerInWords(report: Report): string {
  if (report.ledger.length === 0) return 'nothing in the ledger';
  return `${count(report.ledger.length, 'entry', 'entries')} in the ledger`;
}

/** `24 tests: 22 passed, 1 failed, 1 skipped`. */
export function testsInWords(tests: ReportTests): string {
  if (tests.total === 0) return 'no tests ran';
  const parts = [`${tests.passed} passed`];
  if (tests.failed > 0) parts.push(`${tests.failed} failed`);
  if (tests.skipped > 0) parts.push(`${tests.skipped} skipped`);
  return `${count(tests.total, 'test')}: ${parts.join(', ')}`;
}

/** What was kept, a line for each. */
export function artifactsInWords(report: Report): readonly { readonly name: string; readonly what: string }[] {
  return (report.artifacts ?? []).map((artifact) => ({ name: artifact.name, what: artifactInWords(artifact) }));
}

/** `3 files, 1.2 MB, until 2027-02-24`. */
export function artifactInWords({
  files,
  bytes,
  expiresAtMs,
}: Pick<ArtifactFact, 'files' | 'bytes' | 'expiresAtMs'>): string {
  const amount = files === undefined ? 'an archive' : count(files, 'file');
  return `${amount}, ${sizeInWords(bytes)}, until ${utcMinute(expiresAtMs).slice(0, 10)}`;
}

/** `812 bytes`, `1.2 MB`. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return count(bytes, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** What started it and from which source, without what is not known. */
export function originInWords(report: Report): readonly string[] {
  const attempt = report.rerunOf === undefined ? '' : `attempt ${report.attempt}, after ${report.rerunOf}`;
  return [report.event, report.ref, report.sha.slice(0, 7), attempt].filter((part) => part !== '');
}

export function placeOf({ file, line, column }: Pick<Annotation, 'file' | 'line' | 'column'>): string {
  if (!file) return '';
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':');
}

/** What a finding says, with its title and with the name that its tool has for it. */
export function messageOf({ title, message, code }: Annotation): string {
  const said = title ? `${title}: ${message}` : message;
  return code ? `${said} (${code})` : said;
}

/** Tests that failed, with their places, and how many more did. */
export function failuresInWords(report: Report): { readonly named: readonly FailedTest[]; readonly more: number } {
  const named = (report.tests?.failures ?? []).map(withPast);
  return { named, more: named.length === 0 ? 0 : (report.tests?.failed ?? 0) - named.length };
}

/** A test that was flaky before may be so again: whoever reads of its failure has to know. */
function withPast(test: FailedTest): FailedTest {
  if (test.flakyBefore === undefined) return test;
  const past = `flaky before, in ${count(test.flakyBefore, 'run')}`;
  return { ...test, message: test.message === '' ? past : `${past}: ${test.message}` };
}

/** Tests that failed and passed, with how that is known. */
export function flakyTestsInWords(report: Report): readonly { readonly name: string; readonly what: string }[] {
  return (report.tests?.flaky ?? []).map((test) => ({ name: test.name, what: flakyInWords(test) }));
}

export interface SummaryOfStep {
  readonly where: string;
  readonly markdown: string;
}

/** What steps wrote for people, in the order of the report. */
export function summariesOf(report: Report): readonly SummaryOfStep[] {
  return report.jobs.flatMap((job) =>
    job.steps.flatMap(({ name, summary }) => (summary ? [{ where: `${job.name} / ${name}`, markdown: summary }] : [])),
  );
}

/** Findings of all steps, the worst first, otherwise in the order they came; failed tests are told of by themselves. */
export function findings(report: Report): readonly Annotation[] {
  const all = report.jobs
    .flatMap((job) => job.steps.flatMap((step) => step.annotations))
    .filter((annotation) => annotation.of !== 'test');
  return LEVELS.flatMap((level) => all.filter((annotation) => annotation.level === level));
}

/** `2 errors, 1 warning`. */
export function findingsInWords(all: readonly Annotation[]): string {
  const amounts = LEVELS.map((level) => [level, all.filter((each) => each.level === level).length] as const);
  return amounts.flatMap(([level, amount]) => (amount > 0 ? [count(amount, level)] : [])).join(', ');
}

export const LEVEL_TONES = { error: 'bad', warning: 'warn', notice: 'accent' } as const;

const LEVELS = ['error', 'warning', 'notice'] as const;

/** What a deploy step says it did, read with care: the record is open, and a newer writer may say more. */
export interface ReleaseWords {
  readonly isLive: boolean;
  /** `live`, `refused`, `rolled back`. */
  readonly what: string;
  readonly environment: string;
  readonly version: string;
  readonly address: string;
  readonly previous: string;
  readonly stillServing: string;
  readonly isVerified: boolean;
  readonly why: string;
}

export function releasesInWords(report: Report): readonly ReleaseWords[] {
  const told = report.jobs.flatMap((job) =>
    job.steps.flatMap((step) => (step.release ? [releaseInWords(step.release)] : [])),
  );
  const isTold = (name: string): boolean => told.some((release) => release.environment === name);
  const untouched = (report.environments ?? []).filter((each) => !isTold(each.environment));
  return [...told, ...untouched.filter((each) => each.state !== 'nothing-deployed').map(environmentInWords)];
}

/** A run that did not get as far as its deployment says what is live all the same. */
function environmentInWords(seen: ReportEnvironment): ReleaseWords {
  const isLive = seen.state === 'live';
  return {
    isLive,
    what: seen.state,
    environment: seen.environment,
    version: seen.version ?? '',
    address: seen.address ?? '',
    previous: 'the same: this run changed nothing, and it answers',
    stillServing: '',
    isVerified: isLive,
    why: seen.why ?? '',
  };
}

function releaseInWords(release: JsonObject): ReleaseWords {
  const kind = scalar(release['kind']);
  return {
    isLive: kind === '' || kind === 'live',
    what: kind === '' ? 'live' : kind.replaceAll('-', ' '),
    environment: scalar(release['environment']),
    version: scalar(release['version']),
    address: scalar(release['address']) || scalar(release['url']),
    previous: scalar(release['previous']),
    stillServing: scalar(release['stillServing']),
    isVerified: release['verified'] === true,
    why: scalar(release['why']),
  };
}

/** A version may stand as itself or in a record of the release. */
function scalar(value: JsonValue | undefined): string {
  if (isJsonObject(value)) return scalar(value['version']);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** `2026-11-23 09:40 UTC`. */
export function utcMinute(atMs: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'UTC',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(atMs);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} UTC`;
}
