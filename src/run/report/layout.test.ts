import assert from 'node:assert/strict';
import { test } from 'node:test';

import { displayWidth, inline, truncate, wrap } from './layout.ts';

test('escape sequences, controls and changes of direction are taken out; words stay apart', () => {
  const esc = String.fromCodePoint(27);
  const bel = String.fromCodePoint(7);
  assert.equal(inline(`${esc}[1;31mred${esc}[0m\tand\r\nplain`), 'red and plain');
  assert.equal(inline(`${esc}]8;;http://x${bel}link${esc}]8;;${esc}\\ after`), 'link after');
  assert.equal(inline(`${esc}]0;never closed`), '');
  assert.equal(inline(`a${String.fromCodePoint(0x9b)}31mb\u202Ec${bel}`), 'a31mbc');
});

test('wide characters take two columns, and marks none', () => {
  assert.equal(displayWidth('日本'), 4);
  assert.equal(displayWidth('e\u0301'), 1);
  assert.equal(displayWidth('🚀'), 2);
  assert.equal(displayWidth('✓ ◐ ✗ – …'), 9);
});

test('text is cut at columns, not at characters', () => {
  assert.equal(truncate('日本語テキスト', 7), '日本語…');
  assert.equal(truncate('short', 5), 'short');
  assert.equal(truncate('longer', 5), 'long…');
  assert.equal(truncate('any', 0), '');
});

test('lines break between words, and inside a word that is too long', () => {
  assert.deepEqual(wrap('one two three', 8), ['one two', 'three']);
  assert.deepEqual(wrap('a 0123456789abcdef b', 8), ['a', '01234567', '89abcdef', 'b']);
  assert.deepEqual(wrap('', 8), ['']);
});
