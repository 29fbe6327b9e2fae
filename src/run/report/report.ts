// From the state of a run to what is said about it. Terminal, JSON, Markdown and HTML are made from this record alone,
// so that they cannot disagree.
import type { JsonObject } from '#base/json.ts';
import type { StepDiagnosis } from '../diagnosis.ts';
import type { Annotation, ArtifactFact, Conclusion, FailedTest, FlakyTest, StepResult, TestCounts } from '../events.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { StepMasked } from '../masked.ts';
import { holderKey } from '../line.ts';
import type { Holder } from '../line.ts';
import { jobConclusion, jobVerdict, runLedger, runVerdict } from '../outcome.ts';
import type { StepReuse } from '../reuse/facts.ts';
import { callScope, rootScope } from '../scopes.ts';
import type { RunScope } from '../scopes.ts';
import type { CurrentStep, JobRecord, JobState, LiveRun } from '../state.ts';
import { stepVerdict } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

/** Published as `docs/schemas/report.v1.json`: fields may be added, and never change their meaning within a version. */
export interface Report {
  readonly version: 1;
  readonly run: string;
  /** Of a run that was run again, which of its attempts this is, from 2. */
  readonly attempt?: number;
  /** The attempt before it. */
  readonly rerunOf?: string;
  readonly workflow: string;
  /** The run's own name (`run-name:`). */
  readonly name: string;
  readonly event: string;
  readonly ref: string;
  readonly sha: string;
  readonly finished: boolean;
  /** Null while the run goes on. */
  readonly verdict: Verdict | null;
  readonly conclusion: 'success' | 'failure' | 'cancelled' | null;
  readonly startedAtMs: number;
  readonly durationMs: number | null;
  /** It has not ended, and the process that ran it is gone. */
  readonly interrupted?: ReportInterruption;
  /** Why somebody asked for its end. */
  readonly cancelled?: string;
  /** The newer run of its concurrency group that has taken its place. */
  readonly supersededBy?: string;
  /** It has not begun: its concurrency group is held by another. */
  readonly waitsFor?: ReportWait;
  readonly ledger: readonly LedgerEntry[];
  readonly jobs: readonly ReportJob[];
  /** Null: no step proved anything by tests. */
  readonly tests: ReportTests | null;
  /** What the last `gantry/deploy` step of the run did; each such step carries its own as well. */
  readonly release?: JsonObject;
  /** Of the first step that failed; each such step carries its own as well. */
  readonly diagnosis?: StepDiagnosis;
  /** What each environment answered when it was asked at the end of the run. */
  readonly environments?: readonly ReportEnvironment[];
  /** What its jobs handed on under a name, the oldest first; absent when there never was one. */
  readonly artifacts?: readonly ArtifactFact[];
}

export interface ReportInterruption {
  /** Of its last event. */
  readonly lastHeardAtMs: number;
}

export interface ReportEnvironment {
  readonly environment: string;
  readonly state: 'live' | 'unhealthy' | 'stopped' | 'nothing-deployed';
  readonly version?: string;
  readonly address?: string;
  readonly why?: string;
}

export interface ReportWait {
  readonly group: string;
  /** The run that holds the group, and its job when one does. */
  readonly run: string;
  readonly job?: string;
  /** How many wait in front of it. */
  readonly ahead: number;
}

export interface ReportJob {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly state: JobState['kind'];
  readonly conclusion: Conclusion | null;
  /** Null: it was not run, was cancelled, or has not ended. */
  readonly verdict: Verdict | null;
  readonly why?: string;
  /** The run whose job has taken its place in their concurrency group; may be the same run. */
  readonly supersededBy?: string;
  readonly waitsFor?: ReportWait;
  readonly outputs: Readonly<Record<string, string>>;
  readonly durationMs: number | null;
  readonly workspace?: string;
  /** It was not run again: the attempt that ran it, and has its log. */
  readonly carriedFrom?: string;
  /** Of a job that goes on: what runs at present, in the order in which it began. */
  readonly running?: readonly CurrentStep[];
  readonly steps: readonly ReportStep[];
}

