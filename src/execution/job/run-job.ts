// One job on this machine, from an empty workspace to its last fact.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '#base/secret.ts';
import type { StepDiagnosis } from '#run/diagnosis.ts';
import type { Conclusion, PauseAnswer } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';
import { OF_THE_JOB } from '#stores/logs/log-store.ts';
import { toHost } from '../container/container-paths.ts';
import { oomKills } from '../process/oom-kills.ts';
import { openMatcherRegistry } from '../output/matcher-registry.ts';
import type { MatcherRegistry } from '../output/matcher-registry.ts';
import { openStepOutput } from '../output/step-output.ts';
import { actionNames } from '../step/action-names.ts';
import { preFolder } from '../step/step-files.ts';
import type { PausedStep } from '../step/pause-step.ts';
import { runStep } from '../step/run-step.ts';
import { createRuntimeServices } from '../runtime-services/runtime-services.ts';
import type { RuntimeServices } from '../runtime-services/runtime-services.ts';
import type { EndedStep, StepRun } from '../step/step-run.ts';
import type { JobRunner, RunnerHooks } from '../runner.ts';
import type { ExplainStep, HostRunnerDeps, PauseJobStep } from './host-runner-deps.ts';
import type { JobFrame } from './job-frame.ts';
import { JobScope, UnusableTemplate } from './job-scope.ts';
import { JobSteps } from './job-steps.ts';
import { JobHooks } from './job-hooks.ts';
import { endNotedProcesses, JobProcesses, noteProcess } from './job-processes.ts';
import { secretsOf } from './call-secrets.ts';
import { writeEventFile } from './event-file.ts';
import { artifactsAtEnd } from './artifacts-at-end.ts';
import { jobOutputs } from './job-outputs.ts';
import { cancelLimitMs, timeLimitMs, toleratesFailure } from './job-settings.ts';
import { BARE, enterSurroundings } from './surroundings.ts';
import { createMasks } from './masks.ts';
import { openPromptLog } from './prompt-log.ts';
import { Removal } from './removal.ts';
import { makeWorkRoot } from './work-root.ts';
import { LONGEST_TIMER_MS, TimeLimit } from './time-limit.ts';
import { claimFolders, releaseFolders } from './workspace.ts';

export function createHostRunner(deps: HostRunnerDeps): JobRunner {
  makeWorkRoot(deps.workRoot);
  const removal = new Removal(deps.workRoot);
  return {
    run: (order, hooks) => new HostJob(order, hooks, { ...deps, removal }).run(),
    settle: () => removal.settle(),
  };
}

interface JobDeps extends HostRunnerDeps {
  readonly removal: Removal;
}

class HostJob {
  readonly #job: JobFrame;
  readonly #steps: JobSteps;
  readonly #hooks: JobHooks;
  readonly #actionNames: readonly string[];
  /** Aborted by the caller or by the job's own time limit. */
  readonly #stop = new AbortController();
  /** Why the secrets that a call hands over cannot be made. */
  readonly #secretProblem: string | undefined;
  readonly #matchers: MatcherRegistry;
  readonly #services: RuntimeServices;
  readonly #oomKillsBefore = oomKills();
  readonly #processes: JobProcesses;
  readonly #removal: Removal;
  #surroundings = BARE;
  #failure: string | undefined;
  #timedOut = false;
  #limit: TimeLimit | undefined;
  /** From the moment in which the job was stopped; it ends what goes on too long after that. */
  #afterStop: AbortSignal | undefined;

