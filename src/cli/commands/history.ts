// Runs as the journal holds them: found by what people type, and with what only their process could add.
import { runId } from '#base/ids.ts';
import type { RunId } from '#base/ids.ts';
import { attemptOfRun } from '#base/run-attempt.ts';
import { isAlive } from '#execution/process/process-identity.ts';
import { projectRoot, stateFolder } from '#engine/project.ts';
import { foldEvents } from '#run/evolve.ts';
import type { RunEvent } from '#run/events.ts';
import { buildReport } from '#run/report/report.ts';
import type { Report } from '#run/report/report.ts';
import type { LiveRun } from '#run/state.ts';
import { openStores } from '../compose.ts';
import type { Stores } from '../compose.ts';
import { UsageError } from '../usage-error.ts';

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
  const fits = (id: string, text: string): boolean => id.startsWith(text) || id.endsWith(text);
  const fitting =
    given === undefined
      ? ids.slice(0, 1)
      : ids.filter((id) => id === given || fits(id, given) || fits(attemptOfRun(id).first, given));
  // Of a run that was run again, a part of its id means the newest attempt, and the whole id the first.
  const matching = fitting.filter(
    (id, index) => fitting.findIndex((each) => attemptOfRun(each).first === attemptOfRun(id).first) === index,
  );
  if (given !== undefined && ids.some((id) => id === given)) return runId(given);
  const [found, second] = matching;
  if (found === undefined)
    throw new UsageError(
      given === undefined
        ? 'there is no run yet; start one with gantry run'
        : `there is no run ${given}; gantry runs lists them`,
    );
  if (second !== undefined) throw new UsageError(`${given} fits several runs: ${matching.slice(0, 5).join(', ')}`);
  return found;
}

export function loadRun(stores: Stores, id: RunId): LiveRun {
  const state = foldEvents(stores.journal.read(id, 0).map((entry) => entry.event));
  if (state.kind !== 'live') throw new UsageError(`run ${id} never began`);
  return state;
}

export function isDriven(stores: Stores, id: RunId): boolean {
  const owner = stores.journal.owner(id);
  return owner !== undefined && isAlive(owner);
}

/** With what the run cannot know itself: that its process is gone, and when it was last heard of. */
export function reportOf(stores: Stores, id: RunId): Report {
  const run = loadRun(stores, id);
  if (run.finished || isDriven(stores, id)) return buildReport(run);
  const said = [...run.jobs.values()].flatMap(({ instance, state }) =>
    state.kind === 'running' ? (stores.logs.lastAtMs(id, instance.id) ?? []) : [],
  );
  const facts = stores.journal.read(id, 0).map(({ event }) => toldAtMs(event));
  return buildReport(run, { lastHeardAtMs: Math.max(run.startedAtMs, ...said, ...facts) });
}

/** When the process of the run told this; 0 for what somebody else adds to it. */
function toldAtMs(event: RunEvent): number {
  if (event.type === 'run.cancel-requested' || event.type === 'environment.observed') return 0;
  return event.type === 'job.reported' ? event.delivery.fact.atMs : event.atMs;
}

export function interrupted(id: RunId): string {
  return `gantry: ${id} was interrupted; gantry resume ${id} goes on with it\n`;
}
