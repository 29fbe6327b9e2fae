// The functions of the expression language. Where each may stand is checked when the pipeline is read.
import { expressionOf, wordsOf } from './expression.ts';
import type { Dynamic, Expression, Operand } from './expression.ts';

function call(name: string, operands: readonly Operand[]): Dynamic {
  return expressionOf(`${name}(${operands.map(wordsOf).join(', ')})`);
}

/** Whether a text holds another, or a list a value. */
export const contains = (where: Operand, what: Operand): Expression => call('contains', [where, what]);
export const startsWith = (text: Operand, beginning: Operand): Expression => call('startsWith', [text, beginning]);
export const endsWith = (text: Operand, end: Operand): Expression => call('endsWith', [text, end]);
/** The text with `{0}`, `{1}` … replaced. */
export const format = (text: Operand, ...values: readonly Operand[]): Expression => call('format', [text, ...values]);
/** The values of a list as one text; between them a comma, unless another separator is given. */
export const join = (list: Operand, separator?: Operand): Expression =>
  call('join', separator === undefined ? [list] : [list, separator]);
export const toJSON = (value: Operand): Expression => call('toJSON', [value]);
export const fromJSON = (text: Operand): Dynamic => call('fromJSON', [text]);
/** `case(condition, value, …, otherwise)`: the value behind the first condition that is true. */
export const choose = (condition: Operand, value: Operand, ...more: readonly Operand[]): Dynamic =>
  call('case', [condition, value, ...more]);
/** One hash over the files that match, as text; empty when none does. */
export const hashFiles = (...patterns: readonly Operand[]): Expression => call('hashFiles', patterns);
/** Nothing before has failed; of a job, with names, none of these. */
export const success = (...jobs: readonly string[]): Expression => call('success', jobs);
/** Something before has failed; of a job, with names, one of these. */
export const failure = (...jobs: readonly string[]): Expression => call('failure', jobs);
export const always = (): Expression => call('always', []);
export const cancelled = (): Expression => call('cancelled', []);
