// The data that a pipeline's code made, with the places of that code: the same tree as YAML makes, so that one reader
// reads both. A value that was written out has its own place; any other has that of the nearest expression that has one.
import type { JsonObject, JsonValue } from '#base/json.ts';
import { isJsonObject } from '#base/json.ts';
import type { ObjectExpression } from 'acorn';
import { isList } from '../expression-data.ts';
import { reportDuplicates } from '../report-duplicates.ts';
import type { Reporter } from '../reporter.ts';
import type { SourceText } from '../source-text.ts';
import type { YamlEntry, YamlNode, YamlScalar } from '../yaml-node.ts';
import { alignText } from './script-text.ts';
import { functionAt, isNamed, keyText, resultOf, settle, staticText, type Place, type Scope } from './settle.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where a value was written: an expression, or only a range of the code that made it. */
type Origin = Place | Range;

function rangeOf(origin: Origin): Range {
  return 'node' in origin ? origin.node : origin;
}

/** Spreads in spreads, and choices in choices, that are looked into. */
const MAX_DEPTH = 20;

interface Written {
  readonly key: Range;
  readonly value: Origin;
}

export interface ScriptTreeSource {
  readonly source: SourceText;
  readonly reporter: Reporter;
}

export class ScriptTreeBuilder {
  readonly #source: SourceText;
  readonly #reporter: Reporter;

  constructor({ source, reporter }: ScriptTreeSource) {
    this.#source = source;
    this.#reporter = reporter;
  }

  build(value: JsonValue, origin: Origin): YamlNode {
    const found = 'node' in origin ? choose(value, settle(origin)) : origin;
    if (isJsonObject(value)) return this.#map(value, found);
    if (isList(value)) return this.#list(value, found);
    return this.#scalar(value, found);
  }

