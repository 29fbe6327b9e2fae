import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync } from 'node:fs';
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { StepFacts } from '#run/reuse/facts.ts';
import type { KeptStep, ReuseStore, StepToKeep } from './reuse-store.ts';

export interface ReuseBench {
  readonly store: ReuseStore;
  /** An empty folder. */
  readonly root: string;
}

const FACTS: StepFacts = {
  v: 1,
  platform: '',
  workspace: '',
  work: { kind: 'script', script: 'make', shell: '', folder: '' },
  produces: [],
  variables: {},
  tools: {},
  before: {},
  files: { a: '1' },
};

export function workspaceIn(root: string, files: Readonly<Record<string, string>> = {}): string {
  const workspace = mkdtempSync(join(root, 'w-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(workspace, name, '..'), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  return workspace;
}

export function stepOf(workspace: string, paths: readonly string[], change: Partial<StepToKeep> = {}): StepToKeep {
  const end = { files: { env: 'A=1\n' }, annotations: [], exitCode: 0 };
  return { key: 'k', slot: 's', runId: 'r-1', facts: FACTS, end, workspace, paths, ...change };
}

export async function kept(store: ReuseStore, step: StepToKeep): Promise<KeptStep> {
  const result = await store.keep(step);
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value;
}

/** What every store of steps must do. */
export function reuseContract(name: string, open: () => ReuseBench): void {
  describe(`kept steps: ${name}`, () => {
    test('a tree comes back with links, modes, times and empty folders, and replaces what is named', async () => {
      const { store, root } = open();
      const from = workspaceIn(root, { 'out/a': 'a', 'out/deep/b': 'b' });
      chmodSync(join(from, 'out/a'), 0o750);
      utimesSync(join(from, 'out/a'), 1_000, 1_000);
      mkdirSync(join(from, 'out/empty'));
      symlinkSync('a', join(from, 'out/link'));
      symlinkSync('/nowhere', join(from, 'out/dangling'));
      utimesSync(join(from, 'out/empty'), 2_000, 2_000);
      const paths = ['out', 'out/a', 'out/dangling', 'out/deep', 'out/deep/b', 'out/empty', 'out/link'];
      const step = await kept(store, stepOf(from, paths));
      assert.deepEqual([step.files, step.bytes, step.end.files], [2, 2, { env: 'A=1\n' }]);

      const to = workspaceIn(root, { 'out/a': 'old', 'out/stale': 'old', 'out/mine': 'mine' });
      assert.deepEqual(await store.restore(step, to, ['out', 'out/a', 'out/stale']), { ok: true, value: undefined });
      assert.equal(readFileSync(join(to, 'out/a'), 'utf8'), 'a');
      assert.equal(lstatSync(join(to, 'out/a')).mode & 0o777, 0o750);
      assert.equal(lstatSync(join(to, 'out/a')).mtimeMs, 1_000_000);
      assert.equal(lstatSync(join(to, 'out/empty')).mtimeMs, 2_000_000);
      assert.equal(readlinkSync(join(to, 'out/link')), 'a');
      assert.equal(readlinkSync(join(to, 'out/dangling')), '/nowhere');
      assert.deepEqual([existsSync(join(to, 'out/stale')), existsSync(join(to, 'out/mine'))], [false, true]);
    });

    test('what is found is what was kept under the key, and the place knows what it was kept with last', async () => {
      const { store, root } = open();
      const from = workspaceIn(root, { a: '1' });
      assert.equal(await store.find('k'), undefined);
      assert.equal(await store.latest('s'), undefined);
      await kept(store, stepOf(from, ['a']));
      const facts = { ...FACTS, files: { a: '2' } };
      await kept(store, stepOf(from, ['a'], { key: 'k2', runId: 'r-2', facts }));
      assert.equal((await store.find('k'))?.runId, 'r-1');
      assert.deepEqual(await store.latest('s'), { key: 'k2', runId: 'r-2', facts });
    });

    test('neither what it was made of nor what it was restored to changes what is kept', async () => {
      const { store, root } = open();
      const from = workspaceIn(root, { a: 'first' });
      const step = await kept(store, stepOf(from, ['a']));
      writeFileSync(join(from, 'a'), 'later');
      for (let round = 0; round < 2; round++) {
        const to = workspaceIn(root);
        assert.ok((await store.restore(step, to, [])).ok);
        assert.equal(readFileSync(join(to, 'a'), 'utf8'), 'first');
        writeFileSync(join(to, 'a'), 'later');
      }
    });

    test('a link where a folder has to be is never followed, and nothing is touched', async () => {
      const { store, root } = open();
      const step = await kept(store, stepOf(workspaceIn(root, { 'out/a': 'kept', b: 'kept' }), ['b', 'out/a']));
      const outside = workspaceIn(root, { a: 'mine' });
      const to = workspaceIn(root, { b: 'mine' });
      symlinkSync(outside, join(to, 'out'));
      assert.deepEqual(await store.restore(step, to, ['b']), {
        ok: false,
        error: 'out is in the way: it is no folder',
      });
      assert.equal(readFileSync(join(outside, 'a'), 'utf8') + readFileSync(join(to, 'b'), 'utf8'), 'minemine');
    });

    test('many that keep one key and restore it at once all have a whole tree', async () => {
      const { store, root } = open();
      const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`out/${index}`, `${index}`]));
      const from = workspaceIn(root, files);
      const paths = Object.keys(files).toSorted();
      const steps = await Promise.all(Array.from({ length: 4 }, async () => kept(store, stepOf(from, paths))));
      const targets = steps.map(() => workspaceIn(root));
      const ends = await Promise.all(
        targets.map(async (to, index) => store.restore(steps[index] ?? assert.fail(), to, [])),
      );
      assert.ok(ends.every((end) => end.ok));
      for (const to of targets)
        for (const [path, text] of Object.entries(files)) assert.equal(readFileSync(join(to, path), 'utf8'), text);
    });

    test('what is neither file, link nor folder cannot be kept, and nothing is kept then', async () => {
      const { store } = open();
      const result = await store.keep(stepOf('/dev', ['null']));
      assert.deepEqual(result, { ok: false, error: 'null is neither a file, a link nor a folder' });
      assert.equal(await store.find('k'), undefined);
    });
  });
}
