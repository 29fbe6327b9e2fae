import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormTable } from './form-table.ts';
import { formOf, LineReader } from './line-form.ts';

function form(text: string): number {
  return formOf(Buffer.from(text));
}

test('what changes from run to run does not change the form of a line', () => {
  for (const [one, other] of [
    ['compiled 12 files in 3.41 s', 'compiled 240 files in 980 ms'],
    ['2024-01-01T00:00:00.0000000Z ok', '2026-11-09T23:59:59.1234567Z ok'],
    ['layer 3f9ab01c77: pulled', 'layer 00be71cd9a: pulled'],
    ['reading /tmp/tmp8f3kq09z1/x', 'reading /tmp/tmp0a1b2c3d4/x'],
    ['\u001B[32mdone\u001B[0m', 'done'],
    ['10%\r55%\rfinished', 'finished'],
    ['.....', '.........'],
    ['Downloading 3 MB', 'Downloading 900 kB'],
  ] as const)
    assert.equal(form(one), form(other), `${one} | ${other}`);
});

test('other words, and other signs, make another form', () => {
  const texts = ['tests passed', 'tests failed', 'test passed', 'tests: passed', 'error TS2304: x', 'error CS2304: x'];
  assert.equal(new Set(texts.map(form)).size, texts.length);
});

test('a line without anything to see has no form', () => {
  assert.deepEqual(['', '   ', '\r', '\u001B[0m'].map(form), [0, 0, 0, 0]);
});

test('lines read one after the other have the forms that they have alone', () => {
  const lines = ['one 12 ms', '', 'cut off \u001B[', '\u001B', 'two\r', '10%\r20%\rthree', 'a1b2c3 x64', 'end.'];
  const bytes = Buffer.from(lines.join('\n'));
  const reader = new LineReader();
  const forms: number[] = [];
  for (let start = 0; start < bytes.byteLength; start = reader.end + 1) forms.push(reader.formAt(bytes, start));
  assert.deepEqual(forms, lines.map(form));
  assert.equal(reader.end, bytes.byteLength);
});

test('a table that has grown has every form that was put in, and no other', () => {
  const table = new FormTable();
  for (let n = 0; n < 20_000; n++) {
    const word = form(`word ${String.fromCodePoint(97 + (n % 26))}${'x'.repeat(n % 700)}y${'z'.repeat(n % 37)}`);
    if (table.find(word) === -1) table.add(word, 1);
  }
  assert.ok(table.size > 10_000);
  assert.equal(table.has(form('word ay')), true);
  assert.equal(table.has(form('never there')), false);
});
