// Whether who comes to a line would wait for itself: for a group whose holder cannot end before it has another one, which
// is held, here or further on, by what cannot end before the newcomer has. Pure; the journal holds the lines of all groups.
import { holderInWords, holderKey } from './line.ts';
import type { LineEntry } from './line.ts';

/** By the names of the groups, in lower case. */
export type Lines = ReadonlyMap<string, readonly LineEntry[]>;

type Who = Pick<LineEntry, 'runId' | 'holder'>;

/** Why nobody of them would ever go on; undefined when the newcomer, which is in its line already, may wait. */
export function circleOf(lines: Lines, group: string, newcomer: Who): string | undefined {
  const looked = new Set<string>();
  const leadsBack = (who: Who): boolean => {
    if (looked.has(keyOf(who))) return false;
    looked.add(keyOf(who));
    return aheadOf(lines, who).some((holder) =>
      heldUpIn(lines, holder).some((each) => keyOf(each) === keyOf(newcomer) || leadsBack(each)),
    );
  };
  if (!leadsBack(newcomer)) return undefined;
  const [holder] = aheadOf(lines, newcomer);
  const held = holder ? holderInWords(holder, newcomer.runId) : 'another run';
  return `a deadlock for the concurrency group "${group}": ${held} holds it, and waits itself for what this run holds`;
}

/** Those who must have had the group before: it is held by the first. */
function aheadOf(lines: Lines, who: Who): readonly LineEntry[] {
  for (const line of lines.values()) {
    const place = line.findIndex((entry) => keyOf(entry) === keyOf(who));
    if (place >= 0) return line.slice(0, place);
  }
  return [];
}

/** What waits for a group and must end before the holder does: all of a run, the jobs of a call. A job waits for nothing more. */
function heldUpIn(lines: Lines, { runId, holder, state }: LineEntry): readonly LineEntry[] {
  if (state !== 'held') return [];
  const isInside = (inner: LineEntry['holder']): boolean => {
    if (holder.kind === 'run') return true;
    if (inner.kind === 'run') return false;
    return (
      inner.jobId.startsWith(`${holder.jobId} / `) ||
      (holder.kind === 'job' && inner.kind === 'call' && inner.jobId === holder.jobId)
    );
  };
  return [...lines.values()].flatMap((line) =>
    line.filter((entry) => entry.state === 'waiting' && entry.runId === runId && isInside(entry.holder)),
  );
}

function keyOf({ runId, holder }: Who): string {
  return `${runId} ${holderKey(holder)}`;
}
