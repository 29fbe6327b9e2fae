// GitHub's matrix: vectors multiplied in the order of their keys, `exclude` taken out, then `include` merged in.
import { equals } from '@actions/expressions/result';
import { isJsonObject, type JsonObject, type JsonValue } from '#base/json.ts';
import { remembered } from '#base/remembered.ts';
import { err, ok, type Result } from '#base/result.ts';
import { isList, toData, toText } from './expression-data.ts';

/** GitHub's limit of jobs from one matrix. */
const MAX_COMBINATIONS = 256;

const MAX_PRODUCT = 16_384;
const MAX_COMPARISONS = 4_000_000;

interface Combination {
  readonly original: JsonObject;
  /** What `include` added; later entries may overwrite it, never the original. */
  readonly added: Readonly<Record<string, JsonValue>>;
}

/**
 * The combinations of an evaluated `matrix:`, in GitHub's order. Errors, as a sentence for its author: the wrong shape,
 * an empty vector, a filter that says nothing, more than 256 combinations, or none.
 */
export function expandMatrix(matrix: JsonValue): Result<readonly JsonObject[], string> {
  return isJsonObject(matrix) ? expandObject(matrix) : err('a matrix is a mapping of names to lists');
}

// One that is written out is expanded when it is checked, and again when its job's turn comes.
const expandObject = remembered((matrix: JsonObject): Result<readonly JsonObject[], string> => {
  const vectors = Object.entries(matrix).filter(([key]) => key !== 'include' && key !== 'exclude');
  const include = filterList(matrix, 'include');
  if (!include.ok) return include;
  const exclude = filterList(matrix, 'exclude');
  if (!exclude.ok) return exclude;
  const idle = idleFilter(matrix, { include: include.value, exclude: exclude.value });
  if (idle !== undefined) return err(idle);
  const product = multiply(vectors);
  if (!product.ok) return product;
  if (product.value.length * (include.value.length + exclude.value.length) > MAX_COMPARISONS) {
    return err('the matrix has too many combinations and too many entries in "include" and "exclude"');
  }
  const kept = product.value.filter((each) => !exclude.value.some((entry) => isPartOf(entry, each)));
  const combinations = merge(kept, include.value);
  if (combinations.length === 0)
    return err('the matrix has no combinations: "exclude" takes all of them out, or it is empty');
  if (combinations.length > MAX_COMBINATIONS) return err(tooMany(String(combinations.length)));
  return ok(combinations);
});

const MAX_NAME_LENGTH = 100;

/**
 * A job of a matrix as GitHub names it: `test (22, ubuntu-latest)`. Mappings and lists give their values in order, empty
 * ones give nothing, and what is too long is cut.
 */
export function combinationName(key: string, combination: JsonObject): string {
  const values = Object.values(combination)
    .flatMap(leaves)
    .filter((value) => value !== '');
  const name = values.length === 0 ? key : `${key} (${values.join(', ')})`;
  return name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 3)}...` : name;
}

function leaves(value: JsonValue): readonly string[] {
  if (isList(value)) return value.flatMap(leaves);
  return isJsonObject(value) ? Object.values(value).flatMap(leaves) : [toText(value)];
}

function filterList(matrix: JsonObject, key: 'include' | 'exclude'): Result<readonly JsonObject[], string> {
  // An expression that gave nothing leaves the filter empty, as on GitHub.
  const value = Object.hasOwn(matrix, key) ? matrix[key] : undefined;
  if (value === undefined || value === null || value === '') return ok([]);
  if (!isList(value) || !value.every(isJsonObject)) return err(`"${key}" of a matrix is a list of mappings`);
  return ok(value.filter(isJsonObject));
}

/** An entry that can have no effect was meant otherwise: GitHub fails the job. */
function idleFilter(
  matrix: JsonObject,
  { include, exclude }: { include: readonly JsonObject[]; exclude: readonly JsonObject[] },
): string | undefined {
  if (include.some((entry) => Object.keys(entry).length === 0)) return 'an entry of "include" is empty';
  if (exclude.some((entry) => Object.keys(entry).length === 0)) return 'an entry of "exclude" is empty';
  const unknown = exclude.flatMap(Object.keys).find((key) => !Object.hasOwn(matrix, key));
  return unknown === undefined ? undefined : `"exclude" names "${unknown}", which the matrix does not have`;
}

function multiply(vectors: readonly (readonly [string, JsonValue])[]): Result<readonly JsonObject[], string> {
  if (vectors.length === 0) return ok([]);
  let combinations: (readonly (readonly [string, JsonValue])[])[] = [[]];
  let count = 1;
  for (const [key, values] of vectors) {
    if (!isList(values)) return err(`"${key}" of the matrix is not a list`);
    if (values.length === 0) return err(`"${key}" of the matrix is an empty list`);
    count *= values.length;
    // Excludes may bring a large product under the limit, but not one that would not fit in memory.
    if (count > MAX_PRODUCT) return err(tooMany(`at least ${count}`));
    combinations = combinations.flatMap((each) => values.map((value) => [...each, [key, value] as const]));
  }
  return ok(combinations.map((entries) => Object.fromEntries(entries)));
}

function merge(kept: readonly JsonObject[], include: readonly JsonObject[]): readonly JsonObject[] {
  if (include.length === 0) return kept;
  const merged: Combination[] = kept.map((original) => ({ original, added: {} }));
  const extra: JsonObject[] = [];
  for (const entry of include) {
    let isUsed = false;
    for (const [index, each] of merged.entries()) {
      if (!agrees(entry, each.original)) continue;
      const isNew = Object.entries(entry).filter(([key]) => !Object.hasOwn(each.original, key));
      merged[index] = { original: each.original, added: extend(each.added, isNew) };
      isUsed = true;
    }
    if (!isUsed) extra.push(entry);
  }
  return [...merged.map((each) => extend(each.original, Object.entries(each.added))), ...extra];
}

/** Whether the entry overwrites no original value. */
function agrees(entry: JsonObject, original: JsonObject): boolean {
  return Object.entries(entry).every(([key, value]) => !Object.hasOwn(original, key) || matches(value, original[key]));
}

function isPartOf(entry: JsonObject, combination: JsonObject): boolean {
  return Object.entries(entry).every(([key, value]) =>
    matches(value, Object.hasOwn(combination, key) ? combination[key] : undefined),
  );
}

/** As GitHub compares: each value within what is wanted, by the `==` of expressions, so that `22` is `'22'`. */
function matches(wanted: JsonValue, actual: JsonValue | undefined): boolean {
  if (isList(wanted)) return isList(actual) && wanted.every((each, index) => matches(each, actual[index]));
  if (isJsonObject(wanted)) return isJsonObject(actual ?? null) && isPartOf(wanted, asObject(actual));
  if (typeof wanted === 'number' && typeof actual === 'number') return wanted === actual;
  return equals(toData(wanted), toData(actual ?? null));
}

function asObject(value: JsonValue | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {};
}

/** Spread would lose a key named `__proto__`. */
function extend(base: JsonObject, entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  return Object.fromEntries([...Object.entries(base), ...entries]);
}

function tooMany(count: string): string {
  return `the matrix makes ${count} jobs; ${MAX_COMBINATIONS} is the limit`;
}
