import { sha256 } from '#base/ids.ts';
import type { RunId } from '#base/ids.ts';
import { decide } from '#run/decide.ts';
import type { RunEvent } from '#run/events.ts';
import { evolve, evolveAll } from '#run/evolve.ts';
import type { Plan } from '#run/plan.ts';
import type { RunState } from '#run/state.ts';
import { UNBORN } from '#run/state.ts';
import { choosePaint } from '../paint.ts';
import { EXIT } from '../exit-codes.ts';
import { prepare } from './run.ts';
import type { RunOptions } from './run.ts';

/** What would run, level by level. Nothing is run: every job is taken to succeed, and `decide` says what follows. */
export async function plan(file: string | undefined, options: RunOptions): Promise<number> {
  const prepared = await prepare(file, options);
  if (typeof prepared === 'number') return prepared;
  const { plan: frozen, notTriggered } = prepared;
  const jobs = frozen.jobs.map(({ job, notRun }) => ({
    key: job.key,
    needs: job.needs.map((need) => need.value),
    steps: job.steps.length,
    if: job.if?.value ?? null,
    matrix: job.strategy?.matrix !== undefined,
    notRun: notRun?.why ?? null,
  }));
  const waves = simulate(frozen, prepared.runId);
  if (options.format === 'json') {
    process.stdout.write(
      `${JSON.stringify({ version: 1, workflow: frozen.workflowName, triggered: notTriggered === undefined, why: notTriggered ?? null, jobs, waves }, null, 2)}\n`,
    );
    return EXIT.passed;
  }
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  process.stdout.write(
    `${paint('strong', frozen.workflowName)}  ${paint('dim', `on ${JSON.stringify(frozen.github['event_name']).replaceAll('"', '')}`)}\n`,
  );
  if (notTriggered !== undefined) {
    process.stdout.write(`nothing would run: ${notTriggered}\n`);
    return EXIT.passed;
  }
  for (const [index, wave] of waves.entries()) {
    for (const each of wave)
      process.stdout.write(
        `  ${String(index + 1).padStart(2)}  ${each.name}${each.why === undefined ? '' : paint('dim', `  not run: ${each.why}`)}\n`,
      );
  }
  return EXIT.passed;
}

interface Planned {
  readonly name: string;
  readonly why?: string;
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
  let state = evolveCreated(frozen, id);
  const waves: Planned[][] = [];
  for (let round = 0; round < 2_000 && state.kind === 'live' && !state.finished; round++) {
    const effects = decide(state, 0, { slots: Infinity });
    const wave: Planned[] = [];
    const events: RunEvent[] = [];
    for (const effect of effects) {
      if (effect.kind === 'append') {
        events.push(...effect.events);
        for (const event of effect.events) {
          if (event.type === 'job.skipped') wave.push({ name: String(event.jobId), why: event.why });
        }
      } else if (effect.kind === 'enter-line') {
        const { group, holder, turn } = effect;
        events.push({ type: 'concurrency.acquired', v: 1, atMs: 0, group, holder, turn });
      } else if (effect.kind === 'leave-line') {
        const { group, holder, turn } = effect.place;
        events.push({ type: 'concurrency.released', v: 1, atMs: 0, group, holder, turn });
      } else if (effect.kind === 'dispatch') {
        const { jobId, attempt, name } = effect.order;
        wave.push({ name });
        const delivery = { jobId, attempt, seq: 1, fact: SUCCESS };
        events.push(effect.event, { type: 'job.reported', v: 1, delivery });
      }
    }
    state = evolveAll(state, events);
    if (wave.length > 0) waves.push(wave);
    if (effects.length === 0) break;
  }
  return waves;
}

function evolveCreated(frozen: Plan, id: RunId): RunState {
  return evolve(UNBORN, { type: 'run.created', v: 1, runId: id, atMs: 0, plan: frozen });
}
