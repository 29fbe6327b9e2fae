import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAction } from './read-action.ts';
import { readWorkflow } from './read-workflow.ts';

function told(text: string): readonly string[] {
  const { diagnostics } = readWorkflow('gantry.yml', text, { actions: [] });
  return diagnostics.map(({ code, at, message, cure }) => `${code} ${at.line}:${at.column} ${message} (${cure})`);
}

const JOB = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n';
const BEHIND =
  '    steps:\n      - run: echo ${{ github.sha }}\n      - { name: last, run: echo }\n  b:\n    runs-on: x\n';
const IN_FLOW = 'inside "{ }" and "[ ]", a value with "${{" must stand in quotes';

test('an expression without quotes in a flow mapping is one fault, which says how to write it', () => {
  assert.deepEqual(told(`${JOB}    env: { NAME: \${{ matrix.v }}, OTHER: b }\n${BEHIND}`), [
    `WF003 5:18 ${IN_FLOW} (write '\${{ matrix.v }}')`,
  ]);
  assert.deepEqual(told(`${JOB}    needs: [\${{ inputs.a == 'x' }}]\n${BEHIND}`), [
    `WF003 5:13 ${IN_FLOW} (write "\${{ inputs.a == 'x' }}")`,
  ]);
  assert.deepEqual(told(`${JOB}    env: { NAME: v\${{ matrix.v }} }\n${BEHIND}`), [
    `WF003 5:19 ${IN_FLOW} (put the whole value in quotes)`,
  ]);
});

test('tabs are one fault, however many lines have them, also where the line before is misread for them', () => {
  const cure = 'indent with spaces; YAML does not take tabs';
  assert.deepEqual(told('on: push\njobs:\n\ta:\n\t\truns-on: x\n\t\tsteps: []\n'), [
    `WF004 3:1 a tab is used to indent, here and in 2 more lines (${cure})`,
  ]);
  assert.deepEqual(told(`${JOB}    steps:\n\t- run: echo hi\n\t  name: x\n  b:\n    runs-on: x\n`), [
    `WF004 6:1 a tab is used to indent, here and in 1 more line (${cure})`,
  ]);
});

test('faults of their own are told each, up to the one behind which nothing can be trusted', () => {
  const colon = 'the value holds a ": ", which begins a mapping (put the value in quotes)';
  const open =
    'flow sequence in block collection must be sufficiently indented and end with a ] (line up the keys of one mapping, and close every bracket)';
  const text = `${JOB}    if: a: b\n    steps:\n      - run: echo hi: there\n      - name: [x\n        run: x: y\n  b:\n\tx\n`;
  assert.deepEqual(told(text), [`WF003 5:9 ${colon}`, `WF003 7:14 ${colon}`, `WF003 9:9 ${open}`]);
});

test('an action is told the same way', () => {
  const { diagnostics } = readAction('action.yml', 'runs: { using: ${{ x }}, steps: [] }\n');
  assert.deepEqual(
    diagnostics.map(({ code, message }) => `${code} ${message}`),
    [`WF003 ${IN_FLOW}`],
  );
});
