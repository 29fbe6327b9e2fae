import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { runId } from '#base/ids.ts';
import type { RunId } from '#base/ids.ts';
import { suggest } from '#base/suggest.ts';
import { githubContext, localPayload } from '#engine/github-context.ts';
import { findProject, stateFolder } from '#engine/project.ts';
import type { Project } from '#engine/project.ts';
import { Engine } from '#engine/engine.ts';
import type { EngineFound } from '#execution/container/container-engine.ts';
import { makePlan, wantsContainers } from '#run/make-plan.ts';
import type { PlanRequest } from '#run/make-plan.ts';
import { jobPath, missingJob } from '#run/only-job.ts';
import type { Plan } from '#run/plan.ts';
import { asExportedJob } from '#workflow/export/exported-job.ts';
import { EVENTS } from '#workflow/events.ts';
import type { Workflow } from '#workflow/model.ts';
import { matchTrigger } from '#workflow/triggers.ts';
import { choosePaint } from '../paint.ts';
import { carryArtifacts } from '../carried-artifacts.ts';
import { composeEngine, engineFinder, journalFile, localActionsOf, openRepositories, openStores } from '../compose.ts';
import { driveRun } from '../drive-run.ts';
import { EXIT } from '../exit-codes.ts';
import { describeDiagnostics, findWorkflow, readPipeline } from '../find-workflow.ts';
import type { ReadFile } from '../find-workflow.ts';
import { readGitHubJob } from '../github-job.ts';
import { checkGivenNames, meantOr } from '../given-names.ts';
import { eventInputs } from '../event-inputs.ts';
import { loadCalled } from '../load-called.ts';
import type { LoadedCalls } from '../load-called.ts';
import { pair, readLocalActions, readPayload, readSecrets, readVariables, slotsOf } from '../read-options.ts';
import type { RunOptions } from '../read-options.ts';
import { readServiceCommands } from '../service-command.ts';
import { triggerEvent } from '../trigger-event.ts';
import { told } from '../told.ts';
import { UsageError } from '../usage-error.ts';

/** For fetching what is called. */
const LOAD_LIMIT_MS = 5 * 60_000;

export interface Prepared {
  readonly project: Project;
  readonly workflow: Workflow;
  readonly plan: Plan;
  readonly runId: RunId;
  readonly findEngine: () => Promise<EngineFound>;
  /** Why the event starts nothing; undefined when it does. */
  readonly notTriggered?: string;
}

export async function run(file: string | undefined, options: RunOptions): Promise<number> {
  refusePauseAlone(options);
  const prepared = await prepare(file, options, 'run');
  if (typeof prepared === 'number') return prepared;
  const { project, plan, findEngine } = prepared;
  if (prepared.notTriggered !== undefined) {
    process.stderr.write(`nothing to run: ${prepared.notTriggered}\n`);
    return EXIT.passed;
  }
  const folder = stateFolder(project.root, process.env);
  const stores = openStores(folder);
  const secrets = readSecrets(options);
  const isClean = project.isClean;
  if (!project.isClean && project.isGit && !options.dirty && !options.fromGithub) {
    process.stderr.write(await told('uncommitted changes are not part of this run (--dirty takes them along)'));
  }
  const drive = async (): Promise<number> =>
    driveRun(
      (hooks) =>
        Engine.submit(
          composeEngine({
            stateFolder: folder,
            stores,
            secrets,
            isClean,
            findEngine,
            ...(options.replay === false ? { noReplay: true } : {}),
            ...localActionsOf(plan),
            ...slotsOf(options),
            ...hooks,
          }),
          prepared.runId,
          plan,
        ),
      {
        runId: prepared.runId,
        stores,
        stateFolder: folder,
        strict: options.strict === true,
        pauses: options.pauseOnFailure === true,
        format: options.format,
        ...(options.fromGithub && options.job !== undefined ? { publishJob: options.job } : {}),
      },
    );
  if (!options.fromGithub) return drive();
  return carryArtifacts(drive, { env: process.env, store: stores.artifacts, runId: prepared.runId });
}

