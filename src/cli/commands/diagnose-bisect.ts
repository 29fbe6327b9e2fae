// gantry diagnose RUN --bisect: which commit since the last good run made the job fail.
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunId } from '#base/ids.ts';
import { unreachable } from '#base/unreachable.ts';
import { commitsBetween, copyRepository, filesOf, layOut } from '#diagnosis/bisect/commits.ts';
import type { Commit } from '#diagnosis/bisect/commits.ts';
import { whyNotAgain } from '#diagnosis/bisect/harmless.ts';
import { expectedProbes, nextProbe } from '#diagnosis/bisect/search.ts';
import type { Judgement } from '#diagnosis/bisect/search.ts';
import { withNeeds } from '#run/only-job.ts';
import { count, inline } from '#run/report/layout.ts';
import type { FinishedJob, JobRecord, LiveRun } from '#run/state.ts';
import type { Workflow } from '#workflow/model.ts';
import { replayJob } from '../bisect/replay-job.ts';
import type { Judged, ReplaySetting } from '../bisect/replay-job.ts';
import type { Stores } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { readPipeline } from '../find-workflow.ts';
import { UsageError } from '../usage-error.ts';
import { findRun, loadRun, openProject } from './history.ts';
import { jobsAsked, noSuchJob } from './logs.ts';
import { readSecretsAgain } from './resume.ts';

export interface BisectOptions {
  readonly job?: string;
  readonly secret: readonly string[];
  readonly secretFile?: string;
  readonly format: 'text' | 'json';
}

interface Failure {
  readonly run: LiveRun;
  readonly record: JobRecord;
  readonly step: string;
  readonly sha: string;
}

interface Good {
  readonly runId: RunId;
  readonly sha: string;
}

