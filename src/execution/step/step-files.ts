// The files through which a step tells the runner something. They stay until the job ends, because a resumed job
// reads again from them what finished steps had set: such values may be secret and are never in the journal.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinTexts } from '#base/join-texts.ts';
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
  /** Markdown for people. */
  readonly summary: string;
  /** What could not be read: the step has failed by it. What could be read counts all the same, as on GitHub. */
  readonly problems: readonly string[];
  /** What was left out with an error that does not fail the step. */
  readonly refused: readonly string[];
}

const FILES = {
  GITHUB_ENV: 'env',
  GITHUB_OUTPUT: 'output',
  GITHUB_STATE: 'state',
  GITHUB_PATH: 'path',
  GITHUB_STEP_SUMMARY: 'summary',
};

/** Their names in the folder of a step. */
export const STEP_FILES: readonly string[] = Object.values(FILES);

/** Where the step's files are, by the variables that name them. */
export function stepFileVariables(privateFolder: string, index: number): Readonly<Record<string, string>> {
  const folder = join(privateFolder, `step-${index}`);
  return Object.fromEntries(Object.entries(FILES).map(([variable, name]) => [variable, join(folder, name)]));
}

/** Empty files for one attempt; what an earlier attempt of the step wrote is dropped. */
export function makeStepFiles(privateFolder: string, index: number): StepFiles {
  const folder = join(privateFolder, `step-${index}`);
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const variables = stepFileVariables(privateFolder, index);
  for (const file of Object.values(variables)) writeFileSync(file, '');
  return { folder, variables };
}

export function readStepFiles(privateFolder: string, index: number): StepChanges {
  const folder = join(privateFolder, `step-${index}`);
  const problems: string[] = [];
  const values = (name: string): StepChanges['env'] => {
    const { entries, problem } = parseEnvironmentFile(read(folder, name));
    if (problem !== undefined) problems.push(`Unable to process file command '${name}' successfully. ${problem}`);
    return entries;
  };
  const written = values('env');
  const env = written.filter(([name]) => !isBlocked(name));
  const summary = readSummary(folder);
  return {
    env,
    outputs: values('output'),
    state: values('state'),
    paths: parsePathFile(read(folder, 'path')),
    summary: summary.text,
    problems,
    refused: [
      ...(env.length < written.length ? [BLOCKED_MESSAGE] : []),
      ...(summary.problem === undefined ? [] : [summary.problem]),
    ],
  };
}

/** Names are told apart without regard to case, as in the context they are for; the last one stands. */
export function stepOutputs({ outputs }: StepChanges): Record<string, string> {
  const last = new Map(outputs.map(([name, value]) => [name.toLowerCase(), [name, value] as const]));
  return Object.fromEntries(last.values());
}

/** It would make every Node that comes later run what a step wants, the runner's own too. */
const BLOCKED = 'NODE_OPTIONS';
const BLOCKED_MESSAGE = `Can't update ${BLOCKED} environment variable using '$GITHUB_ENV' command.`;

function isBlocked(name: string): boolean {
  return name.toUpperCase() === BLOCKED;
}

/** GitHub's limit. */
const MOST_SUMMARY_KIB = 1024;
const SUMMARY_URL =
  'https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary';

function readSummary(folder: string): { readonly text: string; readonly problem?: string } {
  const bytes = statSync(join(folder, FILES.GITHUB_STEP_SUMMARY), { throwIfNoEntry: false })?.size ?? 0;
  if (bytes <= MOST_SUMMARY_KIB * 1024) return { text: read(folder, FILES.GITHUB_STEP_SUMMARY) };
  const problem = `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${MOST_SUMMARY_KIB}k, got ${Math.floor(bytes / 1024)}k. For more information see: ${SUMMARY_URL}`;
  return { text: '', problem };
}

/** Where the `pre` of actions leave their files: unlike those of `main`, they stay when a step is tried again. */
export function preFolder(privateFolder: string): string {
  return join(privateFolder, 'pre');
}

/** Of the actions inside the one that stands at that place. */
export function preFolderInside(folder: string, index: number): string {
  return join(folder, `inside-${index}`);
}

/** What the `pre` of the step's action wrote for people, and those of the actions inside it. */
export function preSummary(privateFolder: string, index: number): string {
  return joinTexts(preSummaries(preFolder(privateFolder), index));
}

function preSummaries(folder: string, index: number): readonly string[] {
  const inside = preFolderInside(folder, index);
  const within = namesIn(inside).flatMap((name) => /^(?:step|inside)-(\d+)$/.exec(name)?.[1] ?? []);
  const indexes = [...new Set(within.map(Number))].toSorted((a, b) => a - b);
  const own = readSummary(join(folder, `step-${index}`)).text;
  return [own, ...indexes.flatMap((each) => preSummaries(inside, each))];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}
