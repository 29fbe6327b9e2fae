// Evaluates `${{ }}` with GitHub's own expression library. What comes in is text and a scope, what goes out is JSON;
// nothing here throws, and nothing is looked up that the scope did not hand over.
import { Evaluator, type data } from '@actions/expressions';
import { isJsonObject, type JsonObject, type JsonValue } from '#base/json.ts';
import { remembered } from '#base/remembered.ts';
import { err, ok, type Result } from '#base/result.ts';
import { suggest } from '#base/suggest.ts';
import { contextsToData, fromData, isList, isTruthy, toData, toText } from './expression-data.ts';
import type { NamedTemplates } from './model.ts';
import {
  formatProblem,
  parseExpression,
  type ExpressionProblem,
  type Mention,
  type ParsedExpression,
} from './expression-parse.ts';
import { hasExpression, isInsert, soleExpression, splitTemplate } from './template-text.ts';

export type ScopeFunction = (...args: JsonValue[]) => JsonValue;

/**
 * What an expression can see. A context or function that is not here is a problem, not an empty value. A scope is not
 * changed once it was used: what was made of it is kept.
 */
export interface Scope {
  readonly contexts: JsonObject;
  /** Beside GitHub's own (`contains`, `format`, `fromJSON` …); names without regard to case. */
  readonly functions?: Readonly<Record<string, ScopeFunction>>;
}

/** The functions that look at how things went; a condition that calls none of them gets `success() &&` before it. */
const STATUS_FUNCTIONS: readonly string[] = ['success', 'failure', 'always', 'cancelled'];

/** GitHub's own functions. */
export const BUILT_IN_FUNCTIONS: readonly string[] = [
  'case',
  'contains',
  'endsWith',
  'format',
  'fromJSON',
  'join',
  'startsWith',
  'toJSON',
];

const BUILT_IN: ReadonlySet<string> = new Set(BUILT_IN_FUNCTIONS.map((name) => name.toLowerCase()));

/** Whether GitHub's expressions have the function everywhere. */
export function isBuiltIn(name: string): boolean {
  return BUILT_IN.has(name.toLowerCase());
}

type Evaluated<T> = Result<T, ExpressionProblem>;

/** Text with `${{ }}` in it to text: null is empty, lists and mappings become `Array` and `Object`, as on GitHub. */
export function evaluateTemplate(text: string, scope: Scope): Evaluated<string> {
  if (!hasExpression(text)) return ok(text);
  const parts = splitTemplate(text);
  if (!parts.ok) return parts;
  const compiled = compile(scope);
  let whole = '';
  for (const part of parts.value) {
    if (part.kind === 'text') {
      whole += part.text;
      continue;
    }
    const value = evaluate(part.text, compiled);
    if (!value.ok) return err(moved(value.error, part.offset));
    whole += toText(value.value);
  }
  return ok(whole);
}

/** As `evaluateTemplate`, but a text that is one `${{ }}` and nothing else gives the value with its type. */
export function evaluateValue(text: string, scope: Scope): Evaluated<JsonValue> {
  if (!hasExpression(text)) return ok(text);
  const sole = soleExpression(text);
  if (sole === undefined) return evaluateTemplate(text, scope);
  const value = evaluate(sole.text, compile(scope));
  return value.ok ? value : err(moved(value.error, sole.offset));
}

/**
 * An `if:`, with or without `${{ }}` round it. Without a status function in it, it also asks for `success()`; absent or
 * empty it asks for that alone. Text beside a `${{ }}` makes it a text, and a text that is not empty is true: GitHub's rule.
 */
export function evaluateCondition(text: string | undefined, scope: Scope): Evaluated<boolean> {
  const compiled = compile(scope);
  const condition = text?.trim() ? text : 'success()';
  const needsSuccess = !usesStatusFunction(condition);
  if (needsSuccess) {
    const success = evaluate('success()', compiled);
    if (!success.ok) return success;
    if (!isTruthy(success.value)) {
      // What stands behind it is not evaluated, but a condition nobody can read is a problem all the same.
      const parsed = parseCondition(condition);
      return parsed.ok ? ok(false) : parsed;
    }
  }
  if (hasExpression(condition)) {
    const value = evaluateValue(condition, scope);
    return value.ok ? ok(isTruthy(value.value)) : value;
  }
  const value = evaluate(condition, compiled);
  return value.ok ? ok(isTruthy(value.value)) : value;
}

/**
 * Of a condition that is false: whether that is because of how things went before, and not because of what it asks itself.
 * Without a status function `success()` comes first, whatever stands behind it.
 */
