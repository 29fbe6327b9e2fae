// The history of tests in one SQLite file. It is opened for each call: a run asks it once or twice, most runs never.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FlakyTest } from '#run/events.ts';
import { inTransaction } from '../in-transaction.ts';
import type { FlakyRecord, SeenTests, TestHistory, TestNews, TestPlace } from './test-history.ts';

const BUSY_MS = 5_000;
const SCHEMA_VERSION = 1;
const KEPT_RUNS = 1_000;
const KEPT_FAILURES_MS = 30 * 24 * 3_600_000;
/** When more fail at once it is not the tests that are flaky. */
const MOST_FAILURES = 1_000;
const HOWS: readonly FlakyTest['how'][] = ['retry', 'replay', 'tool', 'commit'];

const SCHEMA = `
  CREATE TABLE reports (id INTEGER PRIMARY KEY, place TEXT NOT NULL, run TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
  CREATE INDEX reports_by_place ON reports (place, id);
  CREATE TABLE failures (
    place TEXT NOT NULL, commit_id TEXT NOT NULL, name TEXT NOT NULL, run TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (place, commit_id, name)
  ) STRICT;
  CREATE TABLE flakes (
    place TEXT NOT NULL, name TEXT NOT NULL, run TEXT NOT NULL, at_ms INTEGER NOT NULL, how TEXT NOT NULL,
    PRIMARY KEY (place, name, run)
  ) STRICT;
`;

export function openSqliteTestHistory(file: string): TestHistory {
  return {
    record: (seen) => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      return inDatabase(file, (db) => inTransaction(db, () => record(db, seen)));
    },
    flaky: () => (existsSync(file) ? inDatabase(file, list) : []),
  };
}

function inDatabase<T>(file: string, use: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    db.exec('PRAGMA synchronous = NORMAL');
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > SCHEMA_VERSION) throw new Error(`it is of a newer version of gantry (${version})`);
    if (version === 0) makeTables(db);
    return use(db);
  } catch (cause) {
    throw new Error(`opening the history of tests ${file}`, { cause });
  } finally {
    db.close();
  }
}

function makeTables(db: DatabaseSync): void {
  inTransaction(db, () => {
    // Another process may have been quicker.
    if (Number(db.prepare('PRAGMA user_version').get()?.['user_version']) > 0) return;
    db.exec(SCHEMA);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

function record(db: DatabaseSync, seen: SeenTests): TestNews {
  const place = keyOf(seen.place);
  const { run, atMs, failed } = seen;
  const again = passedAtTheSameCommit(db, place, seen);
  const flaky = [...seen.flaky, ...again.filter(({ name }) => !seen.flaky.some((each) => each.name === name))];
  const known = db.prepare('SELECT count(*) AS times FROM flakes WHERE place = ? AND name = ? AND run <> ?');
  const before = failed.slice(0, MOST_FAILURES).flatMap((name): [string, number][] => {
    const times = Number(known.get(place, name, run)?.['times']);
    return times > 0 ? [[name, times]] : [];
  });
  const add = db.prepare('INSERT OR REPLACE INTO flakes (place, name, run, at_ms, how) VALUES (?, ?, ?, ?, ?)');
  for (const { name, how } of flaky) add.run(place, name, run, atMs, how);
  noteFailures(db, place, seen);
  db.prepare('INSERT INTO reports (place, run, at_ms) VALUES (?, ?, ?)').run(place, run, atMs);
  db.prepare(
    'DELETE FROM reports WHERE place = ? AND id <= (SELECT id FROM reports WHERE place = ? ORDER BY id DESC LIMIT 1 OFFSET ?)',
  ).run(place, place, KEPT_RUNS);
  return { flaky, before: new Map(before) };
}

/** What failed in an earlier run of this commit is told once: from then on the test is known to do both. */
function passedAtTheSameCommit(db: DatabaseSync, place: string, seen: SeenTests): readonly FlakyTest[] {
  const { commit, passed, run } = seen;
  if (commit === undefined) return [];
  const rows = db
    .prepare('SELECT name, run FROM failures WHERE place = ? AND commit_id = ? AND run <> ? ORDER BY name')
    .all(place, commit, run);
  const settled = rows.filter((row) => passed.has(String(row['name'])));
  const forget = db.prepare('DELETE FROM failures WHERE place = ? AND commit_id = ? AND name = ?');
  for (const row of settled) forget.run(place, commit, String(row['name']));
  return settled.map((row) => ({ name: String(row['name']), how: 'commit', run: String(row['run']) }));
}

function noteFailures(db: DatabaseSync, place: string, { commit, failed, run, atMs }: SeenTests): void {
  db.prepare('DELETE FROM failures WHERE at_ms < ?').run(atMs - KEPT_FAILURES_MS);
  if (commit === undefined || failed.length > MOST_FAILURES) return;
  const add = db.prepare('INSERT OR REPLACE INTO failures (place, commit_id, name, run, at_ms) VALUES (?, ?, ?, ?, ?)');
  for (const name of failed) add.run(place, commit, name, run, atMs);
}

function list(db: DatabaseSync): readonly FlakyRecord[] {
  const rows = db
    .prepare(
      `SELECT place, name, count(*) AS times, min(at_ms) AS first_at, max(at_ms) AS last_at
       FROM flakes GROUP BY place, name ORDER BY last_at DESC, place, name`,
    )
    .all();
  const runs = db.prepare('SELECT count(DISTINCT run) AS runs FROM reports WHERE place = ? AND at_ms >= ?');
  const last = db.prepare('SELECT run, how FROM flakes WHERE place = ? AND name = ? ORDER BY at_ms DESC LIMIT 1');
  return rows.map((row) => {
    const [place, name] = [String(row['place']), String(row['name'])];
    const newest = last.get(place, name);
    const times = Number(row['times']);
    return {
      ...placeFrom(place),
      name,
      times,
      // Those that were forgotten were runs as well.
      runs: Math.max(times, Number(runs.get(place, Number(row['first_at']))?.['runs'])),
      lastRun: String(newest?.['run']),
      lastAtMs: Number(row['last_at']),
      lastHow: HOWS.find((how) => how === newest?.['how']) ?? 'retry',
    };
  });
}

function keyOf({ workflow, job, step }: TestPlace): string {
  return JSON.stringify([workflow, job, step]);
}

function placeFrom(key: string): TestPlace {
  const parts: unknown = JSON.parse(key);
  const [workflow = '', job = '', step = ''] = Array.isArray(parts) ? parts.map(String) : [];
  return { workflow, job, step };
}
