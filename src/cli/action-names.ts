/** Actions that are built in, known without loading any of them. `compose.ts` has one for each. */
export const ACTION_NAMES = [
  'actions/checkout',
  'actions/setup-python',
  'actions/setup-node',
  'actions/cache',
  'actions/cache/restore',
  'actions/cache/save',
  'actions/upload-artifact',
  'actions/upload-artifact/merge',
  'actions/download-artifact',
  'gantry/data',
  'gantry/deploy',
  'gantry/health',
  'gantry/notify',
] as const;
