// Past and present runs, read from the journal and the logs.
import { suggest } from '#base/suggest.ts';
import { unreachable } from '#base/unreachable.ts';
import { runId } from '#base/ids.ts';
import type { JobId, RunId } from '#base/ids.ts';
import { isAlive } from '#execution/process/process-identity.ts';
import { projectRoot, stateFolder } from '#engine/project.ts';
import { foldEvents } from '#run/evolve.ts';
import { renderHtml } from '#run/report/html.ts';
import { renderMarkdown } from '#run/report/markdown.ts';
import { buildReport } from '#run/report/report.ts';
import { renderText } from '#run/report/text.ts';
import type { Report } from '#run/report/report.ts';
import { runMark, utcMinute, waitInWords } from '#run/report/words.ts';
import type { Paint } from '#run/report/words.ts';
import { inline } from '#run/report/layout.ts';
import type { JobRecord, LiveRun } from '#run/state.ts';
import { formatDuration } from '#base/duration.ts';
import { choosePaint } from '../paint.ts';
import { htmlSummaries, textSummaries } from '../summaries.ts';
import { openStores } from '../compose.ts';
import type { Stores } from '../compose.ts';
import { EXIT, exitCodeOf } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';

const MOST_RUNS = 20;

export interface OpenProject {
  readonly folder: string;
  readonly root: string;
  readonly stores: Stores;
}

export function openProject(): OpenProject {
  const root = projectRoot(process.cwd());
  const folder = stateFolder(root, process.env);
  return { root, folder, stores: openStores(folder) };
}

/** `given` may be the beginning of a run's id; absent means the newest run. */
export function findRun(stores: Stores, given: string | undefined): RunId {
  const ids = stores.journal.runs(10_000);
  const matching =
    given === undefined
      ? ids.slice(0, 1)
      : ids.filter((id) => id === given || id.startsWith(given) || id.endsWith(given));
  const [found, second] = matching;
  if (found === undefined)
    throw new UsageError(
      given === undefined
        ? 'there is no run yet; start one with gantry run'
        : `there is no run ${given}; gantry runs lists them`,
    );
  if (second !== undefined && found !== given)
    throw new UsageError(`${given} fits several runs: ${matching.slice(0, 5).join(', ')}`);
  return found;
}

export function loadRun(stores: Stores, id: RunId): LiveRun {
  const state = foldEvents(stores.journal.read(id, 0).map((entry) => entry.event));
  if (state.kind !== 'live') throw new UsageError(`run ${id} never began`);
  return state;
}

export function runs(options: { readonly format: 'text' | 'json' }): number {
  const { stores } = openProject();
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  const listed = stores.journal
    .runs(MOST_RUNS)
    .map((id) => ({ report: buildReport(loadRun(stores, id)), isDriven: isDriven(stores, id) }));
  if (options.format === 'json') {
    const rows = listed.map(({ report, isDriven: driven }) => ({
      run: report.run,
      workflow: report.workflow,
      verdict: report.verdict,
      finished: report.finished,
      interrupted: !report.finished && !driven,
      ...(report.waitsFor && driven && { waitsFor: report.waitsFor }),
      ...(report.supersededBy && { supersededBy: report.supersededBy }),
      startedAtMs: report.startedAtMs,
      durationMs: report.durationMs,
    }));
    process.stdout.write(`${JSON.stringify({ version: 1, runs: rows }, null, 2)}\n`);
    return EXIT.passed;
  }
  if (listed.length === 0) process.stdout.write('no runs yet; gantry run starts one\n');
  for (const { report, isDriven: driven } of listed) {
    const mark = runMark(report);
    const state = report.finished ? (report.verdict ?? '') : driven ? mark.word : 'interrupted';
    const took = report.durationMs === null ? '' : formatDuration(report.durationMs);
    process.stdout.write(
      `${paint(mark.tone, mark.sign)} ${report.run}  ${state.padEnd(11)}  ${utcMinute(report.startedAtMs)}  ${took.padStart(9)}  ${report.name}${runNote(report, driven, paint)}\n`,
    );
  }
  return EXIT.passed;
}

