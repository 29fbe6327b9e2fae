import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogSkim } from '../log/log-skim.ts';
import type { SkimmedLog } from '../log/log-skim.ts';
import { readLog } from './excerpt.ts';

function skim(lines: readonly string[]): SkimmedLog {
  const log = new LogSkim();
  log.add(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  return log.finish();
}

/** The lines that are chosen, in words. */
function chosen(lines: readonly string[], green?: readonly string[]): readonly string[] {
  const { excerpt } = readLog(skim(lines), green ? { green: skim(green).forms } : {});
  return excerpt.flatMap(({ start, end }) => lines.slice(start - 1, end));
}

const HEAD = ['##[group]Run ./check', 'shell: bash -e {0}', 'env:', '  MODE: strict', '##[endgroup]'];
const END = ['##[error]Process completed with exit code 1.', 'Post job cleanup.'];

test('of a step that says next to nothing its last words are shown, and not its head', () => {
  const lines = chosen([...HEAD, 'src/a', 'src/b', ...END]);
  assert.deepEqual(lines.slice(0, 2), ['src/a', 'src/b']);
  assert.ok(!lines.some((line) => HEAD.includes(line)));
});

test('with a green log the rest of a stack is shown with what was chosen, over the lines between two stacks', () => {
  const stack = ['FATAL: channel closed', 'Command close created at', '\tat one(A.java:1)', '\tat two(A.java:2)'];
  const frames = Array.from({ length: 12 }, (_, index) => `\t\tat three(${'x'.repeat(index + 1)}.java:3)`);
  const whole = [...stack, 'Caused: shutdown', 'Also:   remote call to a builder', ...frames];
  const green = ['cloning', 'checked out', 'passed'];
  assert.deepEqual(chosen(['cloning', 'checked out', ...whole, 'Finished: FAILURE'], green).slice(0, 18), whole);
});

test('with a green log and little to show, the last new words are shown, and none that the green log has', () => {
  const green = [...HEAD, 'looking at 3 files', 'done', 'Cleaning up orphan processes'];
  const lines = chosen([...HEAD, 'looking at 4 files', 'the queue grows', 'ERROR: gave up', ...END], green);
  assert.ok(lines.includes('the queue grows'));
  assert.ok(lines.includes('ERROR: gave up'));
  assert.ok(!lines.includes('looking at 4 files'));
});

test('what failed in a step before the one that ended the job is not shown', () => {
  const before = ['##[group]Run rm x || true', 'fatal: not a git repository'];
  assert.ok(!chosen([...before, ...HEAD, 'src/a', ...END]).includes('fatal: not a git repository'));
});

test('in a log that marks its steps, a task of a build tool begins none', () => {
  const lines = [
    ...HEAD,
    'A.kt:12:1: error: no such thing here',
    '> Task :app:check FAILED',
    'BUILD FAILED in 1s',
    ...END,
  ];
  assert.equal(chosen(lines)[0], 'A.kt:12:1: error: no such thing here');
  assert.equal(readLog(skim(lines), {}).candidates[0]?.score.toFixed(0), '10');
});
