import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { ask } from './container-engine.ts';
import type { ContainerEngine } from './container-engine.ts';

interface Waiting {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}

const State = z.object({
  Status: z.string(),
  ExitCode: z.number().optional(),
  Health: z.object({ Status: z.string() }).nullish(),
});

const LIMIT_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;
const LOG_LINES = '200';

/** A service with a health check is waited for; one without has to run. What a failing one has printed is told. */
export async function waitUntilReady(
  engine: ContainerEngine,
  id: string,
  { name, signal, tell }: Waiting,
): Promise<Result<undefined, string>> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const state = await stateOf(engine, id);
    const settled = state.ok ? judge(state.value) : state;
    if (settled?.ok) return ok(undefined);
    const late = signal.aborted ? 'cancelled' : `not healthy after ${LIMIT_MS / 60_000} minutes`;
    const why = settled ? settled.error : limit.aborted ? late : undefined;
    if (why !== undefined) {
      const logs = await ask(engine, ['logs', '--tail', LOG_LINES, id]);
      for (const line of `${logs.stdout}\n${logs.why}`.split('\n').filter((each) => each.trim() !== ''))
        tell(`service ${name} | ${line}`);
      return err(why);
    }
    await wait(pauseMs, undefined, { signal: limit }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  }
}

async function stateOf(engine: ContainerEngine, id: string): Promise<Result<z.infer<typeof State>, string>> {
  const asked = await ask(engine, ['inspect', '--format', '{{json .State}}', id], { timeoutMs: 30_000 });
  if (!asked.ok) return err(asked.why);
  try {
    const read = State.safeParse(JSON.parse(asked.stdout));
    return read.success ? ok(read.data) : err('the engine tells no state of it');
  } catch {
    return err('the engine tells no state of it');
  }
}

/** Undefined: it is not known yet. */
function judge({ Status, ExitCode, Health }: z.infer<typeof State>): Result<undefined, string> | undefined {
  if (Status === 'exited' || Status === 'dead') return err(`it ended with exit code ${ExitCode ?? 'unknown'}`);
  if (Status !== 'running') return undefined;
  const health = Health?.Status ?? '';
  if (health === '' || health === 'none' || health === 'healthy') return ok(undefined);
  return health === 'unhealthy' ? err('its health check says that it is unhealthy') : undefined;
}