export interface ReportStep {
  readonly index: number;
  readonly id: string | null;
  readonly name: string;
  readonly outcome: Conclusion;
  readonly conclusion: Conclusion;
  /** Null: it was skipped or cancelled. */
  readonly verdict: Verdict | null;
  readonly durationMs: number;
  readonly why?: string;
  readonly exitCode?: number;
  readonly annotations: readonly Annotation[];
  readonly ledger: readonly LedgerEntry[];
  readonly tests?: ReportTests;
  /** Markdown that the step wrote for people: not trusted. */
  readonly summary?: string;
  readonly release?: JsonObject;
  /** What its scripts swallowed, also what does not count, and what could not be recorded. */
  readonly masked?: StepMasked;
  /** Of a step that says what it consumes and produces: restored or not, and why. */
  readonly reuse?: StepReuse;
  /** Why it failed, found out when it did. */
  readonly diagnosis?: StepDiagnosis;
}

/** `passed + failed + skipped = total`. */
export interface ReportTests {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The first of those that failed; absent when none did. */
  readonly failures?: readonly FailedTest[];
  /** The first of those that were flaky; absent when none was. */
  readonly flaky?: readonly FlakyTest[];
}

/** More are counted, and not named. */
const MOST_FAILURES = 50;

/** A run does not know itself that it was interrupted: whoever sees that its process is gone says so. */
export function buildReport(run: LiveRun, interrupted?: ReportInterruption): Report {
  const { plan, finished } = run;
  const wait = waitOf(run, { kind: 'run' });
  const jobs = reportScope(run, rootScope(run));
  const steps = jobs.flatMap((job) => job.steps);
  const release = steps.findLast((step) => step.release)?.release;
  const diagnosis = steps.find((step) => step.diagnosis)?.diagnosis;
  const artifacts = lastArtifacts(run);
  return {
    version: 1,
    run: run.runId,
    ...(plan.rerun && { attempt: Number(plan.github['run_attempt']), rerunOf: plan.rerun.of }),
    workflow: plan.workflowName,
    name: plan.runName,
    event: textOf(plan.github['event_name']),
    ref: textOf(plan.github['ref_name']) || textOf(plan.github['ref']),
    sha: textOf(plan.github['sha']),
    finished: finished !== undefined,
    verdict: finished ? runVerdict(run) : null,
    conclusion: finished ? runConclusion(finished.cancelled, jobs) : null,
    startedAtMs: run.startedAtMs,
    durationMs: finished ? finished.atMs - run.startedAtMs : null,
    ...(interrupted && !finished && { interrupted }),
    ...(run.cancel && { cancelled: run.cancel.reason }),
    ...(run.cancel?.supersededBy && { supersededBy: run.cancel.supersededBy }),
    ...(wait && { waitsFor: wait }),
    ledger: runLedger(run),
    jobs,
    tests: totals(steps),
    ...(release && { release }),
    ...(diagnosis && { diagnosis }),
    ...(artifacts && { artifacts }),
    ...(run.observed.length > 0 && { environments: run.observed.map(reportEnvironment) }),
  };
}

function reportEnvironment(seen: LiveRun['observed'][number]): ReportEnvironment {
  const { environment, state, version, address, why } = seen;
  return { environment, state, ...(version && { version }), ...(address && { address }), ...(why && { why }) };
}

/** As the job that ended last found them: a later one may have replaced or removed what an earlier one made. */
function lastArtifacts(run: LiveRun): readonly ArtifactFact[] | undefined {
  const ended = [...run.jobs.values()].flatMap(({ state }) =>
    state.kind === 'finished' && state.artifacts ? state : [],
  );
  return ended.toSorted((a, b) => a.finishedAtMs - b.finishedAtMs).at(-1)?.artifacts;
}

/** The jobs of a call stand behind the job that called. */
function reportScope(run: LiveRun, scope: RunScope): readonly ReportJob[] {
  return scope.jobs.flatMap(({ job }) => reportKey(run, `${scope.prefix}${job.key}`));
}

/** A key that is not expanded yet stands for itself, so that nothing planned is missing from the report. */
function reportKey(run: LiveRun, key: string): readonly ReportJob[] {
  const group = run.groups.get(key);
  const nothing = { conclusion: null, verdict: null, outputs: {}, durationMs: null, steps: [] };
  if (!group) return [{ id: key, name: key, key, state: 'waiting', ...nothing }];
  return group.ids.flatMap((id) => {
    const record = run.jobs.get(id);
    const inner = callScope(run, id);
    return record ? [reportJob(run, record), ...(inner ? reportScope(run, inner) : [])] : [];
  });
}

