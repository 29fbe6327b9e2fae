// From a started engine to the printed report, for `run` and `resume` alike.
import type { RunId } from '#base/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { buildReport } from '#run/report/report.ts';
import { renderText } from '#run/report/text.ts';
import type { RunEvent } from '#run/events.ts';
import { evolve } from '#run/evolve.ts';
import type { LiveRun, RunState } from '#run/state.ts';
import type { Composition, Stores } from './compose.ts';
import { listEnvironments } from './environments.ts';
import { exitCodeOf } from './exit-codes.ts';
import { describeFailures } from './failures.ts';
import { LiveTree } from './live-tree.ts';
import { choosePaint } from './paint.ts';
import { createPlainLines } from './plain-lines.ts';

export interface DriveSetting {
  readonly runId: RunId;
  readonly stores: Stores;
  readonly stateFolder: string;
  readonly strict: boolean;
  readonly format: 'text' | 'json';
}

type Hooks = Pick<Composition, 'watch' | 'onLine'>;

export async function driveRun(start: (hooks: Hooks) => Engine, setting: DriveSetting): Promise<number> {
  const onTerminal = process.stdout.isTTY && setting.format === 'text' && process.env['TERM'] !== 'dumb';
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  const lines = new Map<string, () => string>();
  let run: LiveRun;
  {
    using tree = onTerminal
      ? new LiveTree({
          screen: process.stdout,
          paint,
          nowMs: () => Date.now(),
          lastLine: (jobId) => lines.get(jobId)?.(),
        })
      : undefined;
    const plain = createPlainLines(setting.format === 'json' ? process.stderr : process.stdout, paint);
    using engine = start({
      watch: (state) => (tree ? tree.update(state) : plain(state)),
      onLine: (jobId, line) => lines.set(jobId, line),
    });
    const interrupt = cancelOnSignals(engine);
    try {
      run = await engine.finish();
    } finally {
      interrupt[Symbol.dispose]();
    }
  }
  run = await observeEnvironments(run, setting);
  const report = buildReport(run);
  if (setting.format === 'text') process.stdout.write(describeFailures(report, setting.stores.logs, paint));
  process.stdout.write(
    setting.format === 'json'
      ? `${JSON.stringify(report, null, 2)}\n`
      : `\n${renderText(report, paint, process.stdout.columns ?? 100)}`,
  );
  return exitCodeOf(report, setting.strict);
}

/** What is live is asked for and written down, also when the run never came to its deployment. */
async function observeEnvironments(run: LiveRun, setting: DriveSetting): Promise<LiveRun> {
  const deploys = run.plan.jobs.some(({ job }) =>
    job.steps.some((step) => step.kind === 'uses' && step.uses.value.startsWith('gantry/deploy@')),
  );
  if (!deploys) return run;
  const { readStatus } = await import('#delivery/status.ts');
  const seen = await Promise.all(
    listEnvironments(setting.stateFolder).map(async ({ name, folder }): Promise<RunEvent> => {
      const status = await readStatus(folder);
      const version = 'version' in status ? { version: status.version, address: status.address } : {};
      const why = status.state === 'unhealthy' ? { why: status.why } : {};
      return {
        type: 'environment.observed',
        v: 1,
        atMs: Date.now(),
        environment: name,
        state: status.state,
        ...version,
        ...why,
      };
    }),
  );
  if (seen.length === 0) return run;
  setting.stores.journal.append(setting.runId, seen);
  const state = seen.reduce<RunState>(evolve, run);
  return state.kind === 'live' ? state : run;
}

/** The first signal asks the run to end; the engine goes on until it has, so nothing is lost. */
function cancelOnSignals(engine: Engine): Disposable {
  const reasons = {
    SIGINT: 'interrupted at the terminal',
    SIGTERM: 'asked to end by SIGTERM',
    SIGHUP: 'its terminal was closed',
  };
  const handlers = Object.entries(reasons).map(([signal, reason]) => {
    const handler = (): void => engine.cancel(reason);
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}
