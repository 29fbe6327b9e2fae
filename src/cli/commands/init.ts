// `gantry init`: a pipeline for this project, from what is there, that passes at once.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { ACTION_NAMES } from '../action-names.ts';
import { EXIT } from '../exit-codes.ts';
import { describeDiagnostics } from '../find-workflow.ts';
import { planPart } from '../init/plan-part.ts';
import type { Machine, PartPlan } from '../init/plan-part.ts';
import { findParts, surveyProject } from '../init/survey.ts';
import type { Survey } from '../init/survey.ts';
import { writePipeline } from '../init/write-pipeline.ts';
import type { InitJob } from '../init/write-pipeline.ts';
import { choosePaint } from '../paint.ts';
import { readSchema, SCHEMA_COPY } from '../pipeline-schema.ts';
import { UsageError } from '../usage-error.ts';
import { cleanEnvironment } from '#execution/process/clean-env.ts';
import { readWorkflow } from '#workflow/read-workflow.ts';
import { isOwnFile } from '#workflow/reading.ts';

export interface InitOptions {
  readonly force?: boolean;
  readonly stdout?: boolean;
  readonly dryRun?: boolean;
  readonly from?: string;
}

const FILE = 'gantry.yml';

export function init(options: InitOptions): number {
  const root = process.cwd();
  const isShown = options.stdout === true || options.dryRun === true;
  const present = [FILE, 'gantry.yaml', 'gantry.ts'].find((name) => existsSync(join(root, name)));
  if (present !== undefined && !isShown && !options.force)
    throw new UsageError(
      `${present} is there already; gantry init --stdout shows what would be written, --force writes over it`,
    );
  const survey = surveyProject(root);
  if (survey === 'no-commit')
    throw new UsageError(
      'nothing is committed here yet, and a run takes what is committed: git add . && git commit, then gantry init again',
    );
  const draft = options.from === undefined ? draftPipeline(root, survey) : takeOver(options.from);
  if (draft === undefined) return EXIT.invalidWorkflow;
  if (options.stdout) {
    process.stdout.write(draft.text);
    return EXIT.passed;
  }
  if (options.dryRun) {
    process.stdout.write(`would write ${FILE} and ${SCHEMA_COPY}:\n\n${draft.text}`);
    return EXIT.passed;
  }
  writeFileSync(join(root, FILE), draft.text);
  mkdirSync(dirname(join(root, SCHEMA_COPY)), { recursive: true });
  writeFileSync(join(root, SCHEMA_COPY), readSchema());
  process.stdout.write(`${draft.text}\nwrote ${FILE}, and ${SCHEMA_COPY} by which editors complete it\n`);
  for (const line of draft.said) process.stdout.write(`${line}\n`);
  return EXIT.passed;
}

interface Draft {
  readonly text: string;
  /** Behind it, to whoever ran the command. */
  readonly said: readonly string[];
}

function draftPipeline(root: string, survey: Survey): Draft {
  const workflows = survey.files.filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path));
  const planned = findParts(survey).flatMap((part) =>
    planPart(part, machineHere()).map((plan): InitJob => ({ folder: part.folder, plan })),
  );
  const jobs = planned.filter(({ plan }) => plan.steps.length > 0);
  const left = planned.filter(({ plan }) => plan.steps.length === 0);
  const notes = [
    ...left.flatMap(({ folder, plan }) =>
      plan.notes.map((note) => `Left out${folder === '' ? '' : ` in ${folder}`}: ${note}.`),
    ),
    ...workflows.map((path) => `${path} stays as it is: gantry run ${path} runs it.`),
    ...imageNotes(survey),
  ];
  const text = writePipeline({
    schema: `./${SCHEMA_COPY}`,
    name: basename(root) || 'pipeline',
    runsOn: process.platform === 'darwin' ? 'macos-latest' : 'ubuntu-latest',
    jobs: jobs.length > 0 ? jobs : [{ folder: '', plan: NOTHING_FOUND }],
    notes,
  });
  assertValid(text);
  const said = [
    ...(survey.kind === 'folder'
      ? ['this is no git repository: runs take the files as they are (git init, and they take what is committed)']
      : []),
    ...workflows.map((path) => `to begin with ${path} instead: gantry init --force --from ${path}`),
    'next: gantry run',
  ];
  return { text, said };
}

/** A pipeline that proves little, and says so. */
const NOTHING_FOUND: PartPlan = {
  language: 'start',
  steps: [
    {
      why: [
        'Nothing was found that could be built or tested. Put your own command in the place of this one, and ask for its proof with "expect".',
      ],
      name: 'What is here',
      run: 'ls',
    },
  ],
  notes: [],
};

function imageNotes({ files }: Survey): readonly string[] {
  const images = files.filter((path) => /(^|\/)(Dockerfile|Containerfile)$/.test(path));
  return images.map((path) => {
    const folder = dirname(path) === '.' ? '.' : dirname(path);
    return `${path} is not built: that takes an engine and its base image. A step for it: run: docker build ${folder}`;
  });
}

/** A workflow that is there, word for word: what it holds is GitHub's, and the seven keys may be added. Undefined: told why not. */
function takeOver(file: string): Draft | undefined {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`there is no file ${file}`);
  if (isOwnFile(resolve(file)))
    throw new UsageError(`${file} is a pipeline of Gantry as it is: gantry run ${file} runs it`);
  const source = readFileSync(file, 'utf8');
  // As it would be read under its new name: there, what GitHub lets through without a meaning is an error.
  const read = readWorkflow(file, source, { actions: ACTION_NAMES, place: resolve(FILE) });
  if (!read.workflow) {
    const paint = choosePaint({ isTerminal: process.stderr.isTTY, env: process.env });
    const errors = read.diagnostics.filter(({ severity }) => severity === 'error');
    process.stderr.write(`${describeDiagnostics({ file, text: source, diagnostics: errors }, paint)}\n`);
    process.stderr.write(`gantry: ${file} cannot be taken over as ${FILE} before this is mended\n`);
    return undefined;
  }
  const head = [
    `# yaml-language-server: $schema=./${SCHEMA_COPY}`,
    `# Taken over from ${file} by gantry init. Here the seven keys of Gantry may be added;`,
    `# gantry export github --output ${file} --force writes it back, and GitHub runs the same.`,
  ];
  return { text: `${head.join('\n')}\n\n${source}`, said: ['next: gantry run'] };
}

/** It is written by hand, so to say: a mistake in it is one of this program. */
function assertValid(text: string): void {
  const { diagnostics } = readWorkflow(FILE, text, { actions: ACTION_NAMES });
  const [first] = diagnostics;
  if (first)
    throw new Error(
      `the pipeline that was made is not valid: ${first.code} in line ${first.at.line}: ${first.message}`,
    );
}

/** Commands as a run will find them. */
function machineHere(): Machine {
  const folders = (cleanEnvironment(process.env)['PATH'] ?? '').split(delimiter);
  return { has: (command) => folders.some((folder) => isExecutable(resolve(folder, command))) && answers(command) };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A name in PATH may be a shim of nothing. */
function answers(command: string): boolean {
  try {
    const flag = command === 'go' ? 'version' : '--version';
    execFileSync(command, [flag], { stdio: 'ignore', timeout: 10_000, env: cleanEnvironment(process.env) });
    return true;
  } catch {
    return false;
  }
}
