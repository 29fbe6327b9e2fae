// Which keys stand where. A key is honoured, belongs to Gantry, is GitHub's but not honoured yet, or is unknown: there is
// no fifth case, and only the first passes without a word.
import type { Severity } from './diagnostic.ts';

export interface NotHonoured {
  /** An error is one in our own files only: a file of GitHub's runs, and differs. */
  readonly severity: Severity;
  /** What is, or would be, different; follows `"key" is not honoured yet: `. */
  readonly effect: string;
}

export interface KeyRules {
  /** How the place is called in a message. */
  readonly name: string;
  readonly honoured: readonly string[];
  /** Only outside `.github/workflows/`: GitHub would reject them. */
  readonly gantry?: readonly string[];
  readonly notHonoured?: Readonly<Record<string, NotHonoured>>;
  /** GitHub passes over keys that it does not know here. */
  readonly isOpen?: boolean;
}

const error = (effect: string): NotHonoured => ({ severity: 'error', effect });

const CONTROL_KEYS = ['name', 'id', 'continue-on-error'] as const;
const CONTAINER_KEYS = ['image', 'credentials', 'env', 'ports', 'volumes', 'options'] as const;

export const KEYS = {
  workflow: {
    name: 'the workflow',
    honoured: ['name', 'description', 'run-name', 'on', 'permissions', 'concurrency', 'env', 'defaults', 'jobs'],
  },
  defaults: { name: '"defaults"', honoured: ['run'] },
  defaultsRun: { name: '"defaults.run"', honoured: ['shell', 'working-directory'] },
  job: {
    name: 'a job',
    honoured: [
      'name',
      'needs',
      'if',
      'runs-on',
      'environment',
      'env',
      'defaults',
      'outputs',
      'timeout-minutes',
      'cancel-timeout-minutes',
      'strategy',
      'continue-on-error',
      'permissions',
      'concurrency',
      'container',
      'services',
      'uses',
      'with',
      'secrets',
      'steps',
    ],
    gantry: ['accept'],
    notHonoured: {
      snapshot: error('no image would be made'),
    },
  },
  runsOn: {
    name: '"runs-on"',
    honoured: ['group', 'labels'],
  },
  snapshot: { name: '"snapshot"', honoured: ['image-name', 'version', 'if'] },
  environment: {
    name: '"environment"',
    honoured: ['name', 'url', 'deployment'],
  },
  strategy: { name: '"strategy"', honoured: ['matrix', 'fail-fast', 'max-parallel'] },
  step: {
    name: 'a step',
    honoured: [
      'name',
      'id',
      'if',
      'run',
      'uses',
      'with',
      'env',
      'shell',
      'working-directory',
      'continue-on-error',
      'timeout-minutes',
      'background',
    ],
    gantry: ['retry', 'fallback', 'consumes', 'produces', 'advisory', 'expect'],
  },
  wait: { name: 'a step with "wait"', honoured: [...CONTROL_KEYS, 'wait'] },
  'wait-all': { name: 'a step with "wait-all"', honoured: [...CONTROL_KEYS, 'wait-all'] },
  cancel: { name: 'a step with "cancel"', honoured: [...CONTROL_KEYS, 'cancel'] },
  parallel: { name: 'a step with "parallel"', honoured: ['parallel'] },
  fallback: {
    name: 'a fallback',
    honoured: [
      'loss',
      'until',
      'name',
      'run',
      'uses',
      'with',
      'env',
      'shell',
      'working-directory',
      'timeout-minutes',
      'retry',
      'expect',
    ],
  },
  retry: { name: '"retry"', honoured: ['attempts', 'on', 'delay'] },
  advisory: { name: '"advisory"', honoured: ['until'] },
  expect: { name: '"expect"', honoured: ['tests', 'files'] },
  expectTests: { name: '"expect.tests"', honoured: ['report', 'min'] },
  schedule: {
    name: 'an entry of "schedule"',
    honoured: ['cron', 'timezone'],
  },
  dispatch: { name: '"workflow_dispatch"', honoured: ['inputs'], isOpen: true },
  dispatchInput: {
    name: 'an input',
    honoured: ['description', 'type', 'required', 'default', 'options'],
  },
  call: { name: '"workflow_call"', honoured: ['inputs', 'secrets', 'outputs'] },
  callInput: {
    name: 'an input',
    honoured: ['description', 'type', 'required', 'default'],
  },
  callSecret: { name: 'a secret', honoured: ['description', 'required'] },
  callOutput: { name: 'an output', honoured: ['description', 'value'] },
  concurrency: { name: '"concurrency"', honoured: ['group', 'cancel-in-progress', 'queue'] },
  container: { name: 'a container', honoured: CONTAINER_KEYS },
  service: {
    name: 'a service',
    honoured: [...CONTAINER_KEYS, 'entrypoint', 'command'],
  },
  credentials: { name: '"credentials"', honoured: ['username', 'password'] },
} as const satisfies Readonly<Record<string, KeyRules>>;

export type KeyPlace = keyof typeof KEYS;

/** Keys of a step that a fallback cannot have, and why. */
export const NOT_IN_FALLBACK: Readonly<Record<string, string>> = {
  id: 'its outputs are those of the step it stands in for',
  if: 'it is tried whenever what stands before it failed',
  fallback: 'the chain is one list; put the entry after this one',
  advisory: 'the step itself is advisory, or is not',
  'continue-on-error': 'a fallback that cannot fail would hide every failure',
  consumes: 'only the step itself can be restored',
  produces: 'only the step itself can be restored',
};
