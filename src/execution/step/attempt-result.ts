// How one try of a step ended.
import type { JsonObject } from '#base/json.ts';
import { unreachable } from '#base/unreachable.ts';
import type { FailedCommand, StepDiagnosis } from '#run/diagnosis.ts';
import type { Annotation } from '#run/events.ts';
import type { StepMasked } from '#run/masked.ts';
import type { ActionEntry } from '../actions/native-action.ts';
import type { ProcessResult } from '../process/host-process.ts';
import type { RanScript, StepOutput } from './step-run.ts';

export interface Attempt {
  readonly how: 'ok' | 'exit-code' | 'signal' | 'timeout' | 'cancelled' | 'broken';
  /** One sentence; '' when it succeeded. */
  readonly why: string;
  readonly exitCode?: number;
  /** That ended it. */
  readonly signal?: string;
  readonly ledger: readonly ActionEntry[];
  readonly annotations: readonly Annotation[];
  readonly release?: JsonObject;
  readonly masked?: StepMasked;
  /** Why it failed, when something hangs on that. */
  readonly diagnosis?: StepDiagnosis;
  readonly ran?: RanScript;
  /** Of its script, the one that ended it, where that is known. */
  readonly failedCommand?: FailedCommand;
}

export function broken(why: string): Attempt {
  return { how: 'broken', why, ledger: [], annotations: [] };
}

/** A process may have ended well and have said what could not be done. */
export function attemptOf(result: ProcessResult, { problem, annotations }: StepOutput): Attempt {
  const ended = fromProcess(result);
  const failed = ended.how === 'ok' && problem !== undefined;
  return { ...(failed ? { how: 'exit-code', why: problem, exitCode: 0 } : ended), ledger: [], annotations };
}

export function fromProcess(result: ProcessResult): Pick<Attempt, 'how' | 'why' | 'exitCode' | 'signal'> {
  switch (result.kind) {
    case 'exited':
      if (result.exitCode === 0) return { how: 'ok', why: '', exitCode: 0 };
      return { how: 'exit-code', why: `exit code ${result.exitCode}`, exitCode: result.exitCode };
    case 'signalled':
      return { how: 'signal', why: `ended by ${result.signal}`, signal: result.signal };
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
