// Whatever the code is and whatever it made: a tree comes of it, with places in the text, and in time.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { JsonValue } from '#base/json.ts';
import { readTyped } from './read-typed.ts';
import type { TypedResult } from './read-typed.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures/typed/pairs');

function read(text: string, value: JsonValue): TypedResult {
  const script = stripTypeScriptTypes(text);
  return readTyped({ file: 'gantry.ts', text, script, value, faults: [], printed: '' }, { actions: [] });
}

/** `line:column+length` of the first diagnostic with this code. */
function placeOf(code: string, { diagnostics }: TypedResult): string {
  const at = diagnostics.find((each) => each.code === code)?.at;
  return at ? `${at.line}:${at.column}+${at.length}` : `no ${code}: ${JSON.stringify(diagnostics)}`;
}

const scripts = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(FIXTURES, name), 'utf8'));
const shapes = ['on', 'jobs', 'build', 'test', 'steps', 'run', 'env', 'needs', 'if', 'strategy', 'matrix', 'include'];
const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    fc.oneof(fc.constantFrom('push', '${{ github.x }}', '${{ a', 'echo ${{ steps.a.b }}\n'), fc.string(), fc.integer()),
    fc.constantFrom(null, true, false),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...shapes), tie('tree'), { maxKeys: 6 }),
  ),
}));

test('data that has nothing to do with its code is read, and told of inside the text', () => {
  fc.assert(
    fc.property(fc.constantFrom(...scripts, 'export default 1;', 'not code'), tree, (text, value) => {
      const lines = text.split('\n');
      const { diagnostics } = readTyped(
        { file: 'gantry.ts', text, script: text, value, faults: [], printed: '' },
        { actions: [] },
      );
      for (const { at, code } of diagnostics) {
        const line = lines[at.line - 1];
        assert.ok(
          line !== undefined && at.column >= 1 && at.column <= line.length + 1,
          `${code} ${JSON.stringify(at)}`,
        );
      }
    }),
    { numRuns: 1_000 },
  );
});

test('functions that call themselves are not followed for ever', () => {
  const text = `const f = (n) => (n ? { ...f(n - 1), ...f(n - 2), ...g([f(n)]), x: 1 } : {});
const g = (list) => [...list.map(f), ...list.map((each) => g([each]))];
export default { on: 'push', env: f(9), jobs: g([1]) };
`;
  assert.equal(placeOf('WF012', read(text, { on: 'push', env: { x: 1, y: [1] }, jobs: [1, 2] })), '1:51+12');
});

test('very many operators cost no stack', () => {
  const text = `export default { on: ${'a || '.repeat(1_000)}'push', run: ${"'a' + ".repeat(1_000)}'b' };\n`;
  assert.equal(placeOf('WF013', read(text, { on: 'push', run: 'aaab' })), '1:16+1');
});

test('an element behind a spread of unknown length is found from the end', () => {
  const text = `export default {
  on: 'push',
  jobs: { a: { 'runs-on': 'linux', steps: [{ run: 'one' }, ...more(), { rum: 'last' }] } },
};
`;
  const steps: JsonValue = [{ run: 'one' }, { run: 'x' }, { run: 'y' }, { rum: 'last' }];
  const value = { on: 'push', jobs: { a: { 'runs-on': 'linux', steps } } };
  assert.equal(placeOf('WF011', read(text, value)), '3:73+3');
});

test('of two ways the one that fits the value is shown', () => {
  const text = `export default {
  on: isFast ? 'push' : 'psuh',
  env: isFast && { 'A B': 1 },
  jobs: {},
};
`;
  const result = read(text, { on: 'psuh', env: { 'A B': 1 }, jobs: {} });
  assert.equal(placeOf('WF030', result), '2:25+6');
  assert.equal(placeOf('WF026', result), '3:20+5');
});

test('keys from a spread that cannot be followed have the place of the spread', () => {
  const text = "export default { on: 'push', ...rest(), jobs: {} };\n";
  assert.equal(placeOf('WF011', read(text, { on: 'push', jbos: 1, jobs: {} })), '1:30+9');
});

test('lines that end with CR LF are counted as one', () => {
  const text = "export default {\r\n  on: 'push',\r\n  env: { A: `one\r\ntwo ${x} \\${{ nope }}` },\r\n};\r\n";
  const result = read(text, { on: 'push', env: { A: 'one\ntwo x ${{ nope }}' } });
  assert.equal(placeOf('WF041', result), '4:15+4');
});

test('a key that is written twice is told of, although JavaScript keeps the last', () => {
  const text = "export default { on: 'push', jobs: {}, on: 'push' };\n";
  assert.equal(placeOf('WF005', read(text, { on: 'push', jobs: {} })), '1:40+2');
});
