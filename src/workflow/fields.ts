// Small readers for one value each: they give it back typed, or report what is wrong with it and give nothing.
import { checkTemplate } from './check-template.ts';
import type { Code } from './codes.ts';
import { KEYS, type KeyPlace, type KeyRules } from './key-table.ts';
import type { NamedTemplates, OrTemplate, Template } from './model.ts';
import type { Located, Span } from './position.ts';
import { didYouMean, lenient, report, type Reading, type Site } from './reading.ts';
import { hasExpression, INSERT, isInsert, soleExpression } from './template-text.ts';
import {
  describeNode,
  scalarText,
  shorten,
  type YamlEntry,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from './yaml-node.ts';

/** The entries of a mapping by key, after every key was held against the table. */
export type Fields = ReadonlyMap<string, YamlEntry>;

export function wrongType(
  reading: Reading,
  node: YamlNode,
  { what, wanted, cure }: { what: string; wanted: string; cure?: string },
): void {
  if (node.kind === 'scalar' && node.style === 'unknown') return;
  report(reading, {
    code: 'WF012',
    at: node.at,
    message: `${what} must be ${wanted}, not ${describeNode(node)}`,
    ...(cure && { cure }),
  });
}

export function asMap(reading: Reading, node: YamlNode, what: string): YamlMap | undefined {
  if (node.kind === 'map') return node;
  wrongType(reading, node, { what, wanted: 'a mapping' });
  return undefined;
}

/** Undefined when the node is no mapping. */
export function readFields(reading: Reading, node: YamlNode, place: KeyPlace): Fields | undefined {
  const rules: KeyRules = KEYS[place];
  const map = asMap(reading, node, rules.name);
  if (map === undefined) return undefined;
  for (const entry of map.entries) checkKey(reading, entry, rules);
  return new Map(map.entries.map((entry) => [entry.key, entry]));
}

function checkKey(reading: Reading, { key, keyNode: { at } }: YamlEntry, rules: KeyRules): void {
  // No table has a key twice, and nearly every key is one of these.
  if (rules.honoured.includes(key)) return;
  if (rules.gantry?.includes(key) && reading.isGitHubFile) {
    report(reading, { code: 'WF070', at, message: `"${key}" is a key of Gantry, and this file is read by GitHub too` });
    return;
  }
  const notHonoured = rules.notHonoured && Object.hasOwn(rules.notHonoured, key) ? rules.notHonoured[key] : undefined;
  if (notHonoured !== undefined) {
    const { effect } = notHonoured;
    const severity = notHonoured.severity === 'error' ? lenient(reading) : 'warning';
    report(reading, {
      code: severity === 'error' ? 'WF080' : 'WF081',
      severity,
      at,
      message: `"${key}" is not honoured yet: ${effect}`,
    });
    return;
  }
  if (rules.gantry?.includes(key)) return;
  const known = [
    ...rules.honoured,
    ...(reading.isGitHubFile ? [] : (rules.gantry ?? [])),
    ...Object.keys(rules.notHonoured ?? {}),
  ];
  const hint = didYouMean(reading, key, known);
  const severity = rules.isOpen ? lenient(reading) : 'error';
  report(reading, { code: 'WF011', severity, at, message: `${rules.name} has no key "${shorten(key)}"${hint}` });
}

export function asScalar(reading: Reading, node: YamlNode, what: string): YamlScalar | undefined {
  if (node.kind === 'scalar') return node;
  wrongType(reading, node, { what, wanted: 'text' });
  return undefined;
}

/** Text that GitHub reads before any context exists: it may be empty, and holds no expression. */
export function readText(reading: Reading, node: YamlNode, what: string): Located<string> | undefined {
  const scalar = asScalar(reading, node, what);
  if (scalar === undefined) return undefined;
  const text = scalarText(scalar);
  if (hasExpression(text)) {
    report(reading, { code: 'WF046', at: scalar.at, message: `${what} cannot hold an expression` });
    return undefined;
  }
  return { value: text, at: scalar.at };
}

export function readFilledText(reading: Reading, node: YamlNode, what: string): Located<string> | undefined {
  const text = readText(reading, node, what);
  if (text?.value.trim() !== '') return text;
  wrongType(reading, node, { what, wanted: 'text that is not empty' });
  return undefined;
}

export function readTemplate(
  reading: Reading,
  node: YamlNode,
  { what, site }: { what: string; site: Site },
): Template | undefined {
  const scalar = asScalar(reading, node, what);
  return scalar && checkTemplate(reading, scalar, site);
}

export function readFilledTemplate(
  reading: Reading,
  node: YamlNode,
  { what, site }: { what: string; site: Site },
): Template | undefined {
  const template = readTemplate(reading, node, { what, site });
  if (template?.value.trim() !== '') return template;
  wrongType(reading, node, { what, wanted: 'text that is not empty' });
  return undefined;
}

/** A text, or a list of texts, as a list. */
export function readTextList(reading: Reading, node: YamlNode, what: string): readonly Located<string>[] {
  const items = node.kind === 'list' ? node.items : [node];
  return items.flatMap((item) => {
    if (item.kind !== 'scalar') wrongType(reading, item, { what, wanted: 'text, or a list of texts' });
    else return readFilledText(reading, item, what) ?? [];
    return [];
  });
}

export interface NumberRule {
  readonly what: string;
  readonly min: number;
  readonly max?: number;
  readonly isWhole?: boolean;
  /** GitHub's reader takes any number here. */
  readonly isOfGitHub?: boolean;
}

/** A number within its range; undefined, and reported, when it is anything else. */
export function readNumber(reading: Reading, node: YamlNode, rule: NumberRule): number | undefined {
  const { what, min, max, isWhole = false } = rule;
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value !== 'number') {
    const isQuoted = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
    wrongType(reading, node, { what, wanted: 'a number', ...(isQuoted && { cure: 'remove the quotes' }) });
    return undefined;
  }
  if (value >= min && (max === undefined || value <= max) && (!isWhole || Number.isInteger(value))) return value;
  // What GitHub takes any number for has its meaning there: no limit at zero and below, and no parts of a whole.
  const severity = rule.isOfGitHub ? lenient(reading) : 'error';
  const range = max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
  report(reading, {
    code: 'WF025',
    severity,
    at: node.at,
    message: `${what} must be ${isWhole ? 'a whole number ' : ''}${range}, not ${value}`,
  });
  return severity === 'warning' && value >= min ? Math.floor(value) : undefined;
}

