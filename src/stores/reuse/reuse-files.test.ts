import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openFileReuseStore } from './reuse-files.ts';
import type { ReuseOptions } from './reuse-files.ts';
import { kept, reuseContract, stepOf, workspaceIn } from './reuse-store.contract.ts';
import type { ReuseBench } from './reuse-store.contract.ts';

const base = mkdtempSync(join(tmpdir(), 'gantry-reuse-'));
after(() => rmSync(base, { recursive: true }));

function open(options: ReuseOptions = {}): ReuseBench & { readonly dir: string } {
  const root = mkdtempSync(join(base, 'b-'));
  const dir = join(root, 'reuse');
  return { store: openFileReuseStore(dir, options), root, dir };
}

reuseContract('files', open);

function objectsIn(dir: string): readonly string[] {
  return readdirSync(join(dir, 'objects')).flatMap((shelf) =>
    readdirSync(join(dir, 'objects', shelf)).map((name) => join(dir, 'objects', shelf, name)),
  );
}

test('the same content is there once, in files that nothing else is linked to', async () => {
  const { store, root, dir } = open();
  const step = await kept(store, stepOf(workspaceIn(root, { a: 'x', b: 'x', c: 'y' }), ['a', 'b', 'c']));
  await store.restore(step, workspaceIn(root), []);
  assert.deepEqual(
    objectsIn(dir).map((file) => lstatSync(file).nlink),
    [1, 1],
  );
  assert.deepEqual(readdirSync(join(dir, 'tmp')), []);
});

test('an object that was damaged is found before the workspace is touched, and can be kept again', async () => {
  const { store, root, dir } = open();
  const from = workspaceIn(root, { a: 'whole' });
  const step = await kept(store, stepOf(from, ['a']));
  const [object = ''] = objectsIn(dir);
  writeFileSync(object, 'wrong');
  const to = workspaceIn(root, { a: 'mine' });
  assert.deepEqual(await store.restore(step, to, ['a']), { ok: false, error: 'what was kept of a is damaged' });
  assert.equal(readFileSync(join(to, 'a'), 'utf8'), 'mine');
  assert.equal(await store.find('k'), undefined);
  const again = await kept(store, stepOf(from, ['a']));
  assert.ok((await store.restore(again, to, ['a'])).ok);
  assert.equal(readFileSync(join(to, 'a'), 'utf8'), 'whole');
});

test('an object that was only touched is trusted for its content', async () => {
  const { store, root, dir } = open();
  const step = await kept(store, stepOf(workspaceIn(root, { a: 'whole' }), ['a']));
  const [object = ''] = objectsIn(dir);
  chmodSync(object, 0o600);
  assert.ok((await store.restore(step, workspaceIn(root), [])).ok);
});

test('a list of files that was changed is not what was kept', async () => {
  const { store, root, dir } = open();
  const step = await kept(store, stepOf(workspaceIn(root, { a: '1' }), ['a']));
  const [tree = ''] = readdirSync(join(dir, 'trees'));
  const text = readFileSync(join(dir, 'trees', tree), 'utf8');
  writeFileSync(join(dir, 'trees', tree), text.replace('"a"', '"../a"'));
  const to = workspaceIn(root);
  assert.deepEqual(await store.restore(step, to, []), { ok: false, error: 'what was kept is gone' });
  assert.ok(!existsSync(join(to, '..', 'a')));
});

test('with hard links, a step that writes into a restored file is found out at the next restore', async () => {
  const { store, root, dir } = open({ linksAll: true });
  const step = await kept(store, stepOf(workspaceIn(root, { a: 'whole' }), ['a']));
  const to = workspaceIn(root);
  assert.ok((await store.restore(step, to, [])).ok);
  assert.equal(lstatSync(join(to, 'a')).nlink, 2);
  assert.ok((await store.restore(step, to, ['a'])).ok);
  writeFileSync(join(to, 'a'), 'wrong');
  assert.equal((await store.restore(step, workspaceIn(root), [])).ok, false);
  assert.deepEqual(objectsIn(dir), []);
});

test('what was used the longest ago goes first, with the content that nothing else has', async () => {
  let now = Date.now();
  const { store, root, dir } = open({ maxBytes: 25, graceMs: -60_000, nowMs: () => (now += 10_000) });
  const ten = (letter: string): string => workspaceIn(root, { a: letter.repeat(10) });
  await kept(store, stepOf(ten('1'), ['a'], { key: 'k1' }));
  await kept(store, stepOf(ten('2'), ['a'], { key: 'k2' }));
  await store.find('k1');
  const third = await kept(store, stepOf(ten('3'), ['a'], { key: 'k3' }));
  const found = await Promise.all(['k1', 'k2', 'k3'].map(async (key) => (await store.find(key)) !== undefined));
  assert.deepEqual(found, [true, false, true]);
  assert.equal(objectsIn(dir).length, 2);
  assert.ok((await store.restore(third, workspaceIn(root), [])).ok);
});

test('what was not used for long enough goes', async () => {
  let now = Date.now();
  const { store, root } = open({ maxAgeMs: 1_000, nowMs: () => now });
  await kept(store, stepOf(workspaceIn(root, { a: '1' }), ['a'], { key: 'k1' }));
  await store.find('k1');
  now += 60_000;
  await kept(store, stepOf(workspaceIn(root, { a: '2' }), ['a'], { key: 'k2' }));
  assert.equal(await store.find('k1'), undefined);
});
