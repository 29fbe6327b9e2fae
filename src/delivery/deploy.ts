// One release from a folder to live. Comes in: a request. Goes out: `live` with a manifest that was earned, or why
// not and what serves instead. It never leaves two releases claiming to be live, and never claims what it did not see.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { acquireLock } from './lock.ts';
import type { DeployDeps, DeployFailure, DeployRequest, DeployResult } from './deploy-request.ts';
import { manifestPath, readManifest, writeManifest } from './manifest.ts';
import { probeUntilHealthy } from './probe.ts';
import { readBack } from './read-back.ts';
import type { ReadBack } from './read-back.ts';
import {
  fillRelease,
  isVersion,
  listVersions,
  nextVersion,
  readClaim,
  releaseDir,
  removePartials,
  removeRelease,
} from './release-folder.ts';
import type { Claim } from './release-folder.ts';
import { PROBE_INTERVAL_MS, PROBE_TIMEOUT_MS, giveUp, record, whatServes, whyEnded } from './roll-back.ts';
import type { Deploy } from './roll-back.ts';
import { ensureSupervisor } from './supervisor/client.ts';

const BAKE_INTERVAL_MS = 500;

/** Deploys under the environment's lock. Never throws for what a release, a port or a disk can do wrong. */
export async function deployRelease(asked: DeployRequest, deps: DeployDeps = {}): Promise<DeployResult> {
  const request = { ...asked, envDir: resolve(asked.envDir), sourceDir: resolve(asked.sourceDir) };
  try {
    await mkdir(join(request.envDir, 'releases'), { recursive: true });
    const lock = acquireLock(join(request.envDir, 'deploy.lock'));
    if (!lock.ok)
      return refusal(`another deploy to ${request.environment} is under way (pid ${lock.error.holder.pid})`);
    try {
      return await deployLocked(request, deps);
    } finally {
      lock.value.release();
    }
  } catch (error) {
    return refusal(error instanceof Error ? error.message : String(error));
  }
}

async function deployLocked(request: DeployRequest, deps: DeployDeps): Promise<DeployResult> {
  const { envDir } = request;
  if (request.version !== undefined && !isVersion(request.version)) {
    return refusal(`${JSON.stringify(request.version)} cannot be a version: letters, digits, . _ + - only, at most 64`);
  }
  const supervisor = await ensureSupervisor({
    envDir,
    publicPort: request.publicPort,
    command: request.superviseCommand,
  });
  if (!supervisor.ok) return refusal(supervisor.error.why);
  const client = supervisor.value;
  const status = await client.status();
  if (!status.ok) return refusal(status.error.why);
  const { live, releases, publicPort } = status.value;
  const liveClaim = live === undefined ? undefined : await readClaim(envDir, live);
  const isMine = liveClaim?.runId === request.runId;
  // Candidates and kept predecessors of a deploy that was cut off; our own predecessor is still our way back.
  for (const { version } of releases) {
    if (version !== live && !(isMine && version === liveClaim.previous)) await client.stop(version);
  }
  await removePartials(envDir);

  const address = `http://127.0.0.1:${publicPort}`;
  const shared = { request, deps, client, address, startedAtMs: Date.now(), before: [], after: [] };
  if (live !== undefined && liveClaim !== undefined && isMine) {
    const previous = liveClaim.previous;
    const deploy = { ...shared, version: live, previous, startedAtMs: liveClaim.startedAtMs };
    return proveLive(deploy, liveClaim);
  }
  const version = await chooseVersion(request);
  if (typeof version !== 'string') return { ...refusal(version.why), ...(await whatServes(shared, live)) };
  return makeRelease({ ...shared, version, previous: live });
}

/** The version asked for, or of this run's own unfinished release (which is removed), or the next one. */
async function chooseVersion(request: DeployRequest): Promise<string | { readonly why: string }> {
  const { envDir } = request;
  let mine: string | undefined;
  for (const version of await listVersions(envDir)) {
    const claim = await readClaim(envDir, version);
    const isUnfinished = readManifest(envDir, version) === undefined;
    if (isUnfinished && claim?.runId === request.runId) {
      mine = version;
      await removeRelease(envDir, version);
    } else if (version === request.version) {
      return { why: `release ${version} exists already` };
    }
  }
  return request.version ?? mine ?? (await nextVersion(envDir, Date.now()));
}

