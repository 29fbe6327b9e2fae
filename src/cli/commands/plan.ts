import { sha256 } from '#base/ids.ts';
import type { JobId, RunId } from '#base/ids.ts';
import { decide } from '#run/decide.ts';
import type { RunEvent } from '#run/events.ts';
import { foldOnto } from '#run/evolve.ts';
import type { Plan } from '#run/plan.ts';
import type { RunState } from '#run/state.ts';
import { UNBORN } from '#run/state.ts';
import type { Workflow } from '#workflow/model.ts';
import { nextRunMs } from '#workflow/next-run.ts';
import { localMs } from '#workflow/timezone.ts';
import { choosePaint } from '../paint.ts';
import { expectShortLife } from '../short-life.ts';
import { EXIT } from '../exit-codes.ts';
import { prepare } from './run.ts';
import type { RunOptions } from '../read-options.ts';

/** What would run, level by level. Nothing is run: every job is taken to succeed, and `decide` says what follows. */
export async function plan(file: string | undefined, options: RunOptions): Promise<number> {
  expectShortLife();
  const prepared = await prepare(file, options, 'plan');
  if (typeof prepared === 'number') return prepared;
  const { plan: frozen, notTriggered } = prepared;
  const jobs = frozen.jobs.map(({ job, notRun }) => ({
    key: job.key,
    needs: job.needs.map((need) => need.value),
    steps: job.steps.length,
    if: job.if?.value ?? null,
    matrix: job.strategy?.matrix !== undefined || job.strategy?.whole !== undefined,
    notRun: notRun?.why ?? null,
  }));
  const waves = simulate(frozen, prepared.runId);
  const schedules = schedulesOf(prepared.workflow, Date.now());
  if (options.format === 'json') {
    process.stdout.write(
      `${JSON.stringify({ version: 1, workflow: frozen.workflowName, triggered: notTriggered === undefined, why: notTriggered ?? null, jobs, waves, ...(schedules.length > 0 && { schedules }) }, null, 2)}\n`,
    );
    return EXIT.passed;
  }
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  process.stdout.write(
    `${paint('strong', frozen.workflowName)}  ${paint('dim', `on ${JSON.stringify(frozen.github['event_name']).replaceAll('"', '')}`)}\n`,
  );
  for (const { cron, timezone, nextAtMs } of schedules) {
    const next = nextAtMs === null ? 'never' : `next ${inZone(nextAtMs, timezone)}`;
    process.stdout.write(`${paint('dim', `schedule ${cron} (${timezone}): ${next}`)}\n`);
  }
  if (notTriggered !== undefined) {
    process.stdout.write(`nothing would run: ${notTriggered}\n`);
    return EXIT.passed;
  }
  const lines = waves.flatMap((wave, index) =>
    wave.map(({ name, depth, why, note }) => {
      const more = why === undefined ? (note ?? '') : `not run: ${why}`;
      return `  ${String(index + 1).padStart(2)}  ${'  '.repeat(depth)}${name}${more && paint('dim', `  ${more}`)}\n`;
    }),
  );
  process.stdout.write(lines.join(''));
  return EXIT.passed;
}

interface PlannedSchedule {
  readonly cron: string;
  readonly timezone: string;
  /** Null: it never comes. */
  readonly nextAtMs: number | null;
}

function schedulesOf(workflow: Workflow, nowMs: number): readonly PlannedSchedule[] {
  return workflow.on.flatMap(({ schedules = [] }) =>
    schedules.map((schedule) => ({
      cron: schedule.cron,
      timezone: schedule.timezone ?? 'UTC',
      nextAtMs: nextRunMs(schedule, nowMs) ?? null,
    })),
  );
}

/** `2026-11-27 05:30 Europe/Berlin`, with what it is in UTC when that is not the same. */
function inZone(atMs: number, timezone: string): string {
  const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
  const local = localMs(atMs, timezone);
  return local === atMs ? `${minute(atMs)} UTC` : `${minute(local)} ${timezone}, ${minute(atMs)} UTC`;
}

interface Planned {
  readonly name: string;
  /** How many calls it is in. */
  readonly depth: number;
  /** It is not run, for this reason. */
  readonly why?: string;
  /** What is to be known of one that is. */
  readonly note?: string;
}

const SUCCESS = {
  type: 'job.finished',
  v: 1,
  atMs: 0,
  outcome: 'success',
  conclusion: 'success',
  outputs: {},
  log: { bytes: 0, lines: 0, sha256: sha256('') },
} as const;

function simulate(frozen: Plan, id: RunId): readonly (readonly Planned[])[] {
  const created: RunEvent = { type: 'run.created', v: 1, runId: id, atMs: 0, plan: frozen };
  const fold = foldOnto(UNBORN);
  let state = fold([created]);
  const waves: Planned[][] = [];
  const open = new Set<JobId>();
  for (let round = 0; round < 2_000 && state.kind === 'live' && !state.finished; round++) {
    const effects = decide(state, 0, { slots: Infinity });
    const seen: { readonly id: JobId; readonly why?: string; readonly note?: string }[] = [];
    const events: RunEvent[] = [];
    for (const effect of effects) {
      if (effect.kind === 'append') {
        for (const event of effect.events) {
          // What depends on values that only a run makes is not known yet, and is taken to happen.
          const isOpen = event.type === 'job.skipped' && waitsForOutputs(frozen, event.jobId);
          if (isOpen) open.add(event.jobId);
          else events.push(event);
          if (event.type === 'job.skipped' && !isOpen) seen.push({ id: event.jobId, why: event.why });
          if (event.type === 'workflow.called') seen.push({ id: event.jobId });
        }
      } else if (effect.kind === 'enter-line') {
        const { group, holder, turn } = effect;
        events.push({ type: 'concurrency.acquired', v: 1, atMs: 0, group, holder, turn });
      } else if (effect.kind === 'leave-line') {
        const { group, holder, turn } = effect.place;
        events.push({ type: 'concurrency.released', v: 1, atMs: 0, group, holder, turn });
      } else if (effect.kind === 'dispatch') {
        const { jobId, attempt } = effect.order;
        seen.push({ id: jobId, ...(open.has(jobId) ? { note: 'decided by what the jobs before it give' } : {}) });
        const delivery = { jobId, attempt, seq: 1, fact: SUCCESS };
        events.push(effect.event, { type: 'job.reported', v: 1, delivery });
      }
    }
    state = fold(events);
    const wave = seen.map(({ id: each, ...more }) => ({ ...named(state, each), ...more }));
    if (wave.length > 0) waves.push(wave);
    if (effects.length === 0) break;
  }
  return waves;
}

/** Of jobs of the run itself: whether its `if:` or its matrix reads outputs of the jobs that it needs. */
function waitsForOutputs({ jobs }: Plan, id: JobId): boolean {
  const job = jobs.find(({ job: each }) => String(id) === each.key)?.job;
  const { matrix, whole } = job?.strategy ?? {};
  const written = JSON.stringify([job?.if?.value, matrix?.value, whole?.value]);
  return /\bneeds\.[\w-]+\.outputs\b/.test(written);
}

/** Further in for each call that it is in. */
function named(state: RunState, id: JobId): Planned {
  const record = state.kind === 'live' ? state.jobs.get(id) : undefined;
  if (!record) return { name: String(id), depth: 0 };
  const depth = record.caller === undefined ? 0 : named(state, record.caller).depth + 1;
  return { name: record.instance.name, depth };
}
