// A runner that starts nothing. The workflow itself says what becomes of each step, so that the engine can be tried in
// every situation without a process: `env: { DUMMY_EXIT: 1, DUMMY_SLEEP_MS: 50, DUMMY_OUTPUT: "name=value" }`.
// `DUMMY_SLEEP_MS: forever` lasts until the job is cancelled; `DUMMY_FAULT: 1` is a fault of the runner itself.
import type { Conclusion, StepResult } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { LogStore } from '#stores/logs/log-store.ts';
import type { Step } from '#workflow/model.ts';
import type { JobRunner, RunnerHooks } from '../runner.ts';

export interface DummyRunnerDeps {
  readonly logs: LogStore;
  readonly now: () => number;
}

export function createDummyRunner(deps: DummyRunnerDeps): JobRunner {
  return { run: async (order, hooks) => runDummy(order, hooks, deps), settle: async () => undefined };
}

async function runDummy(order: JobOrder, hooks: RunnerHooks, deps: DummyRunnerDeps): Promise<void> {
  const log = deps.logs.open(order.runId, order.jobId);
  hooks.report({ type: 'job.started', v: 1, atMs: deps.now(), workspace: '' });
  let outcome: Conclusion = order.carried.some((step) => step.conclusion === 'failure') ? 'failure' : 'success';
  const outputs: Record<string, string> = {};
  for (const step of order.job.steps.slice(order.carried.length)) {
    const name = step.name?.value ?? `step ${step.index}`;
    hooks.report({ type: 'step.started', v: 1, atMs: deps.now(), index: step.index, name });
    const result = await pretend(step, { name, skip: outcome !== 'success', signal: hooks.signal });
    if (result.conclusion === 'failure' || result.conclusion === 'cancelled') outcome = result.conclusion;
    Object.assign(outputs, result.outputs);
    const bytes = Buffer.from(`${name}: ${result.outcome}\n`);
    log.append({ step: step.index, stream: 'stdout', atMs: deps.now(), lines: 1, bytes });
    log.flush();
    hooks.report({ type: 'step.finished', v: 1, atMs: deps.now(), result });
  }
  const conclusion = outcome === 'failure' && order.job.continueOnError?.value === true ? 'success' : outcome;
  hooks.report({ type: 'job.finished', v: 1, atMs: deps.now(), outcome, conclusion, outputs, log: log.end() });
}

interface Pretence {
  readonly name: string;
  readonly skip: boolean;
  readonly signal: AbortSignal;
}

async function pretend(step: Step, { name, skip, signal }: Pretence): Promise<StepResult> {
  const wish = (key: string): string | undefined => step.env[key]?.value;
  const common = { index: step.index, name, outputs: {}, ledger: [], annotations: [], durationMs: 0 };
  if (skip) return { ...common, outcome: 'skipped', conclusion: 'skipped' };
  if (wish('DUMMY_FAULT')) throw new Error(`${name} was told to break the runner`);
  await sleep(wish('DUMMY_SLEEP_MS'), signal);
  if (signal.aborted) return { ...common, outcome: 'cancelled', conclusion: 'cancelled', why: 'cancelled' };
  const exitCode = Number(wish('DUMMY_EXIT') ?? 0);
  const [key = '', value = ''] = (wish('DUMMY_OUTPUT') ?? '').split('=');
  const outcome = exitCode === 0 ? 'success' : 'failure';
  const why = exitCode === 0 ? {} : { why: `exit code ${exitCode}` };
  return { ...common, outcome, conclusion: outcome, exitCode, outputs: key === '' ? {} : { [key]: value }, ...why };
}

async function sleep(wish: string | undefined, signal: AbortSignal): Promise<void> {
  if (wish === undefined || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, wish === 'forever' ? 2 ** 31 - 1 : Number(wish));
    signal.addEventListener('abort', done);
  });
}
