import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { jobId, runId } from '#base/ids.ts';
import type { ArtifactContent, ArtifactDraft, ArtifactStore } from './artifacts.ts';

export interface ArtifactBench {
  readonly store: ArtifactStore;
  /** Lets the store's clock go on. */
  readonly pass: (ms: number) => void;
  /** An empty folder. */
  readonly folder: () => string;
}

export function folderIn(root: string): ArtifactBench['folder'] {
  return () => mkdtempSync(join(root, 'f-'));
}

export const RUN = runId('r-1');

export function draft(name: string, rest: Partial<ArtifactDraft> = {}): ArtifactDraft {
  return { runId: RUN, name, jobId: jobId('build'), attempt: 1, retentionMs: 1000, overwrite: false, ...rest };
}

export function filesIn(folder: string, files: Readonly<Record<string, string>>): ArtifactContent {
  const list = Object.entries(files).map(([path, text]) => {
    const source = join(folder, path);
    mkdirSync(dirname(source), { recursive: true });
    writeFileSync(source, text);
    return { path, source };
  });
  return { form: 'tree', files: list };
}

/** What every store of artifacts must do. `open` gives an empty one. */
export function artifactContract(name: string, open: () => ArtifactBench): void {
  describe(`artifacts, names: ${name}`, () => {
    test('another run is given what some jobs handed on, whole, and keeps it when the first is gone', async () => {
      const { store, folder } = open();
      const next = runId('r-1.2');
      const tree = await store.save(draft('tree'), filesIn(folder(), { 'deep/x': '1' }));
      await store.save(draft('other', { jobId: jobId('test') }), filesIn(folder(), { y: '2' }));
      await store.save(draft('own'), filesIn(folder(), { z: 'of the first' }));
      await store.save(draft('own', { runId: next }), filesIn(folder(), { z: 'of the second' }));
      assert.ok(tree.ok);
      const carried = { ...tree.value, runId: next };
      assert.deepEqual(await store.carry(RUN, next, new Set([jobId('build')])), [carried]);
      assert.deepEqual((await store.list(next)).map((each) => each.name).toSorted(), ['own', 'tree']);
      await store.remove(RUN, 'tree');
      const to = folder();
      assert.equal(await store.extract(carried, to), 'intact');
      assert.equal(readFileSync(join(to, 'deep/x'), 'utf8'), '1');
      const own = await store.get(next, 'own');
      assert.ok(own);
      assert.equal(await store.extract(own, to), 'intact');
      assert.equal(readFileSync(join(to, 'z'), 'utf8'), 'of the second');
    });

    test('a name is given once in a run, and again in another', async () => {
      const { store, folder } = open();
      const first = await store.save(draft('a'), filesIn(folder(), { x: '1' }));
      assert.ok(first.ok);
      assert.deepEqual(await store.save(draft('a'), filesIn(folder(), { x: '2' })), { ok: false, error: 'exists' });
      assert.ok((await store.save(draft('a', { runId: runId('r-2') }), filesIn(folder(), { x: '3' }))).ok);
      assert.deepEqual(await store.list(RUN), [first.value]);
      const to = folder();
      assert.equal(await store.extract(first.value, to), 'intact');
      assert.equal(readFileSync(join(to, 'x'), 'utf8'), '1');
    });

    test('overwriting takes the place of the earlier one, under a new id', async () => {
      const { store, folder } = open();
      const first = await store.save(draft('a'), filesIn(folder(), { x: '1', old: '' }));
      const second = await store.save(draft('a', { overwrite: true }), filesIn(folder(), { x: '2' }));
      assert.ok(first.ok && second.ok);
      assert.notEqual(first.value.id, second.value.id);
      assert.deepEqual(await store.list(RUN), [second.value]);
      const to = folder();
      await store.extract(second.value, to);
      assert.ok(!existsSync(join(to, 'old')));
    });

    test('a job that is attempted again may upload again, another job may not', async () => {
      const { store, folder } = open();
      await store.save(draft('a'), filesIn(folder(), { x: '1' }));
      const other = draft('a', { jobId: jobId('other'), attempt: 2 });
      assert.equal((await store.save(other, filesIn(folder(), { x: '2' }))).ok, false);
      assert.ok((await store.save(draft('a', { attempt: 2 }), filesIn(folder(), { x: '3' }))).ok);
      assert.equal((await store.save(draft('a', { attempt: 2 }), filesIn(folder(), { x: '4' }))).ok, false);
    });

    test('a step that is tried again may upload again, but not twice in one try, and no other step may', async () => {
      const { store, folder } = open();
      const upload = async (step: number, id: string) =>
        (await store.save(draft('a', { stepTry: { step, id } }), filesIn(folder(), { x: id }))).ok;
      assert.ok(await upload(1, 'first'));
      assert.ok(!(await upload(1, 'first')));
      assert.ok(!(await upload(2, 'other')));
      assert.ok(await upload(1, 'second'));
    });

    test('of many that save one name at once, one wins and is whole', async () => {
      const { store, folder } = open();
      const saves = Array.from({ length: 5 }, (_, index) =>
        store.save(draft('a'), filesIn(folder(), { x: `${index}`, y: `${index}` })),
      );
      const won = (await Promise.all(saves)).filter((each) => each.ok);
      assert.equal(won.length, 1);
      const to = folder();
      const kept = await store.get(RUN, 'a');
      assert.ok(kept);
      await store.extract(kept, to);
      assert.equal(readFileSync(join(to, 'x'), 'utf8'), readFileSync(join(to, 'y'), 'utf8'));
    });

    test('any text can be a name, and what is removed is gone', async () => {
      const { store, folder } = open();
      for (const each of ['..', 'a/b', 'ä ö', 'x'.repeat(400)]) {
        assert.ok((await store.save(draft(each), filesIn(folder(), { x: each }))).ok);
        assert.equal((await store.get(RUN, each))?.name, each);
        assert.ok(await store.remove(RUN, each));
        assert.equal(await store.get(RUN, each), undefined);
        assert.ok(!(await store.remove(RUN, each)));
      }
    });

    test('what has expired is in no list, is swept once, and its name is free', async () => {
      const { store, folder, pass } = open();
      await store.save(draft('short'), filesIn(folder(), { x: 'same' }));
      await store.save(draft('long', { retentionMs: 5000 }), filesIn(folder(), { x: 'same' }));
      assert.deepEqual(await store.sweep(), []);
      pass(1000);
      assert.deepEqual(
        (await store.list(RUN)).map((each) => each.name),
        ['long'],
      );
      assert.equal(await store.get(RUN, 'short'), undefined);
      assert.deepEqual(await store.sweep({ notAgainWithinMs: 60_000 }), []);
      for (const isTrial of [true, true, false])
        assert.deepEqual(
          (await store.sweep({ isTrial })).map((each) => each.name),
          ['short'],
        );
      assert.deepEqual(await store.sweep({ isTrial: true }), []);
      assert.deepEqual(await store.sweep(), []);
      assert.ok((await store.save(draft('short'), filesIn(folder(), { x: '2' }))).ok);
      const long = await store.get(RUN, 'long');
      assert.ok(long);
      assert.equal(await store.extract(long, folder()), 'intact');
    });
  });
  contentContract(name, open);
}

