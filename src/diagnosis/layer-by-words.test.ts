import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerByWords, WORDS } from './layer-by-words.ts';

for (const row of WORDS) {
  test(`of all rows, that for "${row.sample}" is the first to fit it`, () => {
    assert.equal(
      WORDS.find(({ pattern }) => pattern.test(row.sample)),
      row,
    );
    assert.ok(row.confidence < 0.8, 'words alone make nobody sure');
  });
}

test('a connection to the own machine is the business of the tests', () => {
  assert.equal(layerByWords('read: connection reset by peer')?.layer, 'network');
  assert.equal(layerByWords('localhost:4444: connection reset by peer')?.layer, 'test');
});

test('words that name no layer name none', () => {
  assert.equal(layerByWords('something is not as it should be'), undefined);
});
