// Steps that run beside the ones after them. What such a step set counts from the moment when it was waited for or
// cancelled, as on GitHub (BackgroundStepCoordinator.cs).
import type { StepResult } from '#run/events.ts';

/** GitHub's limit; one more waits until one of them has ended. */
const MAX_AT_ONCE = 10;

interface BackgroundStep {
  readonly index: number;
  readonly stop: AbortController;
  readonly ended: Promise<StepResult>;
  isCancelled: boolean;
  isTaken: boolean;
}

export class BackgroundSteps {
  readonly #steps = new Map<number, BackgroundStep>();
  readonly #results: StepResult[] = [];
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** `run` is given a signal of its own, which `cancel` aborts; the job's reaches the step by another way. */
  start(index: number, run: (signal: AbortSignal) => Promise<StepResult>): void {
    const stop = new AbortController();
    const ended = this.#whenFree(async () => run(stop.signal), stop.signal);
    // Whoever waits for it gets the rejection; nobody may be waiting yet.
    ended.catch(() => undefined);
    this.#steps.set(index, { index, stop, ended, isCancelled: false, isTaken: false });
  }

  /** Results of these steps once they have ended, in the order of the job; each only once, then it is known. */
  async wait(indexes: readonly number[] | 'all'): Promise<readonly StepResult[]> {
    const wanted = [...this.#steps.values()].filter(
      (step) => !step.isTaken && (indexes === 'all' || indexes.includes(step.index)),
    );
    const results = await Promise.all(wanted.map((step) => step.ended));
    for (const step of wanted) step.isTaken = true;
    this.#results.push(...results);
    return results;
  }

  /** Of steps that were waited for before. */
  known(indexes: readonly number[]): readonly StepResult[] {
    return this.#results.filter((result) => indexes.includes(result.index));
  }

  async cancel(index: number): Promise<readonly StepResult[]> {
    const step = this.#steps.get(index);
    if (!step) return [];
    step.isCancelled = true;
    step.stop.abort();
    return this.wait([index]);
  }

  /** Whether the step was ended by a `cancel` step, so that its end is nobody's failure. */
  wasCancelled(result: StepResult): boolean {
    return result.conclusion === 'cancelled' && this.#steps.get(result.index)?.isCancelled === true;
  }

  /** What counts for the job when all have ended. */
  failures(): readonly StepResult[] {
    return this.#results.filter((result) => result.conclusion === 'failure');
  }

  /** One that is cancelled while it waits for its turn goes on at once: it has only to say that it was cancelled. */
  async #whenFree<T>(run: () => Promise<T>, cancelled: AbortSignal): Promise<T> {
    const isFree = this.#running < MAX_AT_ONCE;
    if (isFree) this.#running++;
    // Whoever ends hands the place over, so that nobody slips in between.
    const hasPlace = isFree || (await this.#turn(cancelled));
    try {
      return await run();
    } finally {
      const next = hasPlace ? this.#queue.shift() : undefined;
      if (next) next();
      else if (hasPlace) this.#running--;
    }
  }

  async #turn(cancelled: AbortSignal): Promise<boolean> {
    if (cancelled.aborted) return false;
    return new Promise((resolve) => {
      const begin = (): void => {
        cancelled.removeEventListener('abort', leave);
        resolve(true);
      };
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(begin), 1);
        resolve(false);
      };
      this.#queue.push(begin);
      cancelled.addEventListener('abort', leave, { once: true });
    });
  }
}
