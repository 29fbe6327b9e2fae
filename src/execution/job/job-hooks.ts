// What actions do before a job's first step and behind its last, also those inside composite actions.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepSummary } from '#run/events.ts';
import { evaluateCondition } from '#workflow/expressions.ts';
import type { UsesStep } from '#workflow/model.ts';
import { builtIn } from '../step/built-in.ts';
import { innerRun, MAX_DEPTH } from '../step/composite-action.ts';
import { isImage } from '../step/container-step.ts';
import { prepareAction, runPre } from '../step/found-action.ts';
import { readStepFiles } from '../step/step-files.ts';
import type { StepChanges } from '../step/step-files.ts';
import type { PostEnd, PostStep, StepRun } from '../step/step-run.ts';
import type { JobFrame } from './job-frame.ts';
import { UnusableTemplate } from './job-scope.ts';
import type { JobScope } from './job-scope.ts';
import { PostSteps } from './post-steps.ts';

/** Of one that ran, in the folder of its files: how it ended. */
const ENDED = 'ended';

export class JobHooks {
  readonly #job: JobFrame;
  readonly #posts: PostSteps;
  readonly #summaries: StepSummary[] = [];

  constructor(job: JobFrame) {
    this.#job = job;
    this.#posts = new PostSteps(join(job.folders.private, 'posts'));
  }

  addPost(post: PostStep): void {
    this.#posts.add(post);
  }

  /** What was written for people behind the steps' own. */
  get summaries(): readonly StepSummary[] {
    return this.#summaries;
  }

  /** In the order of the steps. Those of a failed fetch say so in their own step. */
  async runPres(): Promise<void> {
    const { order, scope } = this.#job;
    if (order.attempt > 1) await this.#restorePosts();
    for (const step of order.job.steps) {
      if (step.kind !== 'uses') continue;
      const why = await this.#preOf(step, () => this.#job.stepRun(step));
      if (why === undefined) continue;
      scope.end('failure', `Pre ${step.uses.value} failed`);
      const told = `Pre ${step.uses.value}: ${why}`;
      this.#job.blame(told);
      this.#job.note(step.index, told);
    }
  }

  /** Of the action that the step uses, or of those inside it. The answer is why one failed. */
  async #preOf(step: UsesStep, runNow: () => StepRun): Promise<string | undefined> {
    const run = runNow();
    const uses = step.uses.value;
    // As on GitHub, what lies in the workspace has none: nothing is there yet.
    if (uses.startsWith('./') || isImage(uses) || builtIn(uses, run)) return undefined;
    try {
      const { index } = step;
      const files = { folder: join(run.preFolder, `step-${index}`), variables: {} };
      const setting = { step, index, stepEnv: run.scope.evaluateAll(step.env, {}), files, timeoutMs: undefined };
      const prepared = await prepareAction(setting, run);
      if (!prepared.ok) return undefined;
      const action = prepared.value;
      const { runs } = action.definition;
      if (runs.kind !== 'composite')
        return await this.#ownPre(step, run, async () =>
          runPre(action, { setting, run }, (condition) => isTrue(condition, run.scope)),
        );
      if (run.around.length >= MAX_DEPTH) return undefined;
      const whys: string[] = [];
      for (const inner of runs.steps) {
        if (inner.kind !== 'uses') continue;
        const why = await this.#preOf(inner, () => this.#inside(innerRun(action, { setting, run: runNow() })));
        if (why !== undefined) whys.push(`${inner.uses.value}: ${why}`);
      }
      return whys[0];
    } catch (cause) {
      // What it takes from earlier steps is not there yet; the step itself will tell.
      if (cause instanceof UnusableTemplate) return undefined;
      throw cause;
    }
  }

  /** As on GitHub the status functions of `pre-if` mean the job, inside an action too. */
  #inside(run: StepRun): StepRun {
    run.scope.follow(this.#job.scope);
    return run;
  }

  /** Once: an engine that takes the job up again finds what it did. */
  async #ownPre(
    { index }: UsesStep,
    run: StepRun,
    start: () => ReturnType<typeof runPre>,
  ): Promise<string | undefined> {
    const folder = join(run.preFolder, `step-${index}`);
    const file = join(folder, ENDED);
    let why = readText(file);
    if (why === undefined) {
      const ended = await start();
      why = ended === undefined || ended.how === 'ok' ? '' : ended.why;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, why);
    }
    this.#takeOver(readStepFiles(run.preFolder, index));
    return why === '' ? undefined : why;
  }

  #takeOver({ env, paths }: Pick<StepChanges, 'env' | 'paths'>): void {
    const { scope } = this.#job;
    for (const [name, value] of env) scope.setVariable(name, value);
    for (const folder of paths) scope.addPath(folder);
  }

  /** Of steps that will not run again. */
  async #restorePosts(): Promise<void> {
    const { order } = this.#job;
    const carried = new Set(order.carried.map(({ index }) => index));
    for (const { file, text } of this.#posts.left()) {
      const { readPostRecord, restorePost } = await import('./restore-post.ts');
      const record = readPostRecord(text);
      const index = record.uses[0]?.index ?? 0;
      if (!record.sincePre && !carried.has(index)) {
        rmSync(file);
        continue;
      }
      const run = this.#job.stepRun({ index });
      const again = { ...run, addPost: (post: PostStep): void => this.#posts.addAgain({ ...post, record }, file) };
      const restored = await restorePost(record, order.job.steps, again);
      if (!restored.ok) this.#job.note(index, `Post ${record.uses.at(-1)?.uses ?? ''} is left out: ${restored.error}`);
    }
  }

  /** The last one first. `lesserStep`: a step whose own fallback was used. */
  async runPosts(lesserStep: string | undefined): Promise<void> {
    const { scope, masks, hooks } = this.#job;
    for (let post = this.#posts.take(); post && !hooks.force.aborted; post = this.#posts.take()) {
      const ended = await this.#runPost(post, lesserStep, this.#job.stepRun({ index: post.index }));
      this.#posts.done();
      if (ended?.changes) {
        this.#takeOver(ended.changes);
        const { summary } = ended.changes;
        if (summary !== '') this.#summaries.push({ index: post.index, summary: masks.redact(summary) });
      }
      // One that went well may still have written what nobody can read.
      const why = ended?.ok ? ended.changes?.problems[0] : ended?.why;
      if (why === undefined || scope.status === 'cancelled') continue;
      scope.end('failure', `${post.name} failed`);
      this.#job.blame(`${post.name}: ${why}`);
    }
  }

  /**
   * Undefined: the job does not depend on it. Built-in actions follow up on success only, and never after a fallback: what
   * a lesser way left behind must not be restored under the key of the full one.
   */
  async #runPost(post: PostStep, lesserStep: string | undefined, run: StepRun): Promise<PostEnd | undefined> {
    const { scope } = this.#job;
    const note = (text: string): void => this.#job.note(post.index, text);
    if (post.when === 'on-success') {
      if (scope.status !== 'success') return undefined;
      if (lesserStep !== undefined) {
        note(`${post.name} is left out: "${lesserStep}" took a fallback`);
        return undefined;
      }
    } else if (!isTrue(post.when.condition, scope)) return undefined;
    const ended = await post.run(run);
    if (!ended.ok) note(`${post.name}: ${ended.why}`);
    return post.when === 'on-success' ? undefined : ended;
  }
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function isTrue(condition: string, scope: JobScope): boolean {
  const value = evaluateCondition(condition, scope.scope());
  return value.ok && value.value;
}
