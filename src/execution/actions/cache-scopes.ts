// Whose cache entries a job may use, as on GitHub: its own branch's, those of a pull request's base, the default branch's.
import { isJsonObject } from '#base/json.ts';
import type { JobOrder } from '#run/job-order.ts';

/** The first is its own, under which it saves. '' is a commit that no branch or tag names. */
export function cacheScopes({ contexts }: Pick<JobOrder, 'contexts'>): readonly [string, ...string[]] {
  const github = contexts['github'];
  if (!isJsonObject(github)) return [''];
  const own = textOf(github['ref']);
  const base = textOf(github['base_ref']);
  const event = isJsonObject(github['event']) ? github['event'] : {};
  const repository = isJsonObject(event['repository']) ? event['repository'] : {};
  const standard = textOf(repository['default_branch']);
  const others = [base, standard].filter((branch) => branch !== '').map((branch) => `refs/heads/${branch}`);
  return [own, ...new Set(others.filter((ref) => ref !== own))];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