function contentContract(name: string, open: () => ArtifactBench): void {
  describe(`artifacts, content: ${name}`, () => {
    test('files come out as they went in, readable and not executable, whatever became of their sources', async () => {
      const { store, folder } = open();
      const from = folder();
      const content = filesIn(from, { 'bin/tool': '#!', 'a b/ü': 'text', empty: '' });
      chmodSync(join(from, 'bin/tool'), 0o755);
      const saved = await store.save(draft('a'), content);
      assert.ok(saved.ok);
      assert.deepEqual([saved.value.files, saved.value.bytes], [3, 6]);
      writeFileSync(join(from, 'bin/tool'), 'changed');
      const to = folder();
      assert.equal(await store.extract(saved.value, to), 'intact');
      assert.equal(readFileSync(join(to, 'bin/tool'), 'utf8'), '#!');
      assert.equal(readFileSync(join(to, 'a b/ü'), 'utf8'), 'text');
      assert.equal(statSync(join(to, 'bin/tool')).mode & 0o777, 0o644);
    });

    test('what came out may be written to without the artifact knowing', async () => {
      const { store, folder } = open();
      const saved = await store.save(draft('a'), filesIn(folder(), { x: 'kept' }));
      assert.ok(saved.ok);
      const first = folder();
      await store.extract(saved.value, first);
      writeFileSync(join(first, 'x'), 'written over');
      const second = folder();
      assert.equal(await store.extract(saved.value, second), 'intact');
      assert.equal(readFileSync(join(second, 'x'), 'utf8'), 'kept');
    });

    test('a file is laid over what is there, never through a link', async () => {
      const { store, folder } = open();
      const saved = await store.save(draft('a'), filesIn(folder(), { x: 'new' }));
      assert.ok(saved.ok);
      const to = folder();
      writeFileSync(join(to, 'victim'), 'safe');
      symlinkSync('victim', join(to, 'x'));
      await store.extract(saved.value, to);
      assert.equal(readFileSync(join(to, 'victim'), 'utf8'), 'safe');
      assert.equal(readFileSync(join(to, 'x'), 'utf8'), 'new');
    });

    test('a path that leaves the folder is refused', async () => {
      const { store, folder } = open();
      const from = folder();
      writeFileSync(join(from, 'x'), '1');
      const content: ArtifactContent = { form: 'tree', files: [{ path: '../x', source: join(from, 'x') }] };
      const saved = await store.save(draft('a'), content);
      assert.ok(saved.ok);
      await assert.rejects(store.extract(saved.value, folder()), /\.\.\/x leaves the folder/);
    });

    test('a tree is sent as an archive, and an archive that was sent is laid out as files', async () => {
      const { store, folder } = open();
      const tree = await store.save(draft('tree'), filesIn(folder(), { 'd/x': '1', y: '22' }));
      assert.ok(tree.ok);
      const sent = await store.body(tree.value);
      assert.ok(sent.kind === 'stream');
      mkdirSync(store.drafts, { recursive: true });
      const file = join(store.drafts, 'a.zip');
      writeFileSync(file, await buffer(sent.stream));
      const zip = await store.save(draft('zip'), { form: 'zip', file });
      assert.ok(zip.ok);
      assert.ok(!existsSync(file));
      const to = folder();
      assert.equal(await store.extract(zip.value, to), 'intact');
      assert.deepEqual([readFileSync(join(to, 'd/x'), 'utf8'), readFileSync(join(to, 'y'), 'utf8')], ['1', '22']);
      const again = await store.body(zip.value);
      assert.ok(again.kind === 'file' && again.bytes === zip.value.bytes);
    });

    test('a single file that is not packed has the name of its artifact', async () => {
      const { store, folder } = open();
      mkdirSync(store.drafts, { recursive: true });
      const file = join(store.drafts, 'raw');
      writeFileSync(file, 'raw');
      const saved = await store.save(draft('notes.txt'), { form: 'file', file });
      assert.ok(saved.ok);
      const to = folder();
      assert.equal(await store.extract(saved.value, to), 'intact');
      assert.equal(readFileSync(join(to, 'notes.txt'), 'utf8'), 'raw');
    });
  });
}
