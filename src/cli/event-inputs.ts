// What `inputs` and `github.event.inputs` hold. Only a start by hand has inputs: for every other event both are empty, and
// the presets of workflow_dispatch do not count, as on GitHub.
import { isJsonObject } from '#base/json.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { resolveInputs } from '#workflow/inputs.ts';
import type { Workflow } from '#workflow/model.ts';
import { UsageError } from './usage-error.ts';

interface Start {
  readonly event: string;
  readonly payload: JsonObject;
  /** From the command line; stronger than the payload. */
  readonly given: Readonly<Record<string, string>>;
}

/** Throws `UsageError`. */
export function eventInputs(
  workflow: Workflow,
  { event, payload, given }: Start,
): { readonly inputs: JsonObject; readonly payload: JsonObject } {
  if (event !== 'workflow_dispatch') {
    if (Object.keys(given).length === 0) return { inputs: {}, payload };
    if (!workflow.on.some((trigger) => trigger.event === 'workflow_dispatch'))
      throw new UsageError(
        '-i gives inputs to a start by hand, and this workflow has none: no workflow_dispatch under "on:"',
      );
    throw new UsageError(
      `-i gives inputs to a start by hand, and the event of this run is ${event}; add -e workflow_dispatch`,
    );
  }
  const told = payload['inputs'];
  const texts = told !== undefined && isJsonObject(told) ? told : {};
  const fromPayload = Object.entries(texts).map(([name, value]) => [name, asText(value)] as const);
  const resolved = resolveInputs(workflow, { ...Object.fromEntries(fromPayload), ...given });
  if (!resolved.ok) throw new UsageError(resolved.error.join('\n'));
  const inputs = resolved.value;
  // GitHub's payload holds texts; only the context `inputs` keeps types.
  const asTold = Object.entries(inputs).map(([name, value]) => [name, asText(value)] as const);
  return { inputs, payload: { ...payload, inputs: asTold.length === 0 ? null : Object.fromEntries(asTold) } };
}

function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
