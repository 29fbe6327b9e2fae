// What the YAML library reads becomes this small tree, and nothing after it knows the library. An alias is the node of
// its anchor, shared, never copied. A typed pipeline becomes the same tree (typed/script-tree.ts).
import type { JsonValue } from '#base/json.ts';
import { numberText } from './number-text.ts';
import type { Span } from './position.ts';

export type YamlNode = YamlScalar | YamlList | YamlMap;

export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly at: Span;
  /** Offsets of the node in the source, quotes and block header included. */
  readonly from: number;
  readonly to: number;
  /** `unknown`: an alias that led nowhere. That was reported, and nothing is known of the value. */
  readonly style: 'plain' | 'quoted' | 'block' | 'unknown';
  /** For each character of the text its offset in the source, where YAML's rules do not tell; asked for when needed. */
  readonly offsets?: () => Uint32Array;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly at: Span;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly entries: readonly YamlEntry[];
  readonly at: Span;
}

export interface YamlEntry {
  readonly key: string;
  readonly keyNode: YamlScalar;
  readonly value: YamlNode;
}

/** The node as data. */
export function toJson(node: YamlNode): JsonValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toJson);
  return Object.fromEntries(node.entries.map((entry) => [entry.key, toJson(entry.value)]));
}

/** A scalar as the text that GitHub makes of it: `null` is empty. */
export function scalarText(node: YamlScalar): string {
  if (typeof node.value === 'number') return numberText(node.value);
  return node.value === null ? '' : String(node.value);
}

/** For messages: `a list`, `a mapping`, `text`, `nothing` … */
export function describeNode(node: YamlNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'boolean') return `the boolean ${node.value}`;
  if (typeof node.value === 'number') return `the number ${node.value}`;
  return node.value === '' ? 'an empty text' : `the text "${shorten(node.value)}"`;
}

export function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}
