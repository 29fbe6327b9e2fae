// What the kinds of actions that have `pre`, `main` and `post` share: the files of each, the state that one leaves for the
// next, and the names by which inputs are handed over.
import { join } from 'node:path';
import { unreachable } from '#base/unreachable.ts';
import type { Hook } from '#workflow/read-action.ts';
import type { ActionSetting } from './action-context.ts';
import type { Attempt } from './attempt-result.ts';
import { makeStepFiles, readStepFiles } from './step-files.ts';
import type { ActionUse, PostRecord, StepRun } from './step-run.ts';

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
function preFiles({ setting, run }: HookPlace): FilesPlace {
  return { root: run.preFolder, index: setting.index };
}

function stateIn({ root, index }: FilesPlace): State {
  return new Map(readStepFiles(root, index).state);
}

/** What `pre` saved. */
export function stateBeforeMain(place: HookPlace): State {
  return stateIn(preFiles(place));
}

/** For a script that runs before the job's first step: its own files, no state, and no time limit of the step. */
export function beforeTheJob(place: HookPlace): HookRun {
  const { root, index } = preFiles(place);
  const setting = { ...place.setting, files: makeStepFiles(root, index), timeoutMs: undefined };
  return { setting, run: place.run, state: new Map() };
}

/** Which part of the action announces its `post`; `again`: an earlier engine was told of it, with the state that it kept. */
export type PostOrigin =
  { readonly kind: 'pre' | 'main' } | { readonly kind: 'again'; readonly state: PostRecord['state'] };

export interface PostAnnouncement extends HookPlace {
  readonly inputs: ActionUse['inputs'];
  readonly origin: PostOrigin;
}

/** What was saved is kept now: the files of `main` may be gone when `post` is due, because another attempt began. */
export function addPost(
  post: Hook | undefined,
  { setting, run, inputs, origin }: PostAnnouncement,
  start: (later: HookRun) => Promise<Attempt>,
): void {
  if (!post) return;
  const { step, index, stepEnv } = setting;
  const uses = step.uses.value;
  const state = stateFor(origin, { setting, run });
  run.addPost({
    name: `Post ${step.name?.value ?? uses}`,
    index,
    when: { condition: post.if },
    record: {
      uses: [...run.around, { uses, index, stepEnv, inputs }],
      state: Object.fromEntries(state),
      sincePre: origin.kind === 'pre',
    },
    run: async ({ signal }) => {
      const root = join(run.folders.private, 'post');
      const ended = await start({
        setting: { ...setting, files: makeStepFiles(root, index), timeoutMs: undefined },
        run: { ...run, scope: run.scope.asOfNow(), signal },
        state,
      });
      return { ok: ended.how === 'ok', why: ended.why, changes: readStepFiles(root, index) };
    },
  });
}

function stateFor(origin: PostOrigin, place: HookPlace): State {
  switch (origin.kind) {
    case 'pre':
      return stateBeforeMain(place);
    case 'main': {
      const { setting, run } = place;
      return new Map([...stateBeforeMain(place), ...stateIn({ root: run.folders.private, index: setting.index })]);
    }
    case 'again':
      return new Map(Object.entries(origin.state));
    default:
      return unreachable(origin);
  }
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
