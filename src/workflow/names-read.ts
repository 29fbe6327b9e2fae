// Which names of a context a whole workflow reads: who is given a value can be told that nothing looks at it.
import { hasExpression, splitTemplate } from './template-text.ts';
import { parseExpression } from './expression-parse.ts';
import type { Workflow } from './model.ts';

/** As written, and `isOpen` when an expression reads the context as a whole, or by a name that it works out. */
export interface NamesRead {
  readonly names: ReadonlySet<string>;
  readonly isOpen: boolean;
}

/** `context` in lower case, such as `vars`. */
export function namesRead(workflow: Workflow, context: string): NamesRead {
  const names = new Set<string>();
  let isOpen = false;
  for (const expression of expressionsIn(workflow)) {
    const parsed = parseExpression(expression);
    if (!parsed.ok) continue;
    for (const { name, path } of parsed.value.contexts) {
      if (name.toLowerCase() !== context) continue;
      const [first] = path;
      if (first) names.add(first.name);
      else isOpen = true;
    }
  }
  return { names, isOpen };
}

/** Of the model, which holds a text for every template; the conditions have lost the `${{ }}` round them. */
function* expressionsIn(workflow: Workflow): Generator<string> {
  const left: unknown[] = [workflow];
  while (left.length > 0) {
    const each = left.pop();
    if (typeof each === 'string') yield* expressionsOf(each);
    if (typeof each !== 'object' || each === null) continue;
    for (const [key, value] of Object.entries(each)) {
      left.push(key, value);
      if (key === 'if' && isTemplate(value) && !hasExpression(value.value)) yield value.value;
    }
  }
}

function isTemplate(value: unknown): value is { readonly value: string } {
  return typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'string';
}

function* expressionsOf(text: string): Generator<string> {
  if (!hasExpression(text)) return;
  const parts = splitTemplate(text);
  for (const part of parts.ok ? parts.value : []) if (part.kind === 'expression') yield part.text;
}