async function makeRelease(deploy: Deploy): Promise<DeployResult> {
  const { request, deps, client, version } = deploy;
  const { envDir } = request;
  deps.log?.(`release ${version}: copying files`);
  const filled = await fillRelease({
    envDir,
    sourceDir: request.sourceDir,
    exclude: request.exclude ?? [],
    claim: { version, runId: request.runId, startedAtMs: deploy.startedAtMs, previous: deploy.previous },
  });
  if (!filled.ok) return giveUp(deploy, filled.error);
  if (deps.signal?.aborted) return giveUp(deploy, 'cancelled');

  const cwd = join(releaseDir(envDir, version), 'app');
  const started = await client.start({ version, argv: [...request.argv], cwd, env: { ...request.env } });
  if (!started.ok) return giveUp(deploy, `starting it: ${started.error.why}`);
  deps.log?.(`release ${version}: started beside ${deploy.previous ?? 'nothing'} on port ${started.value.port}`);
  const series = await probeUntilHealthy(
    { url: `http://127.0.0.1:${started.value.port}${request.healthPath}`, timeoutMs: PROBE_TIMEOUT_MS },
    {
      deadlineMs: request.startTimeoutMs,
      intervalMs: PROBE_INTERVAL_MS,
      consecutive: 2,
      signal: deps.signal,
      giveUp: () => whyEnded(deploy),
    },
  );
  deploy.before.push(...series.readings);
  if (!series.healthy) return giveUp(deploy, `it did not become healthy: ${series.why ?? 'no reason known'}`);
  // Two good readings could be another program's that took the port; its own process must be there too.
  const ended = await whyEnded(deploy);
  if (ended !== undefined) return giveUp(deploy, ended);
  if (deps.signal?.aborted) return giveUp(deploy, 'cancelled');

  deps.log?.(`release ${version}: healthy, switching`);
  const switched = await client.switchTo(version, { keepPrevious: true });
  if (!switched.ok) return giveUp(deploy, `switching to it: ${switched.error.why}`);
  const claim = await readClaim(envDir, version);
  if (claim === undefined) return giveUp(deploy, 'its release.json cannot be read');
  return proveLive(deploy, claim);
}

/** From the switch on: read back, bake, read back again, manifest. Also where an interrupted deploy goes on. */
async function proveLive(deploy: Deploy, claim: Claim): Promise<DeployResult> {
  const { request, deps, client, version, address } = deploy;
  const { envDir } = request;
  const known = readManifest(envDir, version);
  const ask = {
    client,
    address,
    version,
    healthPath: request.healthPath,
    expectVersionPath: request.expectVersionPath,
  };
  const first = await readBack(ask);
  if (!first.ok) {
    const why = `reading it back: ${first.error}`;
    // Proven before and broken since: no business of this deploy, which only repeats, to take it away.
    return known === undefined
      ? giveUp(deploy, why)
      : { ...refusal(why), version, ...(await whatServes(deploy, version)) };
  }
  if (known === undefined) {
    const why = await bake(deploy);
    if (why !== undefined) return giveUp(deploy, `after the switch: ${why}`);
  }
  const found = known === undefined ? await readBack(ask) : first;
  if (!found.ok) return giveUp(deploy, `reading it back: ${found.error}`);

  const manifest = known ?? manifestOf(deploy, { claim, found: found.value });
  if (known === undefined) writeManifest(envDir, manifest);
  // From here on it is live and proven; tidying up cannot change that.
  if (deploy.previous !== undefined && deploy.previous !== version) await client.stop(deploy.previous);
  if (known === undefined) {
    record(deploy, { result: 'live' });
    await removeOld(deploy);
  }
  deps.log?.(`release ${version}: live at ${address}`);
  return {
    kind: 'live',
    version,
    address,
    manifestPath: manifestPath(envDir, version),
    manifest,
    previous: deploy.previous,
    readings: [...deploy.before, ...deploy.after],
  };
}

function manifestOf(deploy: Deploy, proof: { readonly claim: Claim; readonly found: ReadBack }) {
  const { request, version, address, startedAtMs } = deploy;
  return {
    manifest: 1 as const,
    version,
    environment: request.environment,
    runId: request.runId,
    commit: request.commit,
    clean: request.clean,
    actor: request.actor,
    files: { digest: proof.claim.digest, count: proof.claim.files },
    evidence: request.evidence,
    health: { path: request.healthPath, before: deploy.before, after: deploy.after },
    readBack: proof.found,
    previous: deploy.previous,
    address,
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: Date.now() - startedAtMs,
  };
}

/** Healthy at the public address all the time, without one crash. One bad reading must be followed by a good one. */
async function bake(deploy: Deploy): Promise<string | undefined> {
  const { request, deps, address } = deploy;
  const probe = { url: address + request.healthPath, timeoutMs: PROBE_TIMEOUT_MS };
  const endsAt = performance.now() + request.bakeMs;
  do {
    const intervalMs = Math.min(BAKE_INTERVAL_MS, Math.max(0, endsAt - performance.now()));
    const series = await probeUntilHealthy(probe, {
      attempts: 2,
      deadlineMs: PROBE_TIMEOUT_MS * 2,
      intervalMs: PROBE_INTERVAL_MS,
      signal: deps.signal,
    });
    deploy.after.push(...series.readings);
    if (!series.healthy) return series.why ?? 'not healthy';
    const ended = await whyEnded(deploy);
    if (ended !== undefined) return ended;
    await new Promise((done) => setTimeout(done, intervalMs));
  } while (performance.now() < endsAt);
  return deps.signal?.aborted ? 'cancelled' : undefined;
}

async function removeOld({ request, version, previous }: Deploy): Promise<void> {
  const complete = (await listVersions(request.envDir))
    .map((name) => ({ name, startedAt: readManifest(request.envDir, name)?.startedAt }))
    .toSorted((a, b) => (b.startedAt ?? '').localeCompare(a.startedAt ?? ''));
  for (const { name } of complete.slice(Math.max(1, request.keep))) {
    if (name !== version && name !== previous) await removeRelease(request.envDir, name);
  }
}

function refusal(why: string): DeployFailure {
  return { kind: 'refused', why, logTail: [], verified: false, readings: [] };
}
