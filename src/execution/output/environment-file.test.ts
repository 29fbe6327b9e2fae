import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvironmentFile, parsePathFile } from './environment-file.ts';

function entries(text: string): readonly (readonly [string, string])[] {
  const parsed = parseEnvironmentFile(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return parsed.value;
}

function problem(text: string): string {
  const parsed = parseEnvironmentFile(text);
  assert.ok(!parsed.ok);
  return parsed.error;
}

test('names and values, blank lines between, a value with = and << in it', () => {
  assert.deepEqual(entries('A=1\n\nB=x=y\r\nC=\nD=1<<2\nlast=no newline'), [
    ['A', '1'],
    ['B', 'x=y'],
    ['C', ''],
    ['D', '1<<2'],
    ['last', 'no newline'],
  ]);
});

test('a value of several lines ends at its delimiter and keeps its line breaks', () => {
  assert.deepEqual(entries('A<<EOF\none\n\ntwo = 2\nEOF\nB<<X_Y=1\r\nwin\r\ndows\r\nX_Y=1\r\nC<<E\nE\n'), [
    ['A', 'one\n\ntwo = 2'],
    ['B', 'win\r\ndows'],
    ['C', ''],
  ]);
});

test('an empty file holds nothing, and a name may come twice', () => {
  assert.deepEqual(entries(''), []);
  assert.deepEqual(entries('\n\n'), []);
  assert.deepEqual(entries('A=1\nA=2\n'), [
    ['A', '1'],
    ['A', '2'],
  ]);
});

test('a value may start with ten thousand lines of backtracking bait', () => {
  assert.equal(entries(`A<<E\n${'='.repeat(10_000)}\n`.repeat(1) + 'E\n').length, 1);
});

test('what is wrong is told in GitHub’s words', () => {
  assert.equal(problem('A<<EOF\none\n'), "Invalid value. Matching delimiter not found 'EOF'");
  assert.equal(problem('no equals'), "Invalid format 'no equals'");
  assert.equal(problem('=x'), "Invalid format '=x'. Name must not be empty");
  assert.equal(problem('A<<'), "Invalid format 'A<<'. Name must not be empty and delimiter must not be empty");
  assert.equal(problem('<<E\nE'), "Invalid format '<<E'. Name must not be empty and delimiter must not be empty");
});

test('a path file is one folder a line', () => {
  assert.deepEqual(parsePathFile('/a/bin\n\n/b bin\r\n/c'), ['/a/bin', '/b bin', '/c']);
});
