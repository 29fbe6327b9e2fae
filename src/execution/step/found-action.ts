// A step whose action was found by its metadata: composite, JavaScript, or a container.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { unreachable } from '#base/unreachable.ts';
import { ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { Annotation } from '#run/events.ts';
import type { NamedTemplates } from '#workflow/model.ts';
import type { ActionDefinition } from '#workflow/read-action.ts';
import { findAction } from '../actions/find-action.ts';
import type { FoundAction } from '../actions/find-action.ts';
import { toInside } from '../container/container-paths.ts';
import { actionContext } from './action-context.ts';
import type { ActionSetting } from './action-context.ts';
import type { HookPlace, PostOrigin } from './action-hooks.ts';
import type { Attempt } from './attempt-result.ts';
import { runComposite } from './composite-action.ts';
import { addContainerPost, runContainerKind, runContainerPre } from './container-step.ts';
import { addJavaScriptPost, runJavaScript, runJavaScriptPre } from './javascript-action.ts';
import type { StepRun } from './step-run.ts';

/** An action with the inputs that its step gives it. */
export interface PreparedAction extends FoundAction {
  /** By name as the metadata writes it; all that are declared, and those that are not but were given. */
  readonly inputs: Readonly<Record<string, string>>;
  /** `github.action_path` and its like. */
  readonly github: Readonly<Record<string, string>>;
}

export async function runFoundAction(setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const prepared = await prepareAction(setting, run);
  if (!prepared.ok) return { how: 'broken', why: prepared.error, ledger: [], annotations: [] };
  const action = prepared.value;
  const warnings = inputWarnings(action.definition, setting);
  const attempt = await runKind(action, setting, run);
  return {
    ...attempt,
    ledger: [...action.ledger, ...attempt.ledger],
    annotations: [...warnings, ...attempt.annotations],
  };
}

async function runKind(action: PreparedAction, setting: ActionSetting, run: StepRun): Promise<Attempt> {
  const { runs } = action.definition;
  switch (runs.kind) {
    case 'composite':
      return runComposite(action, runs, { setting, run });
    case 'javascript':
      return runJavaScript(action, runs, { setting, run });
    case 'container':
      return runContainerKind(action, runs, { setting, run });
    default:
      return unreachable(runs);
  }
}

/** Before the job's first step. Undefined: there is nothing to run, or its condition is false. */
export async function runPre(
  action: PreparedAction,
  place: HookPlace,
  isWanted: (condition: string) => boolean,
): Promise<Attempt | undefined> {
  const { runs } = action.definition;
  if (runs.kind === 'composite' || !runs.pre || !isWanted(runs.pre.if)) return undefined;
  const { script } = runs.pre;
  const attempt =
    runs.kind === 'javascript'
      ? await runJavaScriptPre(action, script, place)
      : await runContainerPre(action, script, { ...place, runs });
  // What `pre` began, `post` ends, also when `main` never comes.
  if (attempt.how !== 'broken') addPostOf(action, { ...place, origin: { kind: 'pre' } });
  return attempt;
}

export function addPostOf(action: PreparedAction, place: HookPlace & { readonly origin: PostOrigin }): void {
  const { runs } = action.definition;
  if (runs.kind === 'javascript') addJavaScriptPost(action, runs, place);
  if (runs.kind === 'container') addContainerPost(action, runs, place);
}

export async function prepareAction(setting: ActionSetting, run: StepRun): Promise<Result<PreparedAction, string>> {
  const { step, stepEnv } = setting;
  const found = await findAction(step.uses.value, {
    workspace: run.folders.workspace,
    projectFolder: async () => projectFolder(setting, run),
    repositories: run.repositories,
    signal: run.signal,
    ...(run.source ? { source: run.source } : {}),
  });
  if (!found.ok) return found;
  const { definition, source } = found.value;
  const placed = whereTheJobRuns(found.value, run);
  const { folder } = placed;
  const github: Record<string, string> = {
    action: run.scope.action,
    action_path: toInside(run.containers.mounts, folder),
    action_repository: source?.repository ?? '',
    action_ref: source?.ref ?? '',
  };
  return ok({
    ...found.value,
    ...placed,
    inputs:
      setting.inputs ?? inputsOf(definition, withStandIns(step.with, run.scope.evaluateAll(step.with, stepEnv)), run),
    github,
  });
}

/**
 * A container sees the job's folders only, not the store that all projects of this machine share: what was fetched is
 * copied among them, once a job.
 */
function whereTheJobRuns({ folder, root, source }: FoundAction, run: StepRun): Pick<FoundAction, 'folder' | 'root'> {
  if (!source || run.containers.mounts.length === 0) return { folder, root };
  const copy = join(run.folders.temporary, '_actions', createHash('sha256').update(root).digest('hex').slice(0, 16));
  if (!existsSync(copy)) cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
  return { folder: join(copy, relative(root, folder)), root: copy };
}

/**
 * On GitHub there always is a token, so actions may insist on one that they never use. Who does use this one is told by the
 * server that it is none.
 */
const NO_TOKEN = 'gantry-was-given-no-github-token';
const NAMES_TOKEN = /\$\{\{[^}]*\b(github\.token|secrets\.GITHUB_TOKEN)\b/i;

function orStandIn(template: string, value: string): string {
  return value === '' && NAMES_TOKEN.test(template) ? NO_TOKEN : value;
}

function withStandIns(templates: NamedTemplates, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, orStandIn(templates[name]?.value ?? '', value)]),
  );
}

