import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { jobId, runId } from '#base/ids.ts';
import { openFileLogStore } from './log-files.ts';
import { openMemoryLogStore } from './log-memory.ts';
import { batch, job, logStoreContract, run, textsOf } from './log-store.contract.ts';
import type { LogStore } from './log-store.ts';

const root = mkdtempSync(path.join(tmpdir(), 'gantry-logs-'));
after(() => rmSync(root, { recursive: true, force: true }));

function freshDir(): string {
  return mkdtempSync(path.join(root, 'l-'));
}

interface Cut {
  readonly store: LogStore;
  readonly log: string;
  readonly index: string;
}

/** A log of two flushed entries, whose writer is gone. */
function cutOff(): Cut {
  const dir = freshDir();
  const store = openFileLogStore(dir);
  const writer = store.open(run, job);
  writer.append(batch('one\ntwo\n'));
  writer.flush();
  writer.append(batch('three\n', { step: 3, stream: 'stderr', atMs: 7000 }));
  writer.flush();
  const stem = path.join(dir, 'r-1', 'test%20(node%2024%2C%20a%2Fb)');
  return { store, log: `${stem}.log`, index: `${stem}.index` };
}

/** Opens it again, writes a line and looks at the whole. */
function goOn(store: LogStore): unknown[] {
  const writer = store.open(run, job);
  writer.append(batch('new\n', { step: 4 }));
  const end = writer.end();
  assert.deepEqual(store.end(run, job, { verify: true }), end);
  return Array.from(store.read(run, job), ({ seq, step, text }) => [seq, step, text]);
}

const kept = [
  [1, 0, 'one'],
  [2, 0, 'two'],
];

logStoreContract('memory', openMemoryLogStore);
logStoreContract('files', () => openFileLogStore(freshDir()));

