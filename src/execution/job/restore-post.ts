// What an earlier engine left to be done behind the job's last step, found again by its record. Loads a library: import
// this file when there is a job to take up again.
import { join } from 'node:path';
import { z } from 'zod';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { Step } from '#workflow/model.ts';
import { addBuiltInPost } from '../step/action-step.ts';
import { builtIn } from '../step/built-in.ts';
import { innerRun } from '../step/composite-action.ts';
import { addPostOf, prepareAction } from '../step/found-action.ts';
import type { ActionSetting } from '../step/action-context.ts';
import type { ActionUse, PostRecord, StepRun } from '../step/step-run.ts';

const Values = z.record(z.string(), z.string());
const Use = z.object({ uses: z.string(), index: z.number(), stepEnv: Values, inputs: Values });
const Record = z.object({ uses: z.array(Use), state: Values, sincePre: z.boolean() });

export function readPostRecord(text: string): PostRecord {
  return Record.parse(JSON.parse(text));
}

/** It is added to `run`, which is that of the job's step. The error is why it cannot be. */
export async function restorePost(
  { uses, state }: PostRecord,
  steps: readonly Step[],
  run: StepRun,
): Promise<Result<undefined, string>> {
  let at = run;
  let candidates = steps.flatMap((step): readonly Step[] => [step, ...step.fallback.map((each) => each.step)]);
  for (const use of uses.slice(0, -1)) {
    const setting = settingOf(use, candidates, at);
    if (!setting) return gone(use);
    const prepared = await prepareAction(setting, at);
    if (!prepared.ok) return prepared;
    const { runs } = prepared.value.definition;
    if (runs.kind !== 'composite') return gone(use);
    at = innerRun(prepared.value, { setting, run: at });
    candidates = [...runs.steps];
  }
  const last = uses.at(-1);
  const setting = last && settingOf(last, candidates, at);
  if (!last || !setting) return gone(last);
  if (builtIn(last.uses, at)) {
    addBuiltInPost(setting, at);
    return ok(undefined);
  }
  const prepared = await prepareAction(setting, at);
  if (!prepared.ok) return prepared;
  addPostOf(prepared.value, { setting, run: at, origin: { kind: 'again', state } });
  return ok(undefined);
}

type Setting = ActionSetting & { readonly inputs: ActionUse['inputs'] };

function settingOf({ uses, index, stepEnv, inputs }: ActionUse, steps: readonly Step[], run: StepRun) {
  const step = steps.find((each) => each.kind === 'uses' && each.index === index && each.uses.value === uses);
  if (step?.kind !== 'uses') return undefined;
  const files = { folder: join(run.folders.private, `step-${index}`), variables: {} };
  return { step, index, stepEnv, inputs, files, timeoutMs: undefined } satisfies Setting;
}

function gone(use: ActionUse | undefined): Result<never, string> {
  return err(`no step uses ${use?.uses ?? 'an action'} any more`);
}
