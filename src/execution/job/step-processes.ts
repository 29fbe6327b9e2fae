// What still runs of a step whose engine died. The note of its process may be missing or half written, as the engine
// may have died between starting the process and writing it; the environment that it was given tells as well.
import { readdirSync, readFileSync } from 'node:fs';
import { killGroup, startTicks } from '../process/process-identity.ts';

/**
 * Ends the process groups of all processes that were started with `variable=value` in their environment, our own group
 * apart. Where the system does not tell environments (anything but Linux) it does nothing.
 */
export async function endProcessesWith(variable: string, value: string): Promise<void> {
  const own = groupOf(process.pid);
  const groups = new Set(
    processIds().flatMap((pid) => (hasVariable(pid, variable, value) ? (groupOf(pid) ?? []) : [])),
  );
  for (const group of groups) {
    // A group that has lost its leader still ends: the ticks are asked for only when there is one.
    if (group !== own) await killGroup(group, startTicks(group) ?? '');
  }
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function hasVariable(pid: number, variable: string, value: string): boolean {
  return read(`/proc/${pid}/environ`)?.split('\0').includes(`${variable}=${value}`) ?? false;
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
