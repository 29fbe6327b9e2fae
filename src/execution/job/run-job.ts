// One job on this machine, from an empty workspace to its last fact.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '#base/secret.ts';
import type { Conclusion, StepResult } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';
import { evaluateValue } from '#workflow/expressions.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import type { LogStore, LogWriter } from '#stores/logs/log-store.ts';
import type { NativeAction } from '../actions/native-action.ts';
import type { RepositoryStore } from '../actions/repository-store.ts';
import { openStepOutput } from '../output/step-output.ts';
import { killGroup, startTicks } from '../process/process-identity.ts';
import { duePost } from '../step/action-step.ts';
import { runStep } from '../step/run-step.ts';
import { stepName } from '../step/step-name.ts';
import { readStepFiles } from '../step/step-files.ts';
import type { PostStep, StepRun } from '../step/step-run.ts';
import type { JobRunner, RunnerHooks } from '../runner.ts';
import { JobScope, UnusableTemplate } from './job-scope.ts';
import { endProcessesWith } from './step-processes.ts';
import { createMasks } from './masks.ts';
import type { Masks } from './masks.ts';
import { rememberedPosts, rememberPost, runPosts, withPost } from './post-steps.ts';
import { runPres } from './pre-steps.ts';
import { openPromptLog } from './prompt-log.ts';
import { claimFolders, releaseFolders } from './workspace.ts';
import type { JobFolders } from './workspace.ts';

export interface HostRunnerDeps {
  readonly logs: LogStore;
  readonly workRoot: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly secrets: ReadonlyMap<string, Secret>;
  /** By name, in lower case. */
  readonly actions: Readonly<Record<string, NativeAction>>;
  readonly repositories: RepositoryStore;
  readonly now: () => number;
  readonly random: () => number;
  /** The newest line of a job's log, for whoever watches. */
  readonly onLine?: (jobId: string, line: () => string) => void;
}

