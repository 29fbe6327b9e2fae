// What a project keeps of its past, and what of it may go. What is shown and what is done come from the same decision.
import { parseDurationMs } from '#base/duration.ts';
import { runId } from '#base/ids.ts';
import type { RunId } from '#base/ids.ts';
import { placesIn, removePlace } from '#execution/job/left-places.ts';
import type { LeftPlace } from '#execution/job/left-places.ts';
import { Removal } from '#execution/job/removal.ts';
import { isAlive, startTicks } from '#execution/process/process-identity.ts';
import { jobVerdict } from '#run/outcome.ts';
import { decideRetention } from '#run/retention.ts';
import type { KnownRun, Retention, RetentionRules } from '#run/retention.ts';
import type { LiveRun } from '#run/state.ts';
import { sizeOfTree } from '#stores/cache/trees.ts';
import { bytesOf } from '../cache-limits.ts';
import { openCache, openFailedScripts, workFolder } from '../compose.ts';
import type { Stores } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { pruneInWords } from '../prune-text.ts';
import type { Pruning } from '../prune-text.ts';
import { UsageError } from '../usage-error.ts';
import { isDriven, loadRun, openProject } from './history.ts';
import { removeRepros } from '../repro/repro-folders.ts';
import type { OpenProject } from './history.ts';

export interface PruneOptions {
  readonly olderThan: string;
  readonly keep: string;
  readonly maxSize?: string;
  readonly apply?: boolean;
  readonly format: 'text' | 'json';
}

export async function prune(options: PruneOptions): Promise<number> {
  const project = openProject();
  const rules = rulesOf(options, Date.now());
  const runs = await knownRuns(project.stores);
  const decisions = decideRetention(runs, rules);
  const plan: Plan = { decisions, places: await placesToRemove(project, decisions, rules) };
  const pruned = options.apply === true ? await carryOut(project, plan) : await preview(project, plan);
  if (options.format === 'json') process.stdout.write(`${JSON.stringify(jsonOf(pruned), null, 2)}\n`);
  else {
    const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
    process.stdout.write(pruneInWords(pruned, paint));
  }
  return EXIT.passed;
}

function rulesOf(options: PruneOptions, nowMs: number): RetentionRules {
  const olderThanMs = parseDurationMs(options.olderThan);
  if (olderThanMs === undefined)
    throw new UsageError(`--older-than is "${options.olderThan}", which is no time such as 30d or 12h`);
  const keep = Number(options.keep);
  if (!Number.isSafeInteger(keep) || keep < 1)
    throw new UsageError(`--keep is "${options.keep}", which is no number above 0`);
  const limit = options.maxSize === undefined ? {} : { maxBytes: bytesOf(options.maxSize, '--max-size') };
  return { nowMs, olderThanMs, keep, ...limit };
}

/** The newest first. */
async function knownRuns(stores: Stores): Promise<readonly KnownRun[]> {
  const ids = stores.journal.runs(Number.MAX_SAFE_INTEGER);
  return Promise.all(ids.map(async (id) => knownRun(stores, loadRun(stores, id))));
}

async function knownRun(stores: Stores, run: LiveRun): Promise<KnownRun> {
  const id = run.runId;
  const artifacts = await stores.artifacts.list(id);
  const goodJobs = [...run.jobs.values()].filter((record) => jobVerdict(record) === 'passed');
  return {
    runId: id,
    workflowFile: run.plan.workflowFile,
    startedAtMs: run.startedAtMs,
    isLive: isDriven(stores, id),
    goodJobs: goodJobs.map(({ instance }) => instance.id),
    ...(artifacts.length > 0 ? { artifactsUntilMs: Math.max(...artifacts.map((each) => each.expiresAtMs)) } : {}),
    bytes: stores.journal.size(id) + stores.logs.size(id),
  };
}

interface SizedPlace extends LeftPlace {
  readonly bytes: number;
}

interface Plan {
  readonly decisions: readonly Retention[];
  readonly places: readonly SizedPlace[];
}

/** Those of runs that go, and old ones of runs that nobody knows any more. */
async function placesToRemove(
  { folder }: OpenProject,
  decisions: readonly Retention[],
  { nowMs, olderThanMs }: RetentionRules,
): Promise<readonly SizedPlace[]> {
  const kept = new Set<string>(decisions.filter(({ kind }) => kind === 'keep').map(({ run }) => run.runId));
  const gone = new Set<string>(decisions.filter(({ kind }) => kind === 'remove').map(({ run }) => run.runId));
  const places = placesIn(workFolder(folder)).filter(
    ({ runId: id, usedAtMs }) => gone.has(id) || (!kept.has(id) && nowMs - usedAtMs > olderThanMs),
  );
  return Promise.all(places.map(async (place) => ({ ...place, bytes: await sizeOfTree(place.root).catch(() => 0) })));
}

async function preview({ stores, folder }: OpenProject, plan: Plan): Promise<Pruning> {
  return {
    isApplied: false,
    ...plan,
    cache: await openCache(folder).tidy({ isTrial: true }),
    artifacts: await stores.artifacts.sweep({ isTrial: true }),
  };
}

async function carryOut({ stores, folder }: OpenProject, { decisions, places }: Plan): Promise<Pruning> {
  const resumed = new Set<RunId>();
  const wasRemoved = new Set<string>();
  for (const { run, kind } of decisions) {
    if (kind !== 'remove') continue;
    // Whoever owns a run may remove it; somebody may have taken it up since it was looked at.
    if (claim(stores, run.runId)) wasRemoved.add(run.runId);
    else resumed.add(run.runId);
  }
  const removal = new Removal(workFolder(folder));
  const removed = places.filter((place) => {
    return !resumed.has(runId(place.runId)) && removePlace(place, removal);
  });
  await removal.settle();
  for (const id of wasRemoved) {
    // The journal last: what was begun and not finished is found again.
    openFailedScripts(folder).remove(runId(id));
    removeRepros(folder, runId(id));
    stores.logs.remove(runId(id));
    stores.journal.remove(runId(id));
  }
  const told = decisions.map((each): Retention =>
    resumed.has(each.run.runId) ? { run: each.run, kind: 'keep', why: 'live' } : each,
  );
  if (wasRemoved.size > 0 && !told.some((each) => each.kind === 'keep' && each.why === 'live'))
    stores.journal.compact();
  return {
    isApplied: true,
    decisions: told,
    places: removed,
    cache: await openCache(folder).tidy(),
    artifacts: await stores.artifacts.sweep(),
  };
}

function claim(stores: Stores, id: RunId): boolean {
  const self = { pid: process.pid, startTicks: startTicks(process.pid) ?? '' };
  return stores.journal.claim(id, self, (owner) => isAlive(owner)) === undefined;
}

function jsonOf({ isApplied, decisions, places, cache, artifacts }: Pruning): object {
  return {
    version: 1,
    applied: isApplied,
    runs: decisions.map((each) => ({
      run: each.run.runId,
      removed: each.kind === 'remove',
      ...(each.kind === 'keep' ? { why: each.why } : {}),
      bytes: each.run.bytes,
    })),
    workspaces: places.map(({ root, bytes }) => ({ folder: root, bytes })),
    cache,
    artifacts: artifacts.map(({ name, runId: of, bytes }) => ({ name, run: of, bytes })),
  };
}
