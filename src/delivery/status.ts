import { resolve } from 'node:path';
import { ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { readHistory, readManifest } from './manifest.ts';
import type { HistoryEntry, Manifest } from './manifest.ts';
import { probeHttp } from './probe.ts';
import type { Reading } from './probe.ts';
import { readBack } from './read-back.ts';
import { listVersions } from './release-folder.ts';
import { connectSupervisor } from './supervisor/client.ts';
import type { SupervisorError } from './supervisor/client.ts';
import { readLiveFile } from './supervisor/protocol.ts';

/** One environment as it answers now, not as files say it should. */
export type EnvironmentStatus = (
  | { readonly state: 'live'; readonly version: string; readonly address: string; readonly reading: Reading }
  /** It should be live and does not answer as it should. */
  | {
      readonly state: 'unhealthy';
      readonly version: string;
      readonly address: string;
      readonly reading?: Reading;
      readonly why: string;
    }
  /** Stopped by a person. */
  | { readonly state: 'stopped'; readonly lastVersion?: string }
  | { readonly state: 'nothing-deployed' }
) & {
  /** Complete releases on disk, newest first. */
  readonly releases: readonly Manifest[];
  /** Every deploy, oldest first. */
  readonly history: readonly HistoryEntry[];
};

export async function readStatus(folder: string): Promise<EnvironmentStatus> {
  const envDir = resolve(folder);
  const releases = (await listVersions(envDir))
    .flatMap((version) => readManifest(envDir, version) ?? [])
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  const facts = { releases, history: readHistory(envDir) };
  const client = connectSupervisor(envDir);
  const status = await client.status();
  const file = readLiveFile(envDir);
  if (!status.ok) {
    if (file?.live === undefined) return { state: 'nothing-deployed', ...facts };
    if (file.stopped) return { state: 'stopped', lastVersion: file.live, ...facts };
    const address = `http://127.0.0.1:${file.publicPort}`;
    const why = `its supervisor does not answer: ${status.error.why}`;
    return { state: 'unhealthy', version: file.live, address, why, ...facts };
  }
  const version = status.value.live;
  const last = releases[0];
  if (version === undefined) {
    return last === undefined
      ? { state: 'nothing-deployed', ...facts }
      : { state: 'stopped', lastVersion: last.version, ...facts };
  }
  const address = `http://127.0.0.1:${status.value.publicPort}`;
  const healthPath = readManifest(envDir, version)?.health.path ?? '/';
  const reading = await probeHttp({ url: address + healthPath, timeoutMs: 5_000 });
  if (!reading.ok) return { state: 'unhealthy', version, address, reading, why: reading.why ?? '', ...facts };
  const found = await readBack({ client, address, version, healthPath });
  if (!found.ok) return { state: 'unhealthy', version, address, reading, why: found.error, ...facts };
  return { state: 'live', version, address, reading, ...facts };
}

/** Stops the release and its supervisor; they stay stopped. An environment where nothing runs is stopped already. */
export async function stopEnvironment(folder: string): Promise<Result<void, SupervisorError>> {
  const done = await connectSupervisor(resolve(folder)).shutdown();
  return done.ok || done.error.kind === 'absent' ? ok(undefined) : done;
}
