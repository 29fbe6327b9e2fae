// Expressions in the file: do they parse, and may they use what they use at their place? What they read is noted in the
// reading, for the checks that need the whole workflow.
import { CONTEXTS, PLACED_FUNCTIONS, PLACES, type Availability } from './availability.ts';
import { BUILT_IN_FUNCTIONS, isBuiltIn } from './expressions.ts';
import {
  parseExpression,
  type ContextMention,
  type ExpressionProblem,
  type FunctionMention,
} from './expression-parse.ts';
import { locateInScalar } from './locate-in-scalar.ts';
import type { Template } from './model.ts';
import { didYouMean, report, type Reading, type Site, type SitedMention } from './reading.ts';
import { hasExpression, soleExpression, splitTemplate, type TemplatePart } from './template-text.ts';
import { scalarText, type YamlScalar } from './yaml-node.ts';

interface Piece {
  readonly text: string;
  /** Where the expression begins in the scalar's text. */
  readonly offset: number;
}

interface Target {
  readonly node: YamlScalar;
  readonly site: Site;
  readonly piece: Piece;
}

/** Text with `${{ }}` in it. */
export function checkTemplate(reading: Reading, node: YamlScalar, site: Site): Template {
  const text = scalarText(node);
  if (hasExpression(text)) {
    const parts = splitTemplate(text);
    if (!parts.ok) reportProblem(reading, node, parts.error);
    else {
      for (const part of parts.value)
        if (part.kind === 'expression') checkExpression(reading, { node, site, piece: part });
      checkLength(reading, node, parts.value);
    }
  }
  return { value: text, at: node.at };
}

/** GitHub makes one expression of the whole, `format('text {0}', expression)`, and limits its length. */
const MAX_FORMAT_LENGTH = 21_000;

function checkLength(reading: Reading, node: YamlScalar, parts: readonly TemplatePart[]): void {
  if (parts.length === 1) return;
  let length = "format('')".length;
  let count = 0;
  for (const part of parts) {
    if (part.kind === 'text') length += part.text.length + (part.text.match(/['{}]/g)?.length ?? 0);
    else length += `{${count++}}, `.length + part.text.trim().length;
  }
  if (length <= MAX_FORMAT_LENGTH) return;
  const message = `a text with expressions may have ${MAX_FORMAT_LENGTH} characters, and this one has ${length}`;
  report(reading, { code: 'WF182', at: node.at, message });
}

/** An `if:`; given back without the `${{ }}` that may stand round it. */
export function checkCondition(reading: Reading, node: YamlScalar, site: Site): Template {
  const text = scalarText(node);
  const sole = soleExpression(text);
  if (sole !== undefined) {
    checkExpression(reading, { node, site, piece: sole });
    return { value: sole.text.trim(), at: node.at };
  }
  if (!hasExpression(text)) {
    if (text.trim() !== '') checkExpression(reading, { node, site, piece: { text, offset: 0 } });
    return { value: text.trim(), at: node.at };
  }
  const message = 'this condition is always true: the text beside "${{ }}" makes it a text that is not empty';
  report(reading, { code: 'WF047', severity: 'warning', at: node.at, message });
  return checkTemplate(reading, node, site);
}

function checkExpression(reading: Reading, target: Target): void {
  if (--reading.budget.expressions < 0) {
    if (reading.budget.expressions === -1) {
      report(reading, { code: 'WF008', at: target.node.at, message: 'the file has too many expressions' });
    }
    return;
  }
  const { node, site, piece } = target;
  const parsed = parseExpression(piece.text);
  if (!parsed.ok) {
    reportProblem(reading, node, { ...parsed.error, offset: parsed.error.offset + piece.offset });
    return;
  }
  const locate: SitedMention['locate'] = (word) =>
    locateInScalar(reading.source, node, { offset: piece.offset + word.offset, length: word.length });
  for (const mention of parsed.value.contexts) {
    if (checkContext(reading, { mention, locate, site })) reading.mentions.push({ site, mention, locate });
  }
  for (const call of parsed.value.functions) checkFunction(reading, call, { locate, site });
}

function reportProblem(reading: Reading, node: YamlScalar, problem: ExpressionProblem): void {
  report(reading, { code: 'WF040', at: locateInScalar(reading.source, node, problem), message: problem.message });
}

interface Mentioned {
  readonly mention: ContextMention;
  readonly site: Site;
  readonly locate: SitedMention['locate'];
}

/** Whether the context may be used. */
function checkContext(reading: Reading, { mention, site, locate }: Mentioned): boolean {
  const place: Availability = PLACES[site.place];
  const name = mention.name.toLowerCase();
  if (place.contexts.includes(name)) return true;
  const at = locate(mention);
  const available = `available here: ${place.contexts.join(', ')}`;
  if (CONTEXTS.includes(name)) {
    const message = `the context "${mention.name}" is not available in ${place.name}; ${available}`;
    report(reading, { code: 'WF042', at, message });
  } else {
    const hint = didYouMean(reading, mention.name, place.contexts);
    report(reading, { code: 'WF041', at, message: `there is no context "${mention.name}"${hint || `; ${available}`}` });
  }
  return false;
}

function checkFunction(reading: Reading, call: FunctionMention, { site, locate }: Omit<Mentioned, 'mention'>): void {
  const name = call.name.toLowerCase();
  if (isBuiltIn(name)) return;
  const place: Availability = PLACES[site.place];
  const arity = Object.hasOwn(place.functions, name) ? place.functions[name] : undefined;
  const at = locate(call);
  if (arity !== undefined) {
    const [min, max] = arity;
    if (call.argumentCount >= min && call.argumentCount <= max) return;
    const takes = max === 0 ? 'no arguments' : `${min} to ${max} arguments`;
    report(reading, {
      code: 'WF045',
      at,
      message: `"${call.name}" takes ${takes} in ${place.name}, not ${call.argumentCount}`,
    });
    return;
  }
  if (PLACED_FUNCTIONS.some((each) => each.toLowerCase() === name)) {
    report(reading, { code: 'WF044', at, message: `the function "${call.name}" is not available in ${place.name}` });
    return;
  }
  const hint = didYouMean(reading, call.name, [...BUILT_IN_FUNCTIONS, ...Object.keys(place.functions)]);
  report(reading, { code: 'WF043', at, message: `there is no function "${call.name}"${hint}` });
}
