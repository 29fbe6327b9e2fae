// Which contexts and functions an expression may use, by the place it stands in: GitHub's "context availability" table.

export interface Availability {
  /** How the place is called in a message. */
  readonly name: string;
  readonly contexts: readonly string[];
  /** Beside the built-in ones: the fewest and the most arguments, by lower-case name. */
  readonly functions: Readonly<Record<string, readonly [min: number, max: number]>>;
}

/** Contexts that exist somewhere. */
export const CONTEXTS: readonly string[] = [
  'github',
  'env',
  'vars',
  'job',
  'jobs',
  'steps',
  'runner',
  'secrets',
  'strategy',
  'matrix',
  'needs',
  'inputs',
];

/** Functions that exist in some places only. */
export const PLACED_FUNCTIONS: readonly string[] = ['success', 'failure', 'always', 'cancelled', 'hashFiles'];

const ANY = Number.MAX_SAFE_INTEGER;
const WORKFLOW = ['github', 'inputs', 'vars'];
const NEEDS = [...WORKFLOW, 'needs'];
const MATRIX = [...NEEDS, 'strategy', 'matrix'];
const RUNNER = [...MATRIX, 'steps', 'job', 'runner', 'env'];
const STEP = [...RUNNER, 'secrets'];
const HASH = { hashfiles: [1, 255] } as const;
// A job's status functions may name the needs they ask about, a step's may not.
const JOB_STATUS = { always: [0, 0], cancelled: [0, 0], failure: [0, ANY], success: [0, ANY] } as const;
const STEP_STATUS = { always: [0, 0], cancelled: [0, 0], failure: [0, 0], success: [0, 0] } as const;

export const PLACES = {
  runName: { name: '"run-name"', contexts: WORKFLOW, functions: {} },
  workflowEnv: { name: 'the "env" of the workflow', contexts: [...WORKFLOW, 'secrets'], functions: {} },
  jobIf: { name: 'the "if" of a job', contexts: NEEDS, functions: JOB_STATUS },
  strategy: { name: '"strategy"', contexts: NEEDS, functions: {} },
  job: { name: 'this key of a job', contexts: MATRIX, functions: {} },
  jobEnv: { name: 'the "env" of a job', contexts: [...MATRIX, 'secrets'], functions: {} },
  jobDefaults: { name: 'the "defaults" of a job', contexts: [...MATRIX, 'env'], functions: {} },
  jobOutputs: { name: 'the "outputs" of a job', contexts: STEP, functions: {} },
  environmentUrl: { name: 'the "url" of an environment', contexts: RUNNER, functions: {} },
  workflowConcurrency: { name: 'the "concurrency" of the workflow', contexts: WORKFLOW, functions: {} },
  container: { name: 'a container', contexts: MATRIX, functions: {} },
  service: { name: 'a service', contexts: MATRIX, functions: {} },
  containerEnv: { name: 'the "env" of a container', contexts: STEP, functions: {} },
  containerCredentials: {
    name: 'the "credentials" of a container',
    contexts: [...MATRIX, 'env', 'secrets'],
    functions: {},
  },
  callWith: { name: 'the "with" of a called workflow', contexts: MATRIX, functions: {} },
  callSecrets: { name: 'the "secrets" of a called workflow', contexts: [...MATRIX, 'secrets'], functions: {} },
  callDefault: { name: 'the default of an input', contexts: WORKFLOW, functions: {} },
  callOutputs: { name: 'the "outputs" of "workflow_call"', contexts: [...WORKFLOW, 'jobs'], functions: {} },
  stepIf: { name: 'the "if" of a step', contexts: RUNNER, functions: { ...STEP_STATUS, ...HASH } },
  step: { name: 'a step', contexts: STEP, functions: HASH },
} as const satisfies Readonly<Record<string, Availability>>;

export type Place = keyof typeof PLACES;
