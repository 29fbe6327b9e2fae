import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runId as asRunId } from '#base/ids.ts';
import type { RunEvent } from '#run/events.ts';
import type { LineEntry } from '#run/line.ts';
import { inTransaction } from '../in-transaction.ts';
import type { Journal, JournalEntry } from './journal.ts';

const schemaVersion = 3;
const busyTimeoutMs = 5000;
const retryAfterMs = 10;

// Owners stand apart from runs: a run may be claimed before its first event, and is listed only from that on.
const schema = `
  CREATE TABLE runs (created INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE events (
    run_id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (run_id, seq)
  ) STRICT;
  CREATE TABLE owners (run_id TEXT PRIMARY KEY, pid INTEGER NOT NULL, start_ticks TEXT NOT NULL) STRICT;
`;

// `place` is the order in which they came; `line_group` is in lower case.
const linesSchema = `
  CREATE TABLE lines (
    place INTEGER PRIMARY KEY AUTOINCREMENT, line_group TEXT NOT NULL, run_id TEXT NOT NULL, entry TEXT NOT NULL
  ) STRICT;
  CREATE INDEX lines_by_group ON lines (line_group, place);
`;

const numbersSchema = `
  CREATE TABLE run_numbers (workflow_file TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
`;

/**
 * The journal in one SQLite file, made when missing. What `append` wrote survives the end of the process; a power cut
 * may take the last appends with it, never a part of one (WAL, synchronous=NORMAL). A writer waits up to 5 s for
 * another process. Throws when the file cannot be opened, is not a journal, or comes from a newer version.
 */
export function openSqliteJournal(file: string): Journal {
  mkdirSync(path.dirname(file), { recursive: true });
  const db = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    useWal(db);
    db.exec('PRAGMA synchronous = NORMAL');
    migrate(db, file);
    return journalOn(db);
  } catch (error) {
    db.close();
    throw new Error(`opening the journal ${file}`, { cause: error });
  }
}

function journalOn(db: DatabaseSync): Journal {
  const lastSeq = db.prepare('SELECT max(seq) AS seq FROM events WHERE run_id = ?');
  const addRun = db.prepare('INSERT INTO runs (run_id) VALUES (?)');
  const addEvent = db.prepare('INSERT INTO events (run_id, seq, event) VALUES (?, ?, ?)');
  const readEvents = db.prepare('SELECT seq, event FROM events WHERE run_id = ? AND seq > ? ORDER BY seq');
  const newestRuns = db.prepare('SELECT run_id FROM runs ORDER BY created DESC LIMIT ?');
  const setOwner = db.prepare('INSERT OR REPLACE INTO owners (run_id, pid, start_ticks) VALUES (?, ?, ?)');
  const dropOwner = db.prepare('DELETE FROM owners WHERE run_id = ?');
  const dropPlaces = db.prepare('DELETE FROM lines WHERE run_id = ?');
  const readLine = db.prepare('SELECT entry FROM lines WHERE line_group = ? ORDER BY place');
  const readLines = db.prepare('SELECT line_group, entry FROM lines ORDER BY place');
  const dropLine = db.prepare('DELETE FROM lines WHERE line_group = ?');
  const addPlace = db.prepare('INSERT INTO lines (line_group, run_id, entry) VALUES (?, ?, ?)');

  const append = (id: string, texts: readonly string[]): void => {
    const last = Number(lastSeq.get(id)?.['seq'] ?? 0);
    if (last === 0) addRun.run(id);
    for (const [index, text] of texts.entries()) addEvent.run(id, last + 1 + index, text);
  };
  const lineOf = (group: string): readonly LineEntry[] => readLine.all(group.toLowerCase()).map(lineEntryFrom);

  const ownerOf = ownerIn(db);

  return {
    append(id, events) {
      if (events.length === 0) return;
      const texts = events.map((event) => JSON.stringify(event));
      inTransaction(db, () => append(id, texts));
    },
    read: (id, afterSeq) => readEvents.all(id, afterSeq).map(entryFrom),
    runs: (limit) => newestRuns.all(Math.max(0, limit)).map((row) => asRunId(String(row['run_id']))),
    ...runNumbersIn(db),
    claim: (id, owner, isAlive) =>
      inTransaction(db, () => {
        const present = ownerOf(id);
        if (present && isAlive(present)) return present;
        setOwner.run(id, owner.pid, owner.startTicks);
        return undefined;
      }),
    owner: ownerOf,
    release(id) {
      inTransaction(db, () => {
        dropOwner.run(id);
        dropPlaces.run(id);
      });
    },
    ...removalIn(db),
    line: lineOf,
    lines: () => linesFrom(readLines.all()),
    changeLine(group, change) {
      const key = group.toLowerCase();
      inTransaction(db, () => {
        const { line, told } = change(lineOf(group));
        dropLine.run(key);
        for (const entry of line) addPlace.run(key, entry.runId, JSON.stringify(entry));
        for (const { runId, event } of told) append(runId, [JSON.stringify(event)]);
      });
    },
    [Symbol.dispose]() {
      if (db.isOpen) db.close();
    },
  };
}

