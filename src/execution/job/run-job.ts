// One job on this machine, from an empty workspace to its last fact.
import { join } from 'node:path';
import { Secret } from '#base/secret.ts';
import { unreachable } from '#base/unreachable.ts';
import type { Conclusion, StepResult } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { CancelStep, Step, WaitStep } from '#workflow/model.ts';
import type { LogWriter } from '#stores/logs/log-store.ts';
import { openStepOutput } from '../output/step-output.ts';
import { duePost } from '../step/action-step.ts';
import { runStep } from '../step/run-step.ts';
import { stepName } from '../step/step-name.ts';
import { readStepFiles } from '../step/step-files.ts';
import type { PostStep, StepRun } from '../step/step-run.ts';
import type { JobRunner, RunnerHooks } from '../runner.ts';
import type { HostRunnerDeps } from './host-runner-deps.ts';
import { BackgroundSteps } from './background-steps.ts';
import { controlResult, withInterruption } from './control-result.ts';
import { JobScope, UnusableTemplate } from './job-scope.ts';
import { runPost, runPreOf } from './pre-and-post.ts';
import { endLeftProcesses, endNotedProcesses, noteProcess } from './job-processes.ts';
import { secretsOf } from './call-secrets.ts';
import { writeEventFile } from './event-file.ts';
import { jobOutputs } from './job-outputs.ts';
import { timeLimitMs, toleratesFailure } from './job-settings.ts';
import { BARE, enterSurroundings } from './surroundings.ts';
import { createMasks } from './masks.ts';
import type { Masks } from './masks.ts';
import { openPromptLog } from './prompt-log.ts';
import { claimFolders, releaseFolders } from './workspace.ts';
import type { JobFolders } from './workspace.ts';

/** As on GitHub: what still runs after a cancellation has five minutes. */
const AFTER_CANCEL_MS = 5 * 60_000;

export function createHostRunner(deps: HostRunnerDeps): JobRunner {
  return { run: (order, hooks) => new HostJob(order, hooks, deps).run() };
}

class HostJob {
  readonly #order: JobOrder;
  readonly #hooks: RunnerHooks;
  readonly #deps: HostRunnerDeps;
  readonly #folders: JobFolders;
  readonly #log: LogWriter;
  readonly #masks: Masks;
  readonly #scope: JobScope;
  readonly #posts: PostStep[] = [];
  /** Aborted by the caller or by the job's own time limit. */
  readonly #stop = new AbortController();
  readonly #background = new BackgroundSteps();
  /** Steps that ran when an earlier engine died. */
  readonly #interrupted: readonly number[];
  /** Why the secrets that a call hands over cannot be made. */
  readonly #secretProblem: string | undefined;
  #surroundings = BARE;
  #failure: string | undefined;
  /** A step whose own `fallback:` was used. */
  #lesserStep: string | undefined;

  constructor(order: JobOrder, hooks: RunnerHooks, deps: HostRunnerDeps) {
    this.#order = order;
    this.#hooks = hooks;
    this.#deps = deps;
    // Journals from before there were background steps name the one step only, the first that is not carried over.
    this.#interrupted = order.interruptedSteps ?? (order.interrupted === undefined ? [] : [order.carried.length]);
    this.#folders = claimFolders(deps.workRoot, order, order.attempt > 1);
    this.#log = openPromptLog(deps.logs.open(order.runId, order.jobId));
    const secrets = secretsOf(order, deps.secrets);
    this.#secretProblem = secrets.ok ? undefined : secrets.error;
    const given = secrets.ok ? secrets.value : new Map<string, Secret>();
    const masked = [...deps.secrets.values(), ...given.values()];
    this.#masks = createMasks(join(this.#folders.private, 'masks'), masked);
    this.#scope = new JobScope({ order, folders: this.#folders, machine: deps.machine, secrets: given });
  }

