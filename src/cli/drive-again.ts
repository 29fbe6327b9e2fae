// A plan that is in the journal already is driven: on with it after its engine died, or from its beginning again.
import { join } from 'node:path';
import type { RunId } from '#base/ids.ts';
import type { Secret } from '#base/secret.ts';
import type { Engine } from '#engine/engine.ts';
import { findProject } from '#engine/project.ts';
import type { Plan } from '#run/plan.ts';
import { composeEngine, engineFinder, localActionsOf } from './compose.ts';
import type { Stores } from './compose.ts';
import { driveRun } from './drive-run.ts';
import { slotsOf } from './read-options.ts';
import type { RunOptions } from './read-options.ts';

interface AgainSetting {
  readonly runId: RunId;
  readonly stores: Stores;
  readonly stateFolder: string;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly options: Pick<RunOptions, 'strict' | 'format' | 'slots'>;
  readonly begin: (deps: ReturnType<typeof composeEngine>) => Engine;
}

export async function driveAgain(
  plan: Plan,
  { runId, stores, stateFolder, secrets, options, begin }: AgainSetting,
): Promise<number> {
  const { isClean } = await findProject(join(plan.project, 'gantry.yml'));
  const findEngine = engineFinder();
  const given = { stateFolder, stores, secrets, isClean, findEngine, ...localActionsOf(plan), ...slotsOf(options) };
  return driveRun((hooks) => begin(composeEngine({ ...given, ...hooks })), {
    runId,
    stores,
    stateFolder,
    strict: options.strict === true,
    format: options.format,
  });
}
