import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRows } from './check-rows.ts';

test('rows are found at a path with dots or slashes', () => {
  const body = { result: { rows: [{ a: 1 }, { a: 2 }] } };
  assert.deepEqual(checkRows(body, { rowsAt: 'result.rows' }), { ok: true, value: 2 });
  assert.deepEqual(checkRows(body, { rowsAt: '/result/rows' }), { ok: true, value: 2 });
  assert.deepEqual(checkRows(body, { rowsAt: 'constructor' }), { ok: false, error: 'nothing at constructor' });
});

test('a header row names the columns and is not counted', () => {
  const body = [
    ['time_tag', 'density', 'speed'],
    ['2026-11-19 12:00:00.000', null, null],
    ['2026-11-19 12:01:00.000', '4.05', '366.1'],
  ];
  assert.deepEqual(checkRows(body, { required: ['speed'] }), { ok: true, value: 2 });
  assert.deepEqual(checkRows(body, { required: ['kp'] }), { ok: false, error: 'no column "kp"' });
  assert.deepEqual(checkRows([...body, ['x']], {}), { ok: false, error: 'row 3 has 1 cells, 3 wanted' });
  assert.deepEqual(checkRows([...body, { speed: 1 }], {}), {
    ok: false,
    error: 'row 3 is an object, not a list of cells',
  });
});

test('a list of fields beside the rows names the columns, and then every row is counted', () => {
  const body = { fields: ['des', 'dist'], data: [['2026 WB1', '0.01'], ['2026 XC', '0.02']] }; // prettier-ignore
  assert.deepEqual(checkRows(body, { rowsAt: 'data', required: ['dist'] }), { ok: true, value: 2 });
});

test('rows without names are counted, but cannot be asked for fields', () => {
  const body = [[1, 2], [3, 4]]; // prettier-ignore
  assert.deepEqual(checkRows(body, {}), { ok: true, value: 2 });
  assert.deepEqual(checkRows(body, { required: ['a'] }), {
    ok: false,
    error: 'rows are lists without a header row to name the fields',
  });
});

test('a header row alone is no data', () => {
  assert.deepEqual(checkRows([['time_tag', 'kp']], {}), { ok: false, error: '0 rows, at least 1 wanted' });
});

test('a field that every object inherits is not a field of the row', () => {
  assert.deepEqual(checkRows([{}], { required: ['toString'] }), { ok: false, error: 'row 1 has no field "toString"' });
});

test('no rows at all are accepted only when asked for', () => {
  assert.deepEqual(checkRows([], { minRows: 0 }), { ok: true, value: 0 });
});
