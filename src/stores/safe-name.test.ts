import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeName } from './safe-name.ts';

test('a plain name stays as it is', () => {
  assert.equal(safeName('build-1.2'), 'build-1.2');
});

test('a matrix name keeps its words and loses what a file name cannot hold', () => {
  assert.equal(safeName('test (node 24, a/b)'), 'test%20(node%2024%2C%20a%2Fb)');
});

test('no name leaves its folder', () => {
  for (const name of ['', '.', '..', '../x', '/etc/passwd', 'a\0b', 'a\\b', '...']) {
    assert.match(safeName(name), /^[^./\\\0][^/\\\0]*$/, JSON.stringify(name));
  }
});

test('names that differ stay different, also when long or not well formed', () => {
  const names = ['x'.repeat(300), 'x'.repeat(301), 'é'.repeat(200), '\uD800', '\uD801', '\uFFFD', '', '%', '%25'];
  const safe = names.map(safeName);
  assert.equal(new Set(safe).size, names.length);
  for (const name of safe) assert.ok(Buffer.byteLength(name) < 240);
});
