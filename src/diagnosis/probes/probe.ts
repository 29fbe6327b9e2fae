// What every probe is made of: where it asks, how long it may take, and what comes of it.
import type { StartProcess } from '#execution/process/host-process.ts';
import type { ProbeResult } from '#run/diagnosis.ts';
import type { ProbeFinding } from '../diagnose.ts';

/** Where and as what the step ran. */
export interface ProbePlace {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly start: StartProcess;
  readonly signal: AbortSignal;
  /** What the kernel had counted when the job began; undefined where that is not known, and then nothing follows of it. */
  readonly oomKillsBefore?: number;
}

export interface Probe extends ProbeResult {
  /** What it accuses. */
  readonly finding?: ProbeFinding;
}

/** All probes together: they begin at once, and whatever has not answered by then has found out nothing. */
export const PROBE_MS = 2_000;

export function accuse(name: string, said: string, finding: ProbeFinding): Probe {
  return { name, ok: false, said, finding };
}

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_CHARACTERS = 16 << 20;

/** Runs a command that only reads, where the step ran and as the step. Undefined: there is no answer, or no such command. */
export async function ask(
  { folder, env, start, signal }: ProbePlace,
  argv: readonly [string, ...string[]],
  more: Readonly<Record<string, string>> = {},
): Promise<Answer | undefined> {
  const said = { stdout: '', stderr: '' };
  const result = await start({
    argv,
    cwd: folder,
    env: { ...env, ...more },
    signal,
    timeoutMs: PROBE_MS,
    ladder: { interruptMs: 100, terminateMs: 100 },
    onOutput: (stream, chunk) => {
      if (said[stream].length < MOST_CHARACTERS) said[stream] += chunk.toString('utf8');
    },
  });
  return result.kind === 'exited' ? { exitCode: result.exitCode, ...said } : undefined;
}
