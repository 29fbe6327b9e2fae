import type { JobFact } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';

/**
 * Runs jobs. One call runs one attempt: `report` gets its facts in order, the last of them `job.finished`, unless the
 * process dies. A failing step is a successful call; the promise is rejected only when the runner itself is at fault.
 * `signal` asks the job to end: its running step is stopped, steps under `always()` and `cancelled()` still run. `force`
 * ends those too, at once: no other step begins, and what a step has started is killed. It comes with `signal` or later.
 */
export interface JobRunner {
  run(order: JobOrder, hooks: RunnerHooks): Promise<void>;
  /** Called when the run is over: resolves when nothing is left of its jobs that is not to stay. */
  settle(): Promise<void>;
}

export interface RunnerHooks {
  readonly signal: AbortSignal;
  readonly force: AbortSignal;
  report(fact: JobFact): void;
}
