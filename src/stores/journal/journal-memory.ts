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
  const lastRunNumber: Journal['lastRunNumber'] = (workflowFile) => {
    const plans = [...entriesOf].flatMap(([id, [first]]) =>
      first?.event.type === 'run.created' && attemptOfRun(id).attempt === 1 ? [first.event.plan] : [],
    );
    const plan = plans.findLast((each) => each.workflowFile === workflowFile);
    return Number(plan?.github['run_number'] ?? 0) || 0;
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
    line: (group) => lines.get(group.toLowerCase()) ?? [],
    changeLine(group, change) {
      const key = group.toLowerCase();
      const { line, told } = change(lines.get(key) ?? []);
      lines.set(key, line);
      for (const { runId, event } of told) append(runId, [event]);
    },
    [Symbol.dispose]() {},
  };
}
