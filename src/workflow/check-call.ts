// A job that calls a workflow, held against what that workflow takes.
import { suggest } from '#base/suggest.ts';
import { CODES, type Code } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { CallOutput } from './reading.ts';
import type { CallInput, Job, Permissions, Template, Workflow } from './model.ts';
import type { Span } from './position.ts';
import { excessPermissions } from './read-permissions.ts';
import { hasExpression } from './template-text.ts';

export interface Caller {
  /** All that is found is at a line of it. */
  readonly file: string;
  /** Names of the secrets that it can hand on whole, in lower case; absent when that is not known. */
  readonly inheritable?: ReadonlySet<string> | undefined;
}

export function checkCall(job: Job, called: Workflow, { file, inheritable }: Caller): readonly Diagnostic[] {
  const { call } = job;
  if (!call) return [];
  const found = (code: Code, at: Span, message: string): Diagnostic => ({
    code,
    severity: 'error',
    file,
    at,
    message,
    cure: CODES[code].cure,
  });
  const { callable } = called;
  const name = call.uses.value;
  if (!callable) return [found('WF100', call.uses.at, `"${name}" cannot be called: its "on:" has no "workflow_call"`)];
  const { at } = call.uses;
  const problems = namedProblems(call.with, callable.inputs, {
    missing: (input) => found('WF102', at, `"${name}" needs the input "${input}"`),
    unknown: (input, place, hint) => found('WF101', place, `"${name}" has no input "${input}"${hint}`),
  });
  const types = Object.entries(call.with).flatMap(([key, { value, at: place }]): readonly Diagnostic[] => {
    const input = byName(callable.inputs, key);
    if (!input || hasExpression(value) || fits(value, input.type)) return [];
    return [found('WF103', place, `the input "${key}" of "${name}" is a ${input.type}, and "${value}" is none`)];
  });
  const { secrets } = call;
  if (secrets === 'inherit') {
    const lacking = Object.entries(callable.secrets).filter(
      ([secret, { required }]) => required && inheritable && !inheritable.has(secret.toLowerCase()),
    );
    const missing = lacking.map(([secret]) => ({
      ...found('WF104', at, `"${name}" needs the secret "${secret}", and there is none to inherit`),
      cure: `give it to the run, with --secret ${secret}`,
    }));
    return [...problems, ...types, ...missing];
  }
  const secretProblems = namedProblems(secrets, callable.secrets, {
    missing: (secret) => found('WF104', at, `"${name}" needs the secret "${secret}"`),
    unknown: (secret, place, hint) => found('WF104', place, `"${name}" has no secret "${secret}"${hint}`),
  });
  return [...problems, ...types, ...secretProblems];
}

/** What other jobs read of a call that its workflow does not give: empty, as on GitHub. */
export function checkCallOutputs(
  job: Job,
  called: Workflow,
  { file, read }: { readonly file: string; readonly read: readonly CallOutput[] },
): readonly Diagnostic[] {
  const known = Object.keys(called.callable?.outputs ?? {});
  return read.flatMap(({ job: key, name, at }): readonly Diagnostic[] => {
    if (key !== job.key || known.some((each) => each.toLowerCase() === name.toLowerCase())) return [];
    const meant = suggest(name, known);
    const hint = meant === undefined ? '' : `. Did you mean "${meant}"?`;
    const message = `job "${key}" has no output "${name}", so this is empty${hint}`;
    const cure = 'add it to the outputs of the called workflow, or correct the name';
    return [{ code: 'WF056', severity: 'warning', file, at, message, cure }];
  });
}

/** `allowed` is what the caller, or one of its own callers, says that it has; nobody knows what it has unsaid. */
export function checkCallPermissions(
  job: Job,
  called: Workflow,
  { allowed, file }: { readonly allowed: Permissions; readonly file: string },
): readonly Diagnostic[] {
  const name = job.call?.uses.value ?? '';
  const askers = [
    { who: `"${name}"`, asked: called.permissions },
    ...called.jobs.map((inner) => ({ who: `job "${inner.key}" of "${name}"`, asked: inner.permissions })),
  ];
  return askers.flatMap(({ who, asked }): readonly Diagnostic[] => {
    const excess = asked && excessPermissions(asked, allowed);
    if (!excess) return [];
    const message = `${who} asks for "${excess.asked.join(', ')}", and this job allows "${excess.allowed.join(', ')}"`;
    return [{ code: 'WF183', severity: 'error', file, at: job.at, message, cure: CODES.WF183.cure }];
  });
}

export interface Naming {
  missing(name: string): Diagnostic;
  unknown(name: string, at: Span, hint: string): Diagnostic;
}

export interface Declared {
  readonly required: boolean;
  readonly default?: unknown;
}

export function namedProblems(
  given: Readonly<Record<string, Template>>,
  declared: Readonly<Record<string, Declared>>,
  naming: Naming,
): readonly Diagnostic[] {
  const names = Object.keys(given);
  // An expression may give any name, so nothing is missing for sure.
  const isOpen = names.some(hasExpression);
  const unknown = Object.entries(given)
    .filter(([name]) => !hasExpression(name) && byName(declared, name) === undefined)
    .map(([name, { at }]) => ({ name, at, meant: suggest(name, Object.keys(declared)) }));
  // A misspelt one is not missing as well.
  const misspelt = new Set(unknown.map(({ meant }) => meant));
  const missing = Object.entries(declared).filter(
    ([name, each]) =>
      each.required &&
      each.default === undefined &&
      !isOpen &&
      byName(given, name) === undefined &&
      !misspelt.has(name),
  );
  return [
    ...missing.map(([name]) => naming.missing(name)),
    ...unknown.map(({ name, at, meant }) =>
      naming.unknown(name, at, meant === undefined ? '' : `. Did you mean "${meant}"?`),
    ),
  ];
}

/** Names of inputs and secrets are compared without regard to case. */
function byName<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  const lower = name.toLowerCase();
  return Object.entries(entries).find(([key]) => key.toLowerCase() === lower)?.[1];
}

function fits(text: string, type: CallInput['type']): boolean {
  if (type === 'boolean') return text === 'true' || text === 'false';
  return type === 'string' || (text.trim() !== '' && Number.isFinite(Number(text)));
}
