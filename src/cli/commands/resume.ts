import { Engine } from '#engine/engine.ts';
import { findProject } from '#engine/project.ts';
import { join } from 'node:path';
import { composeEngine } from '../compose.ts';
import { driveRun } from '../drive-run.ts';
import { UsageError } from '../usage-error.ts';
import { findRun, isDriven, loadRun, openProject } from './history.ts';
import { localActionsOf, readSecrets } from './run.ts';
import type { RunOptions } from './run.ts';

export type ResumeOptions = Pick<RunOptions, 'secret' | 'secretFile' | 'strict' | 'format'>;

/** Goes on with a run whose engine died. */
export async function resume(given: string | undefined, options: ResumeOptions): Promise<number> {
  const { stores, folder } = openProject();
  const runId = given === undefined ? newestInterrupted(stores) : findRun(stores, given);
  const run = loadRun(stores, runId);
  if (run.finished) throw new UsageError(`run ${runId} has finished; there is nothing to resume`);
  if (isDriven(stores, runId)) throw new UsageError(`run ${runId} is still being driven by another process`);
  const secrets = readSecrets(options);
  const missing = run.plan.secretNames.filter((name) => !secrets.has(name));
  // Values of secrets are written nowhere, so whoever resumes brings them again.
  if (missing.length > 0)
    throw new UsageError(
      `run ${runId} was started with secrets; give them again: ${missing.map((name) => `--secret ${name}`).join(' ')}`,
    );
  const project = await findProject(join(run.plan.project, 'gantry.yml'));
  return driveRun(
    (hooks) =>
      Engine.resume(
        composeEngine({
          stateFolder: folder,
          stores,
          secrets,
          isClean: project.isClean,
          ...localActionsOf(run.plan),
          ...hooks,
        }),
        runId,
      ),
    {
      runId,
      stores,
      stateFolder: folder,
      strict: options.strict === true,
      format: options.format,
    },
  );
}

function newestInterrupted(stores: Parameters<typeof findRun>[0]): ReturnType<typeof findRun> {
  const found = stores.journal.runs(1_000).find((id) => !loadRun(stores, id).finished && !isDriven(stores, id));
  if (found === undefined) throw new UsageError('no run was interrupted; there is nothing to resume');
  return found;
}
