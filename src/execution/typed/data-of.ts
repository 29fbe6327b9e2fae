// What a pipeline file exports, as data. It may be anything: what no pipeline can hold is left out, and said.

import type { JsonValue } from '#base/json.ts';

type DataPath = readonly (string | number)[];

interface DataFault {
  readonly path: DataPath;
  /** What stands there; goes before ` is …`: `a function`, `undefined` … */
  readonly what: string;
  readonly cure?: string;
}

interface DataReading {
  /** Null stands where a fault is. */
  readonly value: JsonValue;
  readonly faults: readonly DataFault[];
}

const MAX_DEPTH = 100;
/** Values, and ten characters of text weigh as much as one; what is used twice counts twice. */
const MAX_WEIGHT = 100_000;
const MAX_FAULTS = 50;

export function dataOf(exported: unknown): DataReading {
  const faults: DataFault[] = [];
  const open = new Set<object>();
  let weight = 0;
  const fault = (path: DataPath, what: string, cure?: string): null => {
    if (faults.length < MAX_FAULTS) faults.push({ path, what, ...(cure === undefined ? {} : { cure }) });
    return null;
  };
  const readObject = (value: object, path: DataPath): JsonValue => {
    if (open.has(value)) return fault(path, 'the object that holds it', 'a pipeline is a tree: repeat what is meant');
    if (path.length >= MAX_DEPTH) return fault(path, 'nested too deeply', 'flatten the structure');
    open.add(value);
    const data = Array.isArray(value)
      ? Array.from(value, (item: unknown, index) => read(item, [...path, index]))
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item, [...path, key])]));
    open.delete(value);
    return data;
  };
  const read = (given: unknown, path: DataPath): JsonValue => {
    const wasHeavy = weight > MAX_WEIGHT;
    weight += 1 + (typeof given === 'string' ? Math.floor(given.length / 10) : 0);
    if (wasHeavy) return null;
    if (weight > MAX_WEIGHT) return fault(path, 'one value too many', 'make the pipeline smaller');
    const value = hasToJson(given) ? given.toJSON() : given;
    const wrong = faultOf(value);
    if (wrong) return fault(path, wrong.what, wrong.cure);
    if (typeof value === 'object' && value !== null) return readObject(value, path);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  };
  return { value: read(exported, []), faults };
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'toJSON') === 'function';
}

function faultOf(value: unknown): Omit<DataFault, 'path'> | undefined {
  switch (typeof value) {
    case 'undefined':
      return { what: 'undefined', cure: 'leave the key out: ...(condition && { key: value })' };
    case 'function':
      return { what: 'a function', cure: 'call it, and use what it gives' };
    case 'symbol':
      return { what: 'a symbol' };
    case 'bigint':
      return { what: 'a bigint', cure: 'use a plain number, or text' };
    case 'number':
      return Number.isFinite(value) ? undefined : { what: String(value) };
    case 'object':
      return value === null ? undefined : faultOfObject(value);
    default:
      return undefined;
  }
}

function faultOfObject(value: object): Omit<DataFault, 'path'> | undefined {
  if (value instanceof Promise) return { what: 'a promise', cure: 'await it' };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value) || prototype === null || prototype === Object.prototype) return undefined;
  const name: unknown = Reflect.get(Object(Reflect.get(value, 'constructor')), 'name');
  return { what: typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class' };
}
