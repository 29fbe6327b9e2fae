// Expressions as objects: in a text each becomes its `${{ … }}`, and in another expression its bare words. They are only
// written here; what they mean is the language's business, and whoever reads the pipeline checks them.

export const WORDS: unique symbol = Symbol.for('gantry.expression.words');
const IS_COMPOSED: unique symbol = Symbol.for('gantry.expression.composed');

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

/** The expression with these words; each field that is read of it is one with more words. */
export function expressionOf(words: string, { isComposed = false }: { readonly isComposed?: boolean } = {}): Dynamic {
  const text = `\${{ ${words} }}`;
  const asText = (): string => text;
  const handler: ProxyHandler<object> = {
    get: (_, key) => {
      if (key === WORDS) return words;
      if (key === IS_COMPOSED) return isComposed;
      if (key === 'toString' || key === 'toJSON' || key === 'valueOf' || key === Symbol.toPrimitive) return asText;
      return typeof key === 'symbol' ? undefined : expressionOf(`${isComposed ? `(${words})` : words}${accessor(key)}`);
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

export function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, WORDS) === 'string';
}

/** The operand as it stands in an expression. */
export function wordsOf(operand: Operand): string {
  if (isExpression(operand)) return operand[WORDS];
  if (typeof operand !== 'string') {
    if (typeof operand === 'number' && !Number.isFinite(operand)) throw new TypeError(`${operand} is no number here`);
    return String(operand);
  }
  if (operand.includes('${{')) throw new TypeError(`give the expression itself, not the text "${operand}" made of it`);
  return quote(operand);
}

/** As `wordsOf`, with parentheses where another operator stands inside. */
export function operandOf(operand: Operand): string {
  const isComposed = isExpression(operand) && Reflect.get(operand, IS_COMPOSED) === true;
  return isComposed ? `(${wordsOf(operand)})` : wordsOf(operand);
}
