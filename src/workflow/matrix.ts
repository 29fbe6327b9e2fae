// GitHub's matrix: vectors multiplied in the order of their keys, `exclude` taken out, then `include` merged in.
import { isJsonObject, type JsonObject, type JsonValue } from '#base/json.ts';
import { err, ok, type Result } from '#base/result.ts';
import { isList, toText } from './expression-data.ts';

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
 * an empty vector, more than 256 combinations, or none.
 */
export function expandMatrix(matrix: JsonValue): Result<readonly JsonObject[], string> {
  if (!isJsonObject(matrix)) return err('a matrix is a mapping of names to lists');
  const vectors = Object.entries(matrix).filter(([key]) => key !== 'include' && key !== 'exclude');
  const include = filterList(matrix, 'include');
  if (!include.ok) return include;
  const exclude = filterList(matrix, 'exclude');
  if (!exclude.ok) return exclude;
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
}

/** A job of a matrix as GitHub names it: `test (22, ubuntu-latest)`. Mappings and lists give their values in order. */
export function combinationName(key: string, combination: JsonObject): string {
  const values = Object.values(combination).flatMap(leaves);
  return values.length === 0 ? key : `${key} (${values.join(', ')})`;
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

function multiply(vectors: readonly (readonly [string, JsonValue])[]): Result<readonly JsonObject[], string> {
  if (vectors.length === 0) return ok([]);
  let combinations: JsonObject[] = [{}];
  let count = 1;
  for (const [key, values] of vectors) {
    if (!isList(values)) return err(`"${key}" of the matrix is not a list`);
    if (values.length === 0) return err(`"${key}" of the matrix is an empty list`);
    count *= values.length;
    // Excludes may bring a large product under the limit, but not one that would not fit in memory.
    if (count > MAX_PRODUCT) return err(tooMany(`at least ${count}`));
    combinations = combinations.flatMap((each) => values.map((value) => extend(each, [[key, value]])));
  }
  return ok(combinations);
}

function merge(kept: readonly JsonObject[], include: readonly JsonObject[]): readonly JsonObject[] {
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
  return Object.entries(entry).every(([key, value]) => !Object.hasOwn(original, key) || isEqual(value, original[key]));
}

function isPartOf(entry: JsonObject, combination: JsonObject): boolean {
  return Object.entries(entry).every(([key, value]) => {
    const actual = Object.hasOwn(combination, key) ? combination[key] : undefined;
    if (actual === undefined) return false;
    return isJsonObject(value) && isJsonObject(actual) ? isPartOf(value, actual) : isEqual(value, actual);
  });
}

function isEqual(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (isList(one) && isList(other))
    return one.length === other.length && one.every((each, index) => isEqual(each, other[index]));
  if (isJsonObject(one) && isJsonObject(other)) {
    const keys = Object.keys(one);
    return (
      keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
    );
  }
  return one === other;
}

/** Spread would lose a key named `__proto__`. */
function extend(base: JsonObject, entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  return Object.fromEntries([...Object.entries(base), ...entries]);
}

function tooMany(count: string): string {
  return `the matrix makes ${count} jobs; ${MAX_COMBINATIONS} is the limit`;
}
