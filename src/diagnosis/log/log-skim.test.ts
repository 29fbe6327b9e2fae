import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanLine } from './clean-line.ts';
import { LogSkim } from './log-skim.ts';

function skim(text: string, pieceBytes = 7): ReturnType<LogSkim['finish']> {
  const log = new LogSkim();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) log.add(bytes.subarray(at, at + pieceBytes));
  return log.finish();
}

test('lines are numbered by line feeds alone, however the bytes come in pieces', () => {
  const text = 'one\r\ntwo\rstill two\n\nünf\nlast';
  for (const pieces of [1, 2, 5, 100]) {
    const log = skim(text, pieces);
    assert.deepEqual(
      log.lines.map(({ number, raw }) => [number, raw]),
      [
        [1, 'one\r'],
        [2, 'two\rstill two'],
        [3, ''],
        [4, 'ünf'],
        [5, 'last'],
      ],
    );
    assert.equal(log.lineCount, 5);
  }
});

test('times, colours, folds and progress are taken off a line', () => {
  for (const [raw, clean] of [
    [
      '2024-01-01T00:00:00.0000000Z ##[error]Process completed with exit code 1.',
      '##[error]Process completed with exit code 1.',
    ],
    ['\u001B[31mfatal\u001B[0m: no', 'fatal: no'],
    ['travis_fold:start:install\r\u001B[0K$ npm ci', '$ npm ci'],
    [
      'travis_time:end:0a:start=1,finish=2,duration=3\u001B[0KThe command "x" exited with 1.',
      'The command "x" exited with 1.',
    ],
    ['10 %\r60 %\rdone\r', 'done'],
    ['[12:30:01] Starting', 'Starting'],
    ['  indented  ', '  indented'],
  ] as const)
    assert.equal(cleanLine(raw), clean);
});

test('of a log too large to keep, the first and the last failure are kept, with their numbers', () => {
  const skimmer = new LogSkim();
  const filler = Buffer.from('compiling module number 12 of the usual ones, nothing to see\n'.repeat(10_000));
  const add = (text: string): void => {
    skimmer.add(Buffer.from(text));
  };
  for (let n = 0; n < 30; n++) skimmer.add(filler);
  add('src/a.c:3:1: error: first thing\n');
  for (let n = 0; n < 60; n++) skimmer.add(filler);
  add('src/b.c:9:1: error: second thing\n');
  skimmer.add(filler);
  const log = skimmer.finish();
  assert.equal(log.lineCount, 910_002);
  assert.ok(log.lines.length < 20_000, `${log.lines.length} lines kept`);
  const found = log.lines.filter(({ raw }) => raw.includes('error:')).map(({ number, raw }) => [number, raw]);
  assert.deepEqual(found, [
    [300_001, 'src/a.c:3:1: error: first thing'],
    [900_002, 'src/b.c:9:1: error: second thing'],
  ]);
  const before = log.lines.find(({ number }) => number === 899_998);
  assert.match(before?.raw ?? '', /^compiling/, 'what stands before a failure is kept with it');
});

test('the memory that a piece of a log came in may be written over', () => {
  const memory = Buffer.alloc(1 << 20);
  const skimmer = new LogSkim();
  const add = (text: string): void => {
    memory.fill('x');
    skimmer.add(memory.subarray(0, memory.write(text)));
  };
  const quiet = 'compiling one of the usual modules\n'.repeat(20_000);
  for (let n = 0; n < 50; n++) add(`${quiet}begun here, `);
  add('ended there\n');
  add('src/b.c:9:1: error: a thing\nthe last');
  const log = skimmer.finish();
  const last = log.lines.slice(-3).map(({ number, raw }) => [number, raw]);
  assert.deepEqual(last, [
    [1_000_001, 'begun here, ended there'],
    [1_000_002, 'src/b.c:9:1: error: a thing'],
    [1_000_003, 'the last'],
  ]);
  assert.ok(!log.lines.some(({ raw }) => raw.includes('x')), 'nothing of what was written over it');
});

test('a line without an end takes no more memory than its beginning', () => {
  const skimmer = new LogSkim();
  for (let n = 0; n < 200; n++) skimmer.add(Buffer.alloc(1 << 20, 'x'));
  skimmer.add(Buffer.from('\nerror: after it\n'));
  const log = skimmer.finish();
  assert.equal(log.lineCount, 2);
  assert.ok((log.lines[0]?.raw.length ?? 0) < 2 << 20);
});
