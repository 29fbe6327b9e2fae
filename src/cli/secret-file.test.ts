import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSecretFile } from './secret-file.ts';

test('a value without quotes is taken as it stands', () => {
  assert.deepEqual(parseSecretFile('# of the project\nA=x # y\nexport B= a=b \nJSON={"foo": "bar"}\r\nEMPTY=\n'), {
    ok: true,
    value: [
      ['A', 'x # y'],
      ['B', ' a=b '],
      ['JSON', '{"foo": "bar"}'],
      ['EMPTY', ''],
    ],
  });
});

test('quotes hold several lines together, and double ones know escapes', () => {
  assert.deepEqual(
    parseSecretFile(`KEY="-----BEGIN-----\nabc\n-----END-----"\nONE="a\\nb \\"c\\""  # why\nRAW='a\\nb'\nLAST=1`),
    {
      ok: true,
      value: [
        ['KEY', '-----BEGIN-----\nabc\n-----END-----'],
        ['ONE', 'a\nb "c"'],
        ['RAW', 'a\\nb'],
        ['LAST', '1'],
      ],
    },
  );
});

test('what is wrong is told by its line, and not repeated', () => {
  assert.deepEqual(parseSecretFile('A=1\nhunter2\n'), { ok: false, error: 'line 2 is not of the form NAME=value' });
  assert.deepEqual(parseSecretFile('A=1\nB="hunter2\n'), {
    ok: false,
    error: 'line 2 begins a value with a quote that never ends',
  });
});
