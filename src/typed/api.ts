// What `import … from 'gantry'` gives: the public face of the package, kept small on purpose.
export {
  env,
  github,
  inputs,
  job,
  jobs,
  matrix,
  matrixOf,
  needs,
  needsOf,
  runner,
  secrets,
  steps,
  stepsOf,
  strategy,
  vars,
} from './contexts.ts';
export type { Dynamic, Expression, Operand } from './expression.ts';
export {
  always,
  cancelled,
  choose,
  contains,
  endsWith,
  failure,
  format,
  fromJSON,
  hashFiles,
  join,
  startsWith,
  success,
  toJSON,
} from './functions.ts';
export type { Job, Matrix } from './jobs.ts';
export { and, eq, expr, ge, gt, le, lt, ne, not, or } from './operators.ts';
export { pipeline } from './pipeline.ts';
export type { Pipeline, Triggers } from './pipeline.ts';
export { script } from './script.ts';
export type { Fallback, Step } from './steps.ts';
