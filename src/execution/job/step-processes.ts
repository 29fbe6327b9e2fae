// What still runs of a step whose engine died. The note of its process may be missing or half written, as the engine
// may have died between starting the process and writing it; the environment that it was given tells as well.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { killGroup, startTicks } from '../process/process-identity.ts';
import { processIds } from '../process/process-numbers.ts';
import type { NumberRange } from '../process/process-numbers.ts';

/**
 * Ends the process groups of all processes that were started with `variable=value` in their environment, our own group
 * apart. Where the system does not tell environments (anything but Linux) it does nothing. With `among`, no other process
 * is asked.
 */
export async function endProcessesWith(variable: string, value: string, among?: NumberRange): Promise<void> {
  const found = processesWith(`${variable}=${value}`, among);
  if (found.length === 0) return;
  const own = groupOf(process.pid);
  const groups = new Set(found.flatMap((pid) => groupOf(pid) ?? []));
  for (const group of groups) {
    // A group that has lost its leader still ends: the ticks are asked for only when there is one.
    if (group !== own) await killGroup(group, startTicks(group) ?? '');
  }
}

/** Whether there is one: of this machine, as far as the system tells environments. */
export function isAnyWith(variable: string, value: string, among?: NumberRange): boolean {
  return processesWith(`${variable}=${value}`, among).length > 0;
}

/** More than Linux keeps of most environments; what is longer is read in pieces of this size. */
const PIECE_BYTES = 64 * 1024;

/** Asked at the end of every job, maybe of every process there is: hence bytes, and one buffer for all of them. */
function processesWith(assignment: string, among: NumberRange | undefined): readonly number[] {
  const ids = processIds(among);
  if (ids.length === 0) return [];
  const wanted = Buffer.from(`\0${assignment}\0`, 'latin1');
  const buffer = Buffer.allocUnsafe(PIECE_BYTES + wanted.length);
  return ids.filter((pid) => environmentHolds(pid, { wanted, buffer }));
}

interface Search {
  readonly wanted: Buffer;
  readonly buffer: Buffer;
}

function environmentHolds(pid: number, { wanted, buffer }: Search): boolean {
  let file: number | undefined;
  try {
    file = openSync(`/proc/${pid}/environ`, 'r');
    // The first variable has no end of another before it.
    let kept = buffer.write('\0', 'latin1');
    for (;;) {
      const length = kept + readSync(file, buffer, kept, PIECE_BYTES, null);
      if (buffer.subarray(0, length).includes(wanted)) return true;
      if (length === kept) {
        buffer[length] = 0;
        return buffer.subarray(0, length + 1).includes(wanted);
      }
      const rest = Math.min(length, wanted.length - 1);
      buffer.copyWithin(0, length - rest, length);
      kept = rest;
    }
  } catch {
    // Gone, or another user's.
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function groupOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold spaces and parentheses itself; state, parent and group follow it.
  const group = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  return Number.isInteger(group) ? group : undefined;
}

/** Undefined for a process that is gone or another user's. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
