// What a deploy does when it cannot go on: put back what served before, look whether it does, and say so.
import { readFile } from 'node:fs/promises';
import type { DeployDeps, DeployFailure, DeployRequest } from './deploy-request.ts';
import { appendHistory, readManifest } from './manifest.ts';
import { probeUntilHealthy } from './probe.ts';
import type { Reading } from './probe.ts';
import { readBack } from './read-back.ts';
import { releaseLogPath, removeRelease } from './release-folder.ts';
import { ensureSupervisor } from './supervisor/client.ts';
import type { SupervisorClient } from './supervisor/client.ts';

export const PROBE_TIMEOUT_MS = 5_000;
export const PROBE_INTERVAL_MS = 200;
const LOG_TAIL_LINES = 20;

/** What the steps of one deploy share. */
export interface Deploy {
  readonly request: DeployRequest;
  readonly deps: DeployDeps;
  readonly client: SupervisorClient;
  readonly address: string;
  readonly version: string;
  readonly previous: string | undefined;
  readonly startedAtMs: number;
  readonly before: Reading[];
  readonly after: Reading[];
}

/** Why the release is not what was started any more: it ended, or is another process by now. */
export async function whyEnded({ client, version }: Deploy): Promise<string | undefined> {
  const status = await client.status();
  if (!status.ok) return `the supervisor does not answer: ${status.error.why}`;
  const release = status.value.releases.find((one) => one.version === version);
  if (release === undefined) return 'it was stopped';
  if (release.state === 'running' && release.restarts === 0) return undefined;
  return `it ended by itself: ${release.lastExit ?? 'no reason known'}`;
}

/** Back to what served before, and a look whether it really does. Runs to its end whatever was cancelled. */
export async function giveUp(deploy: Deploy, why: string): Promise<DeployFailure> {
  const { request, deps, client, version, previous } = deploy;
  // Without its supervisor nothing could be put back: a new one first takes up what the files say.
  const { envDir, publicPort, superviseCommand } = request;
  await ensureSupervisor({ envDir, publicPort, command: superviseCommand });
  const status = await client.status();
  const hadTraffic = status.ok && status.value.live === version;
  const kind = hadTraffic ? 'rolled-back' : 'refused';
  deps.log?.(`release ${version}: ${kind}: ${why}`);
  const isWayBack = hadTraffic && previous !== undefined && previous !== version;
  const back = isWayBack ? await client.switchTo(previous) : undefined;
  const logTail = await tailOf(deploy);
  // Where there is no way back, a bad release is still better than none, and it keeps its files.
  if (back === undefined || back.ok) {
    const stopped = await client.stop(version);
    if (stopped.ok) await removeRelease(envDir, version);
  }
  record(deploy, { result: kind, why: deps.redact?.(why) ?? why });
  const serves = await whatServes(deploy, previous);
  return {
    kind,
    version,
    why: deps.redact?.(why) ?? why,
    logTail,
    ...serves,
    readings: [...deploy.before, ...deploy.after],
  };
}

/** Looks at the public address for `wanted`; undefined: nothing may be live there, as before. */
export async function whatServes(
  { client, address, request }: Pick<Deploy, 'client' | 'address' | 'request'>,
  wanted: string | undefined,
): Promise<Pick<DeployFailure, 'stillServing' | 'verified'>> {
  const status = await client.status();
  const stillServing = status.ok ? status.value.live : undefined;
  if (wanted === undefined) return { stillServing, verified: status.ok && stillServing === undefined };
  const healthPath = readManifest(request.envDir, wanted)?.health.path ?? request.healthPath;
  // It may have to be started again first.
  const probe = { url: address + healthPath, timeoutMs: PROBE_TIMEOUT_MS };
  const series = await probeUntilHealthy(probe, { deadlineMs: request.startTimeoutMs, intervalMs: PROBE_INTERVAL_MS });
  const found = series.healthy ? await readBack({ client, address, version: wanted, healthPath }) : undefined;
  return { stillServing, verified: found?.ok === true };
}

async function tailOf({ request, deps, version }: Deploy): Promise<readonly string[]> {
  try {
    const text = await readFile(releaseLogPath(request.envDir, version), 'utf8');
    return (deps.redact?.(text) ?? text).trimEnd().split('\n').slice(-LOG_TAIL_LINES);
  } catch {
    return [];
  }
}

/** One line of the environment's history. */
export function record(
  deploy: Deploy,
  entry: { readonly result: 'live' | 'refused' | 'rolled-back'; readonly why?: string },
): void {
  const { request, version } = deploy;
  appendHistory(request.envDir, { at: new Date().toISOString(), version, runId: request.runId, ...entry });
}
