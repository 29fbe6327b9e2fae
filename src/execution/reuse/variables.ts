// The environment that a step may read, as far as it decides what the step makes.
import { WAY_TO_THE_NETWORK } from '../process/clean-env.ts';
import { digestOfText, textOf } from './file-digests.ts';

/** What a run sets anew: it counts when the step, or what it consumes, names it. */
const OF_THE_RUNNER = /^(GITHUB|RUNNER|ACTIONS)_/;

/** Where things are, which the workspace of the step says already. */
const PLACES: ReadonlySet<string> = new Set([
  'GITHUB_ENV',
  'GITHUB_OUTPUT',
  'GITHUB_PATH',
  'GITHUB_STATE',
  'GITHUB_STEP_SUMMARY',
  'GITHUB_WORKSPACE',
  'GITHUB_ACTION_PATH',
  'RUNNER_TEMP',
  'RUNNER_TOOL_CACHE',
  'RUNNER_TRACKING_ID',
]);

/** Numbers of a run: no two have the same. */
const OF_ONE_RUN: ReadonlySet<string> = new Set(['GITHUB_RUN_ID', 'GITHUB_RUN_NUMBER', 'GITHUB_RUN_ATTEMPT']);

/** `named`: those of the runner that count; `all`: of an action nobody knows what it reads. */
export function digestVariables(
  env: Readonly<Record<string, string>>,
  named: ReadonlySet<string> | 'all',
): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const [name, value] of Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (PLACES.has(name) || WAY_TO_THE_NETWORK.has(name)) continue;
    if (OF_THE_RUNNER.test(name) && !counts(name, named)) continue;
    // The event's file lies at another place for each job; what counts is what it says.
    const content = name === 'GITHUB_EVENT_PATH' ? (textOf(value) ?? '') : value;
    digests[name] = digestOfText(content).slice(0, 16);
  }
  return digests;
}

function counts(name: string, named: ReadonlySet<string> | 'all'): boolean {
  return named === 'all' ? !OF_ONE_RUN.has(name) : named.has(name);
}
