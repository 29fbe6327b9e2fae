import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { JsonObject, JsonValue } from '#base/json.ts';
import {
  evaluateCondition,
  evaluateTemplate,
  evaluateTree,
  evaluateValue,
  referencedContexts,
  usesStatusFunction,
  type Scope,
} from './expressions.ts';

const contexts: JsonObject = {
  github: { ref: 'refs/heads/main', event: { number: 7, labels: [{ name: 'bug' }, { name: 'ui' }], draft: false } },
  env: { NAME: 'World', name: 'lower', EMPTY: '' },
  matrix: { os: 'linux', node: 22, flags: null },
  odd: Object.fromEntries([
    ['constructor', 'c'],
    ['__proto__', 'p'],
    ['toString', 't'],
  ]),
};

function scope(status: 'success' | 'failure' | 'cancelled' = 'success'): Scope {
  return {
    contexts,
    functions: {
      success: () => status === 'success',
      failure: () => status === 'failure',
      cancelled: () => status === 'cancelled',
      always: () => true,
      hashFiles: (...patterns) => `hash(${JSON.stringify(patterns)})`,
    },
  };
}

const values: readonly (readonly [string, JsonValue])[] = [
  ['plain', 'plain'],
  ['', ''],
  ['${{ 1 }}', 1],
  ['${{ 0x1f }}', 31],
  ['${{ 1.5e3 }}', 1500],
  ["${{ 'it''s a ''text''' }}", "it's a 'text'"],
  ['${{ null }}', null],
  ['${{ true && 2 }}', 2],
  ["${{ '' || 'other' }}", 'other'],
  ['${{ !github.event.draft }}', true],
  ['${{ github.event.number == 7 }}', true],
  ["${{ github.event.number == '7' }}", true],
  ["${{ 'ABC' == 'abc' }}", true],
  ['${{ null == 0 }}', true],
  ['${{ github.event == github.event }}', true],
  ['${{ GITHUB.REF }}', 'refs/heads/main'],
  ['${{ github.nothing.at.all }}', null],
  ["${{ github['ref'] }}", 'refs/heads/main'],
  ['${{ github.event.labels[1].name }}', 'ui'],
  ['${{ github.event.labels[9] }}', null],
  ['${{ github.event.labels.*.name }}', ['bug', 'ui']],
  ["${{ join(github.event.labels.*.name, '+') }}", 'bug+ui'],
  ["${{ contains(github.event.labels.*.name, 'UI') }}", true],
  ["${{ contains('Hello', 'ELL') }}", true],
  ["${{ startsWith(github.ref, 'refs/heads/') }}", true],
  ["${{ endsWith('abc', 'BC') }}", true],
  ["${{ format('{0}-{1}-{{x}}', 'a', matrix.node) }}", 'a-22-{x}'],
  ['${{ fromJSON(\'[1, {"a": 2}]\')[1].a }}', 2],
  ['${{ toJSON(matrix) }}', '{\n  "os": "linux",\n  "node": 22,\n  "flags": null\n}'],
  ["${{ case(false, 'a', true, 'b', 'c') }}", 'b'],
  ["${{ hashFiles('a', 'b') }}", 'hash(["a","b"])'],
  ["${{ HASHFILES('a') }}", 'hash(["a"])'],
  ['${{ env.NAME }}', 'World'],
  ['${{ env.name }}', 'lower'],
  ['${{ env.Name }}', null],
  ['${{ matrix }}', { os: 'linux', node: 22, flags: null }],
  ['a ${{ matrix.node }} b ${{ matrix.flags }} c', 'a 22 b  c'],
  ['${{ matrix }}!', 'Object!'],
  ['${{ github.event.labels }}!', 'Array!'],
  ['${{ true }} ${{ false }}', 'true false'],
  ["${{ '}}' }}", '}}'],
  ["${{ format('{0}', '}}') }}-", '}}-'],
  ['  ${{ 1 }}  ', 1],
  ['$${{ 1 }}', '$1'],
  ['${{ odd.constructor }}', 'c'],
  ['${{ odd.__proto__ }}', 'p'],
  ['${{ odd.toString }}', 't'],
  ['${{ github.constructor }}', null],
  ['${{ github.__proto__ }}', null],
  ['${{ fromJSON(\'{"__proto__": 1, "constructor": 2}\').__proto__ }}', 1],
  ['${{ toJSON(fromJSON(\'{"constructor":2}\')) }}', '{\n  "constructor": 2\n}'],
  ['${{ 1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3 && 1 != 2 }}', true],
  ['${{ (1 == 1) == true }}', true],
];

