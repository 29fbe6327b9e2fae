// Where a value of a pipeline's code was written: names are followed to what they stand for, calls of simple functions
// to what they give. Nothing is computed. What cannot be followed stays the expression that it is, which has a place too.
import type {
  ArrowFunctionExpression,
  CallExpression,
  Expression,
  FunctionDeclaration,
  FunctionExpression,
  Pattern,
  Program,
  Statement,
} from 'acorn';

/** An expression, and the names it may use. */
export interface Place {
  readonly node: Expression;
  readonly scope: Scope;
}

type Callable = ArrowFunctionExpression | FunctionExpression | FunctionDeclaration;

export interface Scope {
  readonly values: ReadonlyMap<string, Place>;
  readonly functions: ReadonlyMap<string, Callable>;
  /** Steps that are left in the whole of the module: functions that call themselves can be followed for ever. */
  readonly budget: { steps: number };
  /** Local names of what is imported from 'gantry', by the names there. */
  readonly imported: ReadonlyMap<string, string>;
  readonly outer?: Scope;
}

/** Names lead to names, and functions to functions; a circle ends here. */
const MAX_STEPS = 30;
const MAX_STEPS_IN_ALL = 500_000;

/** The names of a module; only what can never change is one. */
export function moduleScope(program: Program): Scope {
  const imported = new Map<string, string>();
  const statements: Statement[] = [];
  for (const item of program.body) {
    if (item.type === 'ImportDeclaration') {
      for (const each of item.source.value === 'gantry' ? item.specifiers : [])
        if (each.type === 'ImportSpecifier' && each.imported.type === 'Identifier')
          imported.set(each.local.name, each.imported.name);
    } else if (item.type === 'ExportNamedDeclaration') {
      if (item.declaration) statements.push(item.declaration);
    } else if (item.type !== 'ExportDefaultDeclaration' && item.type !== 'ExportAllDeclaration') statements.push(item);
  }
  const budget = { steps: MAX_STEPS_IN_ALL };
  return innerScope(statements, { values: new Map(), functions: new Map(), imported, budget });
}

/** The scope's map is filled after its places were made: they refer to it. */
function innerScope(statements: readonly Statement[], outer: Scope): Scope {
  const values = new Map<string, Place>();
  const functions = new Map<string, Callable>();
  const scope: Scope = { values, functions, imported: outer.imported, budget: outer.budget, outer };
  for (const statement of statements) {
    if (statement.type === 'FunctionDeclaration') functions.set(statement.id.name, statement);
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    for (const { id, init } of statement.declarations) if (init) bind(values, id, { node: init, scope });
  }
  return scope;
}

/** `const name = …` and `const { a, b } = …`; other patterns are not followed. */
function bind(values: Map<string, Place>, pattern: Pattern, place: Place): void {
  if (pattern.type === 'Identifier') values.set(pattern.name, place);
  else if (pattern.type === 'AssignmentPattern') bind(values, pattern.left, place);
  else if (pattern.type === 'ObjectPattern') {
    for (const each of pattern.properties) {
      if (each.type !== 'Property' || each.computed || each.key.type !== 'Identifier') continue;
      const value = property(settle(place), each.key.name);
      if (value) bind(values, each.value, value);
    }
  }
}

function lookUp(scope: Scope | undefined, name: string): Place | Callable | undefined {
  for (let current = scope; current; current = current.outer) {
    const found = current.values.get(name) ?? current.functions.get(name);
    if (found) return found;
  }
  return undefined;
}

