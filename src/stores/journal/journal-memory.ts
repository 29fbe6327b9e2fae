import type { RunId } from '#base/ids.ts';
import { attemptOfRun } from '#base/run-attempt.ts';
import type { LineEntry } from '#run/line.ts';
import type { Journal, JournalEntry, RunOwner } from './journal.ts';

/** A journal that lives as long as this object: for tests and for runs that leave nothing behind. */
export function openMemoryJournal(): Journal {
  const entriesOf = new Map<RunId, JournalEntry[]>();
  const ownerOf = new Map<RunId, RunOwner>();
  const taken = new Map<string, number>();
  const lines = new Map<string, readonly LineEntry[]>();
  const append: Journal['append'] = (runId, events) => {
    if (events.length === 0) return;
    const entries = entriesOf.get(runId) ?? [];
    entriesOf.set(runId, entries);
    for (const event of events) entries.push({ seq: entries.length + 1, event });
  };
  const lastRunNumber = (workflowFile: string): number => lastNumberIn(entriesOf, workflowFile);
  const noteNumber = (workflowFile: string): void => {
    taken.set(workflowFile, Math.max(lastRunNumber(workflowFile), taken.get(workflowFile) ?? 0));
  };
  return {
    append,
    read(runId, afterSeq) {
      return (entriesOf.get(runId) ?? []).slice(Math.max(0, afterSeq));
    },
    runs(limit) {
      return [...entriesOf.keys()].toReversed().slice(0, Math.max(0, limit));
    },
    lastRunNumber,
    takeRunNumber(workflowFile) {
      const number = Math.max(lastRunNumber(workflowFile), taken.get(workflowFile) ?? 0) + 1;
      taken.set(workflowFile, number);
      return number;
    },
    claim(runId, owner, isAlive) {
      const present = ownerOf.get(runId);
      if (present && isAlive(present)) return present;
      ownerOf.set(runId, owner);
      return undefined;
    },
    owner: (runId) => ownerOf.get(runId),
    release(runId) {
      ownerOf.delete(runId);
      for (const [group, line] of lines)
        lines.set(
          group,
          line.filter((entry) => entry.runId !== runId),
        );
    },
    ...removalFrom({ entriesOf, ownerOf, noteNumber }),
    line: (group) => lines.get(group.toLowerCase()) ?? [],
    lines: () => new Map(lines),
    changeLine(group, change) {
      const key = group.toLowerCase();
      const { line, told } = change(lines.get(key) ?? []);
      lines.set(key, line);
      for (const { runId, event } of told) append(runId, [event]);
    },
    [Symbol.dispose]() {},
  };
}

function lastNumberIn(entriesOf: ReadonlyMap<RunId, readonly JournalEntry[]>, workflowFile: string): number {
  const plans = [...entriesOf].flatMap(([id, [first]]) =>
    first?.event.type === 'run.created' && attemptOfRun(id).attempt === 1 ? [first.event.plan] : [],
  );
  const plan = plans.findLast((each) => each.workflowFile === workflowFile);
  return Number(plan?.github['run_number'] ?? 0) || 0;
}

interface Memory {
  readonly entriesOf: Map<RunId, JournalEntry[]>;
  readonly ownerOf: Map<RunId, RunOwner>;
  readonly noteNumber: (workflowFile: string) => void;
}

function removalFrom({ entriesOf, ownerOf, noteNumber }: Memory): Pick<Journal, 'size' | 'remove' | 'compact'> {
  return {
    size: (runId) => (entriesOf.get(runId) ?? []).reduce((sum, { event }) => sum + JSON.stringify(event).length, 0),
    remove(runId) {
      const first = entriesOf.get(runId)?.[0]?.event;
      if (first?.type === 'run.created') noteNumber(first.plan.workflowFile);
      entriesOf.delete(runId);
      ownerOf.delete(runId);
    },
    compact() {},
  };
}
