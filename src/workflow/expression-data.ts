// The bridge between JSON and the expression library's own values. Its dictionaries keep their index in a plain object,
// which loses keys like `constructor` and `__proto__`, and are built eagerly: an expression that reads one field of the
// event should not copy the whole event. So JSON is wrapped here, and unwrapped as what it was.
import { data } from '@actions/expressions';
import { unreachable } from '#base/unreachable.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '#base/json.ts';
import { numberText } from './number-text.ts';

/** A JSON object as expressions see it: keys without regard to case (the exact one first), values wrapped when read. */
class WrappedObject extends data.Dictionary {
  readonly source: JsonObject;
  #keys: ReadonlyMap<string, string> | undefined;
  /** Texts, numbers and the like are equal to their like; only what has an identity is kept. */
  #wrapped: Map<string, data.ExpressionData> | undefined;

  constructor(source: JsonObject) {
    super();
    this.source = source;
  }

  override get(key: string): data.ExpressionData | undefined {
    const own = Object.hasOwn(this.source, key) ? key : (this.#keys ??= foldedKeys(this.source)).get(key.toLowerCase());
    if (own === undefined) return undefined;
    const value = this.source[own] ?? null;
    if (typeof value !== 'object' || value === null) return toData(value);
    this.#wrapped ??= new Map();
    let wrapped = this.#wrapped.get(own);
    if (wrapped === undefined) {
      wrapped = toData(value);
      this.#wrapped.set(own, wrapped);
    }
    return wrapped;
  }

  override values(): data.ExpressionData[] {
    return Object.keys(this.source).map((key) => this.get(key) ?? new data.Null());
  }

  override pairs(): { key: string; value: data.ExpressionData }[] {
    return Object.keys(this.source).map((key) => ({ key, value: this.get(key) ?? new data.Null() }));
  }
}

/** The context `env`: a system that tells `path` from `PATH` has both, and GitHub's runner reads each by its own name. */
class Variables extends WrappedObject {
  override get(key: string): data.ExpressionData | undefined {
    return Object.hasOwn(this.source, key) ? super.get(key) : undefined;
  }
}

/** `needs`, `steps` and `jobs`: a verdict is ours, so it can be read by its name, and is not among what GitHub lists. */
class Results extends WrappedObject {
  readonly #results: ReadonlyMap<string, OneResult>;

  constructor(source: JsonObject) {
    const results = Object.entries(source).map(
      ([key, each]) => [key, new OneResult(isJsonObject(each) ? each : {})] as const,
    );
    super(Object.fromEntries(results.map(([key, result]) => [key, result.source])));
    this.#results = new Map(results.map(([key, result]) => [key.toLowerCase(), result]));
  }

  override get(key: string): data.ExpressionData | undefined {
    return this.#results.get(key.toLowerCase());
  }
}

class OneResult extends WrappedObject {
  readonly #verdict: JsonValue | undefined;

  constructor({ verdict, ...source }: JsonObject) {
    super(source);
    this.#verdict = verdict;
  }

  override get(key: string): data.ExpressionData | undefined {
    if (this.#verdict === undefined || key.toLowerCase() !== 'verdict') return super.get(key);
    return toData(this.#verdict);
  }
}

/** What expressions look contexts up in. */
export function contextsToData(contexts: JsonObject): data.Dictionary {
  return new Contexts(contexts);
}

class Contexts extends WrappedObject {
  readonly #own = new Map<string, data.ExpressionData>();

  override get(key: string): data.ExpressionData | undefined {
    const name = key.toLowerCase();
    const kept = this.#own.get(name);
    if (kept) return kept;
    const found = super.get(key);
    if (!(found instanceof WrappedObject)) return found;
    const own = specialContext(name, found.source);
    if (own) this.#own.set(name, own);
    return own ?? found;
  }
}

function specialContext(name: string, source: JsonObject): data.ExpressionData | undefined {
  if (name === 'env') return new Variables(source);
  return ['needs', 'steps', 'jobs'].includes(name) ? new Results(source) : undefined;
}

class WrittenNumber extends data.NumberData {
  override coerceString(): string {
    return numberText(this.value);
  }
}

/** Most keys are asked for as they are written, so this is made when one is not. */
function foldedKeys(source: JsonObject): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const key of Object.keys(source)) {
    const folded = key.toLowerCase();
    if (!keys.has(folded)) keys.set(folded, key);
  }
  return keys;
}

class WrappedList extends data.Array {
  readonly source: readonly JsonValue[];

  constructor(source: readonly JsonValue[]) {
    super();
    this.source = source;
    for (const item of source) this.add(toData(item));
  }
}

/** Whether two values that came from the same JSON are the same is kept: `github.event == github.event` is true. */
export function toData(value: JsonValue): data.ExpressionData {
  if (value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new WrittenNumber(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  return isJsonObject(value) ? new WrappedObject(value) : new WrappedList(asList(value));
}

/** What an expression gave, as JSON. Numbers that JSON does not have (NaN, Infinity) stay numbers here. */
export function fromData(value: data.ExpressionData): JsonValue {
  if (value instanceof WrappedObject || value instanceof WrappedList) return value.source;
  switch (value.kind) {
    case data.Kind.Null:
      return null;
    case data.Kind.String:
    case data.Kind.Number:
    case data.Kind.Boolean:
      return value.value;
    case data.Kind.Array:
      return value.values().map(fromData);
    case data.Kind.Dictionary:
      return Object.fromEntries(value.pairs().map((pair) => [pair.key, fromData(pair.value)]));
    default:
      return unreachable(value);
  }
}

/** How GitHub turns a value into text: null is empty, lists and mappings are only named. */
export function toText(value: JsonValue): string {
  return typeof value === 'string' ? value : toData(value).coerceString();
}

/** GitHub's truth: null, false, 0, NaN and the empty text are false, all else is true. */
export function isTruthy(value: JsonValue): boolean {
  return !(value === null || value === false || value === 0 || value === '' || Number.isNaN(value));
}

function asList(value: readonly JsonValue[] | JsonObject): readonly JsonValue[] {
  return isList(value) ? value : [];
}

/** `Array.isArray` that keeps a readonly list's type. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
