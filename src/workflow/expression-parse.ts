// Text -> parsed expression, with what it mentions. Parsing knows nothing of the place an expression stands in: every
// context and function is let through, and whoever checks (the reader) or evaluates compares the mentions with what is
// there. So one parse serves both, and can be kept.
import { data, Lexer, Parser, type Expr } from '@actions/expressions';
import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Unary,
} from '@actions/expressions/ast';
import { ExpressionError } from '@actions/expressions/errors';
import { format } from '@actions/expressions/funcs/format';
import { TokenType, type Token } from '@actions/expressions/lexer';
import { err, ok, type Result } from '#base/result.ts';

/** What is wrong with an expression, and where: `offset` and `length` count characters of the text it was given in. */
export interface ExpressionProblem {
  readonly message: string;
  readonly offset: number;
  readonly length: number;
}

/** A word of an expression with its place in it. */
export interface Mention {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** `needs.build.outputs.tag` is context `needs` with the path `build`, `outputs`, `tag`, as far as it is literal. */
export interface ContextMention extends Mention {
  readonly path: readonly Mention[];
}

export interface FunctionMention extends Mention {
  readonly argumentCount: number;
}

export interface ParsedExpression {
  readonly expr: Expr;
  readonly contexts: readonly ContextMention[];
  readonly functions: readonly FunctionMention[];
}

type Outcome = Result<ParsedExpression, ExpressionProblem>;

const KEPT_PARSES = 2_000;
// A memo of a pure function: it holds nothing that a second engine in the process could notice.
const parses = new Map<string, Outcome>();

/** Parses the inside of `${{ }}`. Errors: what GitHub's own parser rejects; offsets count in `text`. */
export function parseExpression(text: string): Outcome {
  const kept = parses.get(text);
  if (kept !== undefined) return kept;
  const outcome = parseFresh(text);
  if (parses.size >= KEPT_PARSES) {
    const [oldest] = parses.keys();
    if (oldest !== undefined) parses.delete(oldest);
  }
  parses.set(text, outcome);
  return outcome;
}

function parseFresh(text: string): Outcome {
  if (text.trim() === '')
    return err({ message: 'the expression is empty', offset: 0, length: Math.max(1, text.length) });
  let tokens: Token[];
  try {
    tokens = new Lexer(withPlainSpaces(text)).lex().tokens;
  } catch (error) {
    return err(lexProblem(text, error));
  }
  const offsets = locateTokens(text, tokens);
  const contexts: string[] = [];
  const functions: { name: string; minArgs: number; maxArgs: number }[] = [];
  for (const [index, token] of tokens.entries()) {
    // The lexer undoubles only the first '' of a text.
    if (token.type === TokenType.STRING) token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
    if (token.type !== TokenType.IDENTIFIER || tokens[index - 1]?.type === TokenType.DOT) continue;
    if (tokens[index + 1]?.type === TokenType.LEFT_PAREN) {
      // The library looks its own functions up in a plain object: `constructor()` would be found there.
      if (token.lexeme.toLowerCase() in {}) return err(unknownFunction(token, offsets));
      functions.push({ name: token.lexeme, minArgs: 0, maxArgs: Number.MAX_SAFE_INTEGER });
    } else contexts.push(token.lexeme);
  }
  try {
    const expr = new Parser(tokens, contexts, functions).parse();
    const walk = new MentionWalk(offsets);
    walk.visit(expr);
    if (walk.formatProblem !== undefined) return err(walk.formatProblem);
    return ok({ expr, contexts: walk.contexts, functions: walk.functions });
  } catch (error) {
    return err(parseProblem(text, tokens, { error, offsets }));
  }
}

// U+FEFF is white space to JavaScript and not to GitHub's server.
const STRANGE_SPACE = /[\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/g;

/** Between tokens any white space of Unicode will do, as on GitHub's server; the library knows only that of ASCII. */
function withPlainSpaces(text: string): string {
  if (text.search(STRANGE_SPACE) < 0) return text;
  const pieces = text.split("'");
  return pieces.map((piece, index) => (index % 2 === 0 ? piece.replaceAll(STRANGE_SPACE, ' ') : piece)).join("'");
}

function unknownFunction(token: Token, offsets: ReadonlyMap<Token, number>): ExpressionProblem {
  const offset = offsets.get(token) ?? 0;
  return { message: `there is no function "${token.lexeme}"`, offset, length: token.lexeme.length };
}

const SPACES = /\s*/y;

/** Between tokens there is only white space, so their offsets follow; the library's lines and columns err after texts. */
function locateTokens(text: string, tokens: readonly Token[]): Map<Token, number> {
  const offsets = new Map<Token, number>();
  let cursor = 0;
  for (const token of tokens) {
    SPACES.lastIndex = cursor;
    SPACES.test(text);
    cursor = SPACES.lastIndex;
    offsets.set(token, cursor);
    cursor += token.lexeme.length;
  }
  return offsets;
}

const SYMBOL_HINTS: Readonly<Record<string, string>> = {
  '"': '; texts stand in single quotes here',
  '=': '; "==" compares',
  '&': '; "and" is written "&&"',
  '|': '; "or" is written "||"',
};

function lexProblem(text: string, error: unknown): ExpressionProblem {
  const message = error instanceof Error ? error.message : String(error);
  if (message === 'ErrorExceededMaxLength') {
    return { message: 'the expression is longer than 21000 characters', offset: 0, length: 1 };
  }
  const [, symbol = '', position = '1'] =
    /^Unexpected symbol: '([^]*?)'\. Located at position (\d+) within/.exec(message) ?? [];
  const offset = Math.min(Number(position) - 1, text.length);
  if (symbol.startsWith("'"))
    return { message: "the text is not closed: a ' is missing", offset, length: symbol.length };
  const hint = SYMBOL_HINTS[symbol.charAt(0)] ?? '';
  return { message: `"${symbol}" is not understood${hint}`, offset, length: Math.max(1, symbol.length) };
}

interface ParseFault {
  readonly error: unknown;
  readonly offsets: ReadonlyMap<Token, number>;
}

function parseProblem(text: string, tokens: readonly Token[], { error, offsets }: ParseFault): ExpressionProblem {
  if (!(error instanceof ExpressionError)) {
    const isTooDeep = error instanceof RangeError;
    return {
      message: isTooDeep ? 'the expression is nested too deeply' : 'the expression is not understood',
      offset: 0,
      length: text.length,
    };
  }
  const [kind = '', ...rest] = error.message.split(': ');
  const named = rest.join(': ').replace(/^'|'$/g, '');
  const token = tokens.find((each) => each.range.start === error.pos);
  const offset = (token && offsets.get(token)) ?? text.length;
  const length = Math.max(1, token?.lexeme.length ?? 1);
  const isEnd = kind === 'Unexpected end of expression' || token?.type === TokenType.EOF;
  if (kind.startsWith('Exceeded max expression depth'))
    return { message: 'the expression is nested deeper than 50 levels', offset, length };
  if (kind.startsWith('Too few')) return { message: `"${named}" is given too few arguments`, offset, length };
  if (kind.startsWith('Too many')) return { message: `"${named}" is given too many arguments`, offset, length };
  if (kind.startsWith('Even number')) return { message: '"case" takes an odd number of arguments', offset, length };
  if (isEnd)
    return { message: 'the expression ends too early', offset: Math.max(0, text.trimEnd().length - 1), length: 1 };
  return { message: `"${token?.lexeme ?? named}" is not expected here`, offset, length };
}

/** What is wrong with the text that `format()` was given, from the library's error. Its own words may hold secrets. */
export function formatProblem(error: unknown): string {
  return error instanceof Error && error.message.startsWith('The following format string references more')
    ? 'format() refers to more arguments than it was given'
    : 'the first argument of format() has a brace that does not belong to a number';
}

/** Collects contexts and functions. Its own stack, not recursion: a chain of thousands of `==` is a deep tree. */
class MentionWalk {
  readonly contexts: ContextMention[] = [];
  readonly functions: FunctionMention[] = [];
  /** Of the first `format()` that can never work, whatever it is given. */
  formatProblem: ExpressionProblem | undefined;
  readonly #offsets: ReadonlyMap<Token, number>;

  constructor(offsets: ReadonlyMap<Token, number>) {
    this.#offsets = offsets;
  }

  visit(root: Expr): void {
    const left: Expr[] = [root];
    for (let expr = left.pop(); expr !== undefined; expr = left.pop()) {
      if (expr instanceof ContextAccess) this.contexts.push({ ...this.#mention(expr.name), path: [] });
      else if (expr instanceof IndexAccess) left.push(...this.#index(expr));
      else if (expr instanceof FunctionCall) {
        this.functions.push({ ...this.#mention(expr.functionName), argumentCount: expr.args.length });
        this.formatProblem ??= this.#formatProblem(expr);
        left.push(...expr.args.toReversed());
      } else if (expr instanceof Grouping) left.push(expr.group);
      else if (expr instanceof Unary) left.push(expr.expr);
      else if (expr instanceof Binary) left.push(expr.right, expr.left);
      else if (expr instanceof Logical) left.push(...expr.args.toReversed());
    }
  }

  /** Takes `a.b['c'][d].e` apart: the literal path from its context, and the expressions still to visit. */
  #index(access: IndexAccess): Expr[] {
    const rest: Expr[] = [];
    let path: Mention[] = [];
    let expr: Expr = access;
    while (expr instanceof IndexAccess) {
      const { index } = expr;
      if (index instanceof Literal && typeof index.token.value !== 'number' && index.token.lexeme !== 'null') {
        const mention = this.#mention(index.token);
        path.unshift({ ...mention, name: index.literal.coerceString() });
      } else {
        path = [];
        rest.push(index);
      }
      expr = expr.expr;
    }
    if (expr instanceof ContextAccess) this.contexts.push({ ...this.#mention(expr.name), path });
    else rest.push(expr);
    return rest;
  }

  /** GitHub refuses a workflow for it when the text is written out; one that is made is judged when it is known. */
  #formatProblem({ functionName, args: [text, ...values] }: FunctionCall): ExpressionProblem | undefined {
    if (functionName.lexeme.toLowerCase() !== 'format' || !(text instanceof Literal)) return undefined;
    if (text.token.type !== TokenType.STRING) return undefined;
    try {
      format.call(text.literal, ...values.map(() => new data.Null()));
      return undefined;
    } catch (error) {
      const { offset, length } = this.#mention(text.token);
      return { message: formatProblem(error), offset, length };
    }
  }

  #mention(token: Token): Mention {
    return { name: token.lexeme, offset: this.#offsets.get(token) ?? 0, length: token.lexeme.length };
  }
}
