// Where `gantry repro` writes to when it is told no other folder; what is there goes with the run.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunId } from '#base/ids.ts';
import type { FailedScript } from '#stores/failed-scripts/failed-scripts.ts';

export function reproFolder(stateFolder: string, { runId, jobId, step }: FailedScript): string {
  const name = `${jobId}-${step + 1}`.replaceAll(/[^A-Za-z0-9.]+/g, '-');
  return join(reprosOf(stateFolder, runId), name);
}

export function removeRepros(stateFolder: string, runId: RunId): void {
  rmSync(reprosOf(stateFolder, runId), { recursive: true, force: true });
}

function reprosOf(stateFolder: string, runId: RunId): string {
  return join(stateFolder, 'repro', runId);
}
