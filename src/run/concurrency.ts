// `concurrency:` within one run: which group a run, a called workflow or a job needs, whether it has it, and what follows
// while it has not. The lines themselves are shared by all runs; see `line.ts`.
import { isJsonObject } from '#base/json.ts';
import type { JsonObject } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { evaluateTemplate, evaluateValue } from '#workflow/expressions.ts';
import type { Concurrency, Job } from '#workflow/model.ts';
import type { RunEvent } from './events.ts';
import { skipGroup } from './expand.ts';
import { holderKey } from './line.ts';
import type { Holder } from './line.ts';
import { callerContexts, strategyContext } from './order.ts';
import { isSettled, settledGroup } from './outcome.ts';
import { allScopes, callScope, rootScope } from './scopes.ts';
import type { RunScope } from './scopes.ts';
import type { JobRecord, LiveRun, Place } from './state.ts';
import { scopeStop } from './stops.ts';

/** Ask for a place in the line of a group, or give one up. */
export type LineEffect =
  | {
      readonly kind: 'enter-line';
      readonly id: string;
      readonly group: string;
      readonly holder: Holder;
      readonly turn: number;
      readonly queue: 'single' | 'max';
      readonly cancelInProgress: boolean;
    }
  | { readonly kind: 'leave-line'; readonly id: string; readonly place: Place };

type Told = { readonly kind: 'append'; readonly id: string; readonly events: readonly RunEvent[] };

/** What a group says of who asks: it is held, it is waited for, or this has to happen first. */
export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'waits' }
  | { readonly kind: 'first'; readonly effect: LineEffect | Told };

const OPEN: Gate = { kind: 'open' };

/** Whether the jobs of a scope may be looked at: neither it nor one that it belongs to waits for its group. */
export function isAdmitted(run: LiveRun, scope: RunScope): boolean {
  const outer = scope.caller && outerScope(run, scope);
  if (outer && !isAdmitted(run, outer)) return false;
  if (!scope.concurrency || isHeld(run, scopeHolder(scope))) return true;
  // What an engine left running when it died is ended all the same, group or not, and `always()` jobs are due.
  return scopeStop(run, scope) !== undefined && hasBegun(run, scope);
}

/** What scopes need before their jobs are looked at. */
export function admissionsOf(run: LiveRun, nowMs: number): readonly (LineEffect | Told)[] {
  return allScopes(run).flatMap((scope): readonly (LineEffect | Told)[] => {
    if (!scope.concurrency || isHeld(run, scopeHolder(scope))) return [];
    if (scope.jobs.every(({ job }) => settledGroup(run, `${scope.prefix}${job.key}`) !== undefined)) return [];
    const outer = scope.caller && outerScope(run, scope);
    if (outer && !isAdmitted(run, outer)) return [];
    const stop = scopeStop(run, scope);
    if (stop !== undefined) {
      return hasBegun(run, scope)
        ? []
        : skipAll(run, scope, { why: stop, blameless: true, conclusion: 'cancelled' }, nowMs);
    }
    const { github, vars } = run.plan;
    const gate = gateOf(run, scopeHolder(scope), {
      concurrency: scope.concurrency,
      contexts: { github, vars, inputs: scope.inputs },
      scope,
    });
    if (!gate.ok) return skipAll(run, scope, { why: gate.error, blameless: false, conclusion: 'failure' }, nowMs);
    return gate.value.kind === 'first' ? [gate.value.effect] : [];
  });
}

/** What a job's own `concurrency:` says before it starts. */
export function jobGate(
  run: LiveRun,
  record: JobRecord,
  { job, scope }: { job: Job; scope: RunScope },
  nowMs: number,
): Gate {
  if (!job.concurrency) return OPEN;
  const jobId = record.instance.id;
  const gate = gateOf(
    run,
    { kind: 'job', jobId },
    {
      concurrency: job.concurrency,
      contexts: { ...callerContexts(run, record, job), strategy: strategyContext(run, record) },
      scope,
    },
  );
  if (gate.ok) return gate.value;
  const event: RunEvent = {
    type: 'job.skipped',
    v: 1,
    atMs: nowMs,
    jobId,
    why: gate.error,
    blameless: false,
    conclusion: 'failure',
  };
  return { kind: 'first', effect: { kind: 'append', id: `${jobId}/concurrency`, events: [event] } };
}

/** Places of what has ended. That of the run itself is given up when the run is over. */
export function departuresOf(run: LiveRun, isOver: boolean): readonly LineEffect[] {
  return [...run.places.values()].flatMap((place): readonly LineEffect[] => {
    if (place.stage.kind === 'released' || place.stage.kind === 'refused') return [];
    const record = place.holder.kind === 'run' ? undefined : run.jobs.get(place.holder.jobId);
    const hasEnded = record ? isSettled(record) : isOver;
    return hasEnded ? [{ kind: 'leave-line', id: `${holderKey(place.holder)}/${place.turn}/leave`, place }] : [];
  });
}

