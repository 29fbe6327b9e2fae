import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startTicks } from '../process/process-identity.ts';
import { Removal } from './removal.ts';

test('a folder is gone from its place at once, and altogether when everything is settled', async () => {
  using root = new Root();
  const removal = new Removal(root.path);
  for (let job = 0; job < 7; job++) {
    const folder = root.folder(`job-${job}`);
    removal.putAside(folder);
    assert.ok(!existsSync(folder));
  }
  assert.equal(readdirSync(root.path).length, 7, 'they are only aside');
  await removal.settle();
  assert.deepEqual(readdirSync(root.path), []);
});

test('what a dead engine had put aside is removed, and what a living one has is not', async () => {
  using root = new Root();
  const living = `.leaving-${process.pid}-${startTicks(process.pid) ?? ''}-1`;
  for (const name of ['.leaving-999999999-1-1', living, 'a-job']) root.folder(name);
  await new Removal(root.path).settle();
  assert.deepEqual(readdirSync(root.path).toSorted(), [living, 'a-job'].toSorted());
});

class Root {
  readonly path = mkdtempSync(join(tmpdir(), 'gantry-removal-'));

  folder(name: string): string {
    const folder = join(this.path, name);
    mkdirSync(join(folder, 'inner'), { recursive: true });
    writeFileSync(join(folder, 'inner', 'file'), '');
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