function runNote(report: Report, driven: boolean, paint: Paint): string {
  if (report.waitsFor && driven) return paint('dim', `  ${waitInWords(report.waitsFor)}`);
  return report.supersededBy === undefined ? '' : paint('dim', `  superseded by run ${report.supersededBy}`);
}

export function isDriven(stores: Stores, id: RunId): boolean {
  const owner = stores.journal.owner(id);
  return owner !== undefined && isAlive(owner);
}

function interrupted(id: RunId): string {
  return `gantry: ${id} was interrupted; gantry resume ${id} goes on with it\n`;
}

export interface ShowOptions {
  readonly format: 'text' | 'json' | 'markdown' | 'html';
}

export async function show(given: string | undefined, options: ShowOptions): Promise<number> {
  const { stores } = openProject();
  const id = findRun(stores, given);
  const report = buildReport(loadRun(stores, id));
  if (!report.finished && !isDriven(stores, id)) process.stderr.write(interrupted(id));
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
        }),
      );
      break;
    default:
      return unreachable(options.format);
  }
  return report.finished ? exitCodeOf(report, false) : EXIT.passed;
}

export interface LogOptions {
  readonly job?: string;
  readonly follow?: boolean;
}

const FOLLOW_EVERY_MS = 200;

/** By id, by the name that the report shows, or by key: all jobs of a matrix. */
function jobsAsked(run: LiveRun, asked: string | undefined): readonly JobRecord[] {
  const wanted = asked?.trim();
  return [...run.jobs.values()].filter(
    ({ instance, key }) => wanted === undefined || [instance.id, instance.name.trim(), key].includes(wanted),
  );
}

function noSuchJob(run: LiveRun, asked: string): UsageError {
  const names = [...run.jobs.values()].map(({ instance }) => instance.name.trim());
  const near = suggest(asked, names);
  const listed =
    names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ');
  return new UsageError(
    `the run has no job "${asked}"; ${near === undefined ? `there are ${listed}` : `did you mean "${near}"?`}`,
  );
}

export async function logs(given: string | undefined, options: LogOptions): Promise<number> {
  const { stores } = openProject();
  const id = findRun(stores, given);
  const cursors = new Map<JobId, number>();
  for (;;) {
    const run = loadRun(stores, id);
    const records = jobsAsked(run, options.job);
    if (options.job !== undefined && records.length === 0 && run.finished) throw noSuchJob(run, options.job);
    for (const { instance } of records) {
      for (const line of stores.logs.read(id, instance.id, { afterSeq: cursors.get(instance.id) ?? 0 })) {
        if (process.stdout.destroyed) return EXIT.passed;
        cursors.set(instance.id, line.seq);
        process.stdout.write(records.length > 1 ? `${instance.id} | ${line.text}\n` : `${line.text}\n`);
      }
    }
    if (!run.finished && !isDriven(stores, id)) process.stderr.write(interrupted(id));
    if (!options.follow || run.finished || !isDriven(stores, id)) {
      if (!run.finished && isDriven(stores, id)) process.stderr.write(runningNow(records));
      return EXIT.passed;
    }
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY_MS));
  }
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

export function cancel(given: string | undefined, options: { readonly force?: boolean } = {}): number {
  const { stores } = openProject();
  const id = findRun(stores, given);
  const run = loadRun(stores, id);
  if (run.finished) throw new UsageError(`run ${id} has finished already`);
  const force = options.force ? { force: true as const } : {};
  stores.journal.append(runId(id), [
    { type: 'run.cancel-requested', v: 1, atMs: Date.now(), reason: 'gantry cancel', ...force },
  ]);
  process.stdout.write(
    isDriven(stores, id)
      ? `${id} is asked to end\n`
      : `${id} was interrupted, and is cancelled now; gantry resume ${id} runs what is due at its end\n`,
  );
  return EXIT.passed;
}
