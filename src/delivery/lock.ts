import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { identifyProcess, isSameProcessAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const Holder = z.object({ pid: z.number(), startTicks: z.string(), boot: z.string() });

export interface Lock {
  readonly release: () => void;
}

export interface LockHeld {
  readonly kind: 'held';
  readonly holder: ProcessIdentity;
}

/** Takes the lock file, also from a holder that died. Not re-entrant: this very process may be the holder. */
export function acquireLock(path: string): Result<Lock, LockHeld> {
  const me = identifyProcess(process.pid);
  if (me === undefined) throw new Error('reading /proc of this process');
  const text = JSON.stringify(me);
  for (;;) {
    if (createWhole(path, text)) return ok({ release: () => removeIfMine(path, text) });
    const found = readText(path);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder !== undefined && isSameProcessAlive(holder)) return err({ kind: 'held', holder });
    removeStale(path, found);
  }
}

// `link` makes the file appear with its content in it: nobody reads half a lock.
function createWhole(path: string, text: string): boolean {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

// Renamed away first: of several that saw the same dead holder one gets the file, and it looks at what it got.
function removeStale(path: string, stale: string): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  try {
    if (readText(aside) !== stale) linkSync(aside, path);
  } catch {
    // Somebody has the lock by now.
  } finally {
    rmSync(aside, { force: true });
  }
}

function removeIfMine(path: string, text: string): void {
  if (readText(path) === text) rmSync(path, { force: true });
}

function parseHolder(text: string): ProcessIdentity | undefined {
  try {
    const parsed = Holder.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
