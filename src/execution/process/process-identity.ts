// Who a process is, beyond its number: numbers are given out again, start times are not. What is known here is what
// Linux tells under /proc; elsewhere every process is a stranger, and nothing is killed on suspicion.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/pid/stat: when it started, in clock ticks since boot. */
  readonly startTicks: string;
}

interface ProcessStat {
  readonly state: string;
  readonly group: number;
  readonly startTicks: string;
}

const POLL_MS = 20;

/** When process `pid` started, in clock ticks since boot; undefined when there is no such process. */
export function startTicks(pid: number): string | undefined {
  return readStat(pid)?.startTicks;
}

/** Whether this very process still runs. One that ended and was not yet collected (a zombie) does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat !== undefined && stat.startTicks === identity.startTicks && !isDead(stat);
}

/** Whether a process group has a member that is not dead. */
export function isGroupAlive(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  // The signal also reaches the dead who wait to be collected, and in a container nobody may ever collect them.
  let known = false;
  for (const name of listProcesses()) {
    known = true;
    const stat = readStat(Number(name));
    if (stat !== undefined && stat.group === group && !isDead(stat)) return true;
  }
  return !known;
}

/** Sends a signal to every member of the group; false when it has none, or none that we may signal. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  // -1 means every process there is, and 0 our own group: neither is ever a group that we started.
  if (!Number.isSafeInteger(group) || group <= 1) return false;
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends the group that `pid` led, for what a dead engine or a finished job left behind: SIGTERM, up to `terminateMs`,
 * SIGKILL. Does nothing when the number now belongs to another process. Resolves with whether there was anything to
 * end, once nothing of it is alive (or a second after SIGKILL, for what the kernel does not let go).
 */
export async function killGroup(pid: number, leaderStartTicks: string, terminateMs = 2_000): Promise<boolean> {
  const now = startTicks(pid);
  // A leader that is gone proves nothing: its number is not given out again while its group has members.
  if (now !== undefined && now !== leaderStartTicks) return false;
  if (!isGroupAlive(pid)) return false;
  signalGroup(pid, 'SIGTERM');
  if (await groupEnds(pid, terminateMs)) return true;
  signalGroup(pid, 'SIGKILL');
  await groupEnds(pid, 1_000);
  return true;
}

/** Waits until the group has no live member, at most `withinMs`. */
export async function groupEnds(group: number, withinMs: number): Promise<boolean> {
  const polls = Math.ceil(withinMs / POLL_MS);
  for (let poll = 0; poll < polls; poll++) {
    if (!isGroupAlive(group)) return true;
    await delay(POLL_MS);
  }
  return !isGroupAlive(group);
}

function listProcesses(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // Field 2 is the name in parentheses and may hold spaces and parentheses itself; fields after it are plain.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  const ticks = fields[19];
  return state === undefined || ticks === undefined ? undefined : { state, group: Number(group), startTicks: ticks };
}

function isDead(stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}
