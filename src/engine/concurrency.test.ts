/** Several engines on one journal, as several processes have it: the lines of concurrency groups between their runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { runId } from '#base/ids.ts';
import type { RunId } from '#base/ids.ts';
import { createDummyRunner } from '#execution/dummy/dummy-runner.ts';
import { makePlan } from '#run/make-plan.ts';
import type { LoadedWorkflow } from '#run/make-plan.ts';
import { runVerdict } from '#run/outcome.ts';
import type { Plan } from '#run/plan.ts';
import type { LiveRun } from '#run/state.ts';
import { openMemoryJournal } from '#stores/journal/journal-memory.ts';
import { openMemoryLogStore } from '#stores/logs/log-memory.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';
import { Engine } from './engine.ts';
import type { EngineDeps } from './engine.ts';

const CALLED = './.github/workflows/c.yml';

function read(text: string): LoadedWorkflow['workflow'] {
  const { workflow, diagnostics } = readWorkflow('gantry.yml', text, { actions: [] });
  assert.ok(workflow, JSON.stringify(diagnostics));
  return workflow;
}

function planOf(text: string, called = ''): Plan {
  const context = { github: { event_name: 'push', ref_name: 'main' }, vars: {}, inputs: {} };
  const more = called === '' ? {} : { called: { c: { workflow: read(called), calls: {} } }, calls: { [CALLED]: 'c' } };
  const request = { project: '/', dirty: false, secretNames: [], labels: ['dummy'], ...context, ...more };
  return makePlan({ workflow: read(text), ...request });
}

/** A project: one journal, and a machine on which everything lives that is not said to be dead. */
class Runs implements Disposable {
  readonly #logs = openMemoryLogStore();
  readonly #journal = openMemoryJournal();
  readonly #dead = new Set<number>();
  readonly #engines: Engine[] = [];
  readonly #waits: { readonly holds: (run: LiveRun) => boolean; readonly id: RunId; readonly done: () => void }[] = [];
  readonly #states = new Map<RunId, LiveRun>();
  /** Ends also what only a dead engine knows of. */
  readonly #over = new AbortController();
  #pid = 1;