describe('log files that were cut off', () => {
  test('whole lines the index does not know of go to the last step, and a torn line is dropped', () => {
    const { store, log } = cutOff();
    appendFileSync(log, 'four\nfive\ntorn');
    assert.deepEqual(textsOf(store.read(run, job)), ['one', 'two', 'three']);
    assert.deepEqual(goOn(store), [...kept, [3, 3, 'three'], [4, 3, 'four'], [5, 3, 'five'], [6, 4, 'new']]);
    assert.equal(readFileSync(log, 'utf8'), 'one\ntwo\nthree\nfour\nfive\nnew\n');
  });

  test('only a torn line behind the index: it is dropped', () => {
    const { store, log } = cutOff();
    appendFileSync(log, 'torn');
    assert.deepEqual(goOn(store), [...kept, [3, 3, 'three'], [4, 4, 'new']]);
  });

  test('a torn index line is no entry for a reader, and its lines are found again', () => {
    const { store, index } = cutOff();
    truncateSync(index, readFileSync(index).length - 5);
    assert.deepEqual(textsOf(store.read(run, job)), ['one', 'two']);
    assert.deepEqual(goOn(store), [...kept, [3, 0, 'three'], [4, 4, 'new']]);
  });

  test('an entry of bytes that never arrived is dropped', () => {
    const { store, log } = cutOff();
    truncateSync(log, 10);
    assert.deepEqual(goOn(store), [...kept, [3, 4, 'new']]);
  });

  test('a lost index costs steps and times, not lines', () => {
    const { store, index } = cutOff();
    writeFileSync(index, '');
    assert.deepEqual(goOn(store), [...kept, [3, 0, 'three'], [4, 4, 'new']]);
  });

  test('a large lost part, with lines longer than a chunk, is found again whole', () => {
    const { store, log } = cutOff();
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index}`);
    lines.splice(10_000, 0, 'z'.repeat(600_000));
    appendFileSync(log, `${lines.join('\n')}\ntorn`);
    const writer = store.open(run, job);
    assert.equal(writer.end().lines, 3 + lines.length);
    assert.deepEqual(textsOf(store.read(run, job)), ['one', 'two', 'three', ...lines]);
    assert.ok(store.end(run, job, { verify: true }));
  });

  test('a log that changed after its end is not true, and only a check of the bytes tells', () => {
    const { store, log } = cutOff();
    const end = store.open(run, job).end();
    writeFileSync(log, readFileSync(log, 'utf8').replace('two', 'TWO'));
    assert.deepEqual(store.end(run, job), end);
    assert.equal(store.end(run, job, { verify: true }), undefined);
    rmSync(log);
    assert.equal(store.end(run, job, { verify: true }), undefined);
  });
});

describe('log files', () => {
  test('no name of a run or job leaves the folder', () => {
    const dir = freshDir();
    const store = openFileLogStore(path.join(dir, 'logs'));
    for (const name of ['..', '../../x', '/abs', '.', '', 'x'.repeat(1000)]) {
      const writer = store.open(runId(name), jobId(name));
      writer.append(batch('hello\n'));
      writer.end();
      assert.deepEqual(textsOf(store.read(runId(name), jobId(name))), ['hello']);
    }
    assert.deepEqual(readdirSync(dir), ['logs']);
    assert.equal(readdirSync(path.join(dir, 'logs')).length, 6);
  });

  test('many batches pass the buffer unharmed, and near ones share an index entry', () => {
    const dir = freshDir();
    const store = openFileLogStore(dir);
    const writer = store.open(run, jobId('many'));
    const hash = createHash('sha256');
    for (let index = 0; index < 50_000; index += 1) {
      const text = `line ${index} ${'.'.repeat(index % 90)}\n`;
      hash.update(text);
      writer.append(batch(text, { atMs: 1000 + Math.floor(index / 1000) }));
    }
    const end = writer.end();
    assert.equal(end.sha256, hash.digest('hex'));
    assert.deepEqual(store.end(run, jobId('many'), { verify: true }), end);
    let expected = 0;
    for (const { seq, text } of store.read(run, jobId('many'))) {
      assert.ok(text.startsWith(`line ${expected} `));
      expected += 1;
      assert.equal(seq, expected);
    }
    assert.equal(expected, 50_000);
    const entries = readFileSync(path.join(dir, 'r-1', 'many.index'), 'utf8').split('\n').length;
    assert.ok(entries < 30, `${entries} index lines`);
  });

  test('a cursor anywhere in a log with a large index finds the very next line', () => {
    const store = openFileLogStore(freshDir());
    const writer = store.open(run, job);
    const total = 20_001;
    for (let seq = 1; seq <= total; seq += 3) {
      const stream = seq % 2 === 0 ? 'stdout' : 'stderr';
      writer.append(batch(`${seq}\n${seq + 1}\n${seq + 2}\n`, { stream }));
    }
    writer.end();
    for (let afterSeq = 0; afterSeq < total; afterSeq += 97) {
      const [next] = store.read(run, job, { afterSeq });
      assert.deepEqual([next?.seq, next?.text], [afterSeq + 1, `${afterSeq + 1}`]);
    }
    assert.deepEqual(textsOf(store.read(run, job, { afterSeq: total - 1 })), [`${total}`]);
    assert.deepEqual(textsOf(store.read(run, job, { afterSeq: total })), []);
  });

  test('batches of different steps or streams, or far apart in time, keep their own entries', () => {
    const store = openFileLogStore(freshDir());
    const writer = store.open(run, job);
    writer.append(batch('a\n', { atMs: 1000 }));
    writer.append(batch('b\n', { atMs: 1051 }));
    writer.append(batch('c\n', { atMs: 1051, stream: 'stderr' }));
    writer.append(batch('d\n', { atMs: 1051, step: 1, stream: 'stderr' }));
    writer.flush();
    assert.deepEqual(
      Array.from(store.read(run, job), ({ atMs, stream, step }) => [atMs, stream, step]),
      [
        [1000, 'stdout', 0],
        [1051, 'stdout', 0],
        [1051, 'stderr', 0],
        [1051, 'stderr', 1],
      ],
    );
  });

  test('after a write that failed, the next flush writes all of it once', () => {
    const dir = freshDir();
    const store = openFileLogStore(dir);
    const writer = store.open(run, jobId('a'));
    writer.append(batch('one\n'));
    const index = path.join(dir, 'r-1', 'a.index');
    rmSync(index);
    assert.throws(() => writer.flush(), { code: 'ENOENT' });
    writeFileSync(index, '');
    writer.append(batch('two\n'));
    writer.end();
    assert.equal(readFileSync(path.join(dir, 'r-1', 'a.log'), 'utf8'), 'one\ntwo\n');
    assert.ok(store.end(run, jobId('a'), { verify: true }));
  });
});
