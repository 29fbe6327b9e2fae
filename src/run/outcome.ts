// What the jobs of a run amount to: results for `needs`, verdicts, and the ledger. Derived, never stored.
import type { JsonObject } from '#base/json.ts';
import { remembered } from '#base/remembered.ts';
import type { Conclusion } from './events.ts';
import { failureOf } from './failure.ts';
import type { JobOrder } from './job-order.ts';
import type { LedgerEntry } from './ledger.ts';
import type { JobRecord, LiveRun } from './state.ts';
import { entryVerdict, stepVerdict, worst } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** The job's own steps down, and those that follow from how it ended. */
export const jobLedger = remembered(ledgerOf);

function ledgerOf(record: JobRecord): readonly LedgerEntry[] {
  const { state, instance } = record;
  if (record.cancel && jobConclusion(record) === 'cancelled') {
    const used = state.kind === 'skipped' ? 'not run' : 'a part of it';
    const own =
      state.kind === 'finished' ? [...(state.ledger ?? []), ...state.steps.flatMap((step) => step.ledger)] : [];
    return [...own, unproven(instance.name, 'the job', used, `cancelled: ${record.cancel.reason}`)];
  }
  if (state.kind === 'skipped') {
    if (state.blameless || state.conclusion !== 'skipped') return [];
    return [unproven(instance.name, 'the job', 'not run', state.why)];
  }
  if (state.kind !== 'finished') return [];
  const entries = [...(state.ledger ?? []), ...state.steps.flatMap((step) => step.ledger)];
  if (state.outcome === 'failure' && state.conclusion === 'success') {
    const why = state.why ?? 'a step failed';
    entries.push({ what: 'tolerated', where: instance.name, wanted: 'the job', used: 'its failure, tolerated', why });
  }
  if (!state.log && !state.returned)
    entries.push(unproven(instance.name, 'a complete log', 'a log without its end', 'the log has no end marker'));
  return entries;
}

/** Undefined: the job has none, because it was skipped, was cancelled or has not ended. */
export const jobVerdict = remembered((record: JobRecord): Verdict | undefined => verdictOf(record, jobLedger(record)));

function verdictOf(record: JobRecord, ledger: readonly LedgerEntry[]): Verdict | undefined {
  const { state } = record;
  if (state.kind === 'skipped') return state.conclusion === 'failure' ? 'failed' : undefined;
  if (state.kind !== 'finished') return undefined;
  if (state.conclusion === 'cancelled') return state.timedOut ? 'failed' : undefined;
  if (state.returned) return state.returned.verdict;
  const entries = worst(...ledger.map(entryVerdict));
  if (state.conclusion === 'success') {
    // A tolerated failure counts as its entry says; proof against an exit code counts in full.
    return worst(entries, ...state.steps.filter((step) => step.conclusion === 'success').map(stepVerdict));
  }
  const failures = state.steps.filter((step) => step.conclusion !== 'skipped').map(stepVerdict);
  const nothingRan = state.steps.some((step) => step.nothingRan && step.conclusion === 'failure');
  return worst(entries, nothingRan ? 'unknown' : 'failed', ...failures);
}

/** What the jobs of one key amount to. Those that have not ended have neither a verdict nor entries yet. */
interface GroupFacts {
  /** GitHub's `needs.<key>.result`: one failure makes it a failure; skipped only when all were. */
  readonly result: Conclusion;
  /** As `needs.<key>.verdict` tells it. Undefined: none of them has one. */
  readonly verdict: Verdict | undefined;
  /** Of the jobs and all their entries, for the run as a whole. */
  readonly worst: Verdict;
  readonly ledger: readonly LedgerEntry[];
  readonly tests: Evidence['tests'];
  readonly failures: Evidence['failures'];
}

function addUp(records: readonly JobRecord[]): GroupFacts {
  const conclusions = records.map(jobConclusion);
  const ledgers = records.map(ledgerOf);
  const verdicts = records.flatMap((record, index) => verdictOf(record, ledgers[index] ?? []) ?? []);
  const ledger = ledgers.flat();
  const entries = ledger.map(entryVerdict);
  const unproved = entries.includes('unknown') ? 'unknown' : undefined;
  return {
    result: resultOf(conclusions),
    verdict: verdicts.length === 0 ? unproved : worst(...verdicts, unproved ?? 'passed'),
    worst: worst(...verdicts, ...entries),
    ledger,
    tests: records.flatMap(testsOf),
    failures: records.flatMap(failuresOf),
  };
}

// Nothing changes any more in a group that has ended, so it is added up once.
const factsOf = remembered(addUp);

function resultOf(conclusions: readonly (Conclusion | undefined)[]): Conclusion {
  if (conclusions.includes('failure')) return 'failure';
  if (conclusions.includes('cancelled')) return 'cancelled';
  return conclusions.length > 0 && conclusions.every((conclusion) => conclusion === 'skipped') ? 'skipped' : 'success';
}

