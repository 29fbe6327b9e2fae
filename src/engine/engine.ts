// The imperative shell round `run/`: append facts, ask `decide` what follows, do it, until nothing follows.
import { unreachable } from '#base/unreachable.ts';
import type { JobId, RunId } from '#base/ids.ts';
import type { JobRunner } from '#execution/runner.ts';
import { decide } from '#run/decide.ts';
import type { Effect } from '#run/decide.ts';
import type { RunEvent } from '#run/events.ts';
import { evolve, foldEvents } from '#run/evolve.ts';
import { circleOf } from '#run/line-circle.ts';
import { joinLine, leaveLine, refuseNewcomer, settleLine } from '#run/line.ts';
import type { LineChange, LineView, Newcomer } from '#run/line.ts';
import { waitsOf } from '#run/concurrency.ts';
import type { Plan } from '#run/plan.ts';
import type { LiveRun, RunState } from '#run/state.ts';
import type { Journal, RunOwner } from '#stores/journal/journal.ts';
import { EngineError } from './engine-error.ts';

export interface EngineDeps {
  readonly journal: Journal;
  readonly runner: JobRunner;
  readonly self: RunOwner;
  isAlive(owner: RunOwner): boolean;
  readonly slots: number;
  now(): number;
  /** Told of every state that the journal has reached, in order. */
  readonly watch?: (state: LiveRun) => void;
}

/** How often the journal is asked whether somebody else, such as `gantry cancel`, has added to the run. */
const LISTEN_EVERY_MS = 250;

/** By which a running job is asked to end, and by which it is ended. */
interface RunningJob {
  readonly stop: AbortController;
  readonly force: AbortController;
}

/** Drives one run from its journal. A run that is new and one that was interrupted differ in nothing but their events. */
export class Engine implements Disposable {
  readonly #deps: EngineDeps;
  readonly #runId: RunId;
  #state: RunState;
  #cursor = 0;
  readonly #running = new Map<JobId, RunningJob>();
  readonly #done = Promise.withResolvers<LiveRun>();
  #listener: NodeJS.Timeout | undefined;
  #isStepping = false;

  private constructor(deps: EngineDeps, runId: RunId) {
    this.#deps = deps;
    this.#runId = runId;
    const owner = deps.journal.claim(runId, deps.self, (other) => deps.isAlive(other));
    if (owner) throw new EngineError(`run ${runId} is driven by process ${owner.pid}`);
    const entries = deps.journal.read(runId, 0);
    this.#cursor = entries.at(-1)?.seq ?? 0;
    this.#state = foldEvents(entries.map((entry) => entry.event));
  }

  static submit(deps: EngineDeps, runId: RunId, plan: Plan): Engine {
    deps.journal.append(runId, [{ type: 'run.created', v: 1, runId, atMs: deps.now(), plan }]);
    return new Engine(deps, runId);
  }

  /** Takes up a run whose engine died: what was running is lost, and goes on behind its last finished step. */
  static resume(deps: EngineDeps, runId: RunId): Engine {
    const engine = new Engine(deps, runId);
    engine.#leaveLines();
    engine.#declareLost();
    return engine;
  }

  /** Resolves when the run has finished; rejects when the engine itself is at fault. */
  async finish(): Promise<LiveRun> {
    this.#listener = setInterval(() => this.#listen(), LISTEN_EVERY_MS);
    this.#step();
    const run = await this.#done.promise;
    await this.#deps.runner.settle();
    return run;
  }

  /** Asked again, it is done without regard: also what would go on after a cancellation ends. */
  cancel(reason: string): void {
    const force = this.#state.kind === 'live' && this.#state.cancel ? { force: true as const } : {};
    this.#append([{ type: 'run.cancel-requested', v: 1, atMs: this.#deps.now(), reason, ...force }]);
    this.#step();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#listener);
    this.#deps.journal.release(this.#runId);
  }

