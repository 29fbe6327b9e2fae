// The files through which a step tells the runner something. They stay until the job ends, because a resumed job
// reads again from them what finished steps had set: such values may be secret and are never in the journal.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { parseEnvironmentFile, parsePathFile } from '../output/environment-file.ts';

export interface StepFiles {
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface StepChanges {
  readonly env: readonly (readonly [string, string])[];
  readonly outputs: readonly (readonly [string, string])[];
  readonly state: readonly (readonly [string, string])[];
  readonly paths: readonly string[];
  readonly summary: string;
}

const FILES = {
  GITHUB_ENV: 'env',
  GITHUB_OUTPUT: 'output',
  GITHUB_STATE: 'state',
  GITHUB_PATH: 'path',
  GITHUB_STEP_SUMMARY: 'summary',
};

/** Empty files for one attempt; what an earlier attempt of the step wrote is dropped. */
export function makeStepFiles(privateFolder: string, index: number): StepFiles {
  const folder = join(privateFolder, `step-${index}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const variables: Record<string, string> = {};
  for (const [variable, name] of Object.entries(FILES)) {
    variables[variable] = join(folder, name);
    writeFileSync(join(folder, name), '');
  }
  return { folder, variables };
}

export function readStepFiles(privateFolder: string, index: number): Result<StepChanges, string> {
  const folder = join(privateFolder, `step-${index}`);
  const env = parseEnvironmentFile(read(folder, 'env'));
  if (!env.ok) return err(`GITHUB_ENV: ${env.error}`);
  const outputs = parseEnvironmentFile(read(folder, 'output'));
  if (!outputs.ok) return err(`GITHUB_OUTPUT: ${outputs.error}`);
  const state = parseEnvironmentFile(read(folder, 'state'));
  if (!state.ok) return err(`GITHUB_STATE: ${state.error}`);
  return ok({
    env: env.value,
    outputs: outputs.value,
    state: state.value,
    paths: parsePathFile(read(folder, 'path')),
    summary: read(folder, 'summary'),
  });
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}