function removalIn(db: DatabaseSync): Pick<Journal, 'size' | 'remove' | 'compact'> {
  const readSize = db.prepare('SELECT sum(length(event)) AS bytes FROM events WHERE run_id = ?');
  // Runs from before numbers were written down have them in their plans alone.
  const noteNumber = db.prepare(`
    INSERT INTO run_numbers (workflow_file, last)
    SELECT json_extract(event, '$.plan.workflowFile'), CAST(json_extract(event, '$.plan.github.run_number') AS INTEGER)
    FROM events WHERE run_id = ? AND seq = 1 AND json_extract(event, '$.plan.github.run_number') IS NOT NULL
    ON CONFLICT (workflow_file) DO UPDATE SET last = max(last, excluded.last)
  `);
  const drops = ['events', 'runs', 'owners', 'lines'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE run_id = ?`),
  );
  return {
    size: (id) => Number(readSize.get(id)?.['bytes'] ?? 0),
    remove: (id) =>
      inTransaction(db, () => {
        noteNumber.run(id);
        for (const drop of drops) drop.run(id);
      }),
    compact: () => db.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'),
  };
}

function ownerIn(db: DatabaseSync): Journal['owner'] {
  const readOwner = db.prepare('SELECT pid, start_ticks FROM owners WHERE run_id = ?');
  return (id) => {
    const row = readOwner.get(id);
    return row && { pid: Number(row['pid']), startTicks: String(row['start_ticks']) };
  };
}

/** Newest first, and no further than the first that fits: plans are large. A later attempt bears the number of its run. */
function runNumbersIn(db: DatabaseSync): Pick<Journal, 'lastRunNumber' | 'takeRunNumber'> {
  const newest = db.prepare(`
    SELECT json_extract(event, '$.plan.github.run_number') AS number FROM runs JOIN events USING (run_id)
    WHERE seq = 1 AND run_id NOT GLOB '*.[0-9]*' AND json_extract(event, '$.plan.workflowFile') = ? ORDER BY created DESC LIMIT 1
  `);
  const readTaken = db.prepare('SELECT last FROM run_numbers WHERE workflow_file = ?');
  const setTaken = db.prepare('INSERT OR REPLACE INTO run_numbers (workflow_file, last) VALUES (?, ?)');
  const lastRunNumber = (workflowFile: string): number => Number(newest.get(workflowFile)?.['number'] ?? 0) || 0;
  return {
    lastRunNumber,
    takeRunNumber: (workflowFile) =>
      inTransaction(db, () => {
        const taken = Number(readTaken.get(workflowFile)?.['last'] ?? 0);
        const number = Math.max(taken, lastRunNumber(workflowFile)) + 1;
        setTaken.run(workflowFile, number);
        return number;
      }),
  };
}

/** SQLite does not wait its busy timeout when two processes switch a new file to WAL at once: one is told "locked". */
function useWal(db: DatabaseSync): void {
  const deadlineMs = Date.now() + busyTimeoutMs;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!(error instanceof Error && /locked|busy/.test(error.message)) || Date.now() > deadlineMs) throw error;
      Atomics.wait(sleeper, 0, 0, retryAfterMs);
    }
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const version = (): number => Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version() === schemaVersion) return;
  inTransaction(db, () => {
    // Asked again under the lock: another process may have been faster.
    const present = version();
    if (present > schemaVersion) {
      throw new Error(`${file} was written by a newer version (schema ${present}, this one knows ${schemaVersion})`);
    }
    if (present < 1) db.exec(schema);
    if (present < 2) db.exec(linesSchema);
    if (present < 3) db.exec(numbersSchema);
    db.exec(`PRAGMA user_version = ${schemaVersion}`);
  });
}

function entryFrom(row: Readonly<Record<string, unknown>>): JournalEntry {
  const event: unknown = JSON.parse(String(row['event']));
  if (!isRunEvent(event)) throw new Error(`journal entry ${String(row['seq'])} is not an event of a known version`);
  return { seq: Number(row['seq']), event };
}

const knownTypes: Readonly<Record<RunEvent['type'], true>> = {
  'run.created': true,
  'job.expanded': true,
  'job.dispatched': true,
  'job.skipped': true,
  'job.carried': true,
  'job.reported': true,
  'job.lost': true,
  'workflow.called': true,
  'workflow.returned': true,
  'environment.observed': true,
  'concurrency.queued': true,
  'concurrency.acquired': true,
  'concurrency.released': true,
  'concurrency.refused': true,
  'job.cancel-requested': true,
  'run.cancel-requested': true,
  'run.finished': true,
};

/** Type and version are checked, the rest is trusted: only `append`, which takes nothing else, writes here. */
function isRunEvent(value: unknown): value is RunEvent {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('v' in value)) return false;
  return typeof value.type === 'string' && Object.hasOwn(knownTypes, value.type) && value.v === 1;
}

function linesFrom(rows: readonly Readonly<Record<string, unknown>>[]): ReadonlyMap<string, readonly LineEntry[]> {
  const lines = new Map<string, LineEntry[]>();
  for (const row of rows) {
    const name = String(row['line_group']);
    const line = lines.get(name) ?? [];
    lines.set(name, line);
    line.push(lineEntryFrom(row));
  }
  return lines;
}

function lineEntryFrom(row: Readonly<Record<string, unknown>>): LineEntry {
  const entry: unknown = JSON.parse(String(row['entry']));
  if (!isLineEntry(entry)) throw new Error('the journal holds a place in a line that is not understood');
  return entry;
}

/** Only `changeLine` writes these. */
function isLineEntry(value: unknown): value is LineEntry {
  return typeof value === 'object' && value !== null && 'runId' in value && 'holder' in value && 'state' in value;
}