function refusePauseAlone({ pauseOnFailure, format }: RunOptions): void {
  if (!pauseOnFailure) return;
  if (format === 'json')
    throw new UsageError('--pause-on-failure asks at the terminal, and --format json prints nothing but the report');
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UsageError(
      '--pause-on-failure needs a terminal, where somebody can be asked; gantry repro --shell looks at a failed step afterwards',
    );
}

/** Everything up to the frozen plan; a number is the exit code of what stood in the way, which has been told. */
export async function prepare(
  file: string | undefined,
  options: RunOptions,
  purpose: 'run' | 'plan',
): Promise<Prepared | number> {
  const path = findWorkflow(file, process.cwd());
  const read = await readPipeline(path);
  const paint = choosePaint({ isTerminal: process.stderr.isTTY, env: process.env });
  if (read.diagnostics.length > 0) process.stderr.write(`${describeDiagnostics(read, paint)}\n`);
  const { workflow } = read;
  if (!workflow) return EXIT.invalidWorkflow;
  if (options.job === undefined && (options.fromGithub || options.matrix?.length))
    throw new UsageError(`${options.fromGithub ? '--from-github' : '--matrix'} is about one job: name it with --job`);
  const project = await findProject(path);
  const localActions = readLocalActions(options.localAction ?? []);
  const loaded = await loadCalls(read, project, { localActions, secretNames: [...readSecrets(options).keys()] });
  if (typeof loaded === 'number') return loaded;
  refuseMissingJob(workflow, options.job, loaded);
  const called = Object.values(loaded.called).map((each) => each.workflow);
  const serviceCommands = readServiceCommands(options.serviceCommand ?? []);
  if (!options.fromGithub)
    checkGivenNames([workflow, ...called], options, { localActions, serviceCommands: serviceCommands ?? {} });
  if (project.isGit && project.sha === '')
    throw new UsageError(`${project.root} has no commit yet, and a run is of a commit: git add . && git commit`);
  const id = newRunId(new Date());
  const workflowPath = relative(project.root, resolve(path));
  const { notTriggered, ...situation } = options.fromGithub
    ? situationOnGitHub(workflow, options.job ?? '')
    : await situationHere(workflow, { project, options, id, workflowPath, begins: purpose === 'run' });
  const findEngine = engineFinder();
  const wantsEngine = [workflow, ...called].some(({ jobs }) => jobs.some(wantsContainers));
  const engine = wantsEngine ? await findEngine() : undefined;
  const plan = makePlan({
    ...situation,
    workflowPath,
    project: project.root,
    dirty: options.dirty === true,
    secretNames: [...readSecrets(options).keys()],
    noReuse: options.reuse === false,
    ...(Object.keys(localActions).length > 0 ? { localActions } : {}),
    ...loaded,
    ...(options.job === undefined ? {} : { onlyJob: options.job }),
    labels: labelsOfThisMachine(),
    ...(engine && !engine.ok ? { noContainers: engine.error } : {}),
    ...(serviceCommands ? { serviceCommands } : {}),
  });
  return { project, workflow, plan, runId: id, findEngine, ...(notTriggered === undefined ? {} : { notTriggered }) };
}

/** What happened, and what the run is given for it. */
type Situation = Pick<PlanRequest, 'workflow' | 'github' | 'vars' | 'inputs' | 'onlyMatrix' | 'given'> & {
  readonly notTriggered?: string;
};

interface Here {
  readonly project: Project;
  readonly options: RunOptions;
  readonly id: RunId;
  /** Of its file, in the project. */
  readonly workflowPath: string;
  /** A run that begins takes a number, one that is only planned would have the next. */
  readonly begins: boolean;
}

async function situationHere(workflow: Workflow, here: Here): Promise<Situation> {
  const { project, options, id, workflowPath } = here;
  const event = eventName(workflow, options);
  const { payload, inputs } = eventInputs(workflow, {
    event,
    payload: { ...localPayload(project, workflowPath, event), ...readPayload(options) },
    given: Object.fromEntries(options.input.map((each) => pair(each, '-i'))),
  });
  const match = matchTrigger(
    workflow,
    await triggerEvent({ name: event, project, payload, workflow, dirty: options.dirty === true }),
  );
  const runNumber = runNumberOf(project, workflowPath, here.begins && match.matches);
  return {
    workflow,
    github: githubContext(project, { name: event, payload, runId: id, runNumber }),
    vars: readVariables(options),
    inputs,
    ...(options.matrix?.length
      ? { onlyMatrix: Object.fromEntries(options.matrix.map((each) => pair(each, '--matrix'))) }
      : {}),
    ...(match.matches ? {} : { notTriggered: match.reason }),
  };
}

