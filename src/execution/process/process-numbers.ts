// Which process numbers Linux has given out since a moment. They go up to the highest and start again behind the lowest,
// so that what was started since is known without asking any process that was there before.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A moment in the order in which numbers are given out. */
export interface ProcessMark {
  /** The number given out last. */
  readonly last: number;
  /** How many processes and threads the machine has started since it was, counted no later than `last` was read. */
  readonly forks: number;
}

export interface NumberRange {
  /** The first number is the one behind it. */
  readonly after: number;
  readonly last: number;
}

/** Undefined where the system does not tell. */
export function markProcesses(): ProcessMark | undefined {
  const forks = forkCount();
  const last = lastNumber();
  return forks === undefined || last === undefined ? undefined : { last, forks };
}

/**
 * The numbers given out since the mark; undefined when they may have come round since. `witness` is a process that was
 * started since: where its number is not among them, the system tells of other processes than it shows.
 */
export function numbersSince(mark: ProcessMark, witness: number): NumberRange | undefined {
  const last = lastNumber();
  const highest = Number(read('/proc/sys/kernel/pid_max'));
  // In this order: what is started in between is counted and not among the numbers.
  const forks = forkCount();
  if (last === undefined || forks === undefined || !Number.isInteger(highest)) return undefined;
  const range = { after: mark.last, last };
  return haveComeRound(forks - mark.forks, highest) || !isWithin(range, witness) ? undefined : range;
}

/** Half of all there are: starts that failed may have taken a number without being counted. */
export function haveComeRound(started: number, highest: number): boolean {
  return started < 0 || started > highest / 2;
}

export function isWithin({ after, last }: NumberRange, pid: number): boolean {
  return after <= last ? pid > after && pid <= last : pid > after || pid <= last;
}

/** Fewer than this are asked for one by one, which is quicker than listing every process there is. */
const FEW = 64;

/** The processes with these numbers, or all there are. Some may be threads. */
export function processIds(range?: NumberRange): readonly number[] {
  if (range && range.last >= range.after && range.last - range.after <= FEW)
    return Array.from({ length: range.last - range.after }, (_, index) => range.after + 1 + index).filter(isThere);
  const all = listed();
  return range ? all.filter((pid) => isWithin(range, pid)) : all;
}

function isThere(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

function listed(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function lastNumber(): number | undefined {
  return numberIn('/proc/loadavg', / (\d+)\n?$/);
}

function forkCount(): number | undefined {
  return numberIn('/proc/stat', /^processes (\d+)$/m);
}

function numberIn(file: string, form: RegExp): number | undefined {
  const found = form.exec(read(file) ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