export function readNumberOrTemplate(
  reading: Reading,
  node: YamlNode,
  rule: NumberRule & { site: Site },
): OrTemplate<number> | undefined {
  const template = readSoleTemplate(reading, node, rule.site);
  if (template !== undefined) return template;
  const value = readNumber(reading, node, rule);
  return value === undefined ? undefined : { value, at: node.at };
}

export function readBoolean(reading: Reading, node: YamlNode, what: string): boolean | undefined {
  const value = node.kind === 'scalar' ? node.value : undefined;
  if (typeof value === 'boolean') return value;
  const isMeant = typeof value === 'string' && /^(true|false|yes|no|on|off)$/i.test(value);
  const cure = isMeant ? 'write true or false, without quotes' : undefined;
  wrongType(reading, node, { what, wanted: 'true or false', ...(cure && { cure }) });
  return undefined;
}

export function readBooleanOrTemplate(
  reading: Reading,
  node: YamlNode,
  { what, site }: { what: string; site: Site },
): OrTemplate<boolean> | undefined {
  const template = readSoleTemplate(reading, node, site);
  if (template !== undefined) return template;
  const value = readBoolean(reading, node, what);
  return value === undefined ? undefined : { value, at: node.at };
}

/** A value that is one `${{ }}`; a text beside it could never become a number or a boolean. */
export function readSoleTemplate(reading: Reading, node: YamlNode, site: Site): Template | undefined {
  if (node.kind !== 'scalar' || soleExpression(scalarText(node)) === undefined) return undefined;
  return checkTemplate(reading, node, site);
}

/** A mapping of names to scalars, such as `env:` and `with:`; or one `${{ }}` that makes such a mapping. */
export function readTemplates(
  reading: Reading,
  node: YamlNode,
  { what, site }: { what: string; site: Site },
): NamedTemplates {
  const whole = readSoleTemplate(reading, node, site);
  if (whole !== undefined) return { [INSERT]: whole };
  const map = asMap(reading, node, what);
  const templates = (map?.entries ?? []).flatMap((entry): [string, Template][] => {
    if (!isInsert(entry.key)) checkTemplate(reading, entry.keyNode, site);
    const template = readTemplate(reading, entry.value, { what: `"${shorten(entry.key)}" of ${what}`, site });
    return template === undefined ? [] : [[entry.key, template]];
  });
  return Object.fromEntries(templates);
}

export function readEnv(
  reading: Reading,
  node: YamlNode,
  { what, site }: { what: string; site: Site },
): NamedTemplates {
  for (const { key, keyNode } of node.kind === 'map' ? node.entries : []) {
    if ((key !== '' && !/[=\s]/.test(key)) || hasExpression(key)) continue;
    const severity = key === '' ? 'error' : lenient(reading);
    const message = `"${shorten(key)}" is not a name for a variable`;
    report(reading, { code: 'WF026', severity, at: keyNode.at, message });
  }
  return readTemplates(reading, node, { what, site });
}

export interface Choice<T extends string> {
  readonly what: string;
  readonly from: readonly T[];
  readonly code?: Code;
}

export function readChoice<T extends string>(
  reading: Reading,
  node: YamlNode,
  choice: Choice<T>,
): Located<T> | undefined {
  const text = readText(reading, node, choice.what);
  if (text === undefined) return undefined;
  const value = choice.from.find((each) => each === text.value);
  if (value !== undefined) return { value, at: text.at };
  reportChoice(reading, text, choice);
  return undefined;
}

export function reportChoice(
  reading: Reading,
  text: Located<string>,
  { what, from, code = 'WF019' }: Choice<string>,
): void {
  const hint = didYouMean(reading, text.value, from);
  const cure = `use one of ${from.join(', ')}`;
  report(reading, { code, at: text.at, message: `${what} cannot be "${shorten(text.value)}"${hint}`, cure });
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const MAX_ID_LENGTH = 99;

/** Job keys and step ids. Reported when the rule is broken. */
export function checkId(reading: Reading, id: string, { what, at }: { what: string; at: Span }): void {
  // Names that begin with "__" are those that GitHub makes itself, for steps without an id.
  if (NAME.test(id) && !id.startsWith('__') && id.length <= MAX_ID_LENGTH) return;
  const why = id.length > MAX_ID_LENGTH ? `: it is longer than ${MAX_ID_LENGTH} characters` : '';
  report(reading, { code: 'WF017', at, message: `"${shorten(id)}" cannot be ${what}${why}` });
}

/** Inputs, outputs and secrets: GitHub's documentation asks for the same names, its reader takes any. */
export function checkName(reading: Reading, name: string, { what, at }: { what: string; at: Span }): void {
  if (NAME.test(name) && !name.startsWith('__')) return;
  report(reading, {
    code: 'WF017',
    severity: name === '' ? 'error' : lenient(reading),
    at,
    message: `"${shorten(name)}" cannot be ${what}`,
  });
}
