// Runs without processes: a real workflow text, driven by `decide` and `evolve`, with whatever results the test wants.
import { jobId, runId, sha256 } from '#base/ids.ts';
import type { JobId } from '#base/ids.ts';
import { decide } from '#run/decide.ts';
import type { Effect } from '#run/decide.ts';
import type { Conclusion, JobFact, RunEvent, StepResult } from '#run/events.ts';
import { evolve } from '#run/evolve.ts';
import { makePlan } from '#run/make-plan.ts';
import { UNBORN } from '#run/state.ts';
import type { LiveRun, RunState } from '#run/state.ts';
import type { Plan } from '#run/plan.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';

export function planOf(jobs: string): Plan {
  const read = readWorkflow('gantry.yml', `on: push\njobs:\n${jobs}`, { actions: [] });
  if (!read.workflow) throw new Error(read.diagnostics.map((each) => `${each.code}: ${each.message}`).join('\n'));
  const github = { event_name: 'push', ref: 'refs/heads/main', ref_name: 'main', sha: '0'.repeat(40) };
  const nothing = { vars: {}, inputs: {}, secretNames: [] };
  return makePlan({ workflow: read.workflow, project: '/p', dirty: false, github, ...nothing, labels: ['linux'] });
}

export interface JobEnd {
  readonly outcome?: Conclusion;
  readonly conclusion?: Conclusion;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly Partial<StepResult>[];
}

/** A run at some moment, with everything that happened up to it. */
export class SimulatedRun {
  readonly events: RunEvent[] = [];
  readonly slots: number;
  #state: RunState = UNBORN;
  #nowMs = 1_000;
  readonly #seq = new Map<JobId, number>();

  constructor(plan: Plan, slots = 10, id = runId('r-1')) {
    this.slots = slots;
    this.add({ type: 'run.created', v: 1, runId: id, atMs: this.#nowMs, plan });
  }

  get state(): LiveRun {
    if (this.#state.kind !== 'live') throw new Error('the run was not created');
    return this.#state;
  }

  get running(): readonly string[] {
    return [...this.state.jobs.values()].filter(({ state }) => state.kind === 'running').map((job) => job.instance.id);
  }

  add(event: RunEvent): void {
    this.events.push(event);
    this.#state = evolve(this.#state, event);
  }

  effects(): readonly Effect[] {
    return decide(this.#state, this.#tick(), { slots: this.slots });
  }

  /** Carries out what follows until nothing does; the ids of the effects, in order. */
  settle(): readonly string[] {
    const ids: string[] = [];
    for (;;) {
      const effects = this.effects().filter((effect) => effect.kind !== 'cancel-job');
      if (effects.length === 0) return ids;
      for (const effect of effects) {
        ids.push(effect.id);
        if (effect.kind === 'append') effect.events.forEach((event) => this.add(event));
        else if (effect.kind === 'dispatch') {
          this.#seq.delete(effect.order.jobId);
          this.add(effect.event);
        }
      }
    }
  }

  report(id: string, ...facts: readonly JobFact[]): void {
    for (const fact of facts) {
      const seq = (this.#seq.get(jobId(id)) ?? 0) + 1;
      this.#seq.set(jobId(id), seq);
      this.add({ type: 'job.reported', v: 1, delivery: { jobId: jobId(id), attempt: this.#attempt(id), seq, fact } });
    }
  }

  start(id: string): void {
    this.report(id, { type: 'job.started', v: 1, atMs: this.#tick(), workspace: `/w/${id}` });
  }

  step(id: string, index: number, result: Partial<StepResult> = {}): void {
    const ended = { outcome: 'success', conclusion: 'success', outputs: {}, ledger: [], annotations: [] } as const;
    this.report(
      id,
      { type: 'step.started', v: 1, atMs: this.#tick(), index, name: `step ${index}` },
      {
        type: 'step.finished',
        v: 1,
        atMs: this.#tick(),
        result: { index, name: `step ${index}`, durationMs: 1, ...ended, ...result },
      },
    );
  }

  /** Brings a running job to its end, and does what follows. */
  finish(id: string, end: JobEnd = {}): readonly string[] {
    for (const [index, result] of (end.steps ?? []).entries()) this.step(id, index, result);
    const outcome = end.outcome ?? 'success';
    this.report(id, {
      type: 'job.finished',
      v: 1,
      atMs: this.#tick(),
      outcome,
      conclusion: end.conclusion ?? outcome,
      outputs: end.outputs ?? {},
      log: { bytes: 0, lines: 0, sha256: sha256('0'.repeat(64)) },
    });
    return this.settle();
  }

  lose(id: string): void {
    const lastSeq = this.#seq.get(jobId(id)) ?? 0;
    const attempt = this.#attempt(id);
    this.add({ type: 'job.lost', v: 1, atMs: this.#tick(), jobId: jobId(id), attempt, lastSeq });
  }

  cancel(reason = 'enough'): void {
    this.add({ type: 'run.cancel-requested', v: 1, atMs: this.#tick(), reason });
  }

  #attempt(id: string): number {
    const state = this.state.jobs.get(jobId(id))?.state;
    return state && 'attempt' in state ? state.attempt : 0;
  }

  #tick(): number {
    return (this.#nowMs += 1);
  }
}
