// A step whose action was found by its metadata: composite or JavaScript.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { Annotation } from '#run/events.ts';
import type { NamedTemplates } from '#workflow/model.ts';
import type { ActionDefinition } from '#workflow/read-action.ts';
import { findAction } from '../actions/find-action.ts';
import type { FoundAction } from '../actions/find-action.ts';
import { actionContext } from './action-context.ts';
import type { ActionSetting } from './action-context.ts';
import type { Attempt } from './attempt-result.ts';
import { runComposite } from './composite-action.ts';
import { addJavaScriptPost, runJavaScript } from './javascript-action.ts';
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
    default:
      return {
        how: 'broken',
        why: `${setting.step.uses.value} is built into a container by its action.yml, which Gantry cannot do yet; an image of its own runs by "uses: docker://image"`,
        ledger: [],
        annotations: [],
      };
  }
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
  const { definition, folder, source } = found.value;
  const github: Record<string, string> = {
    action: run.scope.action,
    action_path: folder,
    action_repository: source?.repository ?? '',
    action_ref: source?.ref ?? '',
  };
  return ok({
    ...found.value,
    inputs: inputsOf(definition, withStandIns(step.with, run.scope.evaluateAll(step.with, stepEnv)), run),
    github,
  });
}

/** After a crash: `main` is done, `post` is still due. */
export async function dueFoundPost(setting: ActionSetting, run: StepRun): Promise<void> {
  const prepared = await prepareAction(setting, run);
  if (prepared.ok && prepared.value.definition.runs.kind === 'javascript')
    addJavaScriptPost(prepared.value, prepared.value.definition.runs, { setting, run });
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
