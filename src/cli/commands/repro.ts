// gantry repro: a folder from which a failed step can be run by itself.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suggest } from '#base/suggest.ts';
import { isLeftBy } from '#execution/job/workspace.ts';
import type { StepResult } from '#run/events.ts';
import type { JobRecord, LiveRun } from '#run/state.ts';
import type { FailedScript, FailedScriptStore } from '#stores/failed-scripts/failed-scripts.ts';
import { openFailedScripts } from '../compose.ts';
import { EXIT } from '../exit-codes.ts';
import { reproFolder } from '../repro/repro-folders.ts';
import { environmentOf, readme, runScript, scriptName, scriptOf } from '../repro/repro-texts.ts';
import type { ReproSetting } from '../repro/repro-texts.ts';
import { UsageError } from '../usage-error.ts';
import { findRun, loadRun, openProject } from './history.ts';
import { jobsAsked, noSuchJob } from './logs.ts';

export interface ReproOptions {
  readonly job?: string;
  readonly step?: string;
  readonly output?: string;
  readonly shell?: boolean;
}

export async function repro(given: string | undefined, options: ReproOptions): Promise<number> {
  const { stores, folder } = openProject();
  const run = loadRun(stores, findRun(stores, given));
  const { chosen, others } = chooseFailure(run, openFailedScripts(folder), options);
  const { failed, where } = chosen;
  const output = resolve(options.output ?? reproFolder(folder, failed));
  const setting = writeRepro(run, { failed, where, output });
  process.stdout.write(readme(setting));
  if (others.length > 0)
    process.stdout.write(
      `\nAlso failed, to be asked for by --job and --step:\n${others.map((each) => `  ${each.where}\n`).join('')}`,
    );
  return options.shell ? openShell(output) : EXIT.passed;
}

interface Failure {
  readonly where: string;
  readonly failed: FailedScript;
}

function chooseFailure(
  run: LiveRun,
  scripts: FailedScriptStore,
  { job, step }: ReproOptions,
): { readonly chosen: Failure; readonly others: readonly Failure[] } {
  const records = jobsAsked(run, job);
  if (job !== undefined && records.length === 0) throw noSuchJob(run, job);
  const ended = records.flatMap((record) => failedSteps(record).map((result) => ({ record, result })));
  if (ended.length === 0)
    throw new UsageError(`no step of ${job === undefined ? '' : `"${job}" in `}run ${run.runId} failed`);
  const asked = ended.filter(({ result }) => step === undefined || isNamed(result, step));
  if (asked.length === 0)
    throw noSuchStep(
      ended.map(({ result }) => result),
      step ?? '',
    );
  const found = asked.flatMap(({ record, result }): Failure[] => {
    const ran = record.state.kind === 'finished' ? (record.state.carriedFrom ?? run.runId) : run.runId;
    const failed = scripts.find(ran, record.instance.id, result.index);
    return failed ? [{ failed, where: `${record.instance.name} / ${result.name}` }] : [];
  });
  const [chosen, ...others] = found;
  if (chosen) return { chosen, others };
  const names = asked.map(({ record, result }) => `${record.instance.name} / ${result.name}`).join(', ');
  throw new UsageError(
    `nothing is kept of ${names}: only scripts that ran on this machine itself can be run again, not actions of their own and not what runs in a container`,
  );
}

function failedSteps({ state }: JobRecord): readonly StepResult[] {
  const steps = 'steps' in state ? state.steps : [];
  return steps.filter((step) => step.outcome === 'failure').toSorted((a, b) => weight(a) - weight(b));
}

/** What failed the job comes before what was tolerated. */
function weight({ conclusion }: StepResult): number {
  return conclusion === 'failure' ? 0 : 1;
}

/** By name, by id, or by its number from 1. */
function isNamed({ name, id, index }: StepResult, step: string): boolean {
  return [name, id, String(index + 1)].includes(step.trim());
}

function noSuchStep(failed: readonly StepResult[], step: string): UsageError {
  const names = failed.map(({ name }) => name);
  const near = suggest(step, names);
  return new UsageError(
    `no step "${step}" failed; ${near === undefined ? `these did: ${names.join(', ')}` : `did you mean "${near}"?`}`,
  );
}

function writeRepro(run: LiveRun, { failed, where, output }: Failure & { readonly output: string }): ReproSetting {
  if (existsSync(output) && readdirSync(output).length > 0 && !existsSync(join(output, 'run.sh')))
    throw new UsageError(`${output} is not empty, and was not written by gantry repro: name another folder`);
  rmSync(output, { recursive: true, force: true });
  mkdirSync(join(output, 'temp'), { recursive: true, mode: 0o700 });
  const { sha } = run.plan.github;
  const commit = typeof sha === 'string' ? sha : '';
  const isOwnWorkspace = isLeftBy(failed.runId, failed.workspace) && existsSync(failed.folder);
  const workspace = isOwnWorkspace ? failed.workspace : join(output, 'workspace');
  if (!isOwnWorkspace) checkOut(workspace, run.plan.project, commit);
  const setting: ReproSetting = { failed, where, output, workspace, isOwnWorkspace, sha: commit };
  const { event = {}, ...contexts } = failed.contexts;
  const files: Readonly<Record<string, string>> = {
    'README.txt': readme(setting),
    [scriptName(failed)]: scriptOf(setting),
    'environment.json': json(environmentOf(setting)),
    'event.json': json(event),
    'contexts.json': json(contexts),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(output, name), text);
  writeFileSync(join(output, 'run.sh'), runScript(setting), { mode: 0o755 });
  return setting;
}

function checkOut(workspace: string, project: string, sha: string): void {
  mkdirSync(workspace);
  if (sha === '') return;
  try {
    execFileSync('git', ['clone', '--quiet', '--shared', '--no-checkout', project, workspace], { stdio: 'pipe' });
    execFileSync('git', ['checkout', '--quiet', '--detach', sha], { cwd: workspace, stdio: 'pipe' });
  } catch (cause) {
    throw new Error(`laying out commit ${sha} in ${workspace}`, { cause });
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function openShell(output: string): Promise<number> {
  const child = spawn(join(output, 'run.sh'), ['--shell'], { stdio: 'inherit' });
  // Ctrl-C is for what runs in the shell.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  try {
    await new Promise<void>((done, fail) => child.once('error', fail).once('exit', () => done()));
  } finally {
    process.off('SIGINT', ignore);
  }
  return EXIT.passed;
}
