import type { ArtifactFact } from '#run/events.ts';
import type { JobOrder } from '#run/job-order.ts';
import type { ArtifactStore } from '#stores/artifacts/artifacts.ts';

/** What the run has when one of its jobs ends, for the journal. A run that keeps none says nothing. */
export async function artifactsAtEnd(
  store: ArtifactStore,
  { runId }: JobOrder,
): Promise<{ readonly artifacts?: readonly ArtifactFact[] }> {
  const all = await store.list(runId);
  if (all.length === 0 && !(await store.knows(runId))) return {};
  return {
    artifacts: all.map(({ id, name, bytes, files, digest, expiresAtMs }) => ({
      id,
      name,
      bytes,
      digest,
      expiresAtMs,
      ...(files === undefined ? {} : { files }),
    })),
  };
}
