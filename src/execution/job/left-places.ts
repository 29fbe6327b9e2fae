// Places of jobs that have ended: workspaces that were kept for a look at what went wrong, and what dead engines left.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Removal } from './removal.ts';
import { ownerFile, runOfPlace } from './workspace.ts';

export interface LeftPlace {
  readonly root: string;
  /** The run that has it, or left it behind; '' when nobody knows. */
  readonly runId: string;
  /** That run has not given it up. */
  readonly isTaken: boolean;
  readonly usedAtMs: number;
}

export function placesIn(workRoot: string): readonly LeftPlace[] {
  return namesIn(workRoot).flatMap((name): readonly LeftPlace[] => {
    const root = join(workRoot, name);
    const seen = statSync(root, { throwIfNoEntry: false });
    // What begins with a dot is on its way out.
    if (name.startsWith('.') || !seen?.isDirectory()) return [];
    return [{ root, usedAtMs: seen.mtimeMs, ...runOfPlace(root) }];
  });
}

/**
 * False: a job has taken it meanwhile. A place that nobody has is taken first, as a job would; one that a run has may be
 * removed by whoever owns the run.
 */
export function removePlace({ root, runId, isTaken }: LeftPlace, removal: Removal): boolean {
  try {
    if (!isTaken) writeFileSync(ownerFile(root), 'to be removed', { flag: 'wx' });
    else if (runOfPlace(root).runId !== runId) return false;
  } catch {
    return false;
  }
  removal.putAside(root);
  return true;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
