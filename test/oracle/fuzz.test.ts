/** Texts that nobody would write: whatever is made of them, it has a code and a place, and it comes at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '#workflow/codes.ts';
import { evaluateCondition, evaluateTemplate } from '#workflow/expressions.ts';
import { readAction } from '#workflow/read-action.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';
import { CORPUS } from './corpus.ts';

const WORKFLOWS = 20_000;
const EXPRESSIONS = 20_000;

/** mulberry32: the same texts on every machine, so that what was found can be found again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const PIECES = [
  '${{',
  '}}',
  '${{ github.ref }}',
  '${{ insert }}',
  ': ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  ',',
  "'",
  '"',
  '|',
  '>',
  '&a',
  '*a',
  '!!str',
  '#',
  '\n',
  '\n  ',
  '\t',
  '\0',
  '\u{1F600}',
  '\u2028',
  '<<',
  'null',
  '~',
  '1e999',
  '0x',
  '---',
  '%',
  'steps',
  'runs-on',
  'needs',
  'if',
  'wait',
  'parallel',
  'background',
  'matrix',
  '__proto__',
  'constructor',
  'on',
];

function mutate(text: string, random: (below: number) => number): string {
  let mutated = text;
  for (let count = random(2); count >= 0; count--) {
    const at = random(mutated.length + 1);
    const to = Math.min(mutated.length, at + random(12));
    const piece = PIECES[random(PIECES.length)] ?? '';
    switch (random(4)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(to);
        break;
      case 1:
        mutated = mutated.slice(0, at) + piece + mutated.slice(at);
        break;
      case 2:
        mutated = mutated.slice(0, at) + piece + mutated.slice(to);
        break;
      default:
        mutated = mutated.slice(0, at) + mutated.slice(at, to) + mutated.slice(at);
    }
  }
  return mutated;
}

test(`${WORKFLOWS} mutated workflows are read or told why not, with a code and a place in the text`, () => {
  const random = randomFrom(1);
  const texts = Object.values(CORPUS);
  let valid = 0;
  for (let count = 0; count < WORKFLOWS; count++) {
    const text = mutate(texts[random(texts.length)] ?? '', random);
    const file = count % 2 === 0 ? 'gantry.yml' : '.github/workflows/w.yml';
    const { workflow, diagnostics } = readWorkflow(file, text, { actions: [] });
    if (workflow) valid++;
    else assert.ok(diagnostics.length > 0, JSON.stringify(text));
    assertPlaced([...diagnostics, ...(count % 10 === 0 ? readAction('action.yml', text).diagnostics : [])], text);
  }
  assert.ok(valid > WORKFLOWS / 50 && valid < WORKFLOWS, `${valid} of them are valid`);
});

type Diagnostics = ReturnType<typeof readWorkflow>['diagnostics'];

function assertPlaced(diagnostics: Diagnostics, text: string): void {
  const lines = text.split(/\r\n|\n|\r/).length;
  for (const { code, at, message } of diagnostics) {
    const shown = `${code} ${at.line}:${at.column} ${message} in ${JSON.stringify(text)}`;
    assert.ok(Object.hasOwn(CODES, code), shown);
    assert.ok(at.line >= 1 && at.line <= lines && at.column >= 1 && message !== '', shown);
  }
}

const WORDS = [
  'github',
  '.ref',
  "['ref']",
  '.*',
  '[0]',
  '(',
  ')',
  ',',
  '!',
  '==',
  '!=',
  '<',
  '>=',
  '&&',
  '||',
  "'it''s'",
  '1',
  '-0x1F',
  '1e3',
  'null',
  'true',
  'NaN',
  'format',
  "('{0}{1}', 1)",
  'fromJSON',
  "('[1,{}]')",
  'toJSON',
  'contains',
  'join',
  'success()',
  'always()',
  'hashFiles',
  'case',
  ' ',
  '"',
  '$',
  '${{',
  '}}',
  '__proto__',
  'é',
  '\n',
  '\0',
];

test(`${EXPRESSIONS} expressions of random words are evaluated or told why not, with a place in the text`, () => {
  const random = randomFrom(2);
  const scope = {
    contexts: { github: { ref: 'refs/heads/main', list: [1, 'x', null], nested: { a: { b: 1 } } } },
    functions: { success: () => true, always: () => true },
  };
  let fine = 0;
  for (let count = 0; count < EXPRESSIONS; count++) {
    const words = Array.from({ length: 1 + random(9) }, () => WORDS[random(WORDS.length)] ?? '');
    const text = words.join(random(2) === 0 ? ' ' : '');
    const template = `\${{ ${text} }}`;
    for (const [source, result] of [
      [template, evaluateTemplate(template, scope)],
      [text, evaluateCondition(text, scope)],
    ] as const) {
      if (result.ok) fine++;
      else {
        const { message, offset, length } = result.error;
        assert.ok(
          message !== '' && offset >= 0 && length >= 0 && offset <= source.length,
          `${source}: ${message} ${offset}`,
        );
      }
    }
  }
  assert.ok(fine > EXPRESSIONS / 50, `${fine} of them can be evaluated`);
});
