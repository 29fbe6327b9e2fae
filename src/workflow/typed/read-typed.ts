// What a typed pipeline's code made -> workflow, by the same reader as YAML. The code itself was run elsewhere.
import type { JsonValue } from '#base/json.ts';
import { parse, type Program } from 'acorn';
import type { Diagnostic } from '../diagnostic.ts';
import { shorten, type YamlNode } from '../yaml-node.ts';
import { readableText } from '../readable-text.ts';
import { readTree, type ReadOptions, type ReadResult } from '../read-workflow.ts';
import { Reporter } from '../reporter.ts';
import { ScriptTreeBuilder } from './script-tree.ts';
import { moduleScope, type Place } from './settle.ts';

export interface TypedPipeline {
  readonly file: string;
  readonly text: string;
  /** The text without its types; every character stands where it stands in the text. */
  readonly script: string;
  readonly value: JsonValue;
  /** What stands in the code and cannot be in a pipeline; in `value` it is null. */
  readonly faults: readonly TypedFault[];
  /** What the code printed. */
  readonly printed: string;
}

export interface TypedFault {
  readonly path: readonly (string | number)[];
  /** `undefined`, `a function` … */
  readonly what: string;
  readonly cure?: string;
}

/** Whether the text is one that can be evaluated at all; what is wrong with it otherwise. */
export function checkTypedText(file: string, text: string): readonly Diagnostic[] {
  const reporter = new Reporter(file);
  readableText(text, reporter);
  return reporter.all();
}

export interface TypedResult extends ReadResult {
  /** What was read, with places in the code. */
  readonly root?: YamlNode;
}

export function readTyped(typed: TypedPipeline, options: ReadOptions): TypedResult {
  const { file, text, script, value, faults, printed } = typed;
  const reporter = new Reporter(file);
  const source = readableText(text, reporter);
  if (source === undefined) return { diagnostics: reporter.all() };
  const place = exportedPlace(script);
  const tree = new ScriptTreeBuilder({ source, reporter }).build(value, place ?? { start: 0, end: source.text.length });
  const root = faults.reduce((current, fault) => withoutFault(current, fault.path), tree);
  for (const { path, what, cure } of faults) {
    const message = `${pathText(path)} is ${what}; a pipeline holds texts, numbers, booleans, null, lists and mappings`;
    reporter.report({ code: 'WF173', at: nodeAt(tree, path).at, message, ...(cure !== undefined && { cure }) });
  }
  if (printed.trim() !== '') {
    const message = `the pipeline prints "${shorten(printed)}", which nobody reads`;
    reporter.report({ code: 'WF177', severity: 'warning', at: { line: 1, column: 1, length: 1 }, message });
  }
  return faults.some((fault) => fault.path.length === 0)
    ? { diagnostics: reporter.all() }
    : { root, ...readTree({ file, source, root, reporter }, options) };
}

function exportedPlace(script: string): Place | undefined {
  const program = parsed(script);
  if (program === undefined) return undefined;
  const scope = moduleScope(program);
  for (const item of program.body) {
    if (item.type === 'ExportDefaultDeclaration') {
      const { declaration } = item;
      const isExpression = declaration.type !== 'FunctionDeclaration' && declaration.type !== 'ClassDeclaration';
      return isExpression ? { node: declaration, scope } : undefined;
    }
    if (item.type !== 'ExportNamedDeclaration') continue;
    const named = item.specifiers.find(
      (each) => each.exported.type === 'Identifier' && each.exported.name === 'default',
    );
    if (named?.local.type === 'Identifier') return { node: named.local, scope };
  }
  return undefined;
}

function parsed(script: string): Program | undefined {
  try {
    return parse(script, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true });
  } catch {
    // Node has run it. What this parser does not take, or is too deep for it, costs the places and nothing else.
    return undefined;
  }
}

/** The node at the path, or the nearest above it. */
function nodeAt(root: YamlNode, path: readonly (string | number)[]): YamlNode {
  let node = root;
  for (const step of path) {
    const next = childOf(node, step);
    if (next === undefined) break;
    node = next;
  }
  return node;
}

function childOf(node: YamlNode, step: string | number): YamlNode | undefined {
  if (node.kind === 'list') return node.items[Number(step)];
  return node.kind === 'map' ? node.entries.find((entry) => entry.key === step)?.value : undefined;
}

/** The tree with nothing known of the value at the path, so that no more is said of it. */
function withoutFault(node: YamlNode, path: readonly (string | number)[]): YamlNode {
  const [step, ...rest] = path;
  if (step === undefined) return node.kind === 'scalar' ? { ...node, style: 'unknown' } : node;
  if (node.kind === 'list')
    return { ...node, items: node.items.map((item, index) => (index === step ? withoutFault(item, rest) : item)) };
  if (node.kind === 'scalar') return node;
  const entries = node.entries.map((entry) =>
    entry.key === step ? { ...entry, value: withoutFault(entry.value, rest) } : entry,
  );
  return { ...node, entries };
}

/** `jobs.build.steps[0].run`; the whole is "the default export". */
function pathText(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the default export';
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text.replace(/^\./, '');
}
