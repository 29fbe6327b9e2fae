// What actions that carry GitHub's clients ask for artifacts and caches: a service of the job's own, started when the
// first such action runs.
import { createHash } from 'node:crypto';
import type { JobOrder } from '#run/job-order.ts';
import type { ArtifactStore } from '#stores/artifacts/artifacts.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import type { ServiceServer } from './service-server.ts';

export interface RuntimeServices {
  /** Of an action's environment. Starts the services when they are not there yet. */
  variables(): Promise<Readonly<Record<string, string>>>;
  end(): Promise<void>;
}

export interface RuntimeServicesSetting {
  readonly order: JobOrder;
  readonly deps: { readonly artifacts: ArtifactStore; readonly cache: CacheStore; readonly now: () => number };
  /** From here on the value is not shown. */
  readonly mask: (value: string) => void;
}

interface Started {
  readonly server: ServiceServer;
  readonly variables: Readonly<Record<string, string>>;
}

export function createRuntimeServices(setting: RuntimeServicesSetting): RuntimeServices {
  let started: Promise<Started> | undefined;
  return {
    variables: async () => (await (started ??= start(setting))).variables,
    async end() {
      const running = await started?.catch(() => undefined);
      await running?.server[Symbol.asyncDispose]();
    },
  };
}

async function start({ order, deps, mask }: RuntimeServicesSetting): Promise<Started> {
  // Most jobs have no action that asks, and need none of this.
  const [{ createAccess }, { startServiceServer }] = await Promise.all([
    import('./access.ts'),
    import('./service-server.ts'),
  ]);
  const { runId, jobId } = order;
  const runName = nameOf(runId);
  const access = createAccess({ run: runName, job: nameOf(jobId), nowMs: deps.now() });
  mask(access.token);
  const { artifacts, cache } = deps;
  const nowMs = (): number => deps.now();
  const server = await startServiceServer({ order, artifacts, cache, nowMs, runName, jobName: nameOf }, access);
  return {
    server,
    variables: {
      ACTIONS_RUNTIME_URL: server.url,
      ACTIONS_RUNTIME_TOKEN: access.token,
      ACTIONS_RESULTS_URL: server.url,
      ACTIONS_CACHE_URL: server.url,
      ACTIONS_CACHE_SERVICE_V2: 'true',
    },
  };
}

/** Ids as tokens can hold them: without blanks and colons, which names of jobs may have. */
function nameOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}
