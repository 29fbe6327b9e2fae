import { isJsonObject, type JsonObject } from '#base/json.ts';
import { checkTemplate } from './check-template.ts';
import { isList } from './expression-data.ts';
import { isStatic } from './expressions.ts';
import { asMap, readBooleanOrTemplate, readFields, readNumberOrTemplate, readSoleTemplate } from './fields.ts';
import { expandMatrix } from './matrix.ts';
import type { Matrix, Strategy } from './model.ts';
import { report, type Reading, type Site } from './reading.ts';
import { hasExpression, isInsert } from './template-text.ts';
import { shorten, toJson, type YamlEntry, type YamlNode } from './yaml-node.ts';

export function readStrategy(reading: Reading, node: YamlNode, site: Site): Strategy | undefined {
  const whole = readSoleTemplate(reading, node, site);
  if (whole !== undefined) return { at: node.at, whole };
  const fields = readFields(reading, node, 'strategy');
  if (fields === undefined) return undefined;
  const failFast = fields.get('fail-fast');
  const maxParallel = fields.get('max-parallel');
  const matrix = fields.get('matrix');
  const readMatrixNode = matrix && readMatrix(reading, matrix.value, site);
  const isFast = failFast && readBooleanOrTemplate(reading, failFast.value, { what: '"fail-fast"', site });
  const limit =
    maxParallel &&
    readNumberOrTemplate(reading, maxParallel.value, {
      what: '"max-parallel"',
      min: 1,
      isWhole: true,
      isOfGitHub: true,
      site,
    });
  return {
    at: node.at,
    ...(readMatrixNode && { matrix: readMatrixNode }),
    ...(isFast && { failFast: isFast }),
    ...(limit && { maxParallel: limit }),
  };
}

function readMatrix(reading: Reading, node: YamlNode, site: Site): Matrix | undefined {
  const template = readSoleTemplate(reading, node, site);
  if (template !== undefined) return template;
  const map = asMap(reading, node, '"matrix"');
  if (map === undefined) return undefined;
  const isWellFormed = map.entries.map((entry) => checkVector(reading, entry, site)).every(Boolean);
  const value = Object.fromEntries(map.entries.map((entry) => [entry.key, toJson(entry.value)]));
  if (isWellFormed && isStatic(value)) {
    const expanded = expandMatrix(value);
    if (!expanded.ok) report(reading, { code: 'WF061', at: node.at, message: expanded.error });
  }
  return { value, at: node.at };
}

/** One key of the matrix. A vector may be one `${{ }}` that gives a list, and so may `include` and `exclude`. */
function checkVector(reading: Reading, { key, keyNode, value }: YamlEntry, site: Site): boolean {
  if (!isInsert(key)) checkTemplate(reading, keyNode, site);
  if (readSoleTemplate(reading, value, site) !== undefined) return true;
  const isFilter = key === 'include' || key === 'exclude';
  const wanted = isFilter ? 'a list of mappings' : 'a list';
  const what = isFilter ? `"${key}"` : `"${shorten(key)}" of the matrix`;
  if (value.kind !== 'list') {
    wrongShape(reading, value, { what, wanted });
    return false;
  }
  checkTree(reading, value, site);
  const strangers = isFilter
    ? value.items.filter((item) => item.kind !== 'map' && readSoleTemplate(reading, item, site) === undefined)
    : [];
  for (const item of strangers) wrongShape(reading, item, { what: `an entry of "${key}"`, wanted: 'a mapping' });
  return strangers.length === 0;
}

function wrongShape(reading: Reading, node: YamlNode, { what, wanted }: { what: string; wanted: string }): void {
  const shown = node.kind === 'scalar' ? 'a single value' : node.kind === 'list' ? 'a list' : 'a mapping';
  report(reading, { code: 'WF060', at: node.at, message: `${what} must be ${wanted}, not ${shown}` });
}

function checkTree(reading: Reading, node: YamlNode, site: Site): void {
  if (node.kind === 'scalar') checkTemplate(reading, node, site);
  else if (node.kind === 'list') for (const item of node.items) checkTree(reading, item, site);
  else
    for (const { key, keyNode, value } of node.entries) {
      if (!isInsert(key)) checkTemplate(reading, keyNode, site);
      checkTree(reading, value, site);
    }
}

/** The names that `matrix.*` can have, in lower case; undefined when an expression decides. */
export function matrixNames(matrix: Matrix | undefined): ReadonlySet<string> | undefined {
  if (matrix === undefined) return new Set();
  if (typeof matrix.value === 'string') return undefined;
  const { include = [], ...vectors }: JsonObject = matrix.value;
  if (!isList(include) || !include.every(isJsonObject)) return undefined;
  const names = [
    ...Object.keys(vectors).filter((key) => key !== 'exclude'),
    ...include.filter(isJsonObject).flatMap(Object.keys),
  ];
  return names.some(hasExpression) ? undefined : new Set(names.map((name) => name.toLowerCase()));
}
