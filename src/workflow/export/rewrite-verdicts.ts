// `needs.build.verdict` is Gantry's; on GitHub the same stands in the outputs of the exported job.
import { isJsonObject } from '#base/json.ts';
import type { JsonValue } from '#base/json.ts';
import { isList } from '../expression-data.ts';
import { parseExpression, type ContextMention } from '../expression-parse.ts';
import { hasExpression, splitTemplate } from '../template-text.ts';
import { PUBLISHED_VERDICTS, VERDICT_OUTPUT } from './verdict-output.ts';

/** Whether a job runs more than once, so that its verdict is the worst of several. */
export type HasMatrix = (job: string) => boolean;

/** The job and nothing else, when an expression reads its verdict; `null` when it reads those of jobs that it does not name. */
export function verdictReadBy(mention: ContextMention, expression: string): string | null | undefined {
  const context = mention.name.toLowerCase();
  if (context !== 'needs' && context !== 'jobs') return undefined;
  const [job, field] = mention.path;
  if (job !== undefined && field?.name.toLowerCase() === 'verdict') return job.name;
  const isNamed = job !== undefined && field !== undefined;
  return !isNamed && /\bverdict\b/i.test(expression) ? null : undefined;
}

/** `value` as GitHub can evaluate it. `key` is what it stands under. */
export function rewriteVerdicts(value: JsonValue, hasMatrix: HasMatrix, key = ''): JsonValue {
  if (typeof value === 'string') return rewriteText(value, key === 'if', hasMatrix);
  if (isList(value)) return value.map((each) => rewriteVerdicts(each, hasMatrix));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, rewriteVerdicts(each, hasMatrix, name)]),
  );
}

function rewriteText(text: string, isCondition: boolean, hasMatrix: HasMatrix): string {
  if (!hasExpression(text)) return isCondition ? rewriteExpression(text, hasMatrix) : text;
  const parts = splitTemplate(text);
  if (!parts.ok) return text;
  return parts.value
    .map((part) => (part.kind === 'text' ? part.text : `\${{${rewriteExpression(part.text, hasMatrix)}}}`))
    .join('');
}

function rewriteExpression(text: string, hasMatrix: HasMatrix): string {
  const parsed = parseExpression(text);
  if (!parsed.ok) return text;
  // From the end, so that the places of those before stay what they are.
  const mentions = parsed.value.contexts.toSorted((a, b) => b.offset - a.offset);
  let rewritten = text;
  for (const mention of mentions) {
    const [job, field] = mention.path;
    if (!job || !field || typeof verdictReadBy(mention, text) !== 'string') continue;
    const isQuoted = text.charAt(field.offset) === "'";
    const behind = field.offset + field.length;
    const end = isQuoted ? text.indexOf(']', behind) + 1 : behind;
    const source = `${mention.name}.${job.name}`;
    rewritten = `${rewritten.slice(0, mention.offset)}${verdictOf(source, hasMatrix(job.name))}${rewritten.slice(end)}`;
  }
  return rewritten;
}

function verdictOf(source: string, hasMatrix: boolean): string {
  // A job that broke before Gantry began has told nothing.
  const broken = `${source}.result == 'failure' && 'failed'`;
  if (!hasMatrix) return `(${source}.outputs.${VERDICT_OUTPUT} || ${broken})`;
  const told = PUBLISHED_VERDICTS.map((verdict) => `${source}.outputs.${VERDICT_OUTPUT}_${verdict}`);
  return `(${[...told.slice(0, 2), broken, ...told.slice(2)].join(' || ')})`;
}
