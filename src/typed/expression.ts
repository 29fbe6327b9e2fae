// Expressions as objects: in a text each becomes its `${{ … }}`, and in another expression its bare words. They are only
// written here; what they mean is the language's business, and whoever reads the pipeline checks them.

const WORDS: unique symbol = Symbol.for('gantry.expression.words');
const STRENGTH: unique symbol = Symbol.for('gantry.expression.strength');

/** Something that is known only when the pipeline runs. As a text it is `${{ … }}`. */
export interface Expression {
  /** What stands between the braces. */
  readonly [WORDS]: string;
  toString(): string;
  toJSON(): string;
}

/** An expression of which any field can be read. */
export type Dynamic = Expression & { readonly [field: string]: Dynamic };

/** What an operator or a function takes: a text is taken literally. */
export type Operand = Expression | string | number | boolean | null;

/** How strongly the parts of an expression hold together; what is weaker than its surroundings needs parentheses. */
const STRENGTHS = { unknown: 0, or: 1, and: 2, comparison: 3, not: 4, whole: 5 } as const;

type Strength = keyof typeof STRENGTHS;

/** The expression with these words; each field that is read of it is one with more words. */
export function expressionOf(words: string, strength: Strength = 'whole'): Dynamic {
  const text = `\${{ ${words} }}`;
  const asText = (): string => text;
  const handler: ProxyHandler<object> = {
    get: (_, key) => {
      if (key === WORDS) return words;
      if (key === STRENGTH) return STRENGTHS[strength];
      if (key === 'toString' || key === 'toJSON' || key === 'valueOf' || key === Symbol.toPrimitive) return asText;
      if (typeof key === 'symbol') return undefined;
      return expressionOf(`${strength === 'whole' ? words : `(${words})`}${accessor(key)}`);
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the handler gives is what the type says
  return new Proxy(Object.freeze({}), handler) as Dynamic;
}

function accessor(key: string): string {
  if (/^([A-Za-z_][\w-]*|\*)$/.test(key)) return `.${key}`;
  return /^\d+$/.test(key) ? `[${key}]` : `[${quote(key)}]`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, WORDS) === 'string';
}

/** The code of a pipeline is the caller, and its author is told at the line that asks for it. */
export function refuse(why: string): never {
  // oxlint-disable-next-line house/no-throw -- a result that has to be looked at would make every expression unreadable
  throw new TypeError(why);
}

/** The operand as it stands in an expression. */
export function wordsOf(operand: Operand): string {
  if (isExpression(operand)) return operand[WORDS];
  if (typeof operand === 'number' && !Number.isFinite(operand)) refuse(`${operand} is no number here`);
  if (typeof operand !== 'string') return String(operand);
  if (operand.includes('${{')) refuse(`give the expression itself, not the text "${operand}" made of it`);
  return quote(operand);
}

/** As `wordsOf`, in parentheses when its parts hold together less strongly than is asked for. */
export function operandOf(operand: Operand, atLeast: Strength): string {
  const strength: unknown = isExpression(operand) ? Reflect.get(operand, STRENGTH) : STRENGTHS.whole;
  return typeof strength === 'number' && strength >= STRENGTHS[atLeast] ? wordsOf(operand) : `(${wordsOf(operand)})`;
}