  #map(value: JsonObject, origin: Origin): YamlNode {
    const range = rangeOf(origin);
    const { keys, rest } = 'node' in origin ? this.#keysOf(origin) : { keys: new Map<string, Written>(), rest: range };
    const entries = Object.entries(value).map(([key, item]): YamlEntry => {
      const written = keys.get(key) ?? { key: rest, value: rest };
      return { key, keyNode: this.#scalar(key, written.key), value: this.build(item, written.value) };
    });
    reportDuplicates(entries, this.#reporter);
    return { kind: 'map', entries, at: this.#source.span(range.start, range.end) };
  }

  /** Of an object that is written out: its keys, and the place of those that came in some other way. */
  #keysOf(place: Place, depth = 0): { readonly keys: ReadonlyMap<string, Written>; readonly rest: Range } {
    const keys = new Map<string, Written>();
    let rest: Range = place.node;
    const { node, scope } = place;
    if (node.type !== 'ObjectExpression') return { keys: new Map(pairsOf(place)), rest };
    this.#reportSameKeys(node);
    for (const each of node.properties) {
      if (each.type === 'SpreadElement') {
        const spread = { node: each.argument, scope };
        const inner =
          depth < MAX_DEPTH ? ways(settle(spread)).map((way) => this.#keysOf(settle(way), depth + 1).keys) : [];
        if (inner.every((part) => part.size === 0)) rest = each;
        for (const part of inner) for (const [key, written] of part) keys.set(key, written);
        continue;
      }
      const key = keyText(each, scope);
      if (key === undefined) rest = each.key;
      else keys.set(key, { key: each.key, value: { node: each.value, scope } });
    }
    return { keys, rest };
  }

  /** JavaScript keeps the last of two equal keys and says nothing. */
  #reportSameKeys(node: ObjectExpression): void {
    const keys = node.properties.flatMap((each): readonly (readonly [string, Range])[] => {
      if (each.type !== 'Property' || each.computed) return [];
      if (each.key.type === 'Identifier') return [[each.key.name, each.key]];
      return each.key.type === 'Literal' ? [[String(each.key.value), each.key]] : [];
    });
    if (new Set(keys.map(([key]) => key.toLowerCase())).size === keys.length) return;
    const entries = keys.map(([key, range]) => ({ key, keyNode: this.#scalar(key, range) }));
    reportDuplicates(entries, this.#reporter);
  }

  #list(value: readonly JsonValue[], origin: Origin): YamlNode {
    const range = rangeOf(origin);
    const written = 'node' in origin ? elementsOf(origin, value.length) : undefined;
    const items = value.map((item, index) => this.build(item, written?.[index] ?? range));
    return { kind: 'list', items, at: this.#source.span(range.start, range.end) };
  }

  #scalar(value: YamlScalar['value'], origin: Origin): YamlScalar {
    const { start: from, end: to } = rangeOf(origin);
    const at = this.#source.span(from, to);
    if (typeof value !== 'string') return { kind: 'scalar', value, at, from, to, style: 'plain' };
    const offsets = (): Uint32Array =>
      'node' in origin ? alignText(value, origin, this.#source.text) : new Uint32Array(value.length).fill(from);
    return { kind: 'scalar', value, at, from, to, style: 'quoted', offsets };
  }
}

/** What `a ? b : c`, `a && b`, `a || b` and `a ?? b` may come to. */
function ways(place: Place, depth = 0): readonly Place[] {
  const { node, scope } = place;
  if (depth > MAX_DEPTH || scope.budget.steps-- <= 0) return [place];
  if (node.type === 'ConditionalExpression')
    return [node.consequent, node.alternate].flatMap((each) => ways({ node: each, scope }, depth + 1));
  if (node.type === 'LogicalExpression') {
    const sides = node.operator === '&&' ? [node.right] : [node.left, node.right];
    return sides.flatMap((each) => ways({ node: each, scope }, depth + 1));
  }
  return [place];
}

/** Of several ways the one that can have made the value; all of it when that is none, or more than one. */
function choose(value: JsonValue, place: Place): Place {
  const all = ways(place);
  if (all.length === 1 && all[0] === place) return place;
  const fitting = all.map(settle).filter((way) => fits(value, way));
  const [only] = fitting;
  return fitting.length === 1 && only ? only : place;
}

function fits(value: JsonValue, { node, scope }: Place): boolean {
  switch (node.type) {
    case 'Literal':
      return node.value === value;
    case 'TemplateLiteral':
      return typeof value === 'string' && value.startsWith(node.quasis[0]?.value.cooked ?? '');
    case 'ArrayExpression':
      return isList(value);
    case 'ObjectExpression':
      return isJsonObject(value) && fitsKeys(value, node, scope);
    default:
      return true;
  }
}

/** All keys that are written are in the value; and where nothing else can come in, the other way round. */
function fitsKeys(value: JsonObject, node: ObjectExpression, scope: Scope): boolean {
  const keys = node.properties.map((each) => (each.type === 'Property' ? keyText(each, scope) : undefined));
  if (keys.some((key) => key !== undefined && !Object.hasOwn(value, key))) return false;
  return keys.includes(undefined) || Object.keys(value).every((key) => keys.includes(key));
}

/** The elements of a list of this length; undefined where it cannot be told which is which. */
function elementsOf(place: Place, length: number): readonly Origin[] | undefined {
  const parts = partsOf(place, 0);
  const unknown = parts.filter((part) => part === undefined).length;
  if (unknown === 0 && parts.length === length) return parts.flatMap((part) => part ?? []);
  if (unknown !== 1) return undefined;
  // One part of unknown length: what stands before it and behind it is known from both ends.
  const gap = parts.indexOf(undefined);
  const front = parts.slice(0, gap).flatMap((part) => part ?? []);
  const back = parts.slice(gap + 1).flatMap((part) => part ?? []);
  const rest = length - front.length - back.length;
  const spread =
    place.node.type === 'ArrayExpression'
      ? place.node.elements.find((each) => each?.type === 'SpreadElement')
      : undefined;
  return rest < 0 ? undefined : [...front, ...Array.from({ length: rest }, () => spread ?? place.node), ...back];
}

/** One for each element; undefined for any number of them that cannot be told apart. */
function partsOf(given: Place, depth: number): readonly (Origin | undefined)[] {
  const { node, scope } = settle(given);
  if (depth > MAX_DEPTH || scope.budget.steps-- <= 0) return [undefined];
  if (node.type === 'ArrayExpression') {
    return node.elements.flatMap((each): readonly (Origin | undefined)[] => {
      if (each === null) return [node];
      return each.type === 'SpreadElement'
        ? partsOf({ node: each.argument, scope }, depth + 1)
        : [{ node: each, scope }];
    });
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return [undefined];
  const { object, property } = node.callee;
  const [first] = node.arguments;
  if (!isNamed(property, 'map') || object.type === 'Super' || !first || first.type === 'SpreadElement')
    return [undefined];
  const target = functionAt({ node: first, scope });
  return partsOf({ node: object, scope }, depth + 1).map((part) => {
    if (part === undefined || !target) return part && node;
    return resultOf(target, ['node' in part ? part : undefined]) ?? node;
  });
}

/** `Object.fromEntries([…])`: those of its pairs whose keys can be told. */
function pairsOf({ node, scope }: Place): readonly (readonly [string, Written])[] {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return [];
  const [first] = node.arguments;
  if (!isNamed(node.callee.object, 'Object') || !isNamed(node.callee.property, 'fromEntries')) return [];
  if (!first || first.type === 'SpreadElement') return [];
  return partsOf({ node: first, scope }, 0).flatMap((each) => {
    const pair = each && 'node' in each ? settle(each) : undefined;
    const [key, value] = pair?.node.type === 'ArrayExpression' ? pair.node.elements : [];
    if (!pair || !key || !value || key.type === 'SpreadElement' || value.type === 'SpreadElement') return [];
    const name = staticText({ node: key, scope: pair.scope });
    return name === undefined ? [] : [[name, { key, value: { node: value, scope: pair.scope } }] as const];
  });
}