/** Of the runs that there were, not of those that were planned: for a plan no journal is made. */
function runNumberOf(project: Project, workflowPath: string, isTaken: boolean): number {
  const folder = stateFolder(project.root, process.env);
  if (!isTaken && !existsSync(journalFile(folder))) return 1;
  using journal = openStores(folder).journal;
  return isTaken ? journal.takeRunNumber(workflowPath) : journal.lastRunNumber(workflowPath) + 1;
}

/** GitHub has judged the event and the job's `if:`, and chosen the machine. */
function situationOnGitHub(workflow: Workflow, job: string): Situation {
  const { github, vars, inputs, needs, matrix } = readGitHubJob(process.env);
  return {
    workflow: asExportedJob(workflow, job),
    github,
    vars,
    inputs,
    given: needs,
    ...(matrix ? { onlyMatrix: matrix } : {}),
  };
}

function refuseMissingJob(
  workflow: Workflow,
  asked: string | undefined,
  loaded: Pick<LoadedCalls, 'called' | 'calls'>,
): void {
  const missing = asked === undefined ? undefined : missingJob(jobPath(asked), workflow.jobs, loaded);
  if (!missing) return;
  const others = missing.length === 0 ? 'it calls no workflow' : `there are ${missing.join(', ')}`;
  throw new UsageError(`there is no job "${asked}"; ${meantOr(asked ?? '', missing, others)}`);
}

/** What jobs call, read and checked. A number is the exit code: what is wrong with it has been told. */
async function loadCalls(
  read: ReadFile,
  project: Project,
  {
    localActions,
    secretNames,
  }: { readonly localActions: Readonly<Record<string, string>>; readonly secretNames: readonly string[] },
): Promise<Pick<LoadedCalls, 'called' | 'calls'> | number> {
  if (!read.workflow?.jobs.some((job) => job.call)) return { called: {}, calls: {} };
  const { called, calls, reads } = await loadCalled(read, {
    project: project.root,
    repositories: openRepositories(stateFolder(project.root, process.env), localActions),
    signal: AbortSignal.timeout(LOAD_LIMIT_MS),
    secretNames,
  });
  const paint = choosePaint({ isTerminal: process.stderr.isTTY, env: process.env });
  for (const each of reads) process.stderr.write(`${describeDiagnostics(each, paint)}\n`);
  const isBroken = reads.some((each) => each.diagnostics.some((diagnostic) => diagnostic.severity === 'error'));
  return isBroken ? EXIT.invalidWorkflow : { called, calls };
}

/** As asked; inputs mean a start by hand; otherwise what happens most: a push, that, then what the workflow names first. */
function eventName(workflow: Workflow, options: RunOptions): string {
  if (options.event !== undefined) {
    if (!(options.event in EVENTS)) {
      const meant = suggest(options.event, Object.keys(EVENTS));
      throw new UsageError(
        `there is no event "${options.event}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
      );
    }
    return options.event;
  }
  const names = workflow.on.map((trigger) => trigger.event);
  if (options.input.length > 0 && names.includes('workflow_dispatch')) return 'workflow_dispatch';
  return ['push', 'workflow_dispatch'].find((name) => names.includes(name)) ?? names[0] ?? 'push';
}

function labelsOfThisMachine(): readonly string[] {
  const system = process.platform === 'darwin' ? 'macos' : process.platform;
  return [system, process.arch, 'self-hosted', 'gantry'];
}

/** Sortable by time, and unique without asking anybody. */
function newRunId(now: Date): RunId {
  const digits = now.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return runId(`r-${digits.slice(0, 8)}-${digits.slice(8)}-${randomBytes(2).toString('hex')}`);
}
