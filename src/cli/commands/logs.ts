import { suggest } from '#base/suggest.ts';
import type { JobId } from '#base/ids.ts';
import { inline } from '#run/report/layout.ts';
import type { JobRecord, LiveRun } from '#run/state.ts';
import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';
import { findRun, interrupted, isDriven, loadRun, openProject } from './history.ts';

export interface LogOptions {
  readonly job?: string;
  readonly follow?: boolean;
}

const FOLLOW_EVERY_MS = 200;

/** By id, by the name that the report shows, or by key: all jobs of a matrix. */
export function jobsAsked(run: LiveRun, asked: string | undefined): readonly JobRecord[] {
  const wanted = asked?.trim();
  return [...run.jobs.values()].filter(
    ({ instance, key }) => wanted === undefined || [instance.id, instance.name.trim(), key].includes(wanted),
  );
}

export function noSuchJob(run: LiveRun, asked: string): UsageError {
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
    for (const { instance, state } of records) {
      const ran = state.kind === 'finished' ? (state.carriedFrom ?? id) : id;
      for (const line of stores.logs.read(ran, instance.id, { afterSeq: cursors.get(instance.id) ?? 0 })) {
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
