// What an action is given: `with:` and the defaults of its own file, and what there is to say about the two.
import type { Annotation } from '#run/events.ts';
import type { UsesStep } from '#workflow/model.ts';
import type { ActionDefinition } from '#workflow/read-action.ts';
import type { JobScope } from '../job/job-scope.ts';

export interface GivenInputs {
  /** By name as the action declares it; what it does not declare, as the step writes it. */
  readonly values: Readonly<Record<string, string>>;
  /** Missing, unknown and outdated inputs are worth a warning, and no more: GitHub's rule. */
  readonly warnings: readonly Annotation[];
}

/** Throws `UnusableTemplate`. */
export function giveInputs(
  step: UsesStep,
  definition: ActionDefinition,
  { scope, stepEnv }: { readonly scope: JobScope; readonly stepEnv: Readonly<Record<string, string>> },
): GivenInputs {
  const written = new Map(
    Object.entries(scope.evaluateAll(step.with, stepEnv)).map(([name, value]) => [name.toLowerCase(), { name, value }]),
  );
  const values: Record<string, string> = {};
  const messages: string[] = [];
  for (const [name, input] of Object.entries(definition.inputs)) {
    const given = written.get(name.toLowerCase());
    written.delete(name.toLowerCase());
    if (given === undefined && input.required && input.default === undefined)
      messages.push(`${step.uses.value} requires the input "${name}", which is not given`);
    if (given !== undefined && input.deprecationMessage !== undefined)
      messages.push(`the input "${name}" of ${step.uses.value} is deprecated: ${input.deprecationMessage}`);
    const value = given?.value ?? (input.default && scope.evaluate(input.default.value, stepEnv));
    // A JavaScript action finds an empty text for an input without a value, a composite too.
    values[name] = value ?? '';
  }
  const isContainer = definition.runs.kind === 'docker';
  for (const { name, value } of written.values()) {
    values[name] = value;
    if (isContainer && ['args', 'entrypoint'].includes(name.toLowerCase())) continue;
    const known = Object.keys(definition.inputs).join(', ') || 'none';
    messages.push(`${step.uses.value} has no input "${name}"; it has ${known}`);
  }
  return { values, warnings: messages.map((message) => ({ level: 'warning', message })) };
}

/** As GitHub names them: upper case, and `_` for each space. */
export function inputVariables(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}
