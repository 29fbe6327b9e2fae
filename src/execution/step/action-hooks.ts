// What the kinds of actions that have `pre`, `main` and `post` share: the files of each, the state that one leaves for the
// next, and the names by which inputs are handed over.
import { join } from 'node:path';
import type { Hook } from '#workflow/read-action.ts';
import type { ActionSetting } from './action-context.ts';
import type { Attempt } from './attempt-result.ts';
import { makeStepFiles, readStepFiles } from './step-files.ts';
import type { StepRun } from './step-run.ts';

export interface HookPlace {
  readonly setting: ActionSetting;
  readonly run: StepRun;
}

type State = ReadonlyMap<string, string>;

export interface HookRun extends HookPlace {
  readonly state: State;
}

interface FilesPlace {
  readonly root: string;
  readonly index: number;
}

/** Where the files of an action's `pre` are. */
export function preFolder({ setting, run }: HookPlace): FilesPlace {
  return { root: join(run.folders.private, 'pre'), index: setting.index };
}

function stateIn({ root, index }: FilesPlace): State {
  return new Map(readStepFiles(root, index).state);
}

/** What `pre` saved. */
export function stateBeforeMain(place: HookPlace): State {
  return stateIn(preFolder(place));
}

/** For a script that runs before the job's first step: its own files, no state, and no time limit of the step. */
export function beforeTheJob(place: HookPlace): HookRun {
  const { root, index } = preFolder(place);
  const setting = { ...place.setting, files: makeStepFiles(root, index), timeoutMs: undefined };
  return { setting, run: place.run, state: new Map() };
}

/** What `main` saved is kept now: its files may be gone when `post` is due, because another attempt began. */
export function addPost(post: Hook | undefined, place: HookPlace, start: (later: HookRun) => Promise<Attempt>): void {
  const { setting, run } = place;
  if (!post) return;
  const state = new Map([...stateBeforeMain(place), ...stateIn({ root: run.folders.private, index: setting.index })]);
  run.addPost({
    name: `Post ${setting.step.name?.value ?? setting.step.uses.value}`,
    index: setting.index,
    when: { condition: post.if },
    run: async (later) => {
      const files = makeStepFiles(join(run.folders.private, 'post'), setting.index);
      const ended = await start({
        setting: { ...setting, files, timeoutMs: undefined },
        run: { ...run, signal: later.signal },
        state,
      });
      return { ok: ended.how === 'ok', why: ended.why };
    },
  });
}

export function stateVariables(state: State): Record<string, string> {
  return Object.fromEntries([...state].map(([name, value]) => [`STATE_${name}`, value]));
}

/** GitHub's naming: capital letters, `_` for blanks, everything else as it is. */
export function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}

export function githubVariables(github: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]));
}