export async function bisect(given: string | undefined, options: BisectOptions): Promise<number> {
  const { stores } = openProject();
  const run = loadRun(stores, findRun(stores, given));
  const failure = failureOf(run, options.job);
  refuseOutside(
    run.plan.jobs.map(({ job }) => job),
    failure,
  );
  const good = lastGood(stores, failure);
  const commits = await commitsBetween(run.plan.project, good.sha, failure.sha);
  if (!commits.ok)
    throw new UsageError(
      `${commits.error}, so there is nothing to search between run ${good.runId} and run ${run.runId}`,
    );
  const secrets = readSecretsAgain(run, options);
  const scratch = mkdtempSync(join(tmpdir(), 'gantry-bisect-'));
  const search = new Search();
  try {
    const copy = join(scratch, 'repository', 'project');
    const folder = await copyRepository(run.plan.project, copy);
    const { instance, key } = failure.record;
    const setting: ReplaySetting = { plan: run.plan, key, instance, step: failure.step, secrets, folder, scratch };
    const told = await search.run({ setting, copy, failure, good, commits: commits.value });
    return print(told, options.format);
  } finally {
    search[Symbol.dispose]();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function failureOf(run: LiveRun, asked: string | undefined): Failure {
  const { runId, plan, finished } = run;
  if (!finished) throw new UsageError(`run ${runId} has not finished`);
  const records = jobsAsked(run, asked);
  if (asked !== undefined && records.length === 0) throw noSuchJob(run, asked);
  const sha = typeof plan.github['sha'] === 'string' ? plan.github['sha'] : '';
  if (sha === '' || plan.dirty)
    throw new UsageError(`run ${runId} took files as they were, not a commit: there are no commits to search`);
  for (const record of records) {
    const step = failedStep(record.state);
    if (step === undefined) continue;
    if (record.caller !== undefined)
      throw new UsageError(`${record.instance.name} belongs to a called workflow, which cannot be run by itself`);
    return { run, record, step, sha };
  }
  throw new UsageError(
    `no job of run ${runId} failed in a step${asked === undefined ? '' : `, of those named "${asked}"`}`,
  );
}

function failedStep(state: JobRecord['state']): string | undefined {
  if (state.kind !== 'finished' || state.conclusion !== 'failure') return undefined;
  return state.steps.find((step) => step.conclusion === 'failure')?.name;
}

/** The job and all that it needs run on every commit that is tried. */
function refuseOutside(jobs: Workflow['jobs'], { record }: Pick<Failure, 'record'>): void {
  const why = outsideOf(jobs, record.key);
  if (why !== undefined) throw new UsageError(`${why}: it is not run on commits of the past`);
}

function outsideOf(jobs: Workflow['jobs'], key: string): string | undefined {
  const wanted = withNeeds(jobs, key);
  return jobs
    .filter((job) => wanted.has(job.key))
    .map(whyNotAgain)
    .find((why) => why !== undefined);
}

/** The newest before the failed one in which the same job did well. */
function lastGood(stores: Stores, { run, record, sha }: Failure): Good {
  const ids = stores.journal.runs(1_000);
  for (const id of ids.slice(ids.indexOf(run.runId) + 1)) {
    const earlier = loadRun(stores, id);
    const { plan } = earlier;
    const commit = plan.github['sha'];
    if (plan.workflowFile !== run.plan.workflowFile || plan.dirty || typeof commit !== 'string') continue;
    const state = earlier.jobs.get(record.instance.id)?.state;
    if (state?.kind !== 'finished' || !isGood(state)) continue;
    if (commit !== sha) return { runId: id, sha: commit };
    throw new UsageError(
      `${record.instance.name} passed in run ${id} on the same commit, ${sha.slice(0, 12)}: no commit is to blame; gantry rerun --failed ${run.runId} tells whether it fails again`,
    );
  }
  throw new UsageError(
    `there is no earlier run in which ${record.instance.name} passed, so there is nothing to compare with`,
  );
}

function isGood({ conclusion, steps }: FinishedJob): boolean {
  return conclusion === 'success' && steps.every((step) => step.conclusion !== 'failure' && !step.refuted);
}

interface Told {
  readonly run: RunId;
  readonly job: string;
  readonly step: string;
  readonly good: Good;
  /** How often the job was run for it. */
  readonly runs: number;
  readonly end:
    | { readonly kind: 'culprit'; readonly commit: Commit; readonly files: readonly string[] }
    /** One of these: between them none could be judged. */
    | { readonly kind: 'among'; readonly commits: readonly Commit[] }
    /** What is known of both ends does not hold today. */
    | { readonly kind: 'unclear'; readonly why: string };
}

interface SearchSetting {
  readonly setting: ReplaySetting;
  readonly copy: string;
  readonly failure: Failure;
  readonly good: Good;
  readonly commits: readonly Commit[];
}

/** Ctrl-C ends what is running, and the search with it. */
class Search implements Disposable {
  #child: ChildProcess | undefined;
  #isEnded = false;
  #runs = 0;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#isEnded = true;
    this.#child?.kill(signal);
  };

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.#onSignal);
  }

  [Symbol.dispose](): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.#onSignal);
  }

  async run(search: SearchSetting): Promise<Told | 'ended'> {
    const { failure, good, commits } = search;
    const { runId, plan } = failure.run;
    const job = failure.record.instance.name;
    const told = { run: runId, job, step: failure.step, good };
    const unclear = (why: string): Told => ({ ...told, runs: this.#runs, end: { kind: 'unclear', why } });
    const most = expectedProbes(commits.length) + 2;
    say(
      `${count(commits.length, 'commit')} since run ${good.runId}, in which ${job} passed; about ${count(most, 'run')} of it`,
    );
    // Both ends as they are today: what changed may be something else than the commits.
    const first = await this.#judge({ sha: good.sha, subject: 'the last good one' }, search);
    if (this.#isEnded) return 'ended';
    if (first.judgement !== 'good')
      return unclear(
        `its commit does not pass today either (${first.why || first.judgement}), so what changed is not in the commits`,
      );
    const last = commits.at(-1);
    const again = last && (await this.#judge(last, search));
    if (this.#isEnded) return 'ended';
    if (!last || again?.judgement !== 'bad')
      return unclear(
        `the commit that failed does not fail in the same way again (${again?.why || again?.judgement || 'no commits'})`,
      );
    const judged = new Map<number, Judgement>();
    for (;;) {
      const next = nextProbe(commits.length, judged);
      if (next.kind === 'found') {
        const found = next.indexes.flatMap((index) => commits[index] ?? []);
        const [commit, second] = found;
        if (!commit || second) return { ...told, runs: this.#runs, end: { kind: 'among', commits: found } };
        return {
          ...told,
          runs: this.#runs,
          end: { kind: 'culprit', commit, files: await filesOf(plan.project, commit.sha) },
        };
      }
      const commit = commits[next.index];
      if (!commit) return unclear('the search lost its place');
      judged.set(next.index, (await this.#judge(commit, search)).judgement);
      if (this.#isEnded) return 'ended';
    }
  }

  async #judge(
    { sha, subject }: Pick<Commit, 'sha' | 'subject'>,
    { setting, copy, failure }: SearchSetting,
  ): Promise<Judged> {
    const { ref } = setting.plan.github;
    const branch = typeof ref === 'string' && ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : '';
    await layOut(copy, sha, branch);
    const why = await whyNotHere(setting, failure);
    let judged: Judged = { judgement: 'skip', why: why ?? '' };
    if (why === undefined && !this.#isEnded) {
      this.#runs += 1;
      judged = await replayJob(setting, (child) => {
        this.#child = child;
      });
      this.#child = undefined;
    }
    if (!this.#isEnded)
      say(
        `  ${judged.judgement.padEnd(4)}  ${sha.slice(0, 12)}  ${inline(subject)}${judged.why === '' ? '' : `  (${inline(judged.why)})`}`,
      );
    return judged;
  }
}

/** The pipeline of each commit is that commit's own, and may do what today's does not. */
async function whyNotHere({ folder, plan }: ReplaySetting, { record }: Failure): Promise<string | undefined> {
  try {
    const { workflow } = await readPipeline(resolve(folder, plan.workflowFile));
    if (!workflow) return 'its pipeline is not valid';
    if (!workflow.jobs.some((job) => job.key === record.key)) return 'its pipeline has no such job';
    return outsideOf(workflow.jobs, record.key);
  } catch {
    return 'it has no such pipeline';
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print(told: Told | 'ended', format: BisectOptions['format']): number {
  if (told === 'ended') {
    say('gantry: the search was ended; nothing of it is left');
    return EXIT.cancelled;
  }
  const { end, ...rest } = told;
  if (format === 'json') process.stdout.write(`${JSON.stringify({ version: 1, ...rest, ...end }, null, 2)}\n`);
  else process.stdout.write(`${inWords(told).join('\n')}\n`);
  return end.kind === 'culprit' ? EXIT.passed : EXIT.unknown;
}

function inWords({ end, runs, job, step }: Told): readonly string[] {
  const took = `${inline(`${job} / ${step}`)}, ${count(runs, 'run')} of the job`;
  switch (end.kind) {
    case 'culprit':
      return [
        `first bad commit: ${lineOf(end.commit)}`,
        ...end.files.map((file) => `  ${inline(file)}`),
        `found by ${took}`,
      ];
    case 'among':
      return [
        'the first bad commit is one of these, which could not all be judged:',
        ...end.commits.map((commit) => `  ${lineOf(commit)}`),
        `after ${took}`,
      ];
    case 'unclear':
      return [`no commit is to blame: ${inline(end.why)}`, `after ${took}`];
    default:
      return unreachable(end);
  }
}

function lineOf({ sha, author, date, subject }: Commit): string {
  return `${sha.slice(0, 12)}  ${inline(subject)}  (${inline(author)}, ${date.slice(0, 10)})`;
}