  constructor(order: JobOrder, hooks: RunnerHooks, { removal, ...deps }: JobDeps) {
    this.#removal = removal;
    // Before anything of it can have started one.
    this.#processes = new JobProcesses(order);
    const folders = claimFolders(deps, order, order.attempt > 1);
    const secrets = secretsOf(order, deps.secrets);
    this.#secretProblem = secrets.ok ? undefined : secrets.error;
    const given = secrets.ok ? secrets.value : new Map<string, Secret>();
    const masked = [...deps.secrets.values(), ...given.values()];
    this.#job = {
      order,
      hooks,
      deps,
      folders,
      log: openPromptLog(deps.logs.open(order.runId, order.jobId)),
      masks: createMasks(join(folders.private, 'masks'), masked),
      scope: new JobScope({ order, folders, machine: deps.machine, secrets: given }),
      // Journals from before there were background steps name the one step only, the first that is not carried over.
      interrupted: order.interruptedSteps ?? (order.interrupted === undefined ? [] : [order.carried.length]),
      stepRun: (step) => this.#stepRun(step),
      note: (step, text) => this.#note(step, text),
      blame: (why) => {
        this.#failure ??= why;
      },
    };
    this.#matchers = openMatcherRegistry(join(folders.private, 'problem-matchers.json'));
    this.#steps = new JobSteps(this.#job);
    this.#hooks = new JobHooks(this.#job);
    const mask = (value: string): void => this.#job.masks.add(value);
    this.#services = createRuntimeServices({ ...this.#job, mask });
    this.#actionNames = actionNames(order.job.steps);
  }

  async run(): Promise<void> {
    const { order, hooks, deps, folders, scope } = this.#job;
    hooks.report({ type: 'job.started', v: 1, atMs: deps.now(), workspace: folders.workspace });
    await this.#endOrphans();
    const onAbort = (): void => this.#cancel(whyAborted(hooks.signal));
    if (hooks.signal.aborted) onAbort();
    else hooks.signal.addEventListener('abort', onAbort, { once: true });
    const limitMs = timeLimitMs(order.job, scope);
    using limit = new TimeLimit({ limitMs, onOver: () => this.#timeOut(limitMs), now: () => deps.now() });
    this.#limit = limit;
    try {
      this.#setEnvironment();
      scope.setEventFile(writeEventFile(order, folders.temporary));
      await this.#setUp();
      await this.#hooks.runPres();
      for (const step of order.job.steps) await this.#steps.take(step);
      await this.#steps.end();
      await this.#hooks.runPosts(this.#steps.lesserStep);
    } finally {
      await this.#surroundings.end();
      await this.#services.end();
      limit[Symbol.dispose]();
      hooks.signal.removeEventListener('abort', onAbort);
    }
    await this.#processes.endLeft();
    await this.#finish();
  }

  /** The steps that an engine left running when it died must not go on beside their own repetition. */
  async #endOrphans(): Promise<void> {
    const { order, folders, interrupted } = this.#job;
    if (order.attempt === 1) return;
    await endNotedProcesses(folders);
    await this.#processes.endLeft();
    for (const index of interrupted) this.#note(index, 'the engine ended here; the job goes on from this step');
  }

  /** An `env:` that the values of this run make unusable is the job's failure, not the engine's. */
  #setEnvironment(): void {
    const { scope } = this.#job;
    try {
      if (this.#secretProblem !== undefined) throw new UnusableTemplate(this.#secretProblem);
      scope.setTemplates();
    } catch (cause) {
      if (!(cause instanceof UnusableTemplate)) throw cause;
      this.#failure = `its env: ${cause.message}`;
      scope.end('failure', `the job's env: cannot be made`);
      this.#note(OF_THE_JOB, this.#failure);
    }
  }

  async #setUp(): Promise<void> {
    const { order, folders, deps, scope } = this.#job;
    // What services say may be commands, whose files would lie there; nobody reads them.
    if (Object.keys(order.job.services).length > 0)
      mkdirSync(join(folders.private, `step-${OF_THE_JOB}`), { recursive: true });
    this.#surroundings = await enterSurroundings({
      order,
      folders,
      machine: deps.machine,
      scope,
      signal: this.#stop.signal,
      findEngine: deps.findEngine,
      tell: (text) => this.#note(OF_THE_JOB, text),
      output: this.#stepRun({ index: OF_THE_JOB }).openOutput(OF_THE_JOB),
    });
    this.#failure ??= this.#surroundings.problem;
  }

  #stepRun(step: { readonly index: number; readonly advisory?: unknown }): StepRun {
    const { order, folders, scope, deps, masks, log, hooks } = this.#job;
    return {
      order: { ...order, evidence: this.#steps.evidence },
      folders,
      scope: scope.ofStep(this.#actionNames[step.index] ?? ''),
      actions: deps.actions,
      repositories: deps.repositories,
      services: this.#services,
      reuse: { store: deps.reuse, digests: deps.digests, isForced: order.noReuse === true },
      testHistory: deps.testHistory,
      keepFailedScript: (failed) => deps.failedScripts.keep(failed),
      replayMostMs: deps.replayMostMs,
      areProcessesLeft: () => this.#processes.areLeft(),
      ...(deps.pause ? { pause: async (paused) => this.#pause(deps.pause, paused) } : {}),
      around: [],
      preFolder: preFolder(folders.private),
      ...(order.source ? { source: order.source } : {}),
      runStep,
      signal: this.#signalNow(),
      force: hooks.force,
      start: (spec) => this.#surroundings.start({ ...spec, force: hooks.force }),
      containers: { ...this.#surroundings, findEngine: deps.findEngine, machine: deps.machine },
      ...(deps.explain ? { explain: async (ended) => this.#explain(deps.explain, ended) } : {}),
      now: () => deps.now(),
      random: () => deps.random(),
      matchers: this.#matchers,
      openOutput: (index, { files = join(folders.private, `step-${index}`), env = {} } = {}) => {
        const output = openStepOutput({
          step: index,
          log,
          masks,
          files,
          env,
          matchers: this.#matchers,
          isDebug: scope.isDebug,
          now: () => deps.now(),
          collectFindings: step.advisory !== undefined,
          workspace: folders.workspace,
          toHost: (path) => toHost(this.#surroundings.mounts, path),
        });
        deps.onLine?.(order.jobId, () => output.lastLine());
        return output;
      },
      noteProcess: (pid) => {
        this.#processes.saw(pid);
        noteProcess(folders, step.index, pid);
      },
      redact: (text) => masks.redact(text),
      mask: (value) => {
        masks.add(value);
        return new Secret(value);
      },
      addPost: (post) => this.#hooks.addPost(post),
    };
  }

  /** What somebody looks at takes no time of the job's. */
  async #pause(pause: PauseJobStep | undefined, paused: PausedStep): Promise<PauseAnswer> {
    const { order, hooks, deps, log } = this.#job;
    const { index, why } = paused;
    using held = new DisposableStack();
    if (this.#limit) held.use(this.#limit.hold());
    log.flush();
    hooks.report({ type: 'step.paused', v: 1, atMs: deps.now(), index, why });
    const answer = (await pause?.({ ...paused, runId: order.runId, jobId: order.jobId, job: order.name })) ?? 'go-on';
    hooks.report({ type: 'step.continued', v: 1, atMs: deps.now(), index, answer });
    return answer;
  }

  async #explain(explain: ExplainStep | undefined, ended: EndedStep): Promise<StepDiagnosis | undefined> {
    const { order, folders, log } = this.#job;
    log.flush();
    const { env, ran, ...failed } = ended;
    const folder = ran?.folder ?? folders.workspace;
    // The group of a container is as old as the container.
    const oomKillsBefore = this.#surroundings.mounts.length > 0 ? 0 : this.#oomKillsBefore;
    const place = {
      folder,
      env,
      start: this.#surroundings.start,
      signal: this.#signalNow(),
      ...(oomKillsBefore === undefined ? {} : { oomKillsBefore }),
    };
    const script = ran ? { script: ran.script } : {};
    try {
      return await explain?.({ ...failed, ...script, runId: order.runId, jobId: order.jobId, place });
    } catch (cause) {
      // The step has failed, and the job goes on with that: why is of help, and no part of it.
      this.#note(
        ended.index,
        `why it failed was not found out: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
      return undefined;
    }
  }

  /** After a cancellation, what still runs has a clock of its own, one for all of it. */
  #signalNow(): AbortSignal {
    return this.#afterStop ?? this.#stop.signal;
  }

  async #finish(): Promise<void> {
    const { order, hooks, deps, folders, scope, masks, log } = this.#job;
    const outcome: Conclusion = scope.status;
    const conclusion = outcome === 'failure' && toleratesFailure(order.job, scope) ? 'success' : outcome;
    const outputs = jobOutputs(order.job, { scope, masks, note: (text) => this.#note(OF_THE_JOB, text) });
    const why = outcome === 'success' ? undefined : (this.#failure ?? 'cancelled');
    const logEnd = log.end();
    hooks.report({
      type: 'job.finished',
      v: 1,
      atMs: deps.now(),
      outcome,
      conclusion,
      outputs,
      ...(this.#surroundings.ledger.length === 0 ? {} : { ledger: this.#surroundings.ledger }),
      ...(why === undefined ? {} : { why: masks.redact(why) }),
      ...(this.#hooks.summaries.length === 0 ? {} : { summaries: this.#hooks.summaries }),
      ...(this.#timedOut ? { timedOut: true as const } : {}),
      log: logEnd,
      ...(await artifactsAtEnd(deps.artifacts, order)),
    });
    // Only now: until the journal has the outputs, a resumed job reads them from these folders.
    releaseFolders(folders, outcome === 'failure' ? order.runId : undefined, this.#removal);
  }

  #cancel(why: string): void {
    const { order, scope, hooks } = this.#job;
    if (this.#afterStop) return;
    scope.end('cancelled', this.#timedOut ? 'the time of the job was over' : 'the job was cancelled');
    this.#failure ??= why;
    const limit = AbortSignal.timeout(Math.min(cancelLimitMs(order.job, scope), LONGEST_TIMER_MS));
    this.#afterStop = AbortSignal.any([limit, hooks.force]);
    this.#stop.abort();
  }

  /** As on GitHub a job that takes too long is cancelled; what it was to do did not happen, so it has failed. */
  #timeOut(limitMs: number): void {
    const minutes = Math.round(limitMs / 600) / 100;
    this.#timedOut = true;
    this.#failure = `the job has exceeded the maximum execution time of ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
    this.#cancel(this.#failure);
  }

  #note(step: number, text: string): void {
    const { masks, log, deps } = this.#job;
    const bytes = Buffer.from(`gantry: ${masks.redact(text)}\n`);
    const lines = bytes.filter((byte) => byte === 10).length;
    log.append({ step, stream: 'engine', atMs: deps.now(), lines, bytes });
  }
}

function whyAborted({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : 'cancelled';
}
