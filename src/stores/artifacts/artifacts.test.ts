import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ZipFile } from 'yazl';
import { buffer } from 'node:stream/consumers';
import { openFileArtifacts } from './artifact-files.ts';
import { artifactContract, draft, filesIn, folderIn, RUN } from './artifacts.contract.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-artifacts-'));
after(() => rmSync(root, { recursive: true, force: true }));
const folder = folderIn(root);

function freshStore() {
  const dir = join(folder(), 'artifacts');
  let atMs = 1_700_000_000_000;
  const pass = (ms: number): void => {
    atMs += ms;
  };
  return { dir, pass, folder, store: openFileArtifacts(dir, { nowMs: () => atMs }) };
}

artifactContract('files', freshStore);

/** Every file that holds content. */
function contents(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => /\/[0-9a-f]{64}$/.test(path));
}

test('equal content takes its room once, and none when nothing has it any more', async () => {
  const { dir, store, pass } = freshStore();
  const text = 'x'.repeat(100_000);
  await store.save(draft('one'), filesIn(folder(), { a: text, b: text }));
  await store.save(draft('two', { retentionMs: 5000 }), filesIn(folder(), { c: text }));
  assert.equal(new Set(contents(dir).map((file) => statSync(file).ino)).size, 1);
  pass(1000);
  await store.sweep();
  assert.equal(contents(dir).length, 2);
  pass(5000);
  await store.sweep();
  assert.deepEqual(contents(dir), []);
});

test('content that was damaged is noticed', async () => {
  const { dir, store } = freshStore();
  const saved = await store.save(draft('a'), filesIn(folder(), { x: 'whole' }));
  assert.ok(saved.ok);
  const [file = ''] = contents(dir);
  chmodSync(file, 0o644);
  writeFileSync(file, 'other');
  assert.equal(await store.extract(saved.value, folder()), 'altered');
});

test('an archive whose paths lead out of the folder is refused', async () => {
  const { store } = freshStore();
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('x'), 'aa/evil');
  zip.end();
  // The writer refuses such a path too, so it is put in afterwards; it has the same length.
  const bytes = Buffer.from(
    (await buffer(zip.outputStream)).toString('latin1').replaceAll('aa/evil', '../evil'),
    'latin1',
  );
  mkdirSync(store.drafts, { recursive: true });
  const file = join(store.drafts, 'evil.zip');
  writeFileSync(file, bytes);
  const saved = await store.save(draft('evil'), { form: 'zip', file });
  assert.ok(saved.ok);
  await assert.rejects(store.extract(saved.value, folder()), /\.\.\/evil/);
});

test('a draft is gone after a save, whether it won or not', async () => {
  const { store } = freshStore();
  await store.save(draft('a'), filesIn(folder(), { x: '1' }));
  await store.save(draft('a'), filesIn(folder(), { x: '2' }));
  await assert.rejects(
    store.save(draft('b'), { form: 'tree', files: [{ path: 'x', source: join(folder(), 'no-such-file') }] }),
    /ENOENT/,
  );
  assert.deepEqual(readdirSync(store.drafts), []);
  assert.deepEqual(
    (await store.list(RUN)).map((each) => each.name),
    ['a'],
  );
});
