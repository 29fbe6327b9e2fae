import { Engine } from '#engine/engine.ts';
import type { Secret } from '#base/secret.ts';
import { driveAgain } from '../drive-again.ts';
import { UsageError } from '../usage-error.ts';
import type { RunId } from '#base/ids.ts';
import { runVerdict } from '#run/outcome.ts';
import { inline } from '#run/report/layout.ts';
import type { LiveRun } from '#run/state.ts';
import { findRun, isDriven, loadRun, openProject } from './history.ts';
import { readSecrets } from '../read-options.ts';
import type { RunOptions } from '../read-options.ts';

export type ResumeOptions = Pick<RunOptions, 'secret' | 'secretFile' | 'strict' | 'format'>;

/** Goes on with a run whose engine died. */
export async function resume(given: string | undefined, options: ResumeOptions): Promise<number> {
  const { stores, folder } = openProject();
  const runId = given === undefined ? newestInterrupted({ stores }) : findRun(stores, given);
  const run = loadRun(stores, runId);
  if (run.finished)
    throw new UsageError(
      `run ${runId} ${endInWords(run)}; there is nothing to resume: gantry rerun ${runId} runs it again`,
    );
  if (isDriven(stores, runId)) throw new UsageError(`run ${runId} is still being driven by another process`);
  const secrets = readSecretsAgain(run, options);
  return driveAgain(run.plan, {
    runId,
    stores,
    stateFolder: folder,
    secrets,
    options,
    begin: (deps) => Engine.resume(deps, runId),
  });
}

/** Values of secrets are written nowhere, so whoever goes on with a run, or runs it again, brings them again. */
export function readSecretsAgain(
  { runId, plan }: LiveRun,
  options: Pick<RunOptions, 'secret' | 'secretFile'>,
): ReadonlyMap<string, Secret> {
  const secrets = readSecrets(options);
  const missing = plan.secretNames.filter((name) => !secrets.has(name));
  if (missing.length > 0)
    throw new UsageError(
      `run ${runId} was started with secrets; give them again: ${missing.map((name) => `--secret ${name}`).join(' ')}`,
    );
  return secrets;
}

function newestInterrupted({ stores }: Pick<ReturnType<typeof openProject>, 'stores'>): RunId {
  const ids = stores.journal.runs(1_000);
  const found = ids.find((id) => !loadRun(stores, id).finished && !isDriven(stores, id));
  if (found !== undefined) return found;
  const [newest] = ids;
  if (newest === undefined) throw new UsageError('there is no run yet; start one with gantry run');
  const run = loadRun(stores, newest);
  const what = run.finished
    ? `${endInWords(run)}: gantry rerun runs it again, gantry rerun --failed what did not succeed`
    : 'goes on in another process: gantry show tells where it is';
  throw new UsageError(`no run was interrupted, so there is nothing to resume. The newest, ${newest}, ${what}`);
}

/** `was cancelled (interrupted at the terminal)`; a run that was cancelled has been brought to its end, and is over. */
function endInWords(run: LiveRun): string {
  if (run.finished?.cancelled) return `was cancelled (${inline(run.cancel?.reason ?? 'no reason given')}) and is over`;
  return `has finished, ${runVerdict(run)}`;
}