function testsOf({ state, instance }: JobRecord): Evidence['tests'] {
  if (state.kind !== 'finished') return [];
  return state.steps.flatMap(({ name, tests }) => {
    if (!tests) return [];
    const { total, failed, skipped } = tests;
    return [{ total, failed, skipped, where: `${instance.name} / ${name}` }];
  });
}

function failuresOf(record: JobRecord): Evidence['failures'] {
  const { state, instance } = record;
  if (state.kind !== 'finished' || state.returned || jobVerdict(record) !== 'failed') return [];
  const ofSteps = state.steps.flatMap((step) => failureOf(instance.name, step) ?? []);
  if (ofSteps.length > 0) return ofSteps;
  return [{ where: instance.name, why: state.why ?? 'failed', layer: 'unknown', confidence: 0 }];
}

function endedGroups(run: LiveRun): readonly GroupFacts[] {
  const ended: GroupFacts[] = [];
  for (const group of run.groups.values()) {
    const all = run.settled.get(group.key);
    if (all) ended.push(factsOf(all));
    else if (group.ids.length > 1)
      ended.push(addUp(group.ids.flatMap((id) => run.jobs.get(id) ?? []).filter(isSettled)));
  }
  return ended;
}

type Evidence = JobOrder['evidence'];

/** Of what has ended so far. The same for all jobs that start together, so it is asked for once. */
export function evidenceOf(run: LiveRun): Evidence {
  const groups = endedGroups(run);
  const given = Object.values(run.plan.given ?? {}).flatMap(({ verdict }) => verdict ?? []);
  return {
    verdict: worst(verdictOfAll(run, groups), ...given),
    ledger: ledgerOfAll(run, groups),
    tests: groups.flatMap(({ tests }) => tests),
    failures: groups.flatMap(({ failures }) => failures),
  };
}

export function runLedger(run: LiveRun): readonly LedgerEntry[] {
  return ledgerOfAll(run, endedGroups(run));
}

export function runVerdict(run: LiveRun): Verdict {
  return verdictOfAll(run, endedGroups(run));
}

function verdictOfAll({ cancel }: LiveRun, groups: readonly GroupFacts[]): Verdict {
  return worst(...groups.map((group) => group.worst), cancel ? 'unknown' : 'passed');
}

function ledgerOfAll(run: LiveRun, groups: readonly GroupFacts[]): readonly LedgerEntry[] {
  const entries = groups.flatMap(({ ledger }) => ledger);
  if (run.cancel) {
    const used = [...run.jobs.values()].some(({ state }) => state.kind !== 'skipped')
      ? 'a part of it'
      : 'nothing of it';
    entries.push(unproven(run.plan.workflowName, 'the whole run', used, `cancelled: ${run.cancel.reason}`));
  }
  return entries;
}

export function isSettled(record: JobRecord): boolean {
  return record.state.kind === 'finished' || record.state.kind === 'skipped';
}

export function jobConclusion(record: JobRecord): Conclusion | undefined {
  return record.state.kind === 'finished' || record.state.kind === 'skipped' ? record.state.conclusion : undefined;
}

/** The records of one key, or undefined while the key is not expanded or not all of it has ended. */
export function settledGroup(run: LiveRun, key: string): readonly JobRecord[] | undefined {
  return run.settled.get(key);
}

export function groupResult(records: readonly JobRecord[]): Conclusion {
  return factsOf(records).result;
}

export function groupVerdict(records: readonly JobRecord[]): Verdict | undefined {
  return factsOf(records).verdict;
}

/** `needs` as the expressions see it, with the verdict beside GitHub's fields. `prefix` is that of their scope. */
export function needsContext(run: LiveRun, keys: readonly string[], prefix: string): JsonObject {
  const context: Record<string, JsonObject> = {};
  for (const key of keys) {
    const given = prefix === '' ? run.plan.given?.[key] : undefined;
    if (given) {
      context[key] = { ...given };
      continue;
    }
    context[key] = needContext(settledGroup(run, `${prefix}${key}`) ?? NO_RECORDS);
  }
  return context;
}

const NO_RECORDS: readonly JobRecord[] = [];

const needContext = remembered((records: readonly JobRecord[]): JsonObject => {
  const outputs: Record<string, string> = {};
  // The last writer wins, but an empty value never overwrites one that says something.
  for (const { state } of records.toSorted((a, b) => finishedAt(a) - finishedAt(b))) {
    if (state.kind !== 'finished') continue;
    for (const [name, value] of Object.entries(state.outputs))
      if (value !== '' || !(name in outputs)) outputs[name] = value;
  }
  const { result, verdict = null } = factsOf(records);
  return { result, outputs, verdict };
});

function finishedAt(record: JobRecord): number {
  return record.state.kind === 'finished' ? record.state.finishedAtMs : 0;
}

function unproven(where: string, wanted: string, used: string, why: string): LedgerEntry {
  return { what: 'unproven', where, wanted, used, why };
}
