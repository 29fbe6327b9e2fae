// What actions that carry GitHub's clients ask for artifacts and caches: a service of the job's own, started when the
// first such action runs.
import { createHash } from 'node:crypto';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { ArtifactStore, StepTry } from '#stores/artifacts/artifacts.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import type { EngineFound } from '../container/container-engine.ts';
import type { ServicePlace, ServiceServer } from './service-server.ts';

export interface RuntimeServices {
  /** Of an action's environment. Starts the services when they are not there yet. */
  variables(stepTry?: StepTry): Promise<Readonly<Record<string, string>>>;
  /** The same for a container in that network, '' for that of a container which is given none. The error is why there are none. */
  variablesInside(network: string, stepTry?: StepTry): Promise<Result<Readonly<Record<string, string>>, string>>;
  end(): Promise<void>;
}

export interface RuntimeServicesSetting {
  readonly order: JobOrder;
  readonly deps: {
    readonly artifacts: ArtifactStore;
    readonly cache: CacheStore;
    readonly findEngine: () => Promise<EngineFound>;
    readonly now: () => number;
  };
  /** From here on the value is not shown. */
  readonly mask: (value: string) => void;
}

interface Started {
  readonly server: ServiceServer;
  readonly variables: (stepTry: StepTry | undefined) => Readonly<Record<string, string>>;
}

export function createRuntimeServices(setting: RuntimeServicesSetting): RuntimeServices {
  let started: Promise<Started> | undefined;
  const inside = new Map<string, Promise<Result<Started, string>>>();
  return {
    variables: async (stepTry) => (await (started ??= start(setting))).variables(stepTry),
    async variablesInside(network, stepTry) {
      const known = inside.get(network) ?? startInside(setting, network);
      inside.set(network, known);
      const found = await known;
      return found.ok ? ok(found.value.variables(stepTry)) : found;
    },
    async end() {
      const ended = [started, ...inside.values()].map(async (each) => {
        const running = await each?.catch(() => undefined);
        if (!running) return;
        if ('server' in running) await running.server[Symbol.asyncDispose]();
        else if (running.ok) await running.value.server[Symbol.asyncDispose]();
      });
      await Promise.all(ended);
    },
  };
}

/** In the network itself, so that no other machine and no container of others has a way to it. */
async function startInside(setting: RuntimeServicesSetting, network: string): Promise<Result<Started, string>> {
  const { findNetworkAddress } = await import('../container/network-address.ts');
  const engine = await setting.deps.findEngine();
  if (!engine.ok) return engine;
  const place = await findNetworkAddress(engine.value, network);
  if (!place.ok) return place;
  try {
    return ok(await start(setting, place.value));
  } catch (cause) {
    return err(`listening on ${place.value.host}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

async function start({ order, deps, mask }: RuntimeServicesSetting, place?: ServicePlace): Promise<Started> {
  // Most jobs have no action that asks, and need none of this.
  const [{ createAccess }, { startServiceServer }] = await Promise.all([
    import('./access.ts'),
    import('./service-server.ts'),
  ]);
  const { runId, jobId } = order;
  const runName = nameOf(runId);
  const access = createAccess({ run: runName, job: nameOf(jobId), nowMs: deps.now() });
  const tokenFor = (stepTry: StepTry | undefined): string => {
    const token = stepTry ? access.tokenFor(stepTry) : access.token;
    mask(token);
    return token;
  };
  const { artifacts, cache } = deps;
  const nowMs = (): number => deps.now();
  const server = await startServiceServer({ order, artifacts, cache, nowMs, runName, jobName: nameOf }, access, place);
  return {
    server,
    variables: (stepTry) => ({
      ACTIONS_RUNTIME_URL: server.url,
      ACTIONS_RUNTIME_TOKEN: tokenFor(stepTry),
      ACTIONS_RESULTS_URL: server.url,
      ACTIONS_CACHE_URL: server.url,
      ACTIONS_CACHE_SERVICE_V2: 'true',
    }),
  };
}

/** Ids as tokens can hold them: without blanks and colons, which names of jobs may have. */
function nameOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}