export function isFalseByStatus(text: string | undefined, scope: Scope): boolean {
  if (!text?.trim() || !usesStatusFunction(text)) return true;
  const hadAllGoneWell = { success: () => true, failure: () => false, cancelled: () => false };
  const condition = evaluateCondition(text, { ...scope, functions: { ...scope.functions, ...hadAllGoneWell } });
  // What cannot be evaluated reads what a step that failed has not left.
  return !condition.ok || condition.value;
}

/**
 * Every `${{ }}` in a tree of JSON, keys too. `${{ insert }}` as a key merges the mapping that is its value, and an item of
 * a list that is an expression for a list gives its items to the list round it: both as GitHub's templates do.
 */
export function evaluateTree(value: JsonValue, scope: Scope): Evaluated<JsonValue> {
  return isStatic(value) ? ok(value) : evaluateNode(value, scope);
}

/** Whether there is no `${{ }}` in a tree of JSON. */
export function isStatic(value: JsonValue): boolean {
  if (typeof value === 'string') return !hasExpression(value);
  if (isList(value)) return value.every(isStatic);
  return isJsonObject(value) ? isStaticObject(value) : true;
}

const isStaticObject = remembered((value: JsonObject): boolean =>
  Object.entries(value).every(([key, item]) => !hasExpression(key) && isStatic(item)),
);

function evaluateNode(value: JsonValue, scope: Scope): Evaluated<JsonValue> {
  if (typeof value === 'string') return evaluateValue(value, scope);
  if (isList(value)) {
    const items: JsonValue[] = [];
    for (const item of value) {
      const evaluated = evaluateNode(item, scope);
      if (!evaluated.ok) return evaluated;
      if (typeof item === 'string' && isList(evaluated.value)) for (const each of evaluated.value) items.push(each);
      else items.push(evaluated.value);
    }
    return ok(items);
  }
  return isJsonObject(value) ? evaluateObject(value, scope) : ok(value);
}

/**
 * A mapping of names to texts, such as `env:`. No entry sees another. Names may be expressions, and `${{ insert }}` takes
 * over a mapping's entries.
 */
export function evaluateMapping(
  templates: NamedTemplates,
  scope: Scope,
): Result<Readonly<Record<string, string>>, string> {
  let made: Readonly<Record<string, string>> = {};
  for (const [key, { value: text }] of Object.entries(templates)) {
    if (isInsert(key)) {
      const inserted = evaluateValue(text, scope);
      if (!inserted.ok) return err(`${text}: ${inserted.error.message}`);
      if (inserted.value !== null && !isJsonObject(inserted.value))
        return err(`${text} is no mapping of names to texts`);
      const entries = Object.entries(inserted.value ?? {}).map(([name, each]) => [name, toText(each)] as const);
      made = { ...made, ...Object.fromEntries(entries) };
      continue;
    }
    const name = evaluateTemplate(key, scope);
    if (!name.ok) return err(`${key}: ${name.error.message}`);
    const value = evaluateTemplate(text, scope);
    if (!value.ok) return err(`${text}: ${value.error.message}`);
    made = { ...made, [name.value]: value.value };
  }
  return ok(made);
}

/** Whether the condition calls `success`, `failure`, `always` or `cancelled`, as its syntax tells, not its letters. */
export function usesStatusFunction(text: string): boolean {
  const parsed = parseCondition(text);
  if (!parsed.ok) return false;
  return parsed.value.some((each) => each.functions.some((call) => STATUS_FUNCTIONS.includes(call.name.toLowerCase())));
}

/** Names of the contexts that a template, or the bare text of a condition, reads; lower case, each once. */
export function referencedContexts(text: string): readonly string[] {
  const parsed = parseCondition(text);
  if (!parsed.ok) return [];
  return [...new Set(parsed.value.flatMap((each) => each.contexts.map((context) => context.name.toLowerCase())))];
}

function parseCondition(text: string): Evaluated<readonly ParsedExpression[]> {
  const parts = hasExpression(text) ? splitTemplate(text) : ok([{ kind: 'expression' as const, text, offset: 0 }]);
  if (!parts.ok) return parts;
  const parsed: ParsedExpression[] = [];
  for (const part of parts.value) {
    if (part.kind === 'text') continue;
    const expression = parseExpression(part.text);
    if (!expression.ok) return err(moved(expression.error, part.offset));
    parsed.push(expression.value);
  }
  return ok(parsed);
}