for (const [text, expected] of values) {
  test(`${text} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(evaluateValue(text, scope()), { ok: true, value: expected });
  });
}

const texts: readonly (readonly [string, string])[] = [
  ['${{ 0.1 }}', '0.1'],
  ['${{ 100000 }}', '100000'],
  ['${{ 1.50 }}', '1.5'],
  ['${{ -0 }}', '0'],
  ['${{ null }}', ''],
  ['${{ matrix }}', 'Object'],
  ['${{ github.event.labels }}', 'Array'],
  ['${{ true }}', 'true'],
  ["v${{ matrix.node }}-${{ format('{0}', null) }}", 'v22-'],
];

for (const [text, expected] of texts) {
  test(`the template ${text} becomes "${expected}"`, () => {
    assert.deepEqual(evaluateTemplate(text, scope()), { ok: true, value: expected });
  });
}

const problems: readonly (readonly [string, string, number, number])[] = [
  ['${{ github.ref', '"${{" is never closed: "}}" is missing', 0, 3],
  ['x ${{ }}', 'the expression is empty', 5, 1],
  ['x ${{ 1 == }}', 'the expression ends too early', 9, 1],
  ['${{ (1 }}', 'the expression ends too early', 5, 1],
  ['${{ 1 2 }}', '"2" is not expected here', 6, 1],
  ['${{ github.ref == "x" }}', '""x"" is not understood; texts stand in single quotes here', 18, 3],
  ["${{ 'abc }}", '"${{" is never closed: "}}" is missing', 0, 3],
  ['a ${{ gihub.ref }}', 'there is no context "gihub" here. Did you mean "github"?', 6, 5],
  ['${{ secrets.X }}', 'there is no context "secrets" here', 4, 7],
  ['${{ sucess() }}', 'there is no function "sucess" here. Did you mean "success"?', 4, 6],
  ['${{ constructor(1) }}', 'there is no function "constructor"', 4, 11],
  ['${{ __proto__(1) }}', 'there is no function "__proto__"', 4, 9],
  ["${{ contains('a') }}", '"contains" is given too few arguments', 4, 8],
  ['${{ toJSON(1, 2) }}', '"toJSON" is given too many arguments', 4, 6],
  ["${{ fromJSON('{') }}", 'fromJSON was given text that is not JSON', 3, 15],
  ["${{ format('{1}', 'a') }}", 'format() refers to more arguments than it was given', 11, 5],
  ["${{ FORMAT('{x}', 'a') }}", 'the first argument of format() has a brace that does not belong to a number', 11, 5],
  [
    "${{ 1 == format('}0{', '') }}",
    'the first argument of format() has a brace that does not belong to a number',
    16,
    5,
  ],
  ["${{ format(join('{1}'), 'a') }}", 'format() refers to more arguments than it was given', 3, 26],
  [
    "${{ format(join('{x}'), 'a') }}",
    'the first argument of format() has a brace that does not belong to a number',
    3,
    26,
  ],
  [`\${{ ${'('.repeat(60)}1${')'.repeat(60)} }}`, 'the expression is nested deeper than 50 levels', 54, 1],
  [`\${{ '${'a'.repeat(21_000)}' }}`, 'the expression is longer than 21000 characters', 3, 1],
];

for (const [text, message, offset, length] of problems) {
  test(`${text.slice(0, 60)} is a problem: ${message}`, () => {
    assert.deepEqual(evaluateTemplate(text, scope()), { ok: false, error: { message, offset, length } });
  });
}

test('a very long chain of comparisons is a value or a problem, never an exception', () => {
  const outcome = evaluateTemplate(`\${{ ${Array.from({ length: 5_000 }, () => '1').join('==')} }}`, scope());
  assert.equal(typeof outcome.ok, 'boolean');
});

test('an error of a function says which one, and never what it was given', () => {
  const failing: Scope = {
    contexts: { secrets: { KEY: 'hunter2' } },
    functions: {
      hashFiles: (value) => {
        throw new Error(`no file ${JSON.stringify(value)}`);
      },
    },
  };
  const outcome = evaluateTemplate('${{ hashFiles(secrets.KEY) }}', failing);
  assert.deepEqual(outcome, {
    ok: false,
    error: { message: 'the expression cannot be evaluated (it calls hashFiles)', offset: 3, length: 24 },
  });
});

const conditions: readonly (readonly [string | undefined, boolean, boolean])[] = [
  // text, after success, after failure
  [undefined, true, false],
  ['', true, false],
  ['true', true, false],
  ['false', false, false],
  ['always()', true, true],
  ['failure()', false, true],
  ['success() || failure()', true, true],
  ['!cancelled()', true, true],
  ['${{ always() }}', true, true],
  ['${{ failure() }}', false, true],
  ["github.ref == 'refs/heads/main'", true, false],
  ["${{ github.ref == 'refs/heads/main' }}", true, false],
  ["contains('always()', 'always')", true, false],
  ["'always()'", true, false],
  ["matrix.os == 'always()'", false, false],
  ['ALWAYS()', true, true],
  ["${{ github.ref }} == 'nothing'", true, false],
  ['matrix.flags', false, false],
  ['0', false, false],
  ['github.event', true, false],
  ["(failure() && matrix.os == 'linux')", false, true],
];

for (const [text, afterSuccess, afterFailure] of conditions) {
  test(`if: ${text} is ${afterSuccess} after success and ${afterFailure} after a failure`, () => {
    assert.deepEqual(evaluateCondition(text, scope('success')), { ok: true, value: afterSuccess });
    assert.deepEqual(evaluateCondition(text, scope('failure')), { ok: true, value: afterFailure });
  });
}

test('a condition that cannot be read is a problem, even where success() decides', () => {
  assert.equal(evaluateCondition('github.ref ==', scope('failure')).ok, false);
});

test('status functions are found in the syntax, not in the letters', () => {
  assert.equal(usesStatusFunction("github.event.name == 'always()'"), false);
  assert.equal(usesStatusFunction('github.always'), false);
  assert.equal(usesStatusFunction('x && (y || Always())'), true);
  assert.equal(usesStatusFunction('${{ a }} and ${{ failure() }}'), true);
  assert.equal(usesStatusFunction('failure('), false);
});

test('contexts are named once each, in lower case', () => {
  assert.deepEqual(
    referencedContexts('${{ GitHub.ref }} ${{ github.sha }} ${{ needs[matrix.job].result }}').toSorted(),
    ['github', 'matrix', 'needs'],
  );
  assert.deepEqual(referencedContexts("steps.a.outcome == 'success'"), ['steps']);
});

test('a tree is evaluated with its types, its keys, and what is inserted', () => {
  const tree = {
    list: ['${{ matrix.node }}', 'x', 3, null, true],
    'key-${{ matrix.os }}': 'v',
    '${{ insert }}': '${{ matrix }}',
    nested: { deep: ['${{ github.event.labels.*.name }}'] },
  };
  assert.deepEqual(evaluateTree(tree, scope()), {
    ok: true,
    value: {
      list: [22, 'x', 3, null, true],
      'key-linux': 'v',
      os: 'linux',
      node: 22,
      flags: null,
      nested: { deep: ['bug', 'ui'] },
    },
  });
});

test('a large list from JSON is evaluated', () => {
  const list = JSON.stringify(Array.from({ length: 200_000 }, (_, index) => index));
  const outcome = evaluateValue('${{ fromJSON(x.list)[199999] }}', { contexts: { x: { list } } });
  assert.deepEqual(outcome, { ok: true, value: 199_999 });
});

test('no text makes the evaluation throw', () => {
  const piece = fc.constantFrom(
    '${{',
    '}}',
    ' ',
    'github',
    '.',
    'ref',
    '[',
    ']',
    '(',
    ')',
    "'",
    '"',
    '!',
    '==',
    '&&',
    '||',
    '*',
    '1',
    '-',
    ',',
    'format',
    'always',
    'true',
    '\n',
    'x',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), fc.string(), (pieces, extra) => {
      const text = pieces.join('') + extra;
      for (const each of [text, `\${{ ${text} }}`]) {
        evaluateTemplate(each, scope());
        evaluateValue(each, scope());
        evaluateCondition(each, scope());
        referencedContexts(each);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a text survives being written as an expression', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.deepEqual(evaluateValue(`\${{ '${text.replaceAll("'", "''")}' }}`, scope()), { ok: true, value: text });
    }),
  );
});

test('any JSON comes back from toJSON and fromJSON as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json: unknown = JSON.parse(JSON.stringify(value));
      assert.ok(isJson(json));
      const outcome = evaluateValue('${{ fromJSON(toJSON(x.y)) }}', { contexts: { x: { y: json } } });
      assert.deepEqual(outcome, { ok: true, value: json });
    }),
  );
});

function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}
