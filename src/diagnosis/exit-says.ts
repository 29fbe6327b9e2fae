// What the way in which a step ended says of itself, without a word of its log. The kernel's own count of processes that it ended
// is certain; a bare number is a hint, for when nothing else is known.
import type { ProbeFinding, StepFacts } from './diagnose.ts';

export interface AroundTheEnd {
  /** Of the job's processes, by the kernel, for want of memory. */
  readonly killed: number;
  readonly script?: string;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGABRT: 134, SIGKILL: 137, SIGSEGV: 139, SIGTERM: 143 };

/** As a shell says it: 128 and the number of the signal. */
function codeOf({ exitCode, signal }: StepFacts): number | undefined {
  return signal === undefined ? exitCode : SIGNALS[signal];
}

/** Stronger than anything that the log says. */
export function certainEnd(facts: StepFacts, { killed, script = '' }: AroundTheEnd): ProbeFinding | undefined {
  const code = codeOf(facts);
  if (code === 137 && killed > 0)
    return {
      layer: 'resources',
      confidence: 0.9,
      cause: 'it ran out of memory: the kernel ended a process of it',
      fix: 'give the job more memory, or let it do less at once',
    };
  // GNU timeout's own, when it is what the script uses.
  if (code === 124 && /\btimeout\s/.test(script))
    return {
      layer: 'timeout',
      confidence: 0.9,
      cause: 'the command timeout ended what it was to watch: it took too long',
      fix: 'look at what it did last; give timeout more when that is work, and not a wait',
    };
  return undefined;
}

/** For when the log says nothing that is understood. */
export function likelyEnd(facts: StepFacts): ProbeFinding | undefined {
  switch (codeOf(facts)) {
    case 134:
      return {
        layer: 'code',
        confidence: 0.4,
        cause: 'a program gave itself up (SIGABRT): it found something that cannot be',
      };
    case 137:
      return {
        layer: 'resources',
        confidence: 0.4,
        cause: 'it was killed (SIGKILL), and nothing tells by whom; want of memory is the usual reason',
        fix: 'look at the log of the kernel: dmesg',
      };
    case 139:
      return {
        layer: 'code',
        confidence: 0.6,
        cause: 'a program crashed (SIGSEGV): it used memory that is not its own',
      };
    case 143:
      return {
        layer: 'runner',
        confidence: 0.4,
        cause: 'it was told to end (SIGTERM) by something outside of the step',
      };
    default:
      return undefined;
  }
}
