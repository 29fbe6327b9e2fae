/** Where a failure comes from: who has to do something about it. */
export const LAYERS = [
  'runner',
  'network',
  'registry',
  'dependency',
  'configuration',
  'code',
  'test',
  'policy',
  'timeout',
  'resources',
  'secrets',
  'flaky',
  'unknown',
] as const;

export type Layer = (typeof LAYERS)[number];
