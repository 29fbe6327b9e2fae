import { expressionOf, operandOf, refuse, wordsOf } from './expression.ts';
import type { Dynamic, Expression, Operand } from './expression.ts';

/** Neither side may be a comparison itself: that would be read from the left. */
function compared(operator: string, a: Operand, b: Operand): Expression {
  return expressionOf(`${operandOf(a, 'not')} ${operator} ${operandOf(b, 'not')}`, 'comparison');
}

function joined(operator: '&&' | '||', operands: readonly Operand[]): Expression {
  const [only] = operands;
  if (only === undefined) return refuse(`"${operator}" needs at least one operand`);
  const strength = operator === '&&' ? 'and' : 'or';
  // One condition alone is the condition itself.
  if (operands.length === 1) return typeof only === 'object' && only !== null ? only : expressionOf(wordsOf(only));
  return expressionOf(operands.map((each) => operandOf(each, strength)).join(` ${operator} `), strength);
}

/** `a == b`. Texts are compared without regard to case, as GitHub does. */
export const eq = (a: Operand, b: Operand): Expression => compared('==', a, b);
/** `a != b` */
export const ne = (a: Operand, b: Operand): Expression => compared('!=', a, b);
/** `a < b` */
export const lt = (a: Operand, b: Operand): Expression => compared('<', a, b);
/** `a <= b` */
export const le = (a: Operand, b: Operand): Expression => compared('<=', a, b);
/** `a > b` */
export const gt = (a: Operand, b: Operand): Expression => compared('>', a, b);
/** `a >= b` */
export const ge = (a: Operand, b: Operand): Expression => compared('>=', a, b);
/** `a && b && …`: the last of them when all are true, otherwise the first that is not. */
export const and = (...conditions: readonly Operand[]): Expression => joined('&&', conditions);
/** `a || b || …`: the first of them that is true, otherwise the last. */
export const or = (...conditions: readonly Operand[]): Expression => joined('||', conditions);
/** `!a` */
export const not = (condition: Operand): Expression => expressionOf(`!${operandOf(condition, 'not')}`, 'not');

/**
 * An expression in GitHub's own words. Expressions that are put in stand there bare, all else as a literal:
 * ``expr`${needs.test.verdict} == 'passed' && !${github.event.deleted}` ``.
 */
export function expr(strings: TemplateStringsArray, ...operands: readonly Operand[]): Dynamic {
  const words = strings.reduce((text, next, index) => {
    const operand = operands[index - 1];
    return `${text}${operand === undefined ? '' : operandOf(operand, 'not')}${next}`;
  });
  return expressionOf(words.trim(), 'unknown');
}
