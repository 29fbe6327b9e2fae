import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { expectedProbes, nextProbe } from './search.ts';
import type { Judgement } from './search.ts';

function search(
  count: number,
  judge: (index: number) => Judgement,
): { readonly found: readonly number[]; readonly probes: number } {
  const judged = new Map<number, Judgement>();
  for (;;) {
    const next = nextProbe(count, judged);
    if (next.kind === 'found') return { found: next.indexes, probes: judged.size };
    assert.ok(!judged.has(next.index), 'nothing is judged twice');
    judged.set(next.index, judge(next.index));
  }
}

test('the first bad commit is found in as few steps as halving takes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (count, at) => {
      const culprit = at % count;
      const { found, probes } = search(count, (index) => (index < culprit ? 'good' : 'bad'));
      assert.deepEqual(found, [culprit]);
      assert.ok(probes <= expectedProbes(count), `${probes} probes of ${count}`);
    }),
  );
});

test('what cannot be judged is passed over, and named when the culprit may be among it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), fc.array(fc.nat()), (count, at, holes) => {
      const culprit = at % count;
      const skipped = new Set(holes.map((hole) => hole % count).filter((hole) => hole !== count - 1));
      const { found } = search(count, (index) => (skipped.has(index) ? 'skip' : index < culprit ? 'good' : 'bad'));
      assert.ok(found.includes(culprit), `${found.join()} does not hold ${culprit}`);
      assert.ok(
        found.slice(0, -1).every((index) => skipped.has(index)),
        'only what could not be judged stands beside it',
      );
    }),
  );
});

test('with nothing between good and bad there is nothing to judge', () => {
  assert.deepEqual(nextProbe(1, new Map()), { kind: 'found', indexes: [0] });
  assert.deepEqual(nextProbe(3, new Map([[1, 'skip']])), { kind: 'judge', index: 0 });
});