function inputsOf(
  definition: ActionDefinition,
  given: Readonly<Record<string, string>>,
  run: StepRun,
): Record<string, string> {
  const byLowerName = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  const inputs: Record<string, string> = {};
  for (const [name, { default: preset }] of Object.entries(definition.inputs)) {
    const own = byLowerName.get(name.toLowerCase());
    byLowerName.delete(name.toLowerCase());
    inputs[name] = own?.value ?? (preset ? orStandIn(preset.value, run.scope.evaluate(preset.value)) : '');
  }
  for (const { name, value } of byLowerName.values()) inputs[name] = value;
  return inputs;
}

function inputWarnings(definition: ActionDefinition, { step }: ActionSetting): readonly Annotation[] {
  const given = Object.keys(step.with).map((name) => name.toLowerCase());
  const declared = Object.entries(definition.inputs);
  const known = new Set(declared.map(([name]) => name.toLowerCase()));
  const strangers = given.filter((name) => !known.has(name) && !name.includes('${{'));
  const warnings: Annotation[] = [];
  if (strangers.length > 0) {
    const names = declared.map(([name]) => `"${name}"`).join(', ');
    const takes = names === '' ? 'it takes none' : `it takes ${names}`;
    const list = strangers.map((name) => `"${name}"`).join(', ');
    warnings.push({ level: 'warning', message: `${step.uses.value} does not know the input ${list}; ${takes}` });
  }
  for (const [name, { deprecationMessage }] of declared) {
    if (deprecationMessage !== undefined && given.includes(name.toLowerCase()))
      warnings.push({ level: 'warning', message: `input "${name}" is deprecated: ${deprecationMessage}` });
  }
  return warnings;
}

/** The project's files for `$/path`, laid out once a job, as checkout lays them out. */
async function projectFolder(setting: ActionSetting, run: StepRun): Promise<Result<string, string>> {
  const folder = join(run.folders.temporary, '_project');
  if (existsSync(folder)) return ok(folder);
  const checkout = run.actions['actions/checkout'];
  if (!checkout) return { ok: false, error: 'the project cannot be laid out' };
  mkdirSync(folder, { recursive: true });
  const output = run.openOutput(setting.index);
  const ignore = (): void => undefined;
  const context = actionContext(setting, run, output);
  const done = await checkout.main({ ...context, inputs: {}, workspace: folder, output: ignore, log: ignore });
  output.end();
  return done.kind === 'done' ? ok(folder) : { ok: false, error: done.why };
}
