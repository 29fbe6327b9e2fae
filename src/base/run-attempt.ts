// A run that is run again keeps its number and its public id, as on GitHub. In the journal each attempt is a run of its own:
// `r-20261126-133000-7f3a` is the first, `r-20261126-133000-7f3a.2` the second.
import { runId } from './ids.ts';
import type { RunId } from './ids.ts';

export interface RunAttempt {
  /** The id of the first attempt. */
  readonly first: RunId;
  /** From 1, as `github.run_attempt`. */
  readonly attempt: number;
}

export function attemptOfRun(id: RunId): RunAttempt {
  const [, first, attempt] = /^(.+)\.([1-9]\d*)$/.exec(id) ?? [];
  return first === undefined ? { first: id, attempt: 1 } : { first: runId(first), attempt: Number(attempt) };
}

export function idOfAttempt({ first, attempt }: RunAttempt): RunId {
  return attempt === 1 ? first : runId(`${first}.${attempt}`);
}
