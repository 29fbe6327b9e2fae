// How the end of a process, or the lack of one, is told of an attempt.
import { unreachable } from '#base/unreachable.ts';
import type { ProcessResult } from '../process/host-process.ts';
import type { Attempt } from './attempt.ts';

export function broken(why: string): Attempt {
  return { how: 'broken', why, ledger: [], annotations: [] };
}

export function fromProcess(result: ProcessResult): Pick<Attempt, 'how' | 'why' | 'exitCode'> {
  switch (result.kind) {
    case 'exited':
      if (result.exitCode === 0) return { how: 'ok', why: '', exitCode: 0 };
      return { how: 'exit-code', why: `exit code ${result.exitCode}`, exitCode: result.exitCode };
    case 'signalled':
      return { how: 'signal', why: `ended by ${result.signal}` };
    case 'timed-out':
      return { how: 'timeout', why: `timed out after ${minutes(result.timeoutMs)}` };
    case 'cancelled':
      return { how: 'cancelled', why: 'cancelled' };
    case 'not-started':
      return { how: 'broken', why: result.why };
    default:
      return unreachable(result);
  }
}

function minutes(timeoutMs: number): string {
  const value = Math.round((timeoutMs / 60_000) * 100) / 100;
  return `${value} ${value === 1 ? 'minute' : 'minutes'}`;
}
