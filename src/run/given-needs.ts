// A job of an exported workflow runs by itself, on a machine of its own: how the jobs that it needs ended is handed to it.
// What an exported job publishes (`publishedOutputs`) is what the next one reads (`readGivenNeeds`).
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { VERDICT_OUTPUT } from '#workflow/export/verdict-output.ts';
import type { Conclusion } from './events.ts';
import { VERDICTS, worst } from './verdict.ts';
import type { Verdict } from './verdict.ts';

export interface GivenNeed {
  readonly result: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  /** Null: it has none, or did not publish one. */
  readonly verdict: Verdict | null;
}

export type GivenNeeds = Readonly<Record<string, GivenNeed>>;

const CONCLUSIONS: readonly Conclusion[] = ['success', 'failure', 'cancelled', 'skipped'];

/** Beside the job's own outputs: its verdict, and the same under a name of its own, which the others of a matrix keep. */
export function publishedVerdict(verdict: Verdict | null): Readonly<Record<string, string>> {
  return verdict === null ? {} : { [VERDICT_OUTPUT]: verdict, [`${VERDICT_OUTPUT}_${verdict}`]: verdict };
}

/** GitHub's `needs` as JSON. Error: one sentence on what it is instead. */
export function readGivenNeeds(value: JsonValue | undefined): Result<GivenNeeds, string> {
  if (!isJsonObject(value)) return err('the needs are not a mapping');
  const given: Record<string, GivenNeed> = {};
  for (const [key, need] of Object.entries(value)) {
    const result = isJsonObject(need) ? CONCLUSIONS.find((each) => each === need['result']) : undefined;
    if (!isJsonObject(need) || result === undefined) return err(`the need "${key}" does not say how it ended`);
    const outputs = textsOf(need['outputs']);
    const own = Object.entries(outputs).filter(([name]) => !name.startsWith(VERDICT_OUTPUT));
    given[key] = { result, outputs: Object.fromEntries(own), verdict: verdictOf(result, outputs) };
  }
  return ok(given);
}

/** A combination that never came to say its verdict shows in the result alone, which is then worse. */
function verdictOf(result: Conclusion, outputs: Readonly<Record<string, string>>): Verdict | null {
  const told = VERDICTS.filter(
    (verdict) => outputs[VERDICT_OUTPUT] === verdict || outputs[`${VERDICT_OUTPUT}_${verdict}`] === verdict,
  );
  const verdict = told.length > 0 ? worst(...told) : null;
  return result === 'failure' && verdict !== 'unknown' ? 'failed' : verdict;
}

function textsOf(value: JsonValue | undefined): Record<string, string> {
  const fields: JsonObject = isJsonObject(value) ? value : {};
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, text]): [string, string][] =>
      typeof text === 'string' ? [[name, text]] : [],
    ),
  );
}
