// Whether this machine is one that `runs-on` asks for.
import type { JsonValue } from '#base/json.ts';
import { isJsonObject } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { isList } from '#workflow/expression-data.ts';
import { evaluateTree } from '#workflow/expressions.ts';
import type { Scope } from '#workflow/expressions.ts';
import type { Job } from '#workflow/model.ts';

/** Why the labels ask for another machine; undefined when this one has them all. `offered` is in lower case. */
export function whyNotHere(wanted: readonly string[], offered: readonly string[]): string | undefined {
  const missing = wanted.filter((label) => !isOffered(label.toLowerCase(), offered));
  return missing.length === 0 ? undefined : `runs-on: ${missing.join(', ')}: this machine is ${offered.join(', ')}`;
}

/** What stands there as text; what an expression says is left out, and judged by `labelsOf` when it is known. */
export function writtenLabels({ runsOn }: Job): readonly string[] {
  return listOf(runsOn).filter((label) => !label.includes('${{'));
}

/** The labels as they stand there; undefined when an expression decides. */
export function fixedLabels({ runsOn }: Job): readonly string[] | undefined {
  const written = listOf(runsOn);
  return written.some((label) => label.includes('${{')) ? undefined : written;
}

/** The labels of a job as they are once its matrix is known. Errors: a sentence for the job's author. */
export function labelsOf({ runsOn }: Job, scope: Scope): Result<readonly string[], string> {
  const value = evaluateTree(runsOn.value, scope);
  if (!value.ok) return err(`its runs-on: ${value.error.message}`);
  const labels = flatten(value.value);
  return labels && labels.length > 0 ? ok(labels) : err('its runs-on names no machine');
}

/** GitHub takes a label, a list of them, and a mapping with `labels`. Undefined: something else. */
function flatten(value: JsonValue): readonly string[] | undefined {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value.trim()];
  if (isJsonObject(value)) return flatten(value['labels'] ?? null);
  if (!isList(value)) return undefined;
  const labels = value.map((each) => (typeof each === 'string' ? flatten(each) : undefined));
  return labels.every((each) => each !== undefined) ? labels.flat() : undefined;
}

function listOf(runsOn: Job['runsOn']): readonly string[] {
  return typeof runsOn.value === 'string' ? [runsOn.value] : runsOn.value;
}

/** `ubuntu-24.04` is a Linux to us: what differs shows in the tools that are present, and those speak for themselves. */
function isOffered(label: string, labels: readonly string[]): boolean {
  return (
    labels.includes(label) ||
    (/^(ubuntu|debian)(-|$)/.test(label) && labels.includes('linux')) ||
    (/^macos(-|$)/.test(label) && labels.includes('macos'))
  );
}
