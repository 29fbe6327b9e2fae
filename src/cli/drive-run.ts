// From a started engine to the printed report, for `run` and `resume` alike.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { RunId } from '#base/ids.ts';
import type { Engine } from '#engine/engine.ts';
import { renderMarkdown } from '#run/report/markdown.ts';
import { buildReport } from '#run/report/report.ts';
import type { Report } from '#run/report/report.ts';
import { renderText } from '#run/report/text.ts';
import { unpainted } from '#run/report/words.ts';
import type { Paint } from '#run/report/words.ts';
import type { RunEvent } from '#run/events.ts';
import { evolve } from '#run/evolve.ts';
import { missedJobs } from '#run/rerun.ts';
import type { LiveRun, RunState } from '#run/state.ts';
import type { Composition, Stores } from './compose.ts';
import { listEnvironments } from './environments.ts';
import { exitCodeOf } from './exit-codes.ts';
import { describeFailures } from './failures.ts';
import { onlyJob, publishOutputs } from './github-job.ts';
import { annotationCommand, createGitHubLines } from './github-lines.ts';
import { LiveTree } from './live-tree.ts';
import { choosePaint } from './paint.ts';
import { textSummaries } from './summaries.ts';
import { PauseDesk } from './pause-desk.ts';
import { createPlainLines } from './plain-lines.ts';

export interface DriveSetting {
  readonly runId: RunId;
  readonly stores: Stores;
  readonly stateFolder: string;
  readonly strict: boolean;
  readonly format: 'text' | 'json';
  /** Its outputs and verdict are published to GitHub: the only job of an exported workflow that runs here. */
  readonly publishJob?: string;
  /** Somebody at the terminal is asked what is to become of a step that failed. */
  readonly pauses?: boolean;
}

type Hooks = Pick<Composition, 'watch' | 'onLine' | 'pause'>;

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
    const plain = chooseLines(setting, paint);
    const desk = new PauseDesk({
      logs: setting.stores.logs,
      paint,
      clear: () => tree?.clear() ?? { [Symbol.dispose]() {} },
      quit: (reason) => engine.cancel(reason),
    });
    using engine = start({
      watch: (state) => (tree ? tree.update(state) : plain(state)),
      onLine: (jobId, line) => lines.set(jobId, line),
      ...(setting.pauses ? { pause: async (paused) => desk.ask(paused) } : {}),
    });
    const interrupt = cancelOnSignals(engine, desk);
    try {
      run = await engine.finish();
    } finally {
      interrupt[Symbol.dispose]();
    }
  }
  run = await observeEnvironments(run, setting);
  const whole = buildReport(run);
  const report = setting.publishJob === undefined ? whole : onlyJob(whole, setting.publishJob);
  if (setting.publishJob !== undefined) publishOutputs(report, setting.publishJob, process.env);
  if (setting.format === 'json') process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if (isOnGitHub()) writeOnGitHub(report);
  else {
    const width = process.stdout.columns ?? 100;
    process.stdout.write(describeFailures(report, setting.stores.logs, { paint, width }));
    process.stdout.write(`\n${renderText(report, paint, { ...(await textSummaries(report)), width })}`);
    process.stdout.write(nextStep(run));
  }
  return exitCodeOf(report, setting.strict);
}

/** What one would ask for next; '' when nothing is missing, and of a run that somebody ended on purpose. */
function nextStep(run: LiveRun): string {
  if (run.cancel || missedJobs(run).size === 0) return '';
  const secrets = run.plan.secretNames.map((name) => ` --secret ${name}`).join('');
  return `  What failed can run again: gantry rerun --failed ${run.runId}${secrets}\n`;
}

function isOnGitHub(): boolean {
  return process.env['GITHUB_ACTIONS'] === 'true' && !process.stdout.isTTY;
}

function chooseLines(setting: DriveSetting, paint: Paint): (state: RunState) => void {
  if (setting.format === 'json') return createPlainLines(process.stderr, paint);
  if (!isOnGitHub()) return createPlainLines(process.stdout, paint);
  return createGitHubLines({ sink: process.stdout, logs: setting.stores.logs, token: randomUUID() });
}

/** The report on the job's summary page, and under the log, where none of its lines is a command. */
function writeOnGitHub(report: Report): void {
  const summary = process.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (summary !== '') appendFileSync(summary, renderMarkdown(report));
  for (const { name, why } of report.jobs.filter((job) => job.state === 'skipped' && report.verdict !== 'passed'))
    process.stdout.write(
      `${annotationCommand({ level: 'error', title: `${name} was not run`, message: why ?? '' })}\n`,
    );
  const token = randomUUID();
  process.stdout.write(`::stop-commands::${token}\n\n${renderText(report, unpainted, { width: 100 })}::${token}::\n`);
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
function cancelOnSignals(engine: Engine, desk: PauseDesk): Disposable {
  const reasons = {
    SIGINT: 'interrupted at the terminal',
    SIGTERM: 'asked to end by SIGTERM',
    SIGHUP: 'its terminal was closed',
  };
  const handlers = Object.entries(reasons).map(([signal, reason]) => {
    const handler = (): void => {
      if (signal !== 'SIGINT' || !desk.hasShell) engine.cancel(reason);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}
