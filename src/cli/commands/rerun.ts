// gantry rerun: a further attempt of a run, of all its jobs or of some.
import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { jobId } from '#base/ids.ts';
import type { JobId, RunId } from '#base/ids.ts';
import { attemptOfRun, idOfAttempt } from '#base/run-attempt.ts';
import { Engine } from '#engine/engine.ts';
import { missedJobs, planRerun, withCalledJobs } from '#run/rerun.ts';
import type { LiveRun } from '#run/state.ts';
import type { Stores } from '../compose.ts';
import { driveAgain } from '../drive-again.ts';
import { UsageError } from '../usage-error.ts';
import { findRun, isDriven, loadRun, openProject } from './history.ts';
import { jobsAsked, noSuchJob } from './logs.ts';
import { readSecretsAgain } from './resume.ts';
import type { RunOptions } from '../read-options.ts';

export interface RerunOptions extends Pick<RunOptions, 'secret' | 'secretFile' | 'strict' | 'format' | 'slots'> {
  readonly failed?: boolean;
  readonly job?: string;
}

export async function rerun(given: string | undefined, options: RerunOptions): Promise<number> {
  const { stores, folder } = openProject();
  const run = loadRun(stores, newestAttempt(stores, findRun(stores, given)));
  refuseUnfinished(stores, run);
  const jobs = jobsToRun(run, options);
  refuseLostCommit(run);
  const secrets = readSecretsAgain(run, options);
  const { first, attempt } = attemptOfRun(run.runId);
  const runId = idOfAttempt({ first, attempt: attempt + 1 });
  const actor = userInfo().username;
  const plan = planRerun(run, { attempt: attempt + 1, actor, ...(jobs ? { jobs } : {}) });
  if (plan.dirty || plan.github['sha'] === '')
    process.stderr.write(
      `gantry: ${run.runId} took files as they were, not a commit; this attempt takes them as they are\n`,
    );
  const groups = Object.values(plan.rerun?.kept ?? {});
  const kept = new Set(groups.flatMap((group) => Object.keys(group.jobs).map(jobId)));
  await stores.artifacts.carry(run.runId, runId, kept);
  return driveAgain(plan, {
    runId,
    stores,
    stateFolder: folder,
    secrets,
    options,
    begin: (deps) => Engine.submit(deps, runId, plan),
  });
}

/** As on GitHub, it is the newest attempt that is run again. */
function newestAttempt(stores: Stores, id: RunId): RunId {
  const { first } = attemptOfRun(id);
  return stores.journal.runs(10_000).find((each) => attemptOfRun(each).first === first) ?? id;
}

function refuseUnfinished(stores: Stores, { runId, finished }: LiveRun): void {
  if (finished) return;
  if (isDriven(stores, runId))
    throw new UsageError(
      `run ${runId} still goes on; gantry logs -f ${runId} follows it, gantry cancel ${runId} ends it`,
    );
  throw new UsageError(`run ${runId} was interrupted; gantry resume ${runId} goes on with it`);
}

/** Undefined: all of them. */
function jobsToRun(run: LiveRun, { failed, job }: RerunOptions): ReadonlySet<JobId> | undefined {
  if (job === undefined && !failed) return undefined;
  const asked = jobsAsked(run, job);
  if (job !== undefined && asked.length === 0) throw noSuchJob(run, job);
  const named = withCalledJobs(run, new Set(asked.map(({ instance }) => instance.id)));
  if (!failed) return named;
  const missed = missedJobs(run);
  const both = new Set([...named].filter((id) => missed.has(id)));
  if (both.size > 0) return both;
  const what = job === undefined ? `nothing failed in run ${run.runId}` : `"${job}" did not fail in run ${run.runId}`;
  const all = job === undefined ? `gantry rerun ${run.runId}` : `gantry rerun ${run.runId} --job '${job}'`;
  throw new UsageError(`${what}; ${all} runs ${job === undefined ? 'all of it' : 'it'} again`);
}

/** Better now than in the first checkout. */
function refuseLostCommit({ runId, plan }: LiveRun): void {
  const { sha } = plan.github;
  if (typeof sha !== 'string' || sha === '') return;
  try {
    execFileSync('git', ['cat-file', '-e', `${sha}^{commit}`], { cwd: plan.project, stdio: 'ignore' });
  } catch {
    throw new UsageError(`commit ${sha.slice(0, 12)} of run ${runId} is not in ${plan.project} any more`);
  }
}
