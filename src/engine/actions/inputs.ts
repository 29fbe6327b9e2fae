import { parseDurationMs } from '#base/duration.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { ActionResult } from '#execution/actions/native-action.ts';

type Inputs = Readonly<Record<string, string>>;

/** An action that was given an input it does not have would do something else than its author asked. */
export function unknownInput(inputs: Inputs, known: readonly string[]): string | undefined {
  const name = Object.keys(inputs).find((each) => !known.includes(each));
  return name === undefined ? undefined : `unknown input "${name}"; it takes ${known.join(', ')}`;
}

export function lines(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export function durationInput(inputs: Inputs, name: string, defaultMs: number): Result<number, string> {
  const text = inputs[name];
  if (text === undefined || text === '') return ok(defaultMs);
  const value = parseDurationMs(text);
  return value === undefined ? err(`input "${name}" is "${text}", which is no duration such as 30s`) : ok(value);
}

export function numberInput(inputs: Inputs, name: string, standard: number): Result<number, string> {
  const text = inputs[name];
  if (text === undefined || text === '') return ok(standard);
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? ok(value) : err(`input "${name}" is "${text}", which is no number`);
}

export function failed(why: string): ActionResult {
  return { kind: 'failed', why };
}
