// Loaded by itself, for a script that needs it: behind it stands the reader of shell scripts.
import { swallowedFailures, withRecorders } from '#shell/recorder/recorders.ts';
import type { RecorderOptions, Recording, SwallowedFailure } from '#shell/recorder/recorders.ts';

export type PutRecorders =
  | Exclude<Recording, { kind: 'recorded' }>
  | (Extract<Recording, { kind: 'recorded' }> & {
      /** From the names of the files that the recorders have left. */
      readonly failures: (names: readonly string[]) => readonly SwallowedFailure[];
    });

export function putRecorders(text: string, options: RecorderOptions): PutRecorders {
  const recording = withRecorders(text, options);
  if (recording.kind !== 'recorded') return recording;
  return { ...recording, failures: (names) => swallowedFailures(names, recording.spots) };
}
