import { readFileSync } from 'node:fs';

/** One process for as long as the machine is up: a pid alone is handed out again, pid + start ticks + boot is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which it started; field 22 of `/proc/<pid>/stat`. */
  readonly startTicks: string;
  readonly boot: string;
}

/** Undefined when there is no such process, or only its zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and brackets: fields are counted from its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    if (startTicks === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { pid, startTicks, boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() };
  } catch {
    return undefined;
  }
}

export function isSameProcessAlive(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.boot === identity.boot;
}

/** Signals a whole process group; a group that is gone already is what was wanted. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone.
  }
}
