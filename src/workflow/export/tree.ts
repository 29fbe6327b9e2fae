// The source as it was written: what GitHub knows is taken over from here, not from the model, which holds only what runs.
import { parseExpression, type ContextMention } from '../expression-parse.ts';
import type { Span } from '../position.ts';
import { hasExpression, splitTemplate } from '../template-text.ts';
import { scalarText, type YamlNode } from '../yaml-node.ts';

export function fieldOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key === key)?.value : undefined;
}

export interface PlacedMention {
  readonly mention: ContextMention;
  /** The whole expression. */
  readonly expression: string;
  readonly at: Span;
}

/** What all expressions under a node read. `key` is what the node stands under: an `if:` is an expression without braces. */
export function mentionsIn(node: YamlNode | undefined, key = ''): readonly PlacedMention[] {
  if (node === undefined) return [];
  if (node.kind === 'map')
    return node.entries.flatMap((entry) => [...mentionsIn(entry.keyNode), ...mentionsIn(entry.value, entry.key)]);
  if (node.kind === 'list') return node.items.flatMap((item) => mentionsIn(item));
  return expressionsOf(scalarText(node), key === 'if').flatMap((expression) => {
    const parsed = parseExpression(expression);
    return parsed.ok ? parsed.value.contexts.map((mention) => ({ mention, expression, at: node.at })) : [];
  });
}

function expressionsOf(text: string, isCondition: boolean): readonly string[] {
  if (!hasExpression(text)) return isCondition ? [text] : [];
  const parts = splitTemplate(text);
  return parts.ok ? parts.value.flatMap((part) => (part.kind === 'expression' ? [part.text] : [])) : [];
}
