// Which failed steps are run again, from the environment.
import { UsageError } from './usage-error.ts';

/** People wait for the end of a failed run: what takes longer than this is not worth the answer. */
const MOST_SECONDS = 30;

/** The longest step that is; 0: none. */
export function replayMostMs(env: Readonly<Record<string, string | undefined>>): number {
  const text = env['GANTRY_REPLAY_SECONDS'] ?? '';
  const seconds = text === '' ? MOST_SECONDS : Number(text);
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new UsageError(`GANTRY_REPLAY_SECONDS is "${text}", which is no number of seconds`);
  return seconds * 1_000;
}
