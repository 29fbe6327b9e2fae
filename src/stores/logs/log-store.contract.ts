import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { jobId, runId } from '#base/ids.ts';
import type { LogBatch, LogLine, LogStore } from './log-store.ts';

export const run = runId('r-1');
export const job = jobId('test (node 24, a/b)');

/** One batch that holds `text`, which ends with a newline. */
export function batch(text: string, more: Partial<Omit<LogBatch, 'bytes' | 'lines'>> = {}): LogBatch {
  const bytes = Buffer.from(text);
  return { step: 0, stream: 'stdout', atMs: 1000, ...more, bytes, lines: text.split('\n').length - 1 };
}

export function textsOf(lines: Iterable<LogLine>): string[] {
  return Array.from(lines, (line) => line.text);
}

/** What every log store must do. `open` gives an empty one. */
export function logStoreContract(name: string, open: () => LogStore): void {
  describe(`log store: ${name}`, () => {
    test('lines come back in order, with number, step, stream and time', () => {
      const store = open();
      const log = store.open(run, job);
      log.append(batch('one\ntwo\n'));
      log.append(batch('three\n', { step: 1, stream: 'stderr', atMs: 2000 }));
      log.flush();
      assert.deepEqual(Array.from(store.read(run, job)), [
        { seq: 1, step: 0, stream: 'stdout', atMs: 1000, text: 'one' },
        { seq: 2, step: 0, stream: 'stdout', atMs: 1000, text: 'two' },
        { seq: 3, step: 1, stream: 'stderr', atMs: 2000, text: 'three' },
      ]);
    });

    test('the logs of a run can be weighed and removed, and those of others stay', () => {
      const store = open();
      const other = runId('r-10');
      for (const each of [run, other]) {
        const log = store.open(each, job);
        log.append(batch('one\n'));
        log.end();
      }
      assert.ok(store.size(run) >= 4);
      store.remove(run);
      assert.equal(store.size(run), 0);
      assert.deepEqual(textsOf(store.read(run, job)), []);
      assert.deepEqual(textsOf(store.read(other, job)), ['one']);
      store.remove(run);
    });

    test('the time of the last lines is known without reading them, also behind the end marker', () => {
      const store = open();
      assert.equal(store.lastAtMs(run, job), undefined);
      const log = store.open(run, job);
      log.append(batch('one\n'));
      log.append(batch('two\n', { atMs: 2000 }));
      log.flush();
      assert.equal(store.lastAtMs(run, job), 2000);
      log.end();
      assert.equal(store.lastAtMs(run, job), 2000);
    });

    test('a reader with a cursor gets only what came after it, also from the middle of a batch', () => {
      const store = open();
      const log = store.open(run, job);
      log.append(batch('1\n2\n3\n'));
      log.append(batch('4\n5\n', { step: 1 }));
      log.flush();
      assert.deepEqual(textsOf(store.read(run, job, { afterSeq: 2 })), ['3', '4', '5']);
      assert.deepEqual(textsOf(store.read(run, job, { afterSeq: 3 })), ['4', '5']);
      assert.deepEqual(textsOf(store.read(run, job, { afterSeq: 5 })), []);
    });

    test('the lines of one step keep their numbers in the job', () => {
      const store = open();
      const log = store.open(run, job);
      log.append(batch('a\n'));
      log.append(batch('b\n', { step: 1 }));
      log.append(batch('c\n', { step: 0 }));
      log.append(batch('d\n', { step: 1 }));
      log.flush();
      const lines = Array.from(store.read(run, job, { step: 1, afterSeq: 2 }));
      assert.deepEqual(
        lines.map(({ seq, text }) => [seq, text]),
        [[4, 'd']],
      );
    });

    test('empty lines, carriage returns and characters of several bytes stay as they are', () => {
      const store = open();
      const log = store.open(run, job);
      log.append(batch('\n\n50%\r100%\r\né💥\u2028x\n'));
      log.flush();
      assert.deepEqual(textsOf(store.read(run, job)), ['', '', '50%\r100%\r', 'é💥\u2028x']);
    });

    test('the writer keeps no hold on the bytes it was given', () => {
      const store = open();
      const log = store.open(run, job);
      const bytes = Buffer.from('before\n');
      log.append({ step: 0, stream: 'stdout', atMs: 1, lines: 1, bytes });
      bytes.fill('x', 0, 6);
      log.flush();
      assert.deepEqual(textsOf(store.read(run, job)), ['before']);
    });

    test('a batch of any size passes, whole and in its place', () => {
      const store = open();
      const log = store.open(run, job);
      const long = 'y'.repeat(700_000);
      log.append(batch('before\n'));
      log.append(batch(`${long}\nnext\n`));
      log.append(batch('after\n'));
      log.flush();
      assert.deepEqual(textsOf(store.read(run, job)), ['before', long, 'next', 'after']);
    });

    test('a job of which nothing was written has no lines and no end', () => {
      const store = open();
      assert.deepEqual(textsOf(store.read(run, job)), []);
      assert.equal(store.end(run, job), undefined);
    });
  });
  endContract(name, open);
}

function endContract(name: string, open: () => LogStore): void {
  describe(`log store, end of a log: ${name}`, () => {
    test('the end tells length, lines and hash of what was written', () => {
      const store = open();
      const log = store.open(run, job);
      log.append(batch('one\ntwo\n'));
      log.append(batch('é\n', { step: 1 }));
      assert.equal(store.end(run, job), undefined);
      const hash = createHash('sha256').update('one\ntwo\né\n').digest('hex');
      assert.deepEqual(log.end(), { bytes: 11, lines: 3, sha256: hash });
      assert.deepEqual(log.end(), { bytes: 11, lines: 3, sha256: hash });
      assert.deepEqual(store.end(run, job), { bytes: 11, lines: 3, sha256: hash });
      assert.deepEqual(store.end(run, job, { verify: true }), { bytes: 11, lines: 3, sha256: hash });
      assert.deepEqual(textsOf(store.read(run, job)), ['one', 'two', 'é']);
    });

    test('an empty log can end', () => {
      const store = open();
      const end = store.open(run, job).end();
      assert.deepEqual({ bytes: end.bytes, lines: end.lines }, { bytes: 0, lines: 0 });
      assert.deepEqual(store.end(run, job, { verify: true }), end);
    });

    test('a log that is opened again goes on behind its last line, and ends anew', () => {
      const store = open();
      const before = store.open(run, job);
      before.append(batch('one\n'));
      before.end();
      const log = store.open(run, job);
      assert.equal(store.end(run, job), undefined);
      log.append(batch('two\n', { step: 1 }));
      const end = log.end();
      assert.equal(end.sha256, createHash('sha256').update('one\ntwo\n').digest('hex'));
      assert.deepEqual(store.end(run, job, { verify: true }), end);
      assert.deepEqual(
        Array.from(store.read(run, job), ({ seq, step, text }) => [seq, step, text]),
        [
          [1, 0, 'one'],
          [2, 1, 'two'],
        ],
      );
    });

    test('a line that is not whole and a line behind the end are refused', () => {
      const log = open().open(run, job);
      assert.throws(() => log.append({ ...batch('x\n'), bytes: Buffer.from('torn') }), /not whole/);
      log.end();
      assert.throws(() => log.append(batch('late\n')), /has ended/);
    });

    test('jobs and runs do not see each other', () => {
      const store = open();
      store.open(run, jobId('a')).end();
      assert.equal(store.end(run, jobId('b')), undefined);
      assert.equal(store.end(runId('r-2'), jobId('a')), undefined);
    });
  });
}
