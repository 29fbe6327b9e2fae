// From a started engine to the printed report, for `run` and `resume` alike.
import type { RunId } from '#base/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { buildReport } from '#run/report/report.ts';
import { renderText } from '#run/report/text.ts';
import type { LiveRun } from '#run/state.ts';
import type { Composition, Stores } from './compose.ts';
import { exitCodeOf } from './exit-codes.ts';
import { LiveTree } from './live-tree.ts';
import { choosePaint } from './paint.ts';
import { createPlainLines } from './plain-lines.ts';

export interface DriveSetting {
  readonly runId: RunId;
  readonly stores: Stores;
  readonly strict: boolean;
  readonly format: 'text' | 'json';
}

type Hooks = Pick<Composition, 'watch' | 'onLine'>;

export async function driveRun(start: (hooks: Hooks) => Engine, setting: DriveSetting): Promise<number> {
  const onTerminal = process.stdout.isTTY && setting.format === 'text' && process.env['TERM'] !== 'dumb';
  const paint = choosePaint({ isTerminal: process.stdout.isTTY === true, env: process.env });
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
  const report = buildReport(run);
  process.stdout.write(
    setting.format === 'json'
      ? `${JSON.stringify(report, null, 2)}\n`
      : `\n${renderText(report, paint, process.stdout.columns ?? 100)}`,
  );
  return exitCodeOf(report, setting.strict);
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
