import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { jobId } from '#base/ids.ts';
import { planOf, SimulatedRun } from '#test/support/simulated-run.ts';
import type { Conclusion, RunEvent } from './events.ts';
import { evolve, evolveAll, foldEvents } from './evolve.ts';

const JOBS = `
  a: { runs-on: linux, steps: [{ run: x }] }
  b:
    runs-on: linux
    strategy: { max-parallel: 2, matrix: { n: [1, 2, 3] } }
    steps: [{ run: x }, { run: y }]
  c: { needs: [a, b], runs-on: linux, steps: [{ run: x }] }
  d: { needs: c, if: always(), runs-on: linux, steps: [{ run: x }] }
  e: { runs-on: windows-latest, steps: [{ run: x }] }
`;
const PLAN = planOf(JOBS);
const ENDS: readonly Conclusion[] = ['success', 'success', 'failure', 'cancelled'];

type Choice = readonly [pick: number, what: number, end: number];
const choices = fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(ENDS.length - 1)), { minLength: 5, maxLength: 60 });

/** What a real engine would have in its journal: each choice moves one job that is running. */
function journal(picks: readonly Choice[], slots: number): readonly RunEvent[] {
  const run = new SimulatedRun(PLAN, slots);
  run.settle();
  let isCancelled = false;
  for (const [pick, what, end] of picks) {
    const { running } = run;
    const id = running[pick % running.length];
    if (id === undefined) break;
    const state = run.state.jobs.get(jobId(id))?.state;
    if (what < 5 && !isCancelled) {
      isCancelled = true;
      run.cancel();
    } else if (what < 20) run.lose(id);
    else if (what < 60 && state?.kind === 'running') {
      if (state.startedAtMs === undefined) run.start(id);
      else run.step(id, state.steps.length, { outcome: ENDS[end] ?? 'success' });
    } else run.finish(id, { outcome: ENDS[end] ?? 'success' });
    if (what % 2 === 0) run.settle();
  }
  return run.events;
}

test('any order and any duplicates of a journal fold to the same state', () => {
  const shuffled = fc.record({
    picks: choices,
    slots: fc.integer({ min: 1, max: 6 }),
    keys: fc.array(fc.nat(), { minLength: 1, maxLength: 400 }),
    repeats: fc.array(fc.nat(), { maxLength: 60 }),
  });
  fc.assert(
    fc.property(shuffled, ({ picks, slots, keys, repeats }) => {
      const events = journal(picks, slots);
      const twice = [...events, ...repeats.flatMap((at) => events[at % events.length] ?? [])];
      const order = twice
        .map((event, at) => ({ event, key: (keys[at % keys.length] ?? 0) * (at + 1) * 2_654_435_761 }))
        .toSorted((one, other) => (one.key % 1_000_003) - (other.key % 1_000_003));
      assert.deepEqual(foldEvents(order.map((each) => each.event)), foldEvents(events));
    }),
    { numRuns: 400 },
  );
});

test('many events at once give the same state as one after the other, and leave the state before them as it was', () => {
  fc.assert(
    fc.property(choices, fc.nat(99), (picks, cut) => {
      const events = journal(picks, 3);
      const at = cut % events.length;
      let before = foldEvents([]);
      for (const event of events.slice(0, at)) before = evolve(before, event);
      const kept = structuredClone(before);
      let after = before;
      for (const event of events.slice(at)) after = evolve(after, event);
      assert.deepEqual(evolveAll(before, events.slice(at)), after);
      assert.deepEqual(before, kept);
    }),
  );
});

test('a whole journal leaves nothing waiting, in whatever order it came', () => {
  fc.assert(
    fc.property(choices, (picks) => {
      const events = journal(picks, 3);
      const state = foldEvents(events.toReversed());
      assert.deepEqual(state.early, []);
      assert.deepEqual(state, foldEvents(events));
    }),
  );
});

test('every event twice in a row changes nothing the second time', () => {
  fc.assert(
    fc.property(choices, (picks) => {
      let state = foldEvents([]);
      for (const event of journal(picks, 3)) {
        state = evolve(state, event);
        assert.deepEqual(evolve(state, event), state);
      }
    }),
  );
});

test('late event after loss does not revive', () => {
  const run = new SimulatedRun(planOf('  a: { runs-on: linux, steps: [{ run: x }, { run: y }] }'));
  run.settle();
  run.start('a');
  run.step('a', 0);
  run.lose('a');
  const lost = run.state;
  run.step('a', 1);
  assert.equal(run.state, lost);
  // Its end comes late as well; what follows is the next attempt, behind the step that was finished in time.
  assert.deepEqual(run.finish('a'), ['a/2/dispatch']);
  const next = run.state.jobs.get(jobId('a'))?.state;
  assert.ok(next?.kind === 'running');
  assert.equal(next.attempt, 2);
  assert.deepEqual(
    next.steps.map((step) => step.index),
    [0],
  );
});

test('the loss of a later attempt that comes before its beginning is not forgotten', () => {
  const run = new SimulatedRun(planOf('  a: { runs-on: linux, steps: [{ run: x }] }'));
  run.settle();
  run.lose('a');
  run.settle();
  run.lose('a');
  const [created, expanded, first, lost, second, lostAgain] = run.events;
  assert.equal(lostAgain?.type, 'job.lost');
  const reordered = [created, expanded, first, lost, lostAgain, second].flatMap((event) => event ?? []);
  assert.deepEqual(foldEvents(reordered), run.state);
});

test('what an attempt says after the next one began is dropped', () => {
  const run = new SimulatedRun(planOf('  a: { runs-on: linux, steps: [{ run: x }] }'));
  run.settle();
  run.lose('a');
  run.settle();
  const before = run.state;
  const fact = { type: 'job.finished', v: 1, atMs: 9, outcome: 'success', conclusion: 'success', outputs: {} } as const;
  run.add({ type: 'job.reported', v: 1, delivery: { jobId: jobId('a'), attempt: 1, seq: 1, fact } });
  assert.equal(run.state, before);
});

test('a job that is skipped after its loss is skipped, though the skip came first', () => {
  const run = new SimulatedRun(planOf('  a: { runs-on: linux, steps: [{ run: x }] }'));
  run.settle();
  run.lose('a');
  const [created, expanded, dispatched, lost] = run.events;
  assert.equal(lost?.type, 'job.lost');
  const skip = { why: 'nobody waits for it', blameless: true, conclusion: 'cancelled' } as const;
  const skipped: RunEvent = { type: 'job.skipped', v: 1, atMs: 9, jobId: jobId('a'), ...skip };
  const inOrder = [created, expanded, dispatched, lost, skipped].flatMap((event) => event ?? []);
  const reordered = [created, expanded, dispatched, skipped, lost].flatMap((event) => event ?? []);
  assert.deepEqual(foldEvents(reordered), foldEvents(inOrder));
});
