// `workflow_dispatch` inputs: what was given as text becomes what `inputs.*` reads.
import type { JsonValue } from '#base/json.ts';
import { err, ok, type Result } from '#base/result.ts';
import { suggest } from '#base/suggest.ts';
import { unreachable } from '#base/unreachable.ts';
import type { DispatchInput, Inputs, Workflow } from './model.ts';

/**
 * Booleans and numbers get their type; what is not given gets its default, or else GitHub's: false, 0, the first choice,
 * the empty text. Names are compared without regard to case. Errors, each a sentence: unknown, required and missing, not of its type, not one of its choices.
 */
export function resolveInputs(
  workflow: Pick<Workflow, 'inputs'>,
  given: Readonly<Record<string, string>>,
): Result<Inputs, readonly string[]> {
  const problems: string[] = [];
  const names = Object.keys(workflow.inputs);
  const known = new Set(names.map((name) => name.toLowerCase()));
  const byLowerName = new Map(Object.entries(given).map(([name, text]) => [name.toLowerCase(), text]));
  for (const name of Object.keys(given)) {
    if (known.has(name.toLowerCase())) continue;
    const meant = suggest(name, names);
    const takes = names.length === 0 ? 'this workflow takes none' : `it takes ${names.join(', ')}`;
    problems.push(`there is no input "${name}"; ${meant === undefined ? takes : `did you mean "${meant}"?`}`);
  }
  const values: [string, JsonValue][] = [];
  for (const [name, input] of Object.entries(workflow.inputs)) {
    const text = byLowerName.get(name.toLowerCase());
    if (text === undefined) {
      if (input.required && input.default === undefined)
        problems.push(`input "${name}" is required, and was not given`);
      values.push([name, input.default ?? emptyValue(input)]);
      continue;
    }
    const value = typedValue(input, text);
    if (value === undefined) problems.push(`input "${name}" is ${expectation(input)}, not "${text}"`);
    else values.push([name, value]);
  }
  return problems.length === 0 ? ok(Object.fromEntries(values)) : err(problems);
}

function emptyValue(input: DispatchInput): JsonValue {
  switch (input.type) {
    case 'boolean':
      return false;
    case 'number':
      return 0;
    case 'choice':
      return input.options?.[0] ?? '';
    case 'string':
    case 'environment':
      return '';
    default:
      return unreachable(input.type);
  }
}

function typedValue(input: DispatchInput, text: string): JsonValue | undefined {
  switch (input.type) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'choice':
      return input.options?.includes(text) ? text : undefined;
    case 'string':
    case 'environment':
      return text;
    default:
      return unreachable(input.type);
  }
}

function expectation(input: DispatchInput): string {
  switch (input.type) {
    case 'boolean':
      return 'true or false';
    case 'number':
      return 'a number';
    case 'choice':
      return `one of ${(input.options ?? []).join(', ')}`;
    case 'string':
    case 'environment':
      return 'text';
    default:
      return unreachable(input.type);
  }
}