  async run(): Promise<void> {
    const { order, hooks, deps } = { order: this.#order, hooks: this.#hooks, deps: this.#deps };
    hooks.report({ type: 'job.started', v: 1, atMs: deps.now(), workspace: this.#folders.workspace });
    await this.#endOrphans();
    const onAbort = (): void => this.#cancel('cancelled');
    if (hooks.signal.aborted) onAbort();
    else hooks.signal.addEventListener('abort', onAbort, { once: true });
    const limitMs = timeLimitMs(this.#order.job, this.#scope);
    const timer = setTimeout(() => this.#timeOut(limitMs), Math.min(limitMs, 2 ** 31 - 1));
    try {
      this.#setEnvironment();
      this.#scope.setVariable('GITHUB_EVENT_PATH', writeEventFile(order, this.#folders.temporary));
      await this.#setUp();
      await this.#runPres();
      for (const step of order.job.steps) await this.#takeStep(step);
      await this.#endBackground();
      await this.#runPosts();
    } finally {
      await this.#surroundings.end();
      clearTimeout(timer);
      hooks.signal.removeEventListener('abort', onAbort);
    }
    await endLeftProcesses(order);
    this.#finish();
  }

  /** The steps that an engine left running when it died must not go on beside their own repetition. */
  async #endOrphans(): Promise<void> {
    if (this.#order.attempt === 1) return;
    await endNotedProcesses(this.#folders.private);
    await endLeftProcesses(this.#order);
    for (const index of this.#interrupted) this.#note(index, 'the engine ended here; the job goes on from this step');
  }

  /** An `env:` that the values of this run make unusable is the job's failure, not the engine's. */
  #setEnvironment(): void {
    try {
      if (this.#secretProblem !== undefined) throw new UnusableTemplate(this.#secretProblem);
      this.#scope.setTemplates();
    } catch (cause) {
      if (!(cause instanceof UnusableTemplate)) throw cause;
      this.#scope.status = 'failure';
      this.#failure = `its env: ${cause.message}`;
      this.#note(0, this.#failure);
    }
  }

  async #setUp(): Promise<void> {
    this.#surroundings = await enterSurroundings({
      order: this.#order,
      folders: this.#folders,
      machine: this.#deps.machine,
      scope: this.#scope,
      signal: this.#stop.signal,
      findEngine: this.#deps.findEngine,
      tell: (text) => this.#note(0, text),
      output: this.#stepRun({ index: 0 }).openOutput(0),
    });
    this.#failure ??= this.#surroundings.problem;
  }

  async #takeStep(step: Step): Promise<void> {
    const carried = this.#order.carried.find((result) => result.index === step.index);
    if (carried) return this.#restoreStep(step, carried);
    switch (step.kind) {
      case 'run':
      case 'uses': {
        const name = this.#begin(step);
        if (!step.background) return this.#finishStep(await runStep(step, name, this.#stepRun(step)));
        this.#background.start(step.index, async (signal) => {
          const raw = await runStep(step, name, { ...this.#stepRun(step), signal: this.#alsoStoppedBy(signal) });
          this.#reportStep(raw);
          return raw;
        });
        return;
      }
      case 'wait':
        return this.#wait(step);
      case 'cancel':
        return this.#cancelStep(step);
      default:
        return unreachable(step);
    }
  }

  #begin(step: Step): string {
    const name = this.#masks.redact(this.#nameOf(step));
    this.#hooks.report({ type: 'step.started', v: 1, atMs: this.#deps.now(), index: step.index, name });
    return name;
  }

  #finishStep(raw: StepResult): void {
    this.#scope.addStep(raw);
    this.#takeOver(raw);
    this.#reportStep(raw);
  }

  /** Variables, paths, and what else the job has to know of a step that has ended. */
  #takeOver(raw: StepResult): void {
    this.#apply(raw.index);
    this.#noteFallback(raw);
  }

  #reportStep(raw: StepResult): void {
    const result = withInterruption(this.#masks.redactResult(raw), this.#interrupted, this.#order.name);
    if (result.conclusion === 'failure') this.#failure ??= `${result.name}: ${result.why ?? 'failed'}`;
    // Facts speak of lines that a reader can find.
    this.#log.flush();
    this.#hooks.report({ type: 'step.finished', v: 1, atMs: this.#deps.now(), result });
  }

  /** Background steps that have been waited for. */
  #settle(results: readonly StepResult[]): void {
    for (const raw of results) {
      this.#scope.nameStep(raw);
      this.#takeOver(raw);
    }
  }

