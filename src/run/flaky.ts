import { unreachable } from '#base/unreachable.ts';
import type { FlakyTest } from './events.ts';

/** By what it is known that the test is flaky. */
export function flakyInWords({ how, run }: Pick<FlakyTest, 'how' | 'run'>): string {
  switch (how) {
    case 'retry':
      return 'failed at an earlier attempt of the step, and then passed';
    case 'replay':
      return 'failed, and passed when the step was run again';
    case 'tool':
      return 'failed, and passed when the test tool ran it again';
    case 'commit':
      return `failed in ${run === undefined ? 'another run' : `run ${run}`} of the same commit, and passed`;
    default:
      return unreachable(how);
  }
}
