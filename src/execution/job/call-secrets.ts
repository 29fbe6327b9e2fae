import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { Secret } from '#base/secret.ts';
import type { JobOrder } from '#run/job-order.ts';
import { evaluateMapping } from '#workflow/expressions.ts';

type Secrets = ReadonlyMap<string, Secret>;

/** The secrets of a job: the run's own, or what the calls that lead to it hand on, each from what it was given itself. */
export function secretsOf(order: JobOrder, all: Secrets): Result<Secrets, string> {
  let current = all;
  for (const { secrets, contexts } of order.secretCalls ?? []) {
    const revealed = Object.fromEntries([...current].map(([name, secret]) => [name, secret.reveal()]));
    const values = evaluateMapping(secrets, { contexts: { ...contexts, secrets: revealed } });
    if (!values.ok) return err(`secrets of the call: ${values.error}`);
    current = new Map(Object.entries(values.value).map(([name, value]) => [name, new Secret(value)]));
  }
  return ok(current);
}
