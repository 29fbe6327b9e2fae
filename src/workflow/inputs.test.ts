import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveInputs } from './inputs.ts';
import type { DispatchInput } from './model.ts';

const at = { line: 1, column: 1, length: 1 };
const inputs: Record<string, DispatchInput> = {
  level: { type: 'choice', required: false, options: ['info', 'debug'], default: 'debug', at },
  colour: { type: 'choice', required: false, options: ['red', 'blue'], at },
  'dry-run': { type: 'boolean', required: false, at },
  count: { type: 'number', required: false, default: 3, at },
  size: { type: 'number', required: false, at },
  target: { type: 'environment', required: false, at },
  note: { type: 'string', required: true, at },
};

test('what is given gets its type, and the rest its default', () => {
  assert.deepEqual(resolveInputs({ inputs }, { note: 'n', 'dry-run': 'true', size: '2.5', level: 'info' }), {
    ok: true,
    value: { level: 'info', colour: 'red', 'dry-run': true, count: 3, size: 2.5, target: '', note: 'n' },
  });
});

test('without anything given, types have GitHub’s empty values', () => {
  assert.deepEqual(resolveInputs({ inputs }, { note: '' }), {
    ok: true,
    value: { level: 'debug', colour: 'red', 'dry-run': false, count: 3, size: 0, target: '', note: '' },
  });
});

test('every mistake is told at once', () => {
  assert.deepEqual(resolveInputs({ inputs }, { nott: 'x', level: 'loud', 'dry-run': 'yes', count: 'many', size: '' }), {
    ok: false,
    error: [
      'there is no input "nott"; did you mean "note"?',
      'input "level" is one of info, debug, not "loud"',
      'input "dry-run" is true or false, not "yes"',
      'input "count" is a number, not "many"',
      'input "size" is a number, not ""',
      'input "note" is required, and was not given',
    ],
  });
});

test('a required input with a default need not be given', () => {
  const preset: Record<string, DispatchInput> = { a: { type: 'string', required: true, default: 'x', at } };
  assert.deepEqual(resolveInputs({ inputs: preset }, {}), { ok: true, value: { a: 'x' } });
});

test('a workflow without inputs says so', () => {
  assert.deepEqual(resolveInputs({ inputs: {} }, { constructor: 'x' }), {
    ok: false,
    error: ['there is no input "constructor"; this workflow takes none'],
  });
});
