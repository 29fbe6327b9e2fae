import type { DatabaseSync } from 'node:sqlite';

/** IMMEDIATE: the write lock comes first, so that what is read inside cannot be outdated when it is written. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    db.exec('COMMIT');
    return value;
  } catch (error) {
    // A full disk or an I/O error has already rolled back; a second ROLLBACK would hide the cause.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