function evaluateObject(value: JsonObject, scope: Scope): Evaluated<JsonObject> {
  const entries = new Map<string, JsonValue>();
  for (const [key, item] of Object.entries(value)) {
    const evaluated = evaluateNode(item, scope);
    if (!evaluated.ok) return evaluated;
    if (isInsert(key)) {
      if (!isJsonObject(evaluated.value))
        return err({ message: '"insert" takes a mapping', offset: 0, length: key.length });
      for (const [inserted, each] of Object.entries(evaluated.value)) entries.set(inserted, each);
      continue;
    }
    const name = evaluateTemplate(key, scope);
    if (!name.ok) return name;
    entries.set(name.value, evaluated.value);
  }
  return ok(Object.fromEntries(entries));
}

interface Compiled {
  readonly contexts: ReadonlySet<string>;
  readonly dictionary: data.Dictionary;
  readonly functions: Map<string, Definition>;
}

interface Definition {
  readonly name: string;
  readonly minArgs: number;
  readonly maxArgs: number;
  readonly call: (...args: data.ExpressionData[]) => data.ExpressionData;
}

const compiledScopes = new WeakMap<Scope, Compiled>();

function compile(scope: Scope): Compiled {
  const kept = compiledScopes.get(scope);
  if (kept !== undefined) return kept;
  const functions = new Map(OWN_FUNCTIONS);
  for (const [name, call] of Object.entries(scope.functions ?? {}))
    functions.set(name.toLowerCase(), define(name, call));
  const compiled: Compiled = {
    contexts: new Set(Object.keys(scope.contexts).map((name) => name.toLowerCase())),
    dictionary: contextsToData(scope.contexts),
    functions,
  };
  compiledScopes.set(scope, compiled);
  return compiled;
}

function define(name: string, call: ScopeFunction): Definition {
  return { name, minArgs: 0, maxArgs: 255, call: (...args) => toData(call(...args.map(fromData))) };
}

/** In the place of the library's. */
const OWN_FUNCTIONS: readonly (readonly [string, Definition])[] = [
  ['fromjson', define('fromJSON', fromJson)],
  ['tojson', define('toJSON', (value = null) => JSON.stringify(value, undefined, 2))],
];

/** The library's own loses keys named like an object's own, and large lists. Its errors are caught in `evaluate`. */
function fromJson(value: JsonValue = null): JsonValue {
  const parsed: unknown = JSON.parse(toText(value));
  return isJson(parsed) ? parsed : null;
}

/** True of whatever `JSON.parse` gives. */
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

function evaluate(text: string, scope: Compiled): Evaluated<JsonValue> {
  const parsed = parseExpression(text);
  if (!parsed.ok) return parsed;
  const missing = missingContext(parsed.value, scope) ?? missingFunction(parsed.value, scope);
  if (missing !== undefined) return err(missing);
  try {
    return ok(fromData(new Evaluator(parsed.value.expr, scope.dictionary, scope.functions).evaluate()));
  } catch (error) {
    return err({ message: evaluationMessage(error, parsed.value), offset: 0, length: text.length });
  }
}

/** Values may be secrets: an error says which function failed, and never quotes what it was given. */
function evaluationMessage(error: unknown, parsed: ParsedExpression): string {
  if (error instanceof RangeError) return 'the expression is nested too deeply to be evaluated';
  if (error instanceof SyntaxError) return 'fromJSON was given text that is not JSON';
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('The following format string')) return formatProblem(error);
  if (message.startsWith('case predicate')) return 'case() was given a condition that is neither true nor false';
  const names = parsed.functions.map((call) => call.name).join(', ');
  return names === '' ? 'the expression cannot be evaluated' : `the expression cannot be evaluated (it calls ${names})`;
}

function missingContext(parsed: ParsedExpression, scope: Compiled): ExpressionProblem | undefined {
  const mention = parsed.contexts.find((each) => !scope.contexts.has(each.name.toLowerCase()));
  return mention && unknownMention('context', mention, scope.contexts);
}

function missingFunction(parsed: ParsedExpression, scope: Compiled): ExpressionProblem | undefined {
  const mention = parsed.functions.find(({ name }) => !isBuiltIn(name) && !scope.functions.has(name.toLowerCase()));
  return mention && unknownMention('function', mention, new Set([...BUILT_IN, ...scope.functions.keys()]));
}

function unknownMention(what: string, mention: Mention, known: Iterable<string>): ExpressionProblem {
  const meant = suggest(mention.name, known);
  const hint = meant === undefined ? '' : `. Did you mean "${meant}"?`;
  return {
    message: `there is no ${what} "${mention.name}" here${hint}`,
    offset: mention.offset,
    length: mention.length,
  };
}

function moved(problem: ExpressionProblem, by: number): ExpressionProblem {
  return { ...problem, offset: problem.offset + by };
}
