// What the steps of a run printed: read once, or for as long as the run goes on.
import { suggest } from '#base/suggest.ts';
import type { JobId, RunId } from '#base/ids.ts';
import { inline } from '#run/report/layout.ts';
import type { JobRecord, LiveRun } from '#run/state.ts';
import type { LogLine } from '#stores/logs/log-store.ts';
import type { Stores } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { chooseSteps, logSteps, whoHasTheLog } from '../log-steps.ts';
import type { LogStep } from '../log-steps.ts';
import { LogText } from '../log-text.ts';
import { choosePaint } from '../paint.ts';
import { UsageError } from '../usage-error.ts';
import { findRun, interrupted, isDriven, loadRun, openProject, reportOf } from './history.ts';

export interface LogOptions {
  readonly job?: string;
  readonly step?: string;
  readonly failed?: boolean;
  readonly follow?: boolean;
  readonly raw?: boolean;
  readonly timestamps?: boolean;
}

const FOLLOW_EVERY_MS = 200;

export async function logs(given: string | undefined, options: LogOptions): Promise<number> {
  const { stores } = openProject();
  const id = findRun(stores, given);
  const reading: Reading = { stores, id, options, isEndless: options.follow === true };
  const hasMore = (): boolean => isDriven(stores, id) && !loadRun(stores, id).finished;
  if (options.raw === true) await readRaw(reading, hasMore);
  else if (reading.isEndless && hasMore()) await followSteps(reading, hasMore);
  else printSteps(reading);
  const run = loadRun(stores, id);
  if (run.finished) return EXIT.passed;
  process.stderr.write(isDriven(stores, id) ? runningNow(jobsAsked(run, options.job)) : interrupted(id));
  return EXIT.passed;
}

interface Reading {
  readonly stores: Stores;
  readonly id: RunId;
  readonly options: LogOptions;
  readonly isEndless: boolean;
}

function openText({ options }: Reading): LogText {
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  return new LogText({
    write: (text) => process.stdout.write(text),
    paint,
    ...(process.stdout.isTTY ? { width: process.stdout.columns } : {}),
    withTimes: options.timestamps === true,
  });
}

/** Job by job and step by step, as the report has them. */
function printSteps(reading: Reading): void {
  const { stores, id, options } = reading;
  const run = loadRun(stores, id);
  const text = openText(reading);
  for (const step of stepsAsked(run, options)) {
    const lines = stores.logs.read(step.runId, step.jobId, { step: step.index })[Symbol.iterator]();
    const first = lines.next();
    if (!step.hasRun && first.done === true) continue;
    text.begin(step);
    for (let line = first; line.done !== true; line = lines.next()) {
      if (process.stdout.destroyed) return;
      text.line(step, line.value);
    }
    text.end(step);
  }
  if (reading.isEndless) text.close(reportOf(stores, id));
  else if (options.failed === true && text.isEmpty) process.stderr.write(`gantry: no step of ${id} has failed\n`);
}

/** As it comes, from all jobs that are asked for: whose a line is stands above it. */
async function followSteps(reading: Reading, hasMore: () => boolean): Promise<void> {
  const { stores, id, options } = reading;
  const text = openText(reading);
  const cursors = new Map<JobId, number>();
  for (let isLast = false; !isLast;) {
    isLast = !hasMore();
    // The state comes first: all that a step has printed stands in the log before it is told that it has ended.
    const run = loadRun(stores, id);
    const steps = stepsAsked(run, options);
    const byPlace = new Map(steps.map((step) => [placeOf(step.jobId, step.index), step]));
    for (const record of jobsAsked(run, options.job)) {
      for (const line of unread(reading, cursors, { run, record })) {
        const step = byPlace.get(placeOf(record.instance.id, line.step));
        if (step) text.line(step, line);
      }
    }
    for (const step of steps) if (step.hasRun && step.result) text.end(step);
    if (process.stdout.destroyed) return;
    if (!isLast) await pause();
  }
  text.close(reportOf(stores, id));
}

/** Nothing but what was printed; with several jobs, whose it is stands before it. */
async function readRaw(reading: Reading, hasMore: () => boolean): Promise<void> {
  const { stores, id, options, isEndless } = reading;
  const cursors = new Map<JobId, number>();
  for (let isLast = false; !isLast;) {
    isLast = !isEndless || !hasMore();
    const run = loadRun(stores, id);
    const chosen = new Set(stepsAsked(run, options).map((step) => placeOf(step.jobId, step.index)));
    const records = jobsAsked(run, options.job);
    for (const record of records) {
      const { instance } = record;
      for (const line of unread(reading, cursors, { run, record })) {
        if (process.stdout.destroyed) return;
        if (!chosen.has(placeOf(instance.id, line.step))) continue;
        const time = options.timestamps === true ? `${new Date(line.atMs).toISOString()} ` : '';
        process.stdout.write(`${records.length > 1 ? `${instance.id} | ` : ''}${time}${line.text}\n`);
      }
    }
    if (!isLast) await pause();
  }
}

function placeOf(jobId: JobId, step: number): string {
  return `${step} ${jobId}`;
}

interface JobOfRun {
  readonly run: LiveRun;
  readonly record: JobRecord;
}

function* unread({ stores }: Reading, cursors: Map<JobId, number>, { run, record }: JobOfRun): Generator<LogLine> {
  const { id } = record.instance;
  for (const line of stores.logs.read(whoHasTheLog(run, record), id, { afterSeq: cursors.get(id) ?? 0 })) {
    cursors.set(id, line.seq);
    yield line;
  }
}

function stepsAsked(run: LiveRun, options: LogOptions): readonly LogStep[] {
  const records = jobsAsked(run, options.job);
  if (options.job !== undefined && records.length === 0 && run.finished) throw noSuchJob(run, options.job);
  const all = records.flatMap((record) => logSteps(run, record));
  const chosen = chooseSteps(all, options);
  if (options.step !== undefined && chosen.length === 0 && options.failed !== true && run.finished)
    throw noSuchStep(all, options.step);
  return chosen;
}

/** By id, by the name that the report shows, or by key: all jobs of a matrix. */
export function jobsAsked(run: LiveRun, asked: string | undefined): readonly JobRecord[] {
  const wanted = asked?.trim();
  return [...run.jobs.values()].filter(
    ({ instance, key }) => wanted === undefined || [instance.id, instance.name.trim(), key].includes(wanted),
  );
}

export function noSuchJob(run: LiveRun, asked: string): UsageError {
  return noSuch(
    'the run has no job',
    asked,
    [...run.jobs.values()].map(({ instance }) => instance.name.trim()),
  );
}

function noSuchStep(all: readonly LogStep[], asked: string): UsageError {
  const names = all.filter((step) => step.index >= 0).map((step) => inline(step.name));
  return noSuch('no job that was asked for has a step', asked, [...new Set(names)]);
}

function noSuch(what: string, asked: string, names: readonly string[]): UsageError {
  const near = suggest(asked, names);
  const listed =
    names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ');
  return new UsageError(
    `${what} "${asked}"; ${near === undefined ? `there are ${listed}` : `did you mean "${near}"?`}`,
  );
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY_MS));
}

/** What the log is silent about: the steps that go on. */
function runningNow(records: readonly JobRecord[]): string {
  return records
    .flatMap(({ instance, state }) =>
      state.kind === 'running' ? state.currentSteps.map((step) => `gantry: ${instance.name} is at ${step.name}`) : [],
    )
    .map((line) => `${inline(line)}\n`)
    .join('');
}
