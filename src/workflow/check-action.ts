// A step that uses an action, held against what that action takes.
import { BUILT_IN_ACTIONS } from './built-in-actions.ts';
import { namedProblems, type Declared } from './check-call.ts';
import { CODES } from './codes.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import type { Job, UsesStep } from './model.ts';
import type { Span } from './position.ts';
import { hasExpression } from './template-text.ts';

type TakenInputs = Readonly<Record<string, Declared>>;

export interface ActionUser {
  /** All that is found is at a line of it. */
  readonly file: string;
  /** Of what will fail the step. */
  readonly severity: Severity;
}

/** What an action takes, and whether its step fails for one that it does not know, and for one that it lacks. */
export interface Taking {
  readonly inputs: TakenInputs;
  readonly refusesUnknown: boolean;
  readonly refusesMissing: boolean;
}

/** As on GitHub, any other action is given the empty text for what it lacks, and what it does not know is only told. */
export function lenientTaking(inputs: TakenInputs): Taking {
  return { inputs, refusesUnknown: false, refusesMissing: false };
}

/** Of an action that comes with Gantry; undefined for any other. */
export function builtInTaking(uses: string): Taking | undefined {
  const name = uses.replace(/@.*$/s, '').toLowerCase();
  const found = Object.entries(BUILT_IN_ACTIONS).find(([each]) => each === name)?.[1];
  if (!found) return undefined;
  const taken = [
    ...found.required.map((input): [string, Declared] => [input, { required: true }]),
    ...found.optional.map((input): [string, Declared] => [input, { required: false }]),
  ];
  return { inputs: Object.fromEntries(taken), refusesUnknown: name.startsWith('gantry/'), refusesMissing: true };
}

export function checkActionInputs(
  step: UsesStep,
  { inputs, refusesUnknown, refusesMissing }: Taking,
  { file, severity }: ActionUser,
): readonly Diagnostic[] {
  const name = step.uses.value;
  const found = (code: 'WF111' | 'WF112', at: Span, message: string): Diagnostic => ({
    code,
    severity: (code === 'WF111' ? refusesUnknown : refusesMissing) ? severity : 'warning',
    file,
    at,
    message,
    cure: CODES[code].cure,
  });
  return namedProblems(step.with, inputs, {
    missing: (input) => found('WF112', step.uses.at, `"${name}" needs the input "${input}"`),
    unknown: (input, at, hint) => found('WF111', at, `"${name}" has no input "${input}"${hint}`),
  });
}

/** Steps that use an action, with the fallbacks of the others, and the steps before each. */
export function usesOf(steps: Job['steps']): readonly { readonly step: UsesStep; readonly before: Job['steps'] }[] {
  return steps.flatMap((each, index) =>
    [each, ...each.fallback.map(({ step }) => step)].flatMap((step) =>
      step.kind === 'uses' ? [{ step, before: steps.slice(0, index) }] : [],
    ),
  );
}

/**
 * Where in the project a `./path` of a step lies, as far as that can be told before the run: what is checked out elsewhere
 * lies elsewhere, and what a step makes is nowhere yet.
 */
export type LocalPlace =
  | { readonly kind: 'project'; readonly path: string; readonly mayBeMade: boolean }
  | { readonly kind: 'unknown' }
  /** Nothing is in the workspace. */
  | { readonly kind: 'nothing' };

export function placeOfLocal(uses: string, before: Job['steps']): LocalPlace {
  const path = tidy(uses.slice(2));
  if (uses.startsWith('$/')) return { kind: 'project', path, mayBeMade: false };
  if (before.length === 0) return { kind: 'nothing' };
  const checkouts = before.flatMap((step) => (step.kind === 'uses' && isCheckout(step) ? [step] : []));
  const mayBeMade = before.some((step) => !(step.kind === 'uses' && makesNothing(step)));
  if (checkouts.length === 0) return mayBeMade ? { kind: 'unknown' } : { kind: 'nothing' };
  const places = checkouts.map((step) => ({
    path: tidy(step.with['path']?.value ?? ''),
    isOther: (step.with['repository']?.value ?? '').trim() !== '',
  }));
  if (places.some((each) => hasExpression(each.path))) return { kind: 'unknown' };
  // The last one that holds the path, and the deepest, has put there what is there.
  const holders = places.filter((each) => each.path === '' || path === each.path || path.startsWith(`${each.path}/`));
  const [holder] = holders.toReversed().toSorted((a, b) => b.path.length - a.path.length);
  if (!holder || holder.isOther) return { kind: 'unknown' };
  return { kind: 'project', path: tidy(path.slice(holder.path.length)), mayBeMade };
}

function tidy(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.join('/');
}

function isCheckout(step: UsesStep): boolean {
  return /^actions\/checkout@/i.test(step.uses.value);
}

/** It changes nothing of the workspace but what was checked out. */
function makesNothing(step: UsesStep): boolean {
  return /^actions\/(checkout|setup-python|setup-node)@/i.test(step.uses.value);
}