  start(id: string, plan: Plan): { readonly engine: Engine; readonly end: Promise<LiveRun>; readonly pid: number } {
    const pid = this.#pid++;
    const engine = Engine.submit(this.#deps(pid), runId(id), plan);
    this.#engines.push(engine);
    const end = engine.finish().finally(() => engine[Symbol.dispose]());
    return { engine, end, pid };
  }

  resume(id: string): Promise<LiveRun> {
    const engine = Engine.resume(this.#deps(this.#pid++), runId(id));
    this.#engines.push(engine);
    return engine.finish().finally(() => engine[Symbol.dispose]());
  }

  /** As `kill -9` does: nothing is told, nothing is given back. */
  die(pid: number): void {
    this.#dead.add(pid);
  }

  async until(id: string, holds: (run: LiveRun) => boolean): Promise<LiveRun> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const state = this.#states.get(runId(id));
    if (state && holds(state)) resolve();
    else this.#waits.push({ holds, id: runId(id), done: resolve });
    await promise;
    const now = this.#states.get(runId(id));
    assert.ok(now);
    return now;
  }

  #deps(pid: number): EngineDeps {
    const runner = createDummyRunner({ logs: this.#logs, now: () => Date.now() });
    return {
      journal: this.#journal,
      runner: {
        run: async (order, hooks) =>
          runner.run(order, { ...hooks, signal: AbortSignal.any([hooks.signal, this.#over.signal]) }),
        settle: () => runner.settle(),
      },
      self: { pid, startTicks: 'test' },
      isAlive: (owner) => !this.#dead.has(owner.pid),
      slots: 4,
      now: () => Date.now(),
      watch: (run) => {
        if (this.#dead.has(pid)) return;
        this.#states.set(run.runId, run);
        for (const wait of this.#waits) if (wait.id === run.runId && wait.holds(run)) wait.done();
      },
    };
  }

  [Symbol.dispose](): void {
    for (const engine of this.#engines) engine[Symbol.dispose]();
    this.#over.abort();
    this.#journal[Symbol.dispose]();
  }
}

const job = (key: string, env: string, more: readonly string[] = []): string =>
  [
    `  ${key}:`,
    '    runs-on: dummy',
    ...more.map((line) => `    ${line}`),
    `    steps: [{ run: x, env: { ${env} } }]`,
    '',
  ].join('\n');
const FOREVER = 'DUMMY_SLEEP_MS: forever';
const AT_ONCE = 'DUMMY_EXIT: 0';
const workflow = (concurrency: string, jobs: string): string => `on: push\nconcurrency: ${concurrency}\njobs:\n${jobs}`;

const isAsleep = (run: LiveRun): boolean =>
  [...run.jobs.values()].some(({ state }) => state.kind === 'running' && state.currentSteps.length > 0);
const isWaiting = (run: LiveRun): boolean => [...run.places.values()].some(({ stage }) => stage.kind === 'waiting');
const placeOf = (run: LiveRun): unknown => {
  const stage = [...run.places.values()][0]?.stage;
  return stage?.kind === 'waiting' ? { ...stage, behind: stage.behind.runId } : stage;
};
const conclusions = (run: LiveRun): Record<string, string> =>
  Object.fromEntries(
    [...run.jobs].map(([id, { state }]) => [id, 'conclusion' in state ? state.conclusion : state.kind]),
  );
const whyOf = (run: LiveRun, key: string): string | undefined => {
  const record = [...run.jobs.values()].find((each) => each.key === key);
  return record?.cancel?.reason ?? (record && 'why' in record.state ? record.state.why : undefined);
};

test('a run waits for the one that holds its group, and begins nothing until that has ended', async () => {
  using runs = new Runs();
  const first = runs.start('r-1', planOf(workflow('Deploy-${{ github.ref_name }}', job('a', FOREVER))));
  await runs.until('r-1', isAsleep);
  const second = runs.start('r-2', planOf(workflow('deploy-MAIN', job('a', AT_ONCE))));
  const waiting = await runs.until('r-2', isWaiting);
  assert.equal(waiting.groups.size, 0);
  first.engine.cancel('enough');
  await first.end;
  const ended = await second.end;
  assert.deepEqual(conclusions(ended), { a: 'success' });
});

test('a run in another group does not wait', async () => {
  using runs = new Runs();
  const first = runs.start('r-1', planOf(workflow('one', job('a', FOREVER))));
  await runs.until('r-1', isAsleep);
  assert.deepEqual(conclusions(await runs.start('r-2', planOf(workflow('two', job('a', AT_ONCE)))).end), {
    a: 'success',
  });
  first.engine.cancel('enough');
  await first.end;
});

test('of those that wait the newest stays; the other is cancelled, runs nothing, and names its successor', async () => {
  using runs = new Runs();
  const first = runs.start('r-1', planOf(workflow('g', job('a', FOREVER))));
  await runs.until('r-1', isAsleep);
  const second = runs.start('r-2', planOf(workflow('g', job('a', AT_ONCE) + job('b', AT_ONCE, ['if: always()']))));
  await runs.until('r-2', isWaiting);
  const third = runs.start('r-3', planOf(workflow('g', job('a', AT_ONCE))));
  const dropped = await second.end;
  assert.deepEqual(dropped.cancel, { reason: 'superseded by run r-3', supersededBy: 'r-3' });
  assert.deepEqual(conclusions(dropped), { a: 'cancelled', b: 'cancelled' });
  assert.equal(runVerdict(dropped), 'unknown');
  first.engine.cancel('enough');
  await first.end;
  assert.deepEqual(conclusions(await third.end), { a: 'success' });
});

test('cancel-in-progress ends the run that holds the group, with the same reason', async () => {
  using runs = new Runs();
  const first = runs.start(
    'r-1',
    planOf(workflow('g', job('a', FOREVER) + job('z', AT_ONCE, ['needs: a', 'if: cancelled()']))),
  );
  await runs.until('r-1', isAsleep);
  const text = workflow("{ group: g, cancel-in-progress: '${{ github.event_name == ''push'' }}' }", job('a', AT_ONCE));
  const second = runs.start('r-2', planOf(text));
  const ended = await first.end;
  assert.deepEqual(ended.cancel, { reason: 'superseded by run r-2', supersededBy: 'r-2' });
  assert.deepEqual(conclusions(ended), { a: 'cancelled', z: 'success' });
  assert.deepEqual(conclusions(await second.end), { a: 'success' });
});

test('with a queue nothing is dropped, and who came first goes first', async () => {
  using runs = new Runs();
  const text = workflow('{ group: g, queue: max }', job('a', FOREVER));
  const started = ['r-1', 'r-2', 'r-3'].map((id) => runs.start(id, planOf(text)));
  for (const [index, { engine, end }] of started.entries()) {
    await runs.until(`r-${index + 1}`, isAsleep);
    for (let later = index + 2; later <= 3; later++) {
      const stage = { kind: 'waiting', behind: `r-${index + 1}`, ahead: later - index - 2 };
      await runs.until(`r-${later}`, (run) => isDeepStrictEqual(placeOf(run), stage));
    }
    engine.cancel('enough');
    assert.equal((await end).cancel?.reason, 'enough');
  }
});

test('a holder whose process died does not block its group, and comes anew when it is resumed', async () => {
  using runs = new Runs();
  const first = runs.start('r-1', planOf(workflow('g', job('a', FOREVER))));
  await runs.until('r-1', isAsleep);
  const second = runs.start('r-2', planOf(workflow('g', job('a', FOREVER))));
  await runs.until('r-2', isWaiting);
  runs.die(first.pid);
  await runs.until('r-2', isAsleep);
  const resumed = runs.resume('r-1');
  await runs.until('r-1', (run) => isWaiting(run) && [...run.jobs.values()].some(({ state }) => state.kind === 'lost'));
  second.engine.cancel('enough');
  await second.end;
  const again = await runs.until('r-1', isAsleep);
  assert.equal([...again.places.values()][0]?.turn, 2);
  runs.start('r-3', planOf(workflow('{ group: g, cancel-in-progress: true }', job('a', AT_ONCE))));
  assert.equal((await resumed).cancel?.supersededBy, 'r-3');
});

test('a run that waits can be cancelled, and leaves the line', async () => {
  using runs = new Runs();
  const first = runs.start('r-1', planOf(workflow('g', job('a', FOREVER))));
  await runs.until('r-1', isAsleep);
  const second = runs.start('r-2', planOf(workflow('g', job('a', AT_ONCE))));
  await runs.until('r-2', isWaiting);
  second.engine.cancel('changed my mind');
  assert.deepEqual(conclusions(await second.end), { a: 'cancelled' });
  const third = runs.start('r-3', planOf(workflow('g', job('a', AT_ONCE))));
  await runs.until('r-3', isWaiting);
  first.engine.cancel('enough');
  assert.deepEqual(conclusions(await third.end), { a: 'success' });
});

test('a job waits for the group that a job of another run holds, while the rest of its run goes on', async () => {
  using runs = new Runs();
  const first = runs.start('r-1', planOf(`on: push\njobs:\n${job('a', FOREVER, ['concurrency: g'])}`));
  await runs.until('r-1', isAsleep);
  const text = `on: push\njobs:\n${job('a', AT_ONCE, ['concurrency: G'])}${job('b', AT_ONCE)}`;
  const second = runs.start('r-2', planOf(text));
  await runs.until('r-2', (run) => isWaiting(run) && conclusions(run)['b'] === 'success');
  first.engine.cancel('enough');
  await first.end;
  assert.deepEqual(conclusions(await second.end), { a: 'success', b: 'success' });
});

test('a job with cancel-in-progress ends the job of another run, and that run is not said to be good', async () => {
  using runs = new Runs();
  const first = runs.start(
    'r-1',
    planOf(`on: push\njobs:\n${job('a', FOREVER, ['concurrency: g'])}${job('b', AT_ONCE)}`),
  );
  await runs.until('r-1', isAsleep);
  const gate = 'concurrency: { group: g, cancel-in-progress: true }';
  const second = runs.start('r-2', planOf(`on: push\njobs:\n${job('c', AT_ONCE, [gate])}`));
  const ended = await first.end;
  assert.deepEqual(conclusions(ended), { a: 'cancelled', b: 'success' });
  assert.equal(whyOf(ended, 'a'), 'superseded by job "c" of run r-2');
  assert.equal(ended.cancel, undefined);
  assert.equal(runVerdict(ended), 'unknown');
  assert.deepEqual(conclusions(await second.end), { c: 'success' });
});

test('a called workflow has a group of its own, held while its jobs run', async () => {
  using runs = new Runs();
  const called = `on: workflow_call\nconcurrency: inner\njobs:\n${job('x', FOREVER)}`;
  const caller = 'on: push\njobs:\n  call: { uses: ./.github/workflows/c.yml }\n';
  const first = runs.start('r-1', planOf(caller, called));
  await runs.until('r-1', isAsleep);
  const second = runs.start('r-2', planOf(`on: push\njobs:\n${job('b', AT_ONCE, ['concurrency: inner'])}`));
  await runs.until('r-2', isWaiting);
  first.engine.cancel('enough');
  await first.end;
  assert.deepEqual(conclusions(await second.end), { b: 'success' });
});

test('a called workflow that asks for the group of its caller fails, and says why', async () => {
  using runs = new Runs();
  const called = `on: workflow_call\nconcurrency: 'g-\${{ github.ref_name }}'\njobs:\n${job('x', AT_ONCE)}`;
  const caller =
    "on: push\nconcurrency: 'g-${{ github.ref_name }}'\njobs:\n  call: { uses: ./.github/workflows/c.yml }\n";
  const ended = await runs.start('r-1', planOf(caller, called)).end;
  assert.deepEqual(conclusions(ended), { call: 'failure', 'call / x': 'failure' });
  assert.equal(
    whyOf(ended, 'call / x'),
    'a deadlock for the concurrency group "g-main" between the workflow and what it is to wait for',
  );
});

test('a group whose name cannot be made fails the run', async () => {
  using runs = new Runs();
  const ended = await runs.start('r-1', planOf(workflow("'${{ fromJSON(github.ref_name) }}'", job('a', AT_ONCE)))).end;
  assert.deepEqual(conclusions(ended), { a: 'failure' });
  assert.match(whyOf(ended, 'a') ?? '', /^its concurrency: /);
  const empty = await runs.start('r-2', planOf(workflow("'${{ github.head_ref }}'", job('a', AT_ONCE)))).end;
  assert.equal(whyOf(empty, 'a'), 'its concurrency: the name of its group is empty');
});

test('of two runs that would wait for each other, the job that comes last fails, and the other has its group', async () => {
  using runs = new Runs();
  const gate = runs.start('r-0', planOf(workflow('gate', job('a', FOREVER))));
  await runs.until('r-0', isAsleep);
  const late =
    job('first', AT_ONCE, ['concurrency: gate']) + job('last', AT_ONCE, ['needs: first', 'concurrency: one']);
  const second = runs.start('r-2', planOf(workflow('two', late)));
  await runs.until('r-2', isWaiting);
  const first = runs.start('r-1', planOf(workflow('one', job('only', AT_ONCE, ['concurrency: two']))));
  await runs.until('r-1', isWaiting);
  gate.engine.cancel('enough');
  const ended = await second.end;
  assert.deepEqual(conclusions(ended), { first: 'success', last: 'failure' });
  assert.equal(
    whyOf(ended, 'last'),
    'a deadlock for the concurrency group "one": run r-1 holds it, and waits itself for what this run holds',
  );
  assert.deepEqual(conclusions(await first.end), { only: 'success' });
  await gate.end;
});

test('who cancels the run that holds the group waits for it, also when that waits for this one', async () => {
  using runs = new Runs();
  const gate = runs.start('r-0', planOf(workflow('gate', job('a', FOREVER))));
  await runs.until('r-0', isAsleep);
  const hurry = 'concurrency: { group: one, cancel-in-progress: true }';
  const late = job('first', AT_ONCE, ['concurrency: gate']) + job('last', AT_ONCE, ['needs: first', hurry]);
  const second = runs.start('r-2', planOf(workflow('two', late)));
  await runs.until('r-2', isWaiting);
  const first = runs.start('r-1', planOf(workflow('one', job('only', AT_ONCE, ['concurrency: two']))));
  await runs.until('r-1', isWaiting);
  gate.engine.cancel('enough');
  assert.deepEqual(conclusions(await second.end), { first: 'success', last: 'success' });
  assert.deepEqual(conclusions(await first.end), { only: 'cancelled' });
  await gate.end;
});
