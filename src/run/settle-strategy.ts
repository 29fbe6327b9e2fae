// `strategy:` when its contexts are known: combinations, and how they are run.
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { evaluateTree, evaluateValue } from '#workflow/expressions.ts';
import type { Scope } from '#workflow/expressions.ts';
import { expandMatrix } from '#workflow/matrix.ts';
import type { Strategy } from '#workflow/model.ts';

export interface SettledStrategy {
  /** Absent: the job has no matrix. */
  readonly combinations: readonly JsonObject[] | undefined;
  readonly failFast: boolean;
  readonly maxParallel?: number;
}

/** Errors: a sentence for the job's author. */
export function settleStrategy(strategy: Strategy | undefined, scope: Scope): Result<SettledStrategy, string> {
  const evaluated = strategy?.whole ? evaluateWhole(strategy.whole.value, scope) : evaluateParts(strategy, scope);
  if (!evaluated.ok) return evaluated;
  const { matrix, 'fail-fast': failFast = true, 'max-parallel': limit } = evaluated.value;
  const combinations = combinationsOf(matrix);
  if (!combinations.ok) return combinations;
  const maxParallel = limitOf(limit);
  return ok({
    combinations: combinations.value,
    failFast: failFast === true || failFast === 'true',
    ...(maxParallel === undefined ? {} : { maxParallel }),
  });
}

function evaluateParts(strategy: Strategy | undefined, scope: Scope): Result<JsonObject, string> {
  const parts: [string, JsonValue][] = [];
  if (strategy?.matrix) {
    const matrix = evaluateTree(strategy.matrix.value, scope);
    if (!matrix.ok) return err(`its matrix: ${matrix.error.message}`);
    if (!isJsonObject(matrix.value)) return err('its matrix is not a mapping');
    parts.push(['matrix', matrix.value]);
  }
  const others = { 'fail-fast': strategy?.failFast?.value, 'max-parallel': strategy?.maxParallel?.value };
  for (const [key, written] of Object.entries(others)) {
    if (written === undefined) continue;
    const value = evaluateTree(written, scope);
    if (!value.ok) return err(`its "${key}": ${value.error.message}`);
    parts.push([key, value.value]);
  }
  return ok(Object.fromEntries(parts));
}

/** What it gives is data: nothing in it is evaluated again. */
function evaluateWhole(text: string, scope: Scope): Result<JsonObject, string> {
  const whole = evaluateValue(text, scope);
  if (!whole.ok) return err(`its strategy: ${whole.error.message}`);
  // As on GitHub, nothing is no strategy.
  if (whole.value === null || whole.value === '') return ok({});
  if (!isJsonObject(whole.value)) return err('its strategy is not a mapping');
  const unknown = Object.keys(whole.value).find((key) => !['matrix', 'fail-fast', 'max-parallel'].includes(key));
  return unknown === undefined ? ok(whole.value) : err(`its strategy has no key "${unknown}"`);
}

function combinationsOf(matrix: JsonValue | undefined): Result<readonly JsonObject[] | undefined, string> {
  if (matrix === undefined || matrix === null) return ok(undefined);
  if (!isJsonObject(matrix)) return err('its matrix is not a mapping');
  const expanded = expandMatrix(matrix);
  return expanded.ok ? expanded : err(`its matrix: ${expanded.error}`);
}

/** GitHub takes the whole part, and zero and below for no limit. */
function limitOf(value: JsonValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = Math.floor(Number(value));
  return Number.isFinite(number) && number >= 1 ? number : undefined;
}
