// What was or would be removed, in a few aligned lines: how much, of what, and why the rest stays.
import { count } from '#run/report/layout.ts';
import { sizeInWords, utcMinute } from '#run/report/words.ts';
import type { Paint } from '#run/report/words.ts';
import type { Retention, RetentionReason } from '#run/retention.ts';
import type { Artifact } from '#stores/artifacts/artifacts.ts';

export interface Pruning {
  readonly isApplied: boolean;
  readonly decisions: readonly Retention[];
  readonly places: readonly { readonly root: string; readonly bytes: number }[];
  readonly cache: { readonly entries: number; readonly bytes: number };
  readonly artifacts: readonly Artifact[];
}

interface Row {
  readonly amount: number;
  readonly bytes: number;
  readonly what: string;
}

export function pruneInWords(pruned: Pruning, paint: Paint): string {
  const rows = rowsOf(pruned).filter((row) => row.amount > 0);
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  const { isApplied } = pruned;
  const kept = keptInWords(pruned.decisions);
  const stays = kept === '' ? [] : [`${paint('dim', 'Kept:')} ${kept}`];
  if (rows.length === 0) return [paint('strong', 'Nothing is to be removed.'), ...stays, ''].join('\n');
  const title = `${isApplied ? 'Freed' : 'Would free'} ${sizeInWords(bytes)}`;
  const amountWidth = Math.max(...rows.map((row) => String(row.amount).length));
  const sizeWidth = Math.max(...rows.map((row) => sizeInWords(row.bytes).length));
  return [
    paint('strong', title),
    ...rows.map(
      (row) =>
        `  ${String(row.amount).padStart(amountWidth)}  ${sizeInWords(row.bytes).padStart(sizeWidth)}  ${row.what}`,
    ),
    ...stays,
    ...(isApplied ? [] : [paint('dim', 'Nothing was removed; gantry prune --apply does it.')]),
    '',
  ].join('\n');
}

function rowsOf({ decisions, places, cache, artifacts }: Pruning): readonly Row[] {
  const runs = decisions.filter(({ kind }) => kind === 'remove').map(({ run }) => run);
  const days = runs.map((run) => utcMinute(run.startedAtMs).slice(0, 10)).toSorted();
  const [first = '', last = ''] = [days[0], days.at(-1)];
  const when = first === last ? `of ${first}` : `from ${first} to ${last}`;
  return [
    {
      amount: runs.length,
      bytes: bytesIn(runs),
      what: `${runs.length === 1 ? 'run' : 'runs'} ${when}: journal and logs`,
    },
    {
      amount: places.length,
      bytes: bytesIn(places),
      what: `${places.length === 1 ? 'workspace' : 'workspaces'} of ended jobs`,
    },
    { amount: cache.entries, bytes: cache.bytes, what: 'cache entries beyond the limits of the cache' },
    {
      amount: artifacts.length,
      bytes: bytesIn(artifacts),
      what: `${artifacts.length === 1 ? 'artifact' : 'artifacts'} past the day until which they were kept`,
    },
  ];
}

const REASONS: Readonly<Record<RetentionReason, string>> = {
  live: 'running',
  newest: 'the newest of a pipeline',
  'last-good': 'the last in which a job went well',
  artifacts: 'with artifacts that are still kept',
  attempt: 'with another attempt that is kept',
  young: 'not old enough',
};

/** `12 runs: 1 running, 10 the newest of a pipeline, 1 the last in which a job went well`. */
function keptInWords(decisions: readonly Retention[]): string {
  const whys = decisions.flatMap((each) => (each.kind === 'keep' ? [each.why] : []));
  const parts = Object.entries(REASONS).flatMap(([why, text]) => {
    const amount = whys.filter((each) => each === why).length;
    return amount === 0 ? [] : [`${amount} ${text}`];
  });
  return whys.length === 0 ? '' : `${count(whys.length, 'run')}: ${parts.join(', ')}`;
}

function bytesIn(all: readonly { readonly bytes: number }[]): number {
  return all.reduce((total, { bytes }) => total + bytes, 0);
}
