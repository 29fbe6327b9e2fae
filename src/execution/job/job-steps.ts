// The steps of one job in their order: run, in the background, waited for, cancelled, or restored from an engine that
// died. It tells of each when it begins and ends, and hands on to the job what it set.
import { joinTexts } from '#base/join-texts.ts';
import { unreachable } from '#base/unreachable.ts';
import type { StepResult } from '#run/events.ts';
import { failureInWords, failureOf, withStep } from '#run/failure.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { CancelStep, Step, WaitStep } from '#workflow/model.ts';
import { runStep } from '../step/run-step.ts';
import { stepName } from '../step/step-name.ts';
import { preSummary, readStepFiles, stepOutputs } from '../step/step-files.ts';
import { BackgroundSteps } from './background-steps.ts';
import { controlResult, withInterruption } from './control-result.ts';
import type { JobFrame } from './job-frame.ts';

export class JobSteps {
  readonly #job: JobFrame;
  readonly #background = new BackgroundSteps();
  #lesserStep: string | undefined;
  #evidence: JobOrder['evidence'];

  constructor(job: JobFrame) {
    this.#job = job;
    this.#evidence = job.order.evidence;
  }

  /** The run so far, for the steps that are still to come. */
  get evidence(): JobOrder['evidence'] {
    return this.#evidence;
  }

  /** A step whose own `fallback:` was used. */
  get lesserStep(): string | undefined {
    return this.#lesserStep;
  }

  /** The answer comes when the next step may begin. */
  async take(step: Step): Promise<void> {
    const carried = this.#job.order.carried.find((result) => result.index === step.index);
    if (carried) return this.#restoreStep(step, carried);
    switch (step.kind) {
      case 'run':
      case 'uses': {
        const name = this.#begin(step);
        if (!step.background) return this.#finish(await runStep(step, name, this.#job.stepRun(step)));
        this.#background.start(step.index, async (signal) => {
          const run = this.#job.stepRun(step);
          const raw = await runStep(step, name, { ...run, signal: AbortSignal.any([run.signal, signal]) });
          this.#report(raw);
          return raw;
        });
        return;
      }
      case 'wait':
        return this.#wait(step);
      case 'cancel':
        return this.#cancel(step);
      default:
        return unreachable(step);
    }
  }

  /** What nobody waited for is waited for now, and every failure in the background is the job's in the end. */
  async end(): Promise<void> {
    const { scope } = this.#job;
    this.#settle(await this.#background.wait('all'));
    const [failed] = this.#background.failures();
    if (scope.status === 'success' && failed) scope.end('failure', `a step before it failed: ${failed.name}`);
  }

  #begin(step: Step): string {
    const { masks, hooks, deps } = this.#job;
    const name = masks.redact(this.#nameOf(step));
    hooks.report({ type: 'step.started', v: 1, atMs: deps.now(), index: step.index, name });
    return name;
  }

  /** The names of steps are evaluated as late as the steps are. */
  #nameOf(step: Step): string {
    const { scope } = this.#job.stepRun(step);
    try {
      return scope.evaluate(stepName(step), scope.evaluateAll(step.env, {}));
    } catch {
      return stepName(step);
    }
  }

  #finish(raw: StepResult): void {
    this.#job.scope.addStep(raw);
    this.#takeOver(raw);
    this.#report(raw);
  }

  /** Variables, paths, and what else the job has to know of a step that has ended. */
  #takeOver({ index, name, ledger }: StepResult): void {
    const { scope, folders, order } = this.#job;
    const changes = readStepFiles(folders.private, index);
    for (const [variable, value] of changes.env) scope.setVariable(variable, value);
    for (const folder of changes.paths) scope.addPath(folder);
    const hasFallback = (order.job.steps[index]?.fallback.length ?? 0) > 0;
    if (hasFallback && ledger.some((entry) => entry.what === 'fallback')) this.#lesserStep ??= name;
  }

  #report(raw: StepResult): void {
    const { masks, interrupted, order, log, hooks, deps, folders } = this.#job;
    const summary = joinTexts([masks.redact(preSummary(folders.private, raw.index)), raw.summary]);
    const whole = summary === '' ? raw : { ...raw, summary };
    const result = withInterruption(masks.redactResult(whole), interrupted, order.name);
    const failure = failureOf(order.name, result);
    if (failure && result.conclusion === 'failure') this.#job.blame(`${result.name}: ${failureInWords(failure)}`);
    this.#evidence = withStep(this.#evidence, order.name, result);
    // Facts speak of lines that a reader can find.
    log.flush();
    hooks.report({ type: 'step.finished', v: 1, atMs: deps.now(), result });
  }

  /** Background steps that have been waited for. */
  #settle(results: readonly StepResult[]): void {
    for (const raw of results) {
      this.#job.scope.nameStep(raw);
      this.#takeOver(raw);
    }
  }

  /** A background step counts from here on: its outputs, variables and paths, and by way of the wait its failure. */
  async #wait(step: WaitStep): Promise<void> {
    const startedAtMs = this.#job.deps.now();
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
    this.#finish(controlResult(step, { ...this.#times(startedAtMs), name, outcome, why }, this.#job.scope));
  }

  async #cancel(step: CancelStep): Promise<void> {
    const startedAtMs = this.#job.deps.now();
    const name = this.#begin(step);
    this.#settle(await this.#background.cancel(step.step));
    const ended = { ...this.#times(startedAtMs), name, outcome: 'success', why: '' } as const;
    this.#finish(controlResult(step, ended, this.#job.scope));
  }

  #times(startedAtMs: number): { jobName: string; startedAtMs: number; endedAtMs: number } {
    return { jobName: this.#job.order.name, startedAtMs, endedAtMs: this.#job.deps.now() };
  }

  /** A background step that had ended counts from its wait on, as it would have. */
  async #restoreStep(step: Step, carried: StepResult): Promise<void> {
    if (step.kind === 'wait') this.#settle(await this.#background.wait(step.steps));
    else if (step.kind === 'cancel') this.#settle(await this.#background.cancel(step.step));
    else if (step.background) {
      this.#background.start(step.index, async () => this.#restored(carried));
      return;
    }
    this.#job.scope.addStep(this.#restored(carried));
    this.#takeOver(carried);
  }

  /** What a step of an earlier engine set: its outputs from the journal, its variables from its files. */
  #restored(carried: StepResult): StepResult {
    if (carried.conclusion === 'failure') this.#job.blame(`${carried.name}: ${carried.why ?? 'failed'}`);
    this.#evidence = withStep(this.#evidence, this.#job.order.name, carried);
    const changes = readStepFiles(this.#job.folders.private, carried.index);
    return { ...carried, outputs: stepOutputs(changes) };
  }
}