/** The expression that makes the value, as far as it can be told without computing anything. */
export function settle(place: Place): Place {
  let current = place;
  for (let step = 0; step < MAX_STEPS && place.scope.budget.steps-- > 0; step++) {
    const next = followed(current);
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

function followed({ node, scope }: Place): Place | undefined {
  switch (node.type) {
    case 'Identifier': {
      const found = lookUp(scope, node.name);
      return found && 'node' in found ? found : undefined;
    }
    case 'AwaitExpression':
      return { node: node.argument, scope };
    case 'MemberExpression': {
      if (node.object.type === 'Super' || node.property.type === 'PrivateIdentifier') return undefined;
      const key = node.computed ? staticText({ node: node.property, scope }) : nameOf(node.property);
      return key === undefined ? undefined : member(settle({ node: node.object, scope }), key);
    }
    case 'CallExpression':
      return called({ node, scope });
    default:
      return undefined;
  }
}

function nameOf(node: Expression): string | undefined {
  return node.type === 'Identifier' ? node.name : undefined;
}

function member(object: Place, key: string): Place | undefined {
  if (object.node.type !== 'ArrayExpression') return property(object, key);
  const element = object.node.elements[Number(key)];
  const isPlain = object.node.elements.every((each) => each?.type !== 'SpreadElement');
  return element && element.type !== 'SpreadElement' && isPlain ? { node: element, scope: object.scope } : undefined;
}

/** The last property of this name in an object that is written out without spreads behind it. */
function property({ node, scope }: Place, key: string): Place | undefined {
  if (node.type !== 'ObjectExpression') return undefined;
  for (const each of node.properties.toReversed()) {
    if (each.type === 'SpreadElement' || each.kind !== 'init') return undefined;
    if (keyText(each, scope) === key) return { node: each.value, scope };
  }
  return undefined;
}

/** The key of a property as text; undefined when it is computed from something unknown. */
export function keyText(
  each: { readonly key: Expression | { readonly type: 'PrivateIdentifier' }; readonly computed: boolean },
  scope: Scope,
): string | undefined {
  if (each.key.type === 'PrivateIdentifier') return undefined;
  if (!each.computed && each.key.type === 'Identifier') return each.key.name;
  return staticText({ node: each.key, scope });
}

/** The text that a literal, or a template of literals, makes. */
export function staticText(place: Place, depth = 0): string | undefined {
  const { node, scope } = settle(place);
  if (node.type === 'Literal') return String(node.value);
  if (node.type !== 'TemplateLiteral' || depth > 5) return undefined;
  let text = '';
  for (const [index, quasi] of node.quasis.entries()) {
    text += quasi.value.cooked ?? '';
    const expression = node.expressions[index];
    if (!expression) break;
    const inserted = staticText({ node: expression, scope }, depth + 1);
    if (inserted === undefined) return undefined;
    text += inserted;
  }
  return text;
}

/** Calls that give back what they are given, and calls of functions that do nothing but make a value. */
function called({ node, scope }: { readonly node: CallExpression; readonly scope: Scope }): Place | undefined {
  const [first] = node.arguments;
  const { callee } = node;
  const isIdentity =
    (callee.type === 'Identifier' && scope.imported.get(callee.name) === 'pipeline') ||
    (callee.type === 'MemberExpression' && isNamed(callee.object, 'Object') && isNamed(callee.property, 'freeze'));
  if (isIdentity) return first && first.type !== 'SpreadElement' ? { node: first, scope } : undefined;
  if (callee.type === 'Super') return undefined;
  const target = functionAt({ node: callee, scope });
  if (!target) return undefined;
  const given = node.arguments.map((each) => (each.type === 'SpreadElement' ? undefined : { node: each, scope }));
  return resultOf(target, given);
}

export function isNamed(node: { readonly type: string; readonly name?: unknown }, name: string): boolean {
  return node.type === 'Identifier' && node.name === name;
}

export interface FunctionPlace {
  readonly callable: Callable;
  readonly scope: Scope;
}

export function functionAt(place: Place): FunctionPlace | undefined {
  const { node, scope } = settle(place);
  if (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression') return { callable: node, scope };
  if (node.type !== 'Identifier') return undefined;
  for (let current: Scope | undefined = scope; current; current = current.outer) {
    const callable = current.functions.get(node.name);
    if (callable) return { callable, scope: current };
  }
  return undefined;
}

/** What the function returns when it is called with these arguments; undefined ones are unknown. */
export function resultOf({ callable, scope }: FunctionPlace, given: readonly (Place | undefined)[]): Place | undefined {
  const values = new Map<string, Place>();
  for (const [index, parameter] of callable.params.entries()) {
    const place = given[index] ?? defaultOf(parameter, scope);
    if (place) bind(values, parameter, place);
  }
  const { imported, budget } = scope;
  const inner: Scope = { values, functions: new Map(), imported, budget, outer: scope };
  const { body } = callable;
  if (body.type !== 'BlockStatement') return { node: body, scope: inner };
  const last = body.body.at(-1);
  // With more than one return, which of them it was is not known.
  const isStraight = body.body.every((each) =>
    ['VariableDeclaration', 'FunctionDeclaration', 'ReturnStatement', 'ExpressionStatement'].includes(each.type),
  );
  if (last?.type !== 'ReturnStatement' || !last.argument || !isStraight) return undefined;
  return { node: last.argument, scope: innerScope(body.body, inner) };
}

function defaultOf(parameter: Pattern, scope: Scope): Place | undefined {
  return parameter.type === 'AssignmentPattern' ? { node: parameter.right, scope } : undefined;
}