/** What a run and its jobs wait for at present. */
export function waitsOf(run: LiveRun): readonly Place[] {
  return [...run.places.values()].filter((place) => place.stage.kind === 'waiting');
}

interface Wish {
  readonly concurrency: Concurrency;
  readonly contexts: JsonObject;
  /** Where the holder stands. */
  readonly scope: RunScope;
}

function gateOf(run: LiveRun, holder: Holder, wish: Wish): Result<Gate, string> {
  const place = run.places.get(holderKey(holder));
  if (place?.stage.kind === 'held') return ok(OPEN);
  if (place?.stage.kind === 'waiting') return ok({ kind: 'waits' });
  if (place?.stage.kind === 'refused') return err(place.stage.why);
  const wanted = evaluate(wish);
  if (!wanted.ok) return err(`its concurrency: ${wanted.error}`);
  const { group } = wanted.value;
  const above = holderAbove(run, holder, { scope: wish.scope, group });
  if (above !== undefined)
    return err(`a deadlock for the concurrency group "${group}" between ${above} and what it is to wait for`);
  const turn = (place?.turn ?? 0) + 1;
  const effect: LineEffect = {
    kind: 'enter-line',
    id: `${holderKey(holder)}/${turn}/enter`,
    holder,
    turn,
    ...wanted.value,
  };
  return ok({ kind: 'first', effect });
}

interface Wanted {
  readonly group: string;
  readonly queue: 'single' | 'max';
  readonly cancelInProgress: boolean;
}

function evaluate({ concurrency, contexts }: Wish): Result<Wanted, string> {
  const scope = { contexts };
  const group = evaluateTemplate(concurrency.group.value, scope);
  if (!group.ok) return err(group.error.message);
  if (group.value.trim() === '') return err('the name of its group is empty');
  const given = concurrency.cancelInProgress?.value ?? false;
  const cancel = typeof given === 'boolean' ? ok(given) : evaluateValue(given, scope);
  if (!cancel.ok) return err(cancel.error.message);
  const says = cancel.value === 'true' ? true : cancel.value === 'false' ? false : cancel.value;
  if (typeof says !== 'boolean')
    return err(
      `cancel-in-progress must be true or false, not ${isJsonObject(says) ? 'an object' : JSON.stringify(says)}`,
    );
  if (says && concurrency.queue === 'max') return err('cancel-in-progress cannot be true with "queue: max"');
  return ok({ group: group.value, queue: concurrency.queue, cancelInProgress: says });
}

/** Who holds the group that this one asks for, and cannot let it go before this one has ended. */
function holderAbove(
  run: LiveRun,
  holder: Holder,
  { scope, group }: { readonly scope: RunScope; readonly group: string },
): string | undefined {
  const key = group.toLowerCase();
  const holds = (who: Holder): boolean => {
    const place = run.places.get(holderKey(who));
    return (
      place !== undefined &&
      (place.stage.kind === 'held' || place.stage.kind === 'waiting') &&
      place.group.toLowerCase() === key
    );
  };
  for (let inner: RunScope | undefined = scope; inner; inner = inner.caller && outerScope(run, inner)) {
    const who = scopeHolder(inner);
    if (holderKey(who) !== holderKey(holder) && holds(who))
      return who.kind === 'run' ? 'the workflow' : `the workflow that "${who.jobId}" calls`;
    const caller = inner.caller?.jobId;
    if (caller !== undefined && holds({ kind: 'job', jobId: caller })) return `job "${caller}"`;
  }
  return undefined;
}

function scopeHolder(scope: RunScope): Holder {
  return scope.caller ? { kind: 'call', jobId: scope.caller.jobId } : { kind: 'run' };
}

function outerScope(run: LiveRun, scope: RunScope): RunScope | undefined {
  const record = scope.caller && run.jobs.get(scope.caller.jobId);
  return record?.caller === undefined ? rootScope(run) : callScope(run, record.caller);
}

function isHeld(run: LiveRun, holder: Holder): boolean {
  return run.places.get(holderKey(holder))?.stage.kind === 'held';
}

function hasBegun(run: LiveRun, { jobs, prefix }: RunScope): boolean {
  return jobs.some(({ job }) => run.groups.has(`${prefix}${job.key}`));
}

/** What never had its group is not run at all, not even its `always()` jobs. */
function skipAll(
  run: LiveRun,
  scope: RunScope,
  refusal: Parameters<typeof skipGroup>[2],
  nowMs: number,
): readonly Told[] {
  return scope.jobs
    .filter(({ job }) => !run.groups.has(`${scope.prefix}${job.key}`))
    .map(({ job }) => ({
      kind: 'append',
      id: `${scope.prefix}${job.key}/expand`,
      events: skipGroup({ within: scope, job }, nowMs, refusal),
    }));
}
