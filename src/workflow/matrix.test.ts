import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { combinationName, expandMatrix } from './matrix.ts';

const good: readonly (readonly [string, JsonValue, readonly JsonObject[]])[] = [
  [
    'vectors are multiplied in the order of their keys, the last one fastest',
    { os: ['a', 'b'], node: [1, 2] },
    [
      { os: 'a', node: 1 },
      { os: 'a', node: 2 },
      { os: 'b', node: 1 },
      { os: 'b', node: 2 },
    ],
  ],
  [
    'exclude takes out what it matches in part',
    { os: ['a', 'b'], node: [1, 2], exclude: [{ os: 'a', node: 2 }, { os: 'b' }] },
    [{ os: 'a', node: 1 }],
  ],
  [
    'exclude compares as expressions do: numbers with texts, and texts without regard to case',
    { v: [1, '1', 2], os: ['Linux', 'mac'], exclude: [{ v: '1' }, { os: 'linux' }] },
    [{ v: 2, os: 'mac' }],
  ],
  [
    'include agrees with what it equals as expressions compare',
    { node: [20, 22], include: [{ node: '22', npm: 10 }] },
    [{ node: 20 }, { node: 22, npm: 10 }],
  ],
  [
    'exclude matches a mapping in part',
    {
      t: [
        { a: 1, b: 2 },
        { a: 2, b: 2 },
      ],
      exclude: [{ t: { a: 1 } }],
    },
    [{ t: { a: 2, b: 2 } }],
  ],
  [
    // The example of GitHub's documentation.
    'include adds to what it agrees with, and otherwise makes a combination of its own',
    {
      fruit: ['apple', 'pear'],
      animal: ['cat', 'dog'],
      include: [
        { color: 'green' },
        { color: 'pink', animal: 'cat' },
        { fruit: 'apple', shape: 'circle' },
        { fruit: 'banana' },
        { fruit: 'banana', animal: 'cat' },
      ],
    },
    [
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ],
  ],
  [
    'include alone is a list of combinations',
    { include: [{ site: 'a', dc: 1 }, { site: 'b' }] },
    [{ site: 'a', dc: 1 }, { site: 'b' }],
  ],
  [
    'exclude comes before include',
    { os: ['a', 'b'], exclude: [{ os: 'b' }], include: [{ os: 'b', extra: 1 }] },
    [{ os: 'a' }, { os: 'b', extra: 1 }],
  ],
  [
    'an include that is empty text, as an expression may give, adds nothing',
    { os: ['a'], include: '', exclude: null },
    [{ os: 'a' }],
  ],
  ['values may be mappings and lists', { c: [{ n: 1 }, [1, 2]] }, [{ c: { n: 1 } }, { c: [1, 2] }]],
];

for (const [name, matrix, expected] of good) {
  test(name, () => {
    const expanded = expandMatrix(matrix);
    assert.deepEqual(expanded.ok ? expanded.value : expanded.error, expected);
  });
}

const bad: readonly (readonly [JsonValue, string])[] = [
  ['x', 'a matrix is a mapping of names to lists'],
  [[1], 'a matrix is a mapping of names to lists'],
  [null, 'a matrix is a mapping of names to lists'],
  [{ os: 'linux' }, '"os" of the matrix is not a list'],
  [{ os: [] }, '"os" of the matrix is an empty list'],
  [{ os: ['a'], include: 'x' }, '"include" of a matrix is a list of mappings'],
  [{ os: ['a'], exclude: ['x'] }, '"exclude" of a matrix is a list of mappings'],
  [{ os: ['a'], exclude: [{ cpu: 'x' }] }, '"exclude" names "cpu", which the matrix does not have'],
  [{ os: ['a'], exclude: [{}] }, 'an entry of "exclude" is empty'],
  [{ os: ['a'], include: [{}] }, 'an entry of "include" is empty'],
  [{}, 'the matrix has no combinations: "exclude" takes all of them out, or it is empty'],
  [
    { os: ['a'], exclude: [{ os: 'a' }] },
    'the matrix has no combinations: "exclude" takes all of them out, or it is empty',
  ],
  [{ a: range(17), b: range(16) }, 'the matrix makes 272 jobs; 256 is the limit'],
  [{ a: range(1000), b: range(1000) }, 'the matrix makes at least 1000000 jobs; 256 is the limit'],
];

for (const [matrix, message] of bad) {
  test(`${JSON.stringify(matrix).slice(0, 50)} is refused: ${message}`, () => {
    assert.deepEqual(expandMatrix(matrix), { ok: false, error: message });
  });
}

test('256 combinations are allowed, and more when exclude brings them down to it', () => {
  const exact = expandMatrix({ a: range(16), b: range(16) });
  assert.equal(exact.ok && exact.value.length, 256);
  const reduced = expandMatrix({ a: range(17), b: range(16), exclude: [{ a: 16 }] });
  assert.equal(reduced.ok && reduced.value.length, 256);
});

test('a key named like a part of every object is a key like others', () => {
  const vectors: readonly (readonly [string, JsonValue])[] = [
    ['__proto__', [1, 2]],
    ['constructor', ['x']],
  ];
  const expanded = expandMatrix(Object.fromEntries(vectors));
  assert.ok(expanded.ok);
  assert.deepEqual(
    expanded.value.map((each) => JSON.stringify(each)),
    ['{"__proto__":1,"constructor":"x"}', '{"__proto__":2,"constructor":"x"}'],
  );
});

const names: readonly (readonly [JsonObject, string])[] = [
  [{ os: 'linux', node: 22 }, 'test (linux, 22)'],
  [{ node: 22, os: 'linux' }, 'test (22, linux)'],
  [{ config: { name: 'a', flags: ['x', 'y'] }, debug: true }, 'test (a, x, y, true)'],
  [{ v: 1.5, nothing: null, empty: '' }, 'test (1.5)'],
  [{ text: 'x'.repeat(120) }, `test (${'x'.repeat(91)}...`],
  [{}, 'test'],
];

for (const [combination, expected] of names) {
  test(`${JSON.stringify(combination)} is named "${expected}"`, () => {
    assert.equal(combinationName('test', combination), expected);
  });
}

test('without filters the size is the product, and no combination comes twice', () => {
  const vector = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(vector, vector, vector, (a, b, c) => {
      const expanded = expandMatrix({ a, b, c });
      assert.ok(expanded.ok);
      assert.equal(expanded.value.length, a.length * b.length * c.length);
      assert.equal(new Set(expanded.value.map((each) => JSON.stringify(each))).size, expanded.value.length);
    }),
  );
});

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
