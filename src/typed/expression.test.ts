import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from './api.ts';
import {
  always,
  and,
  choose,
  contains,
  eq,
  expr,
  format,
  fromJSON,
  github,
  hashFiles,
  join,
  jobs,
  lt,
  matrixOf,
  ne,
  needs,
  needsOf,
  not,
  or,
  script,
  secrets,
  steps,
  stepsOf,
  success,
  toJSON,
} from './api.ts';

test('a context is its words in a text and in JSON', () => {
  // oxlint-disable-next-line typescript/restrict-template-expressions -- it is what an expression is for
  assert.equal(`on ${github.ref}`, 'on ${{ github.ref }}');
  assert.equal(JSON.stringify({ sha: github.sha }), '{"sha":"${{ github.sha }}"}');
  assert.equal(['a', github.sha].join(' '), 'a ${{ github.sha }}');
});

test('fields are read as GitHub writes them', () => {
  assert.equal(String(steps['my-step']?.outputs['a']), '${{ steps.my-step.outputs.a }}');
  assert.equal(String(github.event['commits']?.['0']?.['message']), '${{ github.event.commits[0].message }}');
  assert.equal(String(github.event['commits']?.['*']?.['id']), '${{ github.event.commits.*.id }}');
  assert.equal(String(secrets["odd 'name'"]), "${{ secrets['odd ''name'''] }}");
  assert.equal(String(fromJSON(needs['a']?.outputs['x'] ?? '')['y']), '${{ fromJSON(needs.a.outputs.x).y }}');
  assert.equal(String(expr`a || b`['c']), '${{ (a || b).c }}');
});

test('operators put parentheses where they are needed, and nowhere else', () => {
  const a = expr`a`;
  const { ref, sha } = github;
  assert.equal(
    String(and(eq(ref, 'x'), or(ne(sha, ''), always()))),
    "${{ github.ref == 'x' && (github.sha != '' || always()) }}",
  );
  assert.equal(String(or(and(ref, sha), ref)), '${{ github.ref && github.sha || github.ref }}');
  assert.equal(String(and(and(ref, sha), ref)), '${{ github.ref && github.sha && github.ref }}');
  assert.equal(String(not(eq(ref, sha))), '${{ !(github.ref == github.sha) }}');
  assert.equal(String(not(not(ref))), '${{ !!github.ref }}');
  assert.equal(String(eq(lt(ref, 1), true)), '${{ (github.ref < 1) == true }}');
  assert.equal(String(and(a, ref)), '${{ (a) && github.ref }}');
  assert.equal(String(and(or(ref, sha))), '${{ github.ref || github.sha }}');
  assert.equal(String(not(and(or(ref, sha)))), '${{ !(github.ref || github.sha) }}');
});

test('texts, numbers, booleans and null stand as literals', () => {
  assert.equal(String(contains("it's", null)), "${{ contains('it''s', null) }}");
  assert.equal(String(format('{0}', 1.5, true)), "${{ format('{0}', 1.5, true) }}");
  assert.equal(
    String(expr`${github.ref} == ${'main'} && ${or(github.sha, 1)}`),
    "${{ github.ref == 'main' && (github.sha || 1) }}",
  );
});

test('functions are written with GitHub’s names', () => {
  assert.equal(String(choose(eq(1, 1), 'a', 'b')), "${{ case(1 == 1, 'a', 'b') }}");
  assert.equal(String(hashFiles('a', 'b/**')), "${{ hashFiles('a', 'b/**') }}");
  assert.equal(String(join(github.event['x'] ?? '')), '${{ join(github.event.x) }}');
  assert.equal(String(toJSON(jobs)), '${{ toJSON(jobs) }}');
  assert.equal(String(success('a')), "${{ success('a') }}");
});

test('a text that was made of an expression is not taken for a literal', () => {
  assert.throws(
    () => eq(String(github.ref), 'x'),
    /give the expression itself, not the text "\$\{\{ github\.ref \}\}" made of it/,
  );
  assert.throws(() => eq(Number.NaN, 1), /NaN is no number here/);
  assert.throws(() => and(), /"&&" needs at least one operand/);
});

test('an expression cannot be written to', () => {
  assert.throws(() => Reflect.apply(Object.defineProperty, Object, [github, 'sha', { value: 'x' }]), TypeError);
});

test('needsOf, stepsOf and matrixOf are the contexts, with names that are known', () => {
  assert.equal(String(needsOf(['a', 'b']).b.result), '${{ needs.b.result }}');
  assert.equal(String(stepsOf('a', 'b').b.outcome), '${{ steps.b.outcome }}');
  assert.equal(String(matrixOf({ os: ['x'], include: [{ os: 'x', extra: 1 }] } as const).extra), '${{ matrix.extra }}');
});

test('a script loses the indentation that all its lines have', () => {
  const text = script`
    one
      two \${HOME} \`date\` \t ${github.sha}

    three
  `;
  assert.equal(text, 'one\n  two ${HOME} `date` \\t ${{ github.sha }}\n\nthree\n');
  assert.equal(script`one line`, 'one line');
  assert.equal(
    script`
    ${'inserted'}
      lines`,
    'inserted\n  lines\n',
  );
});

test('the package gives what its documentation names, and nothing else', () => {
  const names =
    'always and cancelled choose contains endsWith env eq expr failure format fromJSON ge github gt hashFiles inputs job jobs join le lt matrix matrixOf ne needs needsOf not or pipeline runner script secrets startsWith steps stepsOf strategy success toJSON vars';
  assert.deepEqual(Object.keys(api), names.split(' '));
});
