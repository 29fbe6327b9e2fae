// Does this event start this workflow? If not, why, in a sentence.
import { matchesPatterns } from './filter-pattern.ts';
import type { Trigger, Workflow } from './model.ts';

export { filterPattern } from './filter-pattern.ts';

/** What happened. */
export interface TriggerEvent {
  readonly name: string;
  /** Activity type, e.g. `opened`. */
  readonly action?: string;
  /** `refs/heads/x` or `refs/tags/x`. */
  readonly ref?: string;
  /** The branch a pull request wants to go to, with or without `refs/heads/`. */
  readonly baseRef?: string;
  /** Absent when nobody knows: path filters then let it through, and the match says so. */
  readonly changedPaths?: readonly string[];
  /** The schedule that fell due. */
  readonly cron?: string;
}

export type TriggerMatch =
  { readonly matches: true; readonly note?: string } | { readonly matches: false; readonly reason: string };

type Ref = { readonly kind: 'branch' | 'tag'; readonly name: string };

const PULL_REQUEST_TYPES = ['opened', 'synchronize', 'reopened'];
const MATCH: TriggerMatch = { matches: true };

export function matchTrigger(workflow: Pick<Workflow, 'on'>, event: TriggerEvent): TriggerMatch {
  const trigger = workflow.on.find((each) => each.event === event.name);
  if (trigger === undefined) {
    const names = workflow.on.map((each) => each.event);
    const listens = names.length === 0 ? 'it names no event' : `it runs on ${sentenceList(names)}`;
    return { matches: false, reason: `${event.name}: this workflow does not run on it; ${listens}` };
  }
  const notes: string[] = [];
  for (const check of [matchTypes, matchRef, matchPaths, matchCron]) {
    const match = check(trigger, event);
    if (!match.matches) return match;
    if (match.note !== undefined) notes.push(match.note);
  }
  return notes.length === 0 ? MATCH : { matches: true, note: notes.join('; ') };
}

function matchTypes(trigger: Trigger, event: TriggerEvent): TriggerMatch {
  const isPullRequest = trigger.event === 'pull_request' || trigger.event === 'pull_request_target';
  const types = trigger.types ?? (isPullRequest ? PULL_REQUEST_TYPES : undefined);
  if (types === undefined) return MATCH;
  if (event.action === undefined) {
    if (trigger.types === undefined) return MATCH;
    return { matches: true, note: `on.${trigger.event}.types was not applied: the event does not say its type` };
  }
  if (types.includes(event.action)) return MATCH;
  const rule =
    trigger.types === undefined
      ? `by default only ${sentenceList(types)} count`
      : `on.${trigger.event}.types allows only ${sentenceList(types)}`;
  return { matches: false, reason: `${event.name} of type ${event.action}: ${rule}` };
}

function matchRef(trigger: Trigger, event: TriggerEvent): TriggerMatch {
  if (!trigger.branches && !trigger.branchesIgnore && !trigger.tags && !trigger.tagsIgnore) return MATCH;
  const ref = filteredRef(trigger, event);
  if (ref === undefined)
    return {
      matches: true,
      note: `the branch filters of on.${trigger.event} were not applied: the event names no branch`,
    };
  const [only, ignore] =
    ref.kind === 'branch' ? [trigger.branches, trigger.branchesIgnore] : [trigger.tags, trigger.tagsIgnore];
  const key = ref.kind === 'branch' ? 'branches' : 'tags';
  const what = whatHappened(trigger, ref);
  if (!only && !ignore) {
    const other = ref.kind === 'branch' ? 'tags' : 'branches';
    return {
      matches: false,
      reason: `${what}: on.${trigger.event} filters ${other} only, so no ${ref.kind} starts it`,
    };
  }
  if (only && !matchesPatterns(only, ref.name)) {
    return { matches: false, reason: `${what}: on.${trigger.event}.${key} allows only ${sentenceList(only)}` };
  }
  if (ignore && matchesPatterns(ignore, ref.name)) {
    return { matches: false, reason: `${what}: on.${trigger.event}.${key}-ignore leaves out ${sentenceList(ignore)}` };
  }
  return MATCH;
}

/** Pull requests and merge groups are filtered by where they want to go, everything else by where it happened. */
function filteredRef(trigger: Trigger, event: TriggerEvent): Ref | undefined {
  const isByBase = trigger.event.startsWith('pull_request') || trigger.event === 'merge_group';
  const text = isByBase ? event.baseRef : event.ref;
  if (!text) return undefined;
  if (text.startsWith('refs/tags/')) return { kind: 'tag', name: text.slice('refs/tags/'.length) };
  return { kind: 'branch', name: text.replace(/^refs\/heads\//, '') };
}

function whatHappened(trigger: Trigger, ref: Ref): string {
  const name = ref.kind === 'tag' ? `tag ${ref.name}` : ref.name;
  return trigger.event.startsWith('pull_request') ? `${trigger.event} into ${name}` : `${trigger.event} to ${name}`;
}

function matchPaths(trigger: Trigger, event: TriggerEvent): TriggerMatch {
  const { paths, pathsIgnore } = trigger;
  // GitHub does not look at paths when a tag is pushed.
  if ((!paths && !pathsIgnore) || event.ref?.startsWith('refs/tags/')) return MATCH;
  const changed = event.changedPaths;
  if (changed === undefined) {
    return {
      matches: true,
      note: `the path filters of on.${trigger.event} were not applied: what changed is not known`,
    };
  }
  if (paths && !changed.some((path) => matchesPatterns(paths, path))) {
    return {
      matches: false,
      reason: `${trigger.event}: no changed file matches on.${trigger.event}.paths (${sentenceList(paths)})`,
    };
  }
  if (pathsIgnore && changed.length > 0 && changed.every((path) => matchesPatterns(pathsIgnore, path))) {
    return {
      matches: false,
      reason: `${trigger.event}: every changed file is left out by on.${trigger.event}.paths-ignore (${sentenceList(pathsIgnore)})`,
    };
  }
  return MATCH;
}

function matchCron(trigger: Trigger, event: TriggerEvent): TriggerMatch {
  if (trigger.schedules === undefined || event.cron === undefined) return MATCH;
  if (trigger.schedules.some((each) => each.cron === event.cron)) return MATCH;
  return {
    matches: false,
    reason: `schedule ${event.cron}: on.schedule has only ${sentenceList(trigger.schedules.map((each) => each.cron))}`,
  };
}

function sentenceList(words: readonly string[]): string {
  const [last = '', ...before] = words.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(', ')} and ${last}`;
}