/** GitHub's default. */
const DEFAULT_TIMEOUT_MINUTES = 360;
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
  #posts: readonly PostStep[] = [];
  /** Aborted by the caller or by the job's own time limit. */
  readonly #stop = new AbortController();
  #failure: string | undefined;
  /** A step whose own `fallback:` was used. */
  #lesserStep: string | undefined;

  constructor(order: JobOrder, hooks: RunnerHooks, deps: HostRunnerDeps) {
    this.#order = order;
    this.#hooks = hooks;
    this.#deps = deps;
    this.#folders = claimFolders(deps.workRoot, order, order.attempt > 1);
    this.#log = openPromptLog(deps.logs.open(order.runId, order.jobId));
    this.#masks = createMasks(join(this.#folders.private, 'masks'), [...deps.secrets.values()]);
    this.#scope = new JobScope({ order, folders: this.#folders, machine: deps.machine, secrets: deps.secrets });
  }

  async run(): Promise<void> {
    const { order, hooks, deps } = { order: this.#order, hooks: this.#hooks, deps: this.#deps };
    hooks.report({ type: 'job.started', v: 1, atMs: deps.now(), workspace: this.#folders.workspace });
    await this.#endOrphan();
    const onAbort = (): void => this.#cancel('cancelled');
    if (hooks.signal.aborted) onAbort();
    else hooks.signal.addEventListener('abort', onAbort, { once: true });
    const limitMs = this.#timeoutMs();
    const timer = setTimeout(() => this.#timeOut(limitMs), Math.min(limitMs, 2 ** 31 - 1));
    try {
      this.#setEnvironment();
      this.#writeEventFile();
      this.#posts = rememberedPosts(this.#folders.private);
      await this.#runPres();
      for (const carried of order.carried) this.#restore(carried);
      for (const step of order.job.steps.slice(order.carried.length)) {
        if (step.kind === 'run' || step.kind === 'uses') await this.#runStep(step);
      }
      await this.#runPosts();
    } finally {
      clearTimeout(timer);
      hooks.signal.removeEventListener('abort', onAbort);
    }
    this.#finish();
  }

  /** An `env:` that the values of this run make unusable is the job's failure, not the engine's. */
  #setEnvironment(): void {
    try {
      this.#scope.setTemplates();
    } catch (cause) {
      if (!(cause instanceof UnusableTemplate)) throw cause;
      this.#scope.status = 'failure';
      this.#failure = `its env: ${cause.message}`;
      this.#note(0, this.#failure);
    }
  }

  async #runStep(step: RunStep | UsesStep): Promise<void> {
    const { now } = this.#deps;
    const name = this.#masks.redact(this.#nameOf(step));
    this.#hooks.report({ type: 'step.started', v: 1, atMs: now(), index: step.index, name });
    const raw = await runStep(step, name, this.#stepRun(step));
    this.#scope.addStep(raw);
    this.#apply(step.index);
    this.#noteFallback(raw);
    const result = this.#withInterruption(this.#masks.redactResult(raw));
    if (result.conclusion === 'failure') this.#failure ??= `${name}: ${result.why ?? 'failed'}`;
    // Facts speak of lines that a reader can find.
    this.#log.flush();
    this.#hooks.report({ type: 'step.finished', v: 1, atMs: now(), result });
  }

  /** The names of steps are evaluated as late as the steps are. */
  #nameOf(step: RunStep | UsesStep): string {
    try {
      return this.#scope.evaluate(stepName(step));
    } catch {
      return stepName(step);
    }
  }

  #withInterruption(result: StepResult): StepResult {
    if (
      this.#order.interrupted === undefined ||
      result.index !== this.#order.carried.length ||
      result.outcome === 'skipped'
    )
      return result;
    const where = `${this.#order.name} / ${result.name}`;
    const why = 'the engine ended while the step was running, so the step was run again from its start';
    return {
      ...result,
      ledger: [...result.ledger, { what: 'retry', where, wanted: 'one uninterrupted run', used: 'a second run', why }],
    };
  }

  #stepRun(step: { readonly index: number; readonly advisory?: unknown }): StepRun {
    const { deps, masks } = { deps: this.#deps, masks: this.#masks };
    return {
      order: this.#order,
      folders: this.#folders,
      scope: this.#scope,
      actions: deps.actions,
      signal: this.#signalNow(),
      now: () => deps.now(),
      random: () => deps.random(),
      repositories: deps.repositories,
      where: this.#order.name,
      siblings: this.#order.job.steps,
      depth: 0,
      path: String(step.index),
      stepIndex: step.index,
      home: { kind: 'project' },
      jobPrivate: this.#folders.private,
      runStep,
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
      noteProcess: (pid) => this.#noteProcess(pid),
      redact: (text) => masks.redact(text),
      mask: (value) => {
        masks.add(value);
        return new Secret(value);
      },
      addPost: (post) => {
        this.#posts = withPost(this.#posts, post);
        rememberPost(this.#folders.private, post);
      },
    };
  }

  /** After a cancellation, what still runs has a clock of its own. */
  #signalNow(): AbortSignal {
    return this.#stop.signal.aborted ? AbortSignal.timeout(AFTER_CANCEL_MS) : this.#stop.signal;
  }

  async #runPres(): Promise<void> {
    await runPres(this.#order.job.steps, {
      scope: this.#scope,
      stepRun: (index) => this.#stepRun({ index }),
      fail: (why) => this.#fail(why),
    });
  }

  async #runPosts(): Promise<void> {
    await runPosts({
      posts: this.#posts,
      lesserStep: this.#lesserStep,
      stepRun: (index) => this.#stepRun({ index }),
      note: (index, text) => this.#note(index, text),
      fail: (why) => this.#fail(why),
    });
  }

  /** By something that is no step. */
  #fail(why: string): void {
    if (this.#scope.status === 'success') this.#scope.status = 'failure';
    this.#failure ??= why;
    this.#note(0, why);
  }

  /** What a step of an earlier engine set: its outputs from the journal, its variables from its files. */
  #restore(carried: StepResult): void {
    const changes = readStepFiles(this.#folders.private, carried.index);
    const outputs = changes.ok ? Object.fromEntries(changes.value.outputs) : carried.outputs;
    this.#scope.addStep({ ...carried, outputs });
    this.#apply(carried.index);
    this.#noteFallback(carried);
    if (carried.conclusion === 'failure') this.#failure ??= `${carried.name}: ${carried.why ?? 'failed'}`;
    const step = this.#order.job.steps[carried.index];
    if (step?.kind !== 'uses' || carried.outcome !== 'success') return;
    const files = { folder: join(this.#folders.private, `step-${carried.index}`), variables: {} };
    duePost({ step, index: carried.index, stepEnv: this.#scope.evaluateAll(step.env, {}), files }, this.#stepRun(step));
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
    const conclusion = outcome === 'failure' && this.#continuesOnError() ? 'success' : outcome;
    const outputs = this.#outputs();
    const why = outcome === 'success' ? undefined : (this.#failure ?? 'cancelled');
    const log = this.#log.end();
    this.#hooks.report({
      type: 'job.finished',
      v: 1,
      atMs: this.#deps.now(),
      outcome,
      conclusion,
      outputs,
      ...(why === undefined ? {} : { why: this.#masks.redact(why) }),
      log,
    });
    // Only now: until the journal has the outputs, a resumed job reads them from these folders.
    releaseFolders(this.#folders, outcome === 'failure');
  }

  /** As on GitHub, an output that holds a secret is not passed on. */
  #outputs(): Record<string, string> {
    const outputs: Record<string, string> = {};
    for (const [name, template] of Object.entries(this.#order.job.outputs)) {
      try {
        const value = this.#scope.evaluate(template.value);
        if (this.#masks.redact(value) === value) outputs[name] = value;
        else this.#note(0, `output "${name}" is not passed on, because it holds a secret`);
      } catch (cause) {
        if (!(cause instanceof UnusableTemplate)) throw cause;
        this.#note(0, `output "${name}": ${cause.message}`);
      }
    }
    return outputs;
  }

  #continuesOnError(): boolean {
    const written = this.#order.job.continueOnError?.value;
    if (written === undefined || typeof written === 'boolean') return written === true;
    const value = evaluateValue(written, this.#scope.scope());
    return value.ok && (value.value === true || value.value === 'true');
  }

  #timeoutMs(): number {
    const written = this.#order.job.timeoutMinutes?.value ?? DEFAULT_TIMEOUT_MINUTES;
    const evaluated = typeof written === 'number' ? written : evaluateValue(written, this.#scope.scope());
    const minutes = typeof evaluated === 'number' ? evaluated : evaluated.ok ? Number(evaluated.value) : NaN;
    return (Number.isFinite(minutes) && minutes > 0 ? minutes : DEFAULT_TIMEOUT_MINUTES) * 60_000;
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

  #writeEventFile(): void {
    const github = this.#order.contexts['github'];
    const event =
      typeof github === 'object' && github !== null && !Array.isArray(github) && 'event' in github
        ? github['event']
        : {};
    const file = join(this.#folders.temporary, 'event.json');
    writeFileSync(file, JSON.stringify(event ?? {}));
    this.#scope.setVariable('GITHUB_EVENT_PATH', file);
  }

  #noteProcess(pid: number | undefined): void {
    const file = join(this.#folders.private, 'process');
    if (pid === undefined) rmSync(file, { force: true });
    else writeFileSync(file, `${pid} ${startTicks(pid) ?? ''}`);
  }

  /** The step that an engine left running when it died must not go on beside its own repetition. */
  async #endOrphan(): Promise<void> {
    if (this.#order.attempt === 1) return;
    const file = join(this.#folders.private, 'process');
    const [pid = '', ticks = ''] = existsSync(file) ? readFileSync(file, 'utf8').split(' ') : [];
    if (ticks !== '') await killGroup(Number(pid), ticks);
    const index = this.#order.carried.length;
    // The step's own, and those of steps within its action. Read as latin1, so written as that too: a path may hold any letters.
    const output = Buffer.from(join(this.#folders.private, `step-${index}`, '/')).toString('latin1');
    await endProcessesWith('GITHUB_OUTPUT', output);
    rmSync(file, { force: true });
    if (this.#order.interrupted !== undefined)
      this.#note(index, 'the engine ended here; the job goes on from this step');
  }
}
