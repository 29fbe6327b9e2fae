import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { jobId } from '#base/ids.ts';
import { planOf, SimulatedRun } from '#test/support/simulated-run.ts';
import type { JobEnd } from '#test/support/simulated-run.ts';
import { runLedger, runVerdict } from './outcome.ts';

const STEPS = 'runs-on: linux, steps: [{ run: x }]';
const FAILURE: JobEnd = { outcome: 'failure', steps: [{ outcome: 'failure', conclusion: 'failure' }] };
const DEGRADED: JobEnd = {
  steps: [{ ledger: [{ what: 'retry', where: 'a', wanted: 'one try', used: 'two', why: 'exit code 1' }] }],
};

function begun(jobs: string, slots = 10): SimulatedRun {
  const run = new SimulatedRun(planOf(jobs), slots);
  run.settle();
  return run;
}

function stateOf(run: SimulatedRun, id: string): string {
  const state = run.state.jobs.get(jobId(id))?.state;
  return state?.kind === 'skipped' ? `skipped: ${state.why}` : (state?.kind ?? 'not expanded');
}

test('a job starts when all of its needs have ended, and not before', () => {
  const run = begun(`  a: { ${STEPS} }\n  b: { ${STEPS} }\n  c: { needs: [a, b], ${STEPS} }`);
  assert.deepEqual(run.running, ['a', 'b']);
  assert.deepEqual(run.finish('b'), []);
  assert.equal(stateOf(run, 'c'), 'not expanded');
  assert.deepEqual(run.finish('a'), ['c/expand', 'c/1/dispatch']);
  assert.deepEqual(run.finish('c'), ['run/finished']);
  assert.equal(runVerdict(run.state), 'passed');
  assert.deepEqual(run.settle(), []);
});

test('no more jobs run than there are slots, and the next starts when one ends', () => {
  const run = begun(`  a: { ${STEPS} }\n  b: { ${STEPS} }\n  c: { ${STEPS} }`, 2);
  assert.deepEqual(run.running, ['a', 'b']);
  assert.deepEqual(run.finish('b'), ['c/1/dispatch']);
  assert.deepEqual(run.running, ['a', 'c']);
});

test('max-parallel holds its own matrix back and nobody else', () => {
  const run = begun(`  m: { strategy: { max-parallel: 2, matrix: { n: [1, 2, 3] } }, ${STEPS} }\n  z: { ${STEPS} }`, 4);
  assert.deepEqual(run.running, ['m (1)', 'm (2)', 'z']);
  assert.deepEqual(run.finish('m (1)'), ['m (3)/1/dispatch']);
});

test('fail-fast cancels what runs and skips what waits of the same matrix', () => {
  const run = begun(`  m: { strategy: { matrix: { n: [1, 2, 3] } }, ${STEPS} }\n  z: { ${STEPS} }`, 2);
  assert.deepEqual(run.running, ['m (1)', 'm (2)']);
  const reason = 'm (1) failed, and fail-fast stops the rest of the matrix';
  assert.deepEqual(run.finish('m (1)', FAILURE), ['m (3)/cancelled', 'z/1/dispatch']);
  assert.equal(stateOf(run, 'm (3)'), `skipped: ${reason}`);
  assert.deepEqual(run.effects(), [{ kind: 'cancel-job', id: 'm (2)/1/cancel', jobId: jobId('m (2)'), reason }]);
  assert.deepEqual(run.running, ['m (2)', 'z']);
});

test('with fail-fast off, and after a tolerated failure, the rest of the matrix goes on', () => {
  const off = begun(`  m: { strategy: { fail-fast: false, matrix: { n: [1, 2] } }, ${STEPS} }`, 1);
  assert.deepEqual(off.finish('m (1)', FAILURE), ['m (2)/1/dispatch']);
  const tolerated = begun(`  m: { strategy: { matrix: { n: [1, 2] } }, ${STEPS} }`, 1);
  assert.deepEqual(tolerated.finish('m (1)', { ...FAILURE, conclusion: 'success' }), ['m (2)/1/dispatch']);
});

