import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvironmentFile, parsePathFile } from './environment-file.ts';

function entries(text: string): readonly (readonly [string, string])[] {
  const parsed = parseEnvironmentFile(text);
  assert.equal(parsed.problem, undefined);
  return parsed.entries;
}

function problem(text: string): string | undefined {
  return parseEnvironmentFile(text).problem;
}

test('names and values, blank lines between, a value with = and << in it', () => {
  assert.deepEqual(entries('A=1\n\nB=x=y\nC=\nD=1<<2\nlast=no newline'), [
    ['A', '1'],
    ['B', 'x=y'],
    ['C', ''],
    ['D', '1<<2'],
    ['last', 'no newline'],
  ]);
});

test('a value of several lines ends at its delimiter and keeps its line breaks', () => {
  assert.deepEqual(entries('A<<EOF\none\n\ntwo = 2\nEOF\nB<<X_Y=1\nEOF\nX_Y=1\nC<<E\nE\nD<< E\n\n\n E'), [
    ['A', 'one\n\ntwo = 2'],
    ['B', 'EOF'],
    ['C', ''],
    ['D', '\n'],
  ]);
});

test('a return before the line feed is part of the value, as on GitHub’s Linux; a byte order mark is not', () => {
  assert.deepEqual(entries('\uFEFFA=1\r\nB<<E\r\nx\r\ny\r\nE\r\n'), [
    ['A', '1\r'],
    ['B', 'x\r\ny\r'],
  ]);
});

test('names keep their case and their blanks', () => {
  assert.deepEqual(entries('a=1\nA=2\n b =3\n'), [
    ['a', '1'],
    ['A', '2'],
    [' b ', '3'],
  ]);
});

test('what stands before a mistake counts, what stands behind it does not', () => {
  assert.deepEqual(parseEnvironmentFile('A=1\nwrong\nB=2\n'), {
    entries: [['A', '1']],
    problem: "Invalid format 'wrong'",
  });
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
  assert.equal(problem('A<<EOF\none EOF'), 'Invalid value. EOF marker missing new line.');
  assert.equal(problem('A<<EOF\none\n EOF\n'), "Invalid value. Matching delimiter not found 'EOF'");
  assert.equal(problem('A<<EOF'), "Invalid value. Matching delimiter not found 'EOF'");
  assert.equal(problem('{"json": true}'), `Invalid format '{"json": true}'`);
  assert.equal(problem('no equals'), "Invalid format 'no equals'");
  assert.equal(problem('=x'), "Invalid format '=x'. Name must not be empty");
  assert.equal(problem('A<<'), "Invalid format 'A<<'. Name must not be empty and delimiter must not be empty");
  assert.equal(problem('<<E\nE'), "Invalid format '<<E'. Name must not be empty and delimiter must not be empty");
});

test('a path file is one folder a line', () => {
  assert.deepEqual(parsePathFile('/a/bin\n\n/b bin\r\n/c'), ['/a/bin', '/b bin', '/c']);
});
