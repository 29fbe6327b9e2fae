import type { RunId } from '#base/ids.ts';
import type { Journal, JournalEntry, RunOwner } from './journal.ts';

/** A journal that lives as long as this object: for tests and for runs that leave nothing behind. */
export function openMemoryJournal(): Journal {
  const entriesOf = new Map<RunId, JournalEntry[]>();
  const ownerOf = new Map<RunId, RunOwner>();
  return {
    append(runId, events) {
      if (events.length === 0) return;
      const entries = entriesOf.get(runId) ?? [];
      entriesOf.set(runId, entries);
      for (const event of events) entries.push({ seq: entries.length + 1, event });
    },
    read(runId, afterSeq) {
      return (entriesOf.get(runId) ?? []).slice(Math.max(0, afterSeq));
    },
    runs(limit) {
      return [...entriesOf.keys()].toReversed().slice(0, Math.max(0, limit));
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
    },
    [Symbol.dispose]() {},
  };
}