  /** A background step that had ended counts from its wait on, as it would have. */
  async #restoreStep(step: Step, carried: StepResult): Promise<void> {
    if (step.kind === 'wait') this.#settle(await this.#background.wait(step.steps));
    else if (step.kind === 'cancel') this.#settle(await this.#background.cancel(step.step));
    else if (step.background) {
      this.#background.start(step.index, async () => this.#restored(carried));
      return this.#duePost(step, carried);
    }
    return this.#restore(step, carried);
  }

  /** A background step counts from here on: its outputs, variables and paths, and by way of the wait its failure. */
  async #wait(step: WaitStep): Promise<void> {
    const startedAtMs = this.#deps.now();
    const name = this.#begin(step);
    const before = step.steps === 'all' ? [] : this.#background.known(step.steps);
    const ended = await this.#background.wait(step.steps);
    this.#settle(ended);
    const failed = [...before, ...ended].filter((result) => result.conclusion === 'failure');
    const cancelled = ended.some(
      (result) => result.conclusion === 'cancelled' && !this.#background.wasCancelled(result),
    );
    const why = failed.map((result) => `"${result.name}" failed: ${result.why ?? 'no reason given'}`).join('; ');
    const outcome = failed.length > 0 ? 'failure' : cancelled ? 'cancelled' : 'success';
    this.#finishStep(controlResult(step, { ...this.#times(startedAtMs), name, outcome, why }, this.#scope));
  }

  async #cancelStep(step: CancelStep): Promise<void> {
    const startedAtMs = this.#deps.now();
    const name = this.#begin(step);
    this.#settle(await this.#background.cancel(step.step));
    const ended = { ...this.#times(startedAtMs), name, outcome: 'success', why: '' } as const;
    this.#finishStep(controlResult(step, ended, this.#scope));
  }

  #times(startedAtMs: number): { jobName: string; startedAtMs: number; endedAtMs: number } {
    return { jobName: this.#order.name, startedAtMs, endedAtMs: this.#deps.now() };
  }

  /** What nobody waited for is waited for now, and every failure in the background is the job's in the end. */
  async #endBackground(): Promise<void> {
    this.#settle(await this.#background.wait('all'));
    if (this.#scope.status === 'success' && this.#background.failures().length > 0) this.#scope.status = 'failure';
  }

  #alsoStoppedBy(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([this.#signalNow(), signal]);
  }

  /** The names of steps are evaluated as late as the steps are. */
  #nameOf(step: Step): string {
    try {
      return this.#scope.evaluate(stepName(step));
    } catch {
      return stepName(step);
    }
  }

  #stepRun(step: { readonly index: number; readonly advisory?: unknown }): StepRun {
    const { deps, masks } = { deps: this.#deps, masks: this.#masks };
    return {
      order: this.#order,
      folders: this.#folders,
      scope: this.#scope,
      actions: deps.actions,
      repositories: deps.repositories,
      depth: 0,
      ...(this.#order.source ? { source: this.#order.source } : {}),
      runStep,
      signal: this.#signalNow(),
      start: this.#surroundings.start,
      containers: { ...this.#surroundings, findEngine: deps.findEngine, machine: deps.machine },
      now: () => deps.now(),
      random: () => deps.random(),
      openOutput: (index, files) => {
        const output = openStepOutput({
          step: index,
          log: this.#log,
          masks,
          now: () => deps.now(),
          collectFindings: step.advisory !== undefined,
          workspace: this.#folders.workspace,
          files: files ?? join(this.#folders.private, `step-${index}`),
        });
        deps.onLine?.(this.#order.jobId, () => output.lastLine());
        return output;
      },
      noteProcess: (pid) => noteProcess(this.#folders.private, step.index, pid),
      redact: (text) => masks.redact(text),
      mask: (value) => {
        masks.add(value);
        return new Secret(value);
      },
      addPost: (post) => this.#posts.push(post),
    };
  }

  /** After a cancellation, what still runs has a clock of its own. */
  #signalNow(): AbortSignal {
    return this.#stop.signal.aborted ? AbortSignal.timeout(AFTER_CANCEL_MS) : this.#stop.signal;
  }

  /** Actions may have something to do before the job's first step. Those of a failed fetch say so in their own step. */
  async #runPres(): Promise<void> {
    for (const step of this.#order.job.steps) {
      if (step.kind !== 'uses' || step.uses.value.startsWith('./') || this.#order.attempt > 1) continue;
      const why = await runPreOf(step, this.#stepRun(step), this.#scope);
      if (why === undefined) continue;
      this.#scope.status = 'failure';
      this.#failure ??= `Pre ${step.uses.value}: ${why}`;
      this.#note(step.index, this.#failure);
    }
  }

  async #runPosts(): Promise<void> {
    for (const post of this.#posts.toReversed()) {
      const why = await runPost(post, this.#stepRun({ index: post.index }), {
        scope: this.#scope,
        lesserStep: this.#lesserStep,
        note: (text) => this.#note(post.index, text),
      });
      if (why === undefined || this.#scope.status === 'cancelled') continue;
      this.#scope.status = 'failure';
      this.#failure ??= `${post.name}: ${why}`;
    }
  }

  /** What a step of an earlier engine set: its outputs from the journal, its variables from its files. */
  async #restore(step: Step, carried: StepResult): Promise<void> {
    this.#scope.addStep(this.#restored(carried));
    this.#takeOver(carried);
    return this.#duePost(step, carried);
  }

  #restored(carried: StepResult): StepResult {
    if (carried.conclusion === 'failure') this.#failure ??= `${carried.name}: ${carried.why ?? 'failed'}`;
    const changes = readStepFiles(this.#folders.private, carried.index);
    return changes.ok ? { ...carried, outputs: Object.fromEntries(changes.value.outputs) } : carried;
  }

  async #duePost(step: Step, { index, outcome }: StepResult): Promise<void> {
    if (step.kind !== 'uses' || outcome !== 'success') return;
    const files = { folder: join(this.#folders.private, `step-${index}`), variables: {} };
    const stepEnv = this.#scope.evaluateAll(step.env, {});
    await duePost({ step, index, stepEnv, files, timeoutMs: undefined }, this.#stepRun(step));
  }

  #noteFallback(result: StepResult): void {
    const hasFallback = (this.#order.job.steps[result.index]?.fallback.length ?? 0) > 0;
    if (hasFallback && result.ledger.some((entry) => entry.what === 'fallback')) this.#lesserStep ??= result.name;
  }

  #apply(index: number): void {
    const changes = readStepFiles(this.#folders.private, index);
    if (!changes.ok) return;
    for (const [name, value] of changes.value.env) this.#scope.setVariable(name, value);
    for (const folder of changes.value.paths) this.#scope.addPath(folder);
  }

  #finish(): void {
    const outcome: Conclusion = this.#scope.status;
    const conclusion = outcome === 'failure' && toleratesFailure(this.#order.job, this.#scope) ? 'success' : outcome;
    const outputs = jobOutputs(this.#order.job, {
      scope: this.#scope,
      masks: this.#masks,
      note: (text) => this.#note(0, text),
    });
    const why = outcome === 'success' ? undefined : (this.#failure ?? 'cancelled');
    const log = this.#log.end();
    this.#hooks.report({
      type: 'job.finished',
      v: 1,
      atMs: this.#deps.now(),
      outcome,
      conclusion,
      outputs,
      ...(this.#surroundings.ledger.length === 0 ? {} : { ledger: this.#surroundings.ledger }),
      ...(why === undefined ? {} : { why: this.#masks.redact(why) }),
      log,
    });
    // Only now: until the journal has the outputs, a resumed job reads them from these folders.
    releaseFolders(this.#folders, outcome === 'failure');
  }

  #cancel(why: string): void {
    this.#scope.status = 'cancelled';
    this.#failure ??= why;
    this.#stop.abort();
  }

  /** On GitHub a job that takes too long is cancelled, and the run has failed by it. */
  #timeOut(limitMs: number): void {
    this.#failure = `timed out after ${Math.round(limitMs / 600) / 100} minutes`;
    this.#scope.status = 'failure';
    this.#stop.abort();
  }

  #note(step: number, text: string): void {
    const bytes = Buffer.from(`gantry: ${this.#masks.redact(text)}\n`);
    const lines = bytes.filter((byte) => byte === 10).length;
    this.#log.append({ step, stream: 'engine', atMs: this.#deps.now(), lines, bytes });
  }
}