test('a cancelled run starts nothing more but what always() lets in, and ends', () => {
  const run = begun(`  a: { ${STEPS} }\n  b: { needs: a, ${STEPS} }\n  c: { needs: a, if: always(), ${STEPS} }`);
  run.cancel('enough');
  assert.deepEqual(run.settle(), []);
  assert.deepEqual(
    run.effects().map((effect) => effect.id),
    ['a/1/cancel'],
  );
  run.finish('a', { outcome: 'cancelled' });
  assert.equal(stateOf(run, 'b'), 'skipped: enough');
  assert.deepEqual(run.running, ['c']);
  assert.deepEqual(run.effects(), []);
  assert.deepEqual(run.finish('c'), ['run/finished']);
  assert.equal(run.state.finished?.cancelled, true);
  assert.equal(runVerdict(run.state), 'unknown');
});

test('a job that was lost goes to a runner once more in a cancelled run, and is cancelled there', () => {
  const run = begun(`  a: { ${STEPS} }`);
  run.lose('a');
  run.cancel('enough');
  assert.deepEqual(run.settle(), ['a/2/dispatch']);
  assert.deepEqual(
    run.effects().map((effect) => effect.id),
    ['a/2/cancel'],
  );
});

test('a lost job goes on behind the last step it finished', () => {
  const run = begun(`  a: { ${STEPS} }`);
  run.start('a');
  run.step('a', 0);
  run.lose('a');
  const [effect] = run.effects();
  assert.equal(effect?.kind, 'dispatch');
  assert.equal(effect?.kind === 'dispatch' && effect.order.attempt, 2);
  assert.equal(effect?.kind === 'dispatch' && effect.order.carried.length, 1);
});

test('accept: passed refuses what is degraded; without it, degraded is good enough', () => {
  const run = begun(`  a: { ${STEPS} }\n  b: { needs: a, accept: passed, ${STEPS} }\n  c: { needs: a, ${STEPS} }`);
  run.finish('a', DEGRADED);
  assert.equal(stateOf(run, 'b'), 'skipped: needs a, which is degraded; this job accepts passed');
  assert.deepEqual(run.running, ['c']);
  run.finish('c');
  assert.equal(runVerdict(run.state), 'unknown');
  assert.deepEqual(
    runLedger(run.state).map((entry) => entry.what),
    ['retry', 'unproven'],
  );
});

test('a written accept: is stronger than always()', () => {
  const run = begun(`  a: { ${STEPS} }\n  b: { needs: a, if: always(), accept: degraded, ${STEPS} }`);
  run.finish('a', FAILURE);
  assert.equal(stateOf(run, 'b'), 'skipped: needs a, which is failed; this job accepts degraded');
});

test('a proof that is missing keeps gates shut', () => {
  const run = begun(`  a: { ${STEPS} }\n  b: { needs: a, ${STEPS} }`);
  const entry = { what: 'unproven', where: 'a', wanted: 'tests', used: '0 ran', why: 'none' } as const;
  run.finish('a', { steps: [{ ledger: [entry] }] });
  assert.equal(stateOf(run, 'b'), 'skipped: needs a, which is unknown; this job accepts degraded');
});

test('after a failure the chain behind it is skipped without blame, and always() still runs', () => {
  const run = begun(
    `  a: { ${STEPS} }\n  b: { needs: a, ${STEPS} }\n  c: { needs: b, ${STEPS} }\n  d: { needs: c, if: always(), ${STEPS} }\n  e: { needs: c, if: failure(), ${STEPS} }`,
  );
  run.finish('a', FAILURE);
  assert.equal(stateOf(run, 'b'), 'skipped: needs a, which failed');
  assert.match(stateOf(run, 'c'), /^skipped: needs b, which was not run/);
  assert.deepEqual(run.running, ['d', 'e']);
  run.finish('d');
  run.finish('e');
  assert.equal(runVerdict(run.state), 'failed');
  assert.deepEqual(runLedger(run.state), []);
});

