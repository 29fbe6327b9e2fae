// What decides whether a step has to run again, and what differs between two such records. Two steps with the same facts
// are the same step: what one made may stand for what the other would make.

/** Digests of content stand as text; a value that could be worth guessing is never here as itself. */
export interface StepFacts {
  readonly v: 1;
  readonly platform: string;
  /** What a step makes may hold the path that it was made at. */
  readonly workspace: string;
  readonly work: ScriptWork | ActionWork;
  readonly produces: readonly string[];
  /** Digests of their values, by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the name of a tool stands for, or that there is no such tool. */
  readonly tools: Readonly<Record<string, string>>;
  /** Lesser ways that the job took before, by step: what is made after one fits no job that did without. */
  readonly before: Readonly<Record<string, string>>;
  /** Mode and content of what the step consumes, by path in the workspace. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ScriptWork {
  readonly kind: 'script';
  readonly script: string;
  readonly shell: string;
  readonly folder: string;
}

export interface ActionWork {
  readonly kind: 'action';
  readonly uses: string;
  /** Of all files that belong to the action. */
  readonly content: string;
  /** Digests of their values, by name. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** One difference between the facts of a step and those of the step that is kept. */
export interface ReuseReason {
  readonly what:
    | 'file'
    | 'variable'
    | 'tool'
    | 'script'
    | 'input'
    | 'action'
    | 'before'
    | 'shell'
    | 'working-directory'
    | 'platform'
    | 'workspace'
    | 'produces'
    | 'store';
  readonly change: 'changed' | 'added' | 'removed';
  /** Of the file, variable, tool, input, or step before; of `store`, one sentence. */
  readonly name?: string;
  /** Of the script as it is now, from 1. */
  readonly line?: number;
  readonly was?: string;
  readonly now?: string;
}

/** What became of a step that says what it consumes and produces. */
export type StepReuse =
  | {
      readonly how: 'restored';
      readonly key: string;
      readonly from: string;
      readonly files: number;
      readonly bytes: number;
    }
  /** It ran. `from` is the run whose result did not fit; absent when there is none. */
  | {
      readonly how: 'ran';
      readonly key: string;
      readonly from?: string;
      readonly reasons: readonly ReuseReason[];
      /** Reasons that are not listed. */
      readonly more: number;
      readonly kept: boolean;
      /** Why it is not kept. */
      readonly why?: string;
    }
  /** It is never restored as it is written, or was not to be in this run. */
  | { readonly how: 'always'; readonly why: string };

/** In the order in which people look for a cause: what they edit first. */
export function compareFacts(was: StepFacts, now: StepFacts): readonly ReuseReason[] {
  return [
    ...compareWork(was.work, now.work),
    ...compareRecords('file', was.files, now.files),
    ...compareRecords('variable', was.variables, now.variables),
    ...compareRecords('tool', was.tools, now.tools).map((reason) => withValues(reason, was.tools, now.tools)),
    ...compareRecords('before', was.before, now.before).map((reason) => withValues(reason, was.before, now.before)),
    ...compareTexts('produces', was.produces.join(', '), now.produces.join(', ')),
    ...compareTexts('platform', was.platform, now.platform),
    ...compareTexts('workspace', was.workspace, now.workspace),
  ];
}

function compareWork(was: StepFacts['work'], now: StepFacts['work']): readonly ReuseReason[] {
  if (was.kind === 'script' && now.kind === 'script')
    return [
      ...compareScripts(was.script, now.script),
      ...compareTexts('shell', was.shell, now.shell),
      ...compareTexts('working-directory', was.folder, now.folder),
    ];
  if (was.kind === 'action' && now.kind === 'action') {
    const action = compareTexts('action', was.uses, now.uses);
    const content: readonly ReuseReason[] =
      was.content === now.content ? [] : [{ what: 'action', change: 'changed', name: `the files of ${now.uses}` }];
    return [...action, ...(action.length > 0 ? [] : content), ...compareRecords('input', was.inputs, now.inputs)];
  }
  return compareTexts('action', nameOf(was), nameOf(now));
}

function nameOf(work: StepFacts['work']): string {
  return work.kind === 'action' ? work.uses : 'a script';
}

function compareTexts(what: ReuseReason['what'], was: string, now: string): readonly ReuseReason[] {
  return was === now ? [] : [{ what, change: 'changed', was, now }];
}

/** Lines between what is the same at the beginning and at the end. */
function compareScripts(wasText: string, nowText: string): readonly ReuseReason[] {
  if (wasText === nowText) return [];
  const was = wasText.split('\n');
  const now = nowText.split('\n');
  const shortest = Math.min(was.length, now.length);
  let head = 0;
  while (head < shortest && was[head] === now[head]) head++;
  let tail = 0;
  while (tail < shortest - head && was[was.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const reasons: ReuseReason[] = [];
  for (let index = head; index < Math.max(was.length, now.length) - tail; index++) {
    const before = index < was.length - tail ? was[index] : undefined;
    const after = index < now.length - tail ? now[index] : undefined;
    if (before === after) continue;
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    reasons.push({
      what: 'script',
      change,
      line: index + 1,
      ...(before === undefined ? {} : { was: before }),
      ...(after === undefined ? {} : { now: after }),
    });
  }
  return reasons;
}

function compareRecords(
  what: ReuseReason['what'],
  was: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly ReuseReason[] {
  const reasons: ReuseReason[] = [];
  for (const [name, value] of Object.entries(now)) {
    if (!Object.hasOwn(was, name)) reasons.push({ what, change: 'added', name });
    else if (was[name] !== value) reasons.push({ what, change: 'changed', name });
  }
  for (const name of Object.keys(was)) if (!Object.hasOwn(now, name)) reasons.push({ what, change: 'removed', name });
  return reasons;
}

function withValues(
  reason: ReuseReason,
  was: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): ReuseReason {
  const { name = '' } = reason;
  const [before, after] = [was[name], now[name]];
  return {
    ...reason,
    ...(before === undefined ? {} : { was: before }),
    ...(after === undefined ? {} : { now: after }),
  };
}