  #declareLost(): void {
    if (this.#state.kind !== 'live') return;
    const atMs = this.#deps.now();
    const lost = [...this.#state.jobs.values()].flatMap(({ state, instance }): RunEvent[] => {
      if (state.kind !== 'running') return [];
      const { attempt, nextSeq, currentSteps } = state;
      const [first] = currentSteps;
      const interrupted = first
        ? { interrupted: first.name, interruptedSteps: currentSteps.map((step) => step.index) }
        : {};
      return [{ type: 'job.lost', v: 1, atMs, jobId: instance.id, attempt, lastSeq: nextSeq - 1, ...interrupted }];
    });
    this.#append(lost);
  }

  /** What the dead engine held is not held any more; the run comes to its groups anew. */
  #leaveLines(): void {
    if (this.#state.kind !== 'live') return;
    for (const { group, holder, turn, stage } of this.#state.places.values())
      if (stage.kind === 'held' || stage.kind === 'waiting')
        this.#changeLine(group, (view) => leaveLine(view, { runId: this.#runId, holder, turn }));
    this.#catchUp();
  }

  /** Whoever waits sees to it that a group whose holder died goes on to the next. */
  #settleLines(): void {
    if (this.#state.kind !== 'live') return;
    const groups = new Set(waitsOf(this.#state).map((place) => place.group));
    for (const group of groups) {
      const view = this.#viewOf(group, this.#deps.journal.line(group));
      const { line } = settleLine(view);
      const isSettled = line.length === view.line.length && line.some((entry) => entry.state === 'held');
      if (!isSettled) this.#changeLine(group, settleLine);
    }
  }

  #changeLine(group: string, change: (view: LineView) => ReturnType<typeof settleLine>): void {
    this.#deps.journal.changeLine(group, (line) => change(this.#viewOf(group, line)));
  }

  /** Who would wait for itself, by way of other lines, is not let in. A holder that is to end waits for nothing. */
  #join(view: LineView, newcomer: Newcomer): LineChange {
    const change = joinLine(view, newcomer);
    if (newcomer.cancelInProgress) return change;
    const lines = new Map(this.#deps.journal.lines());
    for (const [name, line] of lines)
      lines.set(
        name,
        line.filter((entry) => view.isDriven(entry.runId)),
      );
    lines.set(view.group.toLowerCase(), change.line);
    const why = circleOf(lines, view.group, newcomer);
    return why === undefined ? change : refuseNewcomer(view, newcomer, why);
  }

  #viewOf(group: string, line: LineView['line']): LineView {
    const deps = this.#deps;
    const isDriven = (runId: RunId): boolean => {
      const owner = deps.journal.owner(runId);
      return owner !== undefined && deps.isAlive(owner);
    };
    return { group, line, isDriven, nowMs: deps.now() };
  }

  #append(events: readonly RunEvent[]): void {
    if (events.length === 0) return;
    this.#deps.journal.append(this.#runId, events);
    this.#catchUp();
  }

  /** The state follows the journal and nothing else, so that what others appended is seen in its place. */
  #catchUp(): void {
    for (const { seq, event } of this.#deps.journal.read(this.#runId, this.#cursor)) {
      this.#cursor = seq;
      this.#state = evolve(this.#state, event);
      if (this.#state.kind === 'live') this.#deps.watch?.(this.#state);
    }
  }

  #listen(): void {
    const before = this.#cursor;
    this.#settleLines();
    this.#catchUp();
    if (this.#cursor !== before) this.#step();
  }

  /** Not re-entrant: a fact that is reported while effects are carried out is seen by the next round of the loop. */
  #step(): void {
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      let effects = this.#decide();
      while (effects.length > 0) {
        for (const effect of effects) this.#carryOut(effect);
        effects = this.#decide();
      }
    } catch (cause) {
      this.#fail(new EngineError(`driving run ${this.#runId}`, { cause }));
    } finally {
      this.#isStepping = false;
    }
    if (this.#state.kind === 'live' && this.#state.finished && this.#running.size === 0)
      this.#done.resolve(this.#state);
  }

  /** A cancellation that was passed on already is not an effect any more. */
  #decide(): readonly Effect[] {
    const effects = decide(this.#state, this.#deps.now(), { slots: this.#deps.slots });
    return effects.filter((effect) => {
      if (effect.kind !== 'cancel-job') return true;
      const job = this.#running.get(effect.jobId);
      return job !== undefined && !(effect.force ? job.force : job.stop).signal.aborted;
    });
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'append':
        return this.#append(effect.events);
      case 'enter-line': {
        const { group, holder, turn, queue, cancelInProgress } = effect;
        const newcomer = { runId: this.#runId, holder, turn, queue, cancelInProgress };
        this.#changeLine(group, (view) => this.#join(view, newcomer));
        return this.#catchUp();
      }
      case 'leave-line': {
        const { group, holder, turn } = effect.place;
        this.#changeLine(group, (view) => leaveLine(view, { runId: this.#runId, holder, turn }));
        return this.#catchUp();
      }
      case 'cancel-job': {
        const job = this.#running.get(effect.jobId);
        job?.stop.abort(new Error(effect.reason));
        if (effect.force) job?.force.abort(new Error(effect.reason));
        return;
      }
      case 'dispatch':
        this.#append([effect.event]);
        return this.#start(effect);
      default:
        return unreachable(effect);
    }
  }

  /** The run stays unfinished in the journal, to be resumed; nothing goes on that nobody would hear of. */
  #fail(error: EngineError): void {
    this.#done.reject(error);
    for (const job of this.#running.values()) job.stop.abort(error);
  }

  #start({ order }: Extract<Effect, { kind: 'dispatch' }>): void {
    const { jobId, attempt } = order;
    const job: RunningJob = { stop: new AbortController(), force: new AbortController() };
    this.#running.set(jobId, job);
    let seq = 0;
    const hooks = {
      signal: job.stop.signal,
      force: job.force.signal,
      report: (fact: Extract<RunEvent, { type: 'job.reported' }>['delivery']['fact']): void => {
        seq++;
        // Gone before its last fact is told, so that the run can be over in the moment when that is read.
        if (fact.type === 'job.finished') this.#running.delete(jobId);
        const before = this.#cursor;
        this.#append([{ type: 'job.reported', v: 1, delivery: { jobId, attempt, seq, fact } }]);
        // What a job is doing changes nothing for the others; its end does, and so may what somebody else has added.
        if (fact.type === 'job.finished' || this.#cursor !== before + 1) this.#step();
      },
    };
    void (async (): Promise<void> => {
      try {
        // The loop goes on first: starting a process takes longer than deciding what else may start.
        await Promise.resolve();
        await this.#deps.runner.run(order, hooks);
      } catch (cause) {
        this.#running.delete(jobId);
        this.#fail(new EngineError(`running job ${jobId}`, { cause }));
      }
    })();
  }
}