test('what its own if: rules out leaves the run passed, and so does the chain behind it', () => {
  const run = begun(`  a: { if: false, ${STEPS} }\n  b: { needs: a, ${STEPS} }\n  c: { ${STEPS} }`);
  assert.equal(stateOf(run, 'a'), 'skipped: its if: is false: false');
  run.finish('c');
  assert.ok(run.state.finished);
  assert.equal(runVerdict(run.state), 'passed');
});

test('a job that no machine takes makes the run unknown, with all that waited for it', () => {
  const run = begun(`  a: { runs-on: windows-latest, steps: [{ run: x }] }\n  b: { needs: a, ${STEPS} }`);
  assert.ok(run.state.finished);
  assert.equal(runVerdict(run.state), 'unknown');
  assert.deepEqual(
    runLedger(run.state).map((entry) => entry.where),
    ['a', 'b'],
  );
});

test('the outputs of a matrix are the last that said something', () => {
  const run = begun(
    `  m: { strategy: { matrix: { n: [1, 2, 3] } }, ${STEPS} }\n  b: { needs: m, if: needs.m.outputs.v == 'one', ${STEPS} }`,
  );
  run.finish('m (3)', { outputs: { v: 'three' } });
  run.finish('m (1)', { outputs: { v: 'one' } });
  run.finish('m (2)', { outputs: { v: '' } });
  assert.deepEqual(run.running, ['b']);
});

test('a matrix that an output fills is expanded when the output is there', () => {
  const run = begun(
    `  a: { outputs: { list: x }, ${STEPS} }\n  m: { needs: a, strategy: { matrix: { n: '\${{ fromJSON(needs.a.outputs.list) }}' } }, ${STEPS} }`,
  );
  run.finish('a', { outputs: { list: '["x","y"]' } });
  assert.deepEqual(run.running, ['m (x)', 'm (y)']);
});

test('a matrix that cannot be evaluated fails the run, not the engine', () => {
  const run = begun(
    `  a: { ${STEPS} }\n  m: { needs: a, strategy: { matrix: { n: '\${{ fromJSON(needs.a.outputs.list) }}' } }, ${STEPS} }`,
  );
  run.finish('a');
  assert.ok(run.state.finished);
  assert.equal(runVerdict(run.state), 'failed');
});

test('asked again, it says the same; with its effects in the journal, nothing new', () => {
  const jobs = `  a: { ${STEPS} }\n  m: { needs: a, strategy: { matrix: { n: [1, 2, 3] } }, ${STEPS} }\n  z: { needs: m, if: always(), ${STEPS} }`;
  const plan = planOf(jobs);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      (moves, slots) => {
        const run = new SimulatedRun(plan, slots);
        const seen = new Set<string>();
        const settle = (): void => {
          const ids = (): readonly string[] => run.effects().map((effect) => effect.id);
          assert.deepEqual(ids(), ids());
          for (const id of run.settle()) {
            assert.ok(!seen.has(id), `${id} twice`);
            seen.add(id);
          }
          assert.ok(run.effects().every((effect) => effect.kind === 'cancel-job'));
          assert.ok(run.running.length <= slots);
        };
        settle();
        for (const [pick, what] of moves) {
          const id = run.running[pick % run.running.length];
          if (id === undefined) break;
          if (what === 0) run.cancel();
          else if (what === 1) run.lose(id);
          else run.finish(id, what === 2 ? FAILURE : {}).forEach((each) => seen.add(each));
          settle();
        }
        while (run.running[0] !== undefined) run.finish(run.running[0], { outcome: 'cancelled' });
        assert.ok(run.state.finished, 'every run ends');
      },
    ),
    { numRuns: 200 },
  );
});
