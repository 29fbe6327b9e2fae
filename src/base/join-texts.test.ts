import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinTexts } from './join-texts.ts';

test('each text begins a line, and what is empty or not there leaves none', () => {
  assert.equal(joinTexts(['', 'a', undefined, 'b\n', '', 'c']), 'a\nb\nc');
  assert.equal(joinTexts([undefined, '']), '');
});
