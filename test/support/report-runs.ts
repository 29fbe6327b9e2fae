// Runs for the tests of reports and reporters, told by their events.
import { jobId, runId, sha256 } from '#base/ids.ts';
import type { Conclusion, JobFact, RunEvent, StepResult } from '#run/events.ts';
import { foldEvents } from '#run/evolve.ts';
import type { Plan } from '#run/plan.ts';
import type { LiveRun } from '#run/state.ts';
import type { Job } from '#workflow/model.ts';

/** 2026-11-23 09:40:12 UTC. */
export const START_MS = 1_795_426_812_000;

export interface JobScript {
  readonly key: string;
  readonly name: string;
  readonly startsAtMs?: number;
  readonly steps?: readonly (Partial<StepResult> & { readonly name: string })[];
  /** Absent: it is still running. */
  readonly ends?: { readonly atMs: number; readonly conclusion: Conclusion; readonly why?: string };
  readonly skipped?: {
    readonly why: string;
    readonly blameless: boolean;
    readonly conclusion: 'skipped' | 'cancelled';
  };
  readonly running?: { readonly name: string; readonly atMs: number };
  readonly waits?: boolean;
  /** Jobs that it needs have not ended, so nobody knows yet what becomes of it. */
  readonly planned?: boolean;
}

export interface RunScript {
  readonly jobs: readonly JobScript[];
  readonly cancel?: string;
  readonly endsAtMs?: number;
}

/** Times are milliseconds after the start. */
export function runEvents(script: RunScript): readonly RunEvent[] {
  const events: RunEvent[] = [
    { type: 'run.created', v: 1, runId: runId('r-20261123-094012-7f3a'), atMs: START_MS, plan: plan(script) },
  ];
  for (const job of script.jobs.filter((each) => !each.planned)) {
    const instances = [{ id: jobId(job.key), name: job.name, index: 0 }];
    const rule = { failFast: true, afterCancel: false };
    events.push({ type: 'job.expanded', v: 1, atMs: START_MS, key: job.key, instances, ...rule });
  }
  for (const job of script.jobs) events.push(...jobEvents(job));
  if (script.cancel) {
    const cancel = { type: 'run.cancel-requested', v: 1, atMs: START_MS + 1_000, reason: script.cancel } as const;
    const end = events.findIndex(
      (event) => event.type === 'job.reported' && event.delivery.fact.type === 'job.finished',
    );
    events.splice(Math.max(1, end), 0, cancel);
  }
  if (script.endsAtMs !== undefined) {
    const cancelled = script.cancel !== undefined;
    events.push({ type: 'run.finished', v: 1, atMs: START_MS + script.endsAtMs, cancelled });
  }
  return events;
}

export function liveRun(script: RunScript): LiveRun {
  const state = foldEvents(runEvents(script));
  if (state.kind !== 'live') throw new Error('the script makes no run');
  return state;
}

function jobEvents(job: JobScript): readonly RunEvent[] {
  const id = jobId(job.key);
  const atMs = START_MS + (job.startsAtMs ?? 0);
  if (job.waits || job.planned) return [];
  if (job.skipped) return [{ type: 'job.skipped', v: 1, atMs, jobId: id, ...job.skipped }];
  const facts: JobFact[] = [{ type: 'job.started', v: 1, atMs, workspace: `/tmp/work/${job.key}` }];
  for (const [index, step] of (job.steps ?? []).entries()) {
    facts.push({ type: 'step.started', v: 1, atMs, index, name: step.name });
    facts.push({ type: 'step.finished', v: 1, atMs, result: stepResult(index, step) });
  }
  if (job.running) {
    const index = job.steps?.length ?? 0;
    facts.push({ type: 'step.started', v: 1, atMs: START_MS + job.running.atMs, index, name: job.running.name });
  }
  if (job.ends) {
    const { conclusion, why } = job.ends;
    const log = { bytes: 100, lines: 4, sha256: sha256('0'.repeat(64)) };
    const end = { atMs: START_MS + job.ends.atMs, outcome: conclusion, conclusion, outputs: {}, log };
    facts.push({ type: 'job.finished', v: 1, ...end, ...(why && { why }) });
  }
  const attempt = 1;
  return [
    { type: 'job.dispatched', v: 1, atMs, jobId: id, attempt, carried: [] },
    ...facts.map((fact, index): RunEvent => {
      return { type: 'job.reported', v: 1, delivery: { jobId: id, attempt, seq: index + 1, fact } };
    }),
  ];
}

function stepResult(index: number, step: Partial<StepResult> & { readonly name: string }): StepResult {
  const ended = { outcome: 'success', conclusion: 'success', durationMs: 1_000 } as const;
  return { index, outputs: {}, ledger: [], annotations: [], ...ended, ...step };
}

function plan(script: RunScript): Plan {
  const github = { event_name: 'push', ref: 'refs/heads/main', ref_name: 'main', sha: '3f2a9c1d5e6b7a8f'.repeat(2) };
  return {
    v: 1,
    workflowFile: 'gantry.yml',
    workflowName: 'Space Intelligence pipeline',
    runName: 'Space Intelligence pipeline',
    project: '/srv/space',
    dirty: false,
    github,
    vars: {},
    inputs: {},
    env: {},
    defaults: {},
    secretNames: [],
    jobs: script.jobs.map((job) => ({ job: plannedJob(job) })),
  };
}

const AT = { line: 1, column: 1, length: 1 };

function plannedJob({ key, steps = [], running }: JobScript): Job {
  const names = [...steps.map((step) => step.name), ...(running ? [running.name, 'the one after it'] : [])];
  return {
    key,
    at: AT,
    needs: [],
    runsOn: { value: 'ubuntu-latest', at: AT },
    env: {},
    defaults: {},
    outputs: {},
    services: {},
    steps: names.map((name, index) => ({
      kind: 'run',
      index,
      at: AT,
      env: {},
      fallback: [],
      name: { value: name, at: AT },
      run: { value: 'true', at: AT },
    })),
  };
}