/** What a run, or one of its jobs, waits for at present. */
export function waitOf(run: LiveRun, holder: Holder): ReportWait | undefined {
  const place = run.places.get(holderKey(holder));
  if (place?.stage.kind !== 'waiting' || run.finished) return undefined;
  const { behind, ahead } = place.stage;
  const job = behind.holder.kind === 'run' ? {} : { job: behind.holder.jobId };
  return { group: place.group, run: behind.runId, ...job, ahead };
}

function reportJob(run: LiveRun, record: JobRecord): ReportJob {
  const { instance, key, state } = record;
  const wait = waitOf(run, { kind: 'job', jobId: instance.id }) ?? waitOf(run, { kind: 'call', jobId: instance.id });
  const finished = state.kind === 'finished' ? state : undefined;
  const ended = state.kind === 'finished' || state.kind === 'skipped' ? state : undefined;
  const superseded = ended?.conclusion === 'cancelled' ? record.cancel : undefined;
  const why = superseded?.reason ?? ended?.why;
  const workspace = state.kind === 'finished' || state.kind === 'running' ? state.workspace : undefined;
  return {
    id: instance.id,
    name: instance.name,
    key,
    state: state.kind,
    conclusion: jobConclusion(record) ?? null,
    verdict: jobVerdict(record) ?? null,
    ...(why && { why }),
    ...(superseded?.supersededBy && { supersededBy: superseded.supersededBy }),
    ...(wait && { waitsFor: wait }),
    outputs: finished?.outputs ?? {},
    durationMs: finished ? finished.finishedAtMs - finished.startedAtMs : null,
    ...(workspace && { workspace }),
    ...(ended?.carriedFrom && { carriedFrom: ended.carriedFrom }),
    ...(state.kind === 'running' && state.currentSteps.length > 0 && { running: state.currentSteps }),
    steps: 'steps' in state ? state.steps.map(reportStep) : [],
  };
}

/** Also what stands on the terminal while the run goes on is made from this. */
export function reportStep(step: StepResult): ReportStep {
  const ended = step.conclusion === 'success' || step.conclusion === 'failure' || step.refuted;
  return {
    index: step.index,
    id: step.id ?? null,
    name: step.name,
    outcome: step.outcome,
    conclusion: step.conclusion,
    verdict: ended || step.ledger.length > 0 ? stepVerdict(step) : null,
    durationMs: step.durationMs,
    ...(step.why && { why: step.why }),
    ...(step.exitCode !== undefined && { exitCode: step.exitCode }),
    annotations: step.annotations,
    ledger: step.ledger,
    ...(step.tests && { tests: counted(step.tests) }),
    ...(step.summary && { summary: step.summary }),
    ...(step.release && { release: step.release }),
    ...(step.masked && { masked: step.masked }),
    ...(step.reuse && { reuse: step.reuse }),
    ...(step.diagnosis && { diagnosis: step.diagnosis }),
  };
}

function runConclusion(cancelled: boolean, jobs: readonly ReportJob[]): 'success' | 'failure' | 'cancelled' {
  if (cancelled) return 'cancelled';
  // A job whose time was over is cancelled as GitHub says it, and has failed.
  if (jobs.some((job) => job.conclusion === 'failure' || job.verdict === 'failed')) return 'failure';
  return jobs.some((job) => job.conclusion === 'cancelled') ? 'cancelled' : 'success';
}

function totals(steps: readonly ReportStep[]): ReportTests | null {
  const counts = steps.flatMap((step) => step.tests ?? []);
  if (counts.length === 0) return null;
  const sum = (field: 'total' | 'failed' | 'skipped'): number => counts.reduce((all, each) => all + each[field], 0);
  const failures = counts.flatMap((each) => each.failures ?? []).slice(0, MOST_FAILURES);
  const flaky = counts.flatMap((each) => each.flaky ?? []).slice(0, MOST_FAILURES);
  return counted({ total: sum('total'), failed: sum('failed'), skipped: sum('skipped'), failures, flaky });
}

function counted({ total, failed, skipped, failures = [], flaky = [] }: TestCounts): ReportTests {
  const passed = Math.max(0, total - failed - skipped);
  return {
    total,
    passed,
    failed,
    skipped,
    ...(failures.length > 0 && { failures }),
    ...(flaky.length > 0 && { flaky }),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
