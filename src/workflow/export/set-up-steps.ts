// The steps in front of Gantry's own: what only GitHub can do on its machine. Inside, the same steps find what these put there.
import type { JsonObject } from '#base/json.ts';
import type { Job, Template, UsesStep } from '../model.ts';
import { parseExpression } from '../expression-parse.ts';
import { hasExpression, splitTemplate } from '../template-text.ts';
import type { ExportRequest } from './export-request.ts';

export const STATE_FOLDER = '${{ runner.temp }}/gantry';

const CHECKOUT = 'actions/checkout@v4';
const SETUP_NODE = 'actions/setup-node@v4';
const CACHE = 'actions/cache@v4';
/** Gantry's own needs (`engines` in package.json). */
const NODE_VERSION = '24';

/** Of a checkout, what decides what is there to be checked out inside. */
const CHECKOUT_INPUTS = ['fetch-depth', 'fetch-tags', 'lfs', 'submodules', 'token'];
/** Of what sets tools up, what decides which tools; caches are kept inside. */
const TOOL_INPUTS: Readonly<Record<string, readonly string[]>> = {
  'actions/setup-python': ['python-version', 'python-version-file', 'architecture', 'allow-prereleases'],
  'actions/setup-node': ['node-version', 'node-version-file', 'architecture'],
};
/** Contexts that are there before the job's own steps. */
const BEFORE_STEPS = ['github', 'needs', 'strategy', 'matrix', 'vars', 'inputs', 'secrets', 'runner'];

export interface SetUp {
  readonly steps: readonly JsonObject[];
  /** What Gantry keeps is brought from run to run, in a folder of the job. */
  readonly keepsState: boolean;
}

export function setUpSteps(job: Job, request: ExportRequest): SetUp {
  const uses = job.steps.filter((step): step is UsesStep => step.kind === 'uses');
  // What is live stays with the machine: in a folder that the runner clears it would be gone when the job ends.
  const keepsState = wantsState(job, uses) && !uses.some((step) => nameOf(step) === 'gantry/deploy');
  const cache: JsonObject = {
    name: 'Caches of Gantry',
    uses: CACHE,
    with: {
      path: `${STATE_FOLDER}/*/cache\n${STATE_FOLDER}/*/reuse\n`,
      key: `gantry-\${{ runner.os }}-${job.key}-\${{ strategy.job-index }}-\${{ github.run_id }}-\${{ github.run_attempt }}`,
      'restore-keys': `gantry-\${{ runner.os }}-${job.key}-\${{ strategy.job-index }}-\n`,
    },
  };
  const steps: readonly JsonObject[] = [
    checkoutStep(uses, request),
    ...uses.flatMap((step) => toolStep(step, request)),
    { uses: SETUP_NODE, with: { 'node-version': NODE_VERSION } },
    ...(keepsState ? [cache] : []),
  ];
  return { steps, keepsState };
}

function wantsState(job: Job, uses: readonly UsesStep[]): boolean {
  return (
    job.steps.some((step) => step.consumes !== undefined || step.produces !== undefined) ||
    uses.some((step) => nameOf(step).startsWith('actions/cache') || step.with['cache'] !== undefined)
  );
}

/** `owner/name[/path]`. */
export function nameOf(step: UsesStep): string {
  return step.uses.value.replace(/@.*$/, '').toLowerCase();
}

function checkoutStep(uses: readonly UsesStep[], request: ExportRequest): JsonObject {
  const own = uses.filter((step) => nameOf(step) === 'actions/checkout');
  const [first] = own;
  const inputs: Record<string, string> = {};
  for (const step of own) Object.assign(inputs, hoisted(step, CHECKOUT_INPUTS, request));
  // Another commit than that of the run must be there to be found.
  if (own.some((step) => step.with['ref'] !== undefined)) inputs['fetch-depth'] = '0';
  return { uses: first?.uses.value ?? CHECKOUT, ...(Object.keys(inputs).length > 0 ? { with: inputs } : {}) };
}

function toolStep(step: UsesStep, request: ExportRequest): readonly JsonObject[] {
  const inputs = TOOL_INPUTS[nameOf(step)];
  return inputs === undefined ? [] : [{ uses: step.uses.value, with: hoisted(step, inputs, request) }];
}

/** The inputs that count, with those reported whose value is known only inside. */
function hoisted(step: UsesStep, names: readonly string[], { report }: ExportRequest): Record<string, string> {
  const inputs: Record<string, string> = {};
  for (const name of names) {
    const value = step.with[name];
    if (value === undefined) continue;
    if (isKnownBefore(value)) inputs[name] = value.value;
    else {
      const message = `"${name}" is known only when the job runs; GitHub's machine is set up without it`;
      report({ code: 'WF164', severity: 'warning', at: value.at, message });
    }
  }
  return inputs;
}

/** Before the job's own steps, and the same as inside. */
export function isKnownBefore({ value }: Template): boolean {
  if (!hasExpression(value)) return true;
  const parts = splitTemplate(value);
  if (!parts.ok) return false;
  return parts.value.every((part) => {
    if (part.kind === 'text') return true;
    const parsed = parseExpression(part.text);
    if (!parsed.ok) return false;
    const { contexts, functions } = parsed.value;
    // Which files there are to be hashed is up to the steps.
    return (
      contexts.every(({ name }) => BEFORE_STEPS.includes(name.toLowerCase())) &&
      functions.every(({ name }) => name.toLowerCase() !== 'hashfiles')
    );
  });
}
