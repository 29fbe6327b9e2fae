// For `gantry check`: the actions that steps use, as far as they lie in the project or come with Gantry.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { suggest } from '#base/suggest.ts';
import { builtInTaking, checkActionInputs, lenientTaking, placeOfLocal, usesOf } from '#workflow/check-action.ts';
import type { Taking } from '#workflow/check-action.ts';
import { CODES } from '#workflow/codes.ts';
import type { Code } from '#workflow/codes.ts';
import type { Diagnostic, Severity } from '#workflow/diagnostic.ts';
import type { Job, UsesStep, Workflow } from '#workflow/model.ts';
import { readAction } from '#workflow/read-action.ts';
import { isOwnFile } from '#workflow/reading.ts';
import type { ReadFile } from './find-workflow.ts';

export interface UsingWorkflow {
  readonly workflow: Workflow;
  readonly text: string;
}

/** What is to be said of the steps of workflows, and of the local actions that they use, each once. */
export function checkActions(using: readonly UsingWorkflow[], project: string): readonly ReadFile[] {
  const actions = new LocalActions(project);
  const told = using.map(({ workflow, text }): ReadFile => {
    const { file } = workflow;
    const severity = isOwnFile(resolve(file)) ? 'error' : 'warning';
    const diagnostics = workflow.jobs.flatMap(({ steps }) => checkSteps(steps, { actions, file, severity }));
    return { file, text, diagnostics };
  });
  return [...told, ...actions.reads];
}

interface StepPlace {
  readonly actions: LocalActions;
  readonly file: string;
  readonly severity: Severity;
}

function checkSteps(steps: Job['steps'], place: StepPlace): readonly Diagnostic[] {
  return usesOf(steps).flatMap(({ step, before }) => {
    const uses = step.uses.value;
    if (!/^[.$]\//.test(uses)) {
      const taking = builtInTaking(uses);
      return taking ? checkActionInputs(step, taking, place) : [];
    }
    return checkLocal(step, before, place);
  });
}

function checkLocal(step: UsesStep, before: Job['steps'], place: StepPlace): readonly Diagnostic[] {
  const { actions, severity } = place;
  const { value: uses } = step.uses;
  const where = placeOfLocal(uses, before);
  if (where.kind === 'unknown') return [];
  if (where.kind === 'nothing') {
    const message = `"${uses}" is looked for in the workspace, and no step before this one has put anything there`;
    return [found(step, { code: 'WF113', message }, place)];
  }
  const action = actions.find(where.path);
  if (action !== undefined) return action.taking ? checkActionInputs(step, action.taking, place) : [];
  const hint = actions.hint(where.path, uses);
  const unless = where.mayBeMade ? ', unless a step makes it' : '';
  const message = `there is no action.yml in "${uses}"${unless}${hint}`;
  return [found(step, { code: 'WF110', message }, { ...place, severity: where.mayBeMade ? 'warning' : severity })];
}

function found(
  { uses }: UsesStep,
  { code, message }: { readonly code: Code; readonly message: string },
  { file, severity }: StepPlace,
): Diagnostic {
  return { code, severity, file, at: uses.at, message, cure: CODES[code].cure };
}

interface LocalAction {
  /** Absent where the action does not say, or cannot be read. */
  readonly taking?: Taking;
}

/** Those of the project, each read when it is first used. */
class LocalActions {
  /** What is to be said of their own files. */
  readonly reads: ReadFile[] = [];
  readonly #project: string;
  readonly #known = new Map<string, LocalAction | undefined>();

  constructor(project: string) {
    this.#project = project;
  }

  /** Undefined: there is none. */
  find(path: string): LocalAction | undefined {
    if (!this.#known.has(path)) {
      // An action that uses itself is looked at once.
      this.#known.set(path, {});
      this.#known.set(path, this.#read(path));
    }
    return this.#known.get(path);
  }

  #read(path: string): LocalAction | undefined {
    const folder = join(this.#project, path);
    const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find((each) => this.#isInside(each));
    if (file === undefined)
      return ['Dockerfile', 'dockerfile'].some((name) => this.#isInside(join(folder, name))) ? {} : undefined;
    const shown = relative(process.cwd(), file);
    const text = readFileSync(file, 'utf8');
    const { action, diagnostics } = readAction(shown, text);
    const steps = action?.runs.kind === 'composite' ? action.runs.steps : [];
    const inner = usesOf(steps).flatMap(({ step }) => this.#checkInner(step, shown));
    this.reads.push({ file: shown, text, diagnostics: [...diagnostics, ...inner] });
    return action ? { taking: lenientTaking(action.inputs) } : {};
  }

  /** A step of a composite action: where its job checks out what, the action cannot know. */
  #checkInner(step: UsesStep, file: string): readonly Diagnostic[] {
    const uses = step.uses.value;
    const local = /^[.$]\/(.*)$/s.exec(uses)?.[1];
    const taking = local === undefined ? builtInTaking(uses) : this.find(local.replace(/\/+$/, ''))?.taking;
    return taking ? checkActionInputs(step, taking, { file, severity: 'warning' }) : [];
  }

  #isInside(file: string): boolean {
    return existsSync(file) && !relative(realpathSync(this.#project), realpathSync(file)).startsWith('..');
  }

  /** ` Did you mean "./actions/setup"?`, of what lies beside it. */
  hint(path: string, uses: string): string {
    const parent = join(this.#project, dirname(path));
    if (!existsSync(parent)) return '';
    const names = readdirSync(parent, { withFileTypes: true }).filter((each) => each.isDirectory());
    const actions = names.filter(({ name }) => existsSync(join(parent, name, 'action.yml'))).map(({ name }) => name);
    const meant = suggest(basename(path), actions);
    return meant === undefined ? '' : `. Did you mean "${uses.replace(/[^/]+\/*$/, meant)}"?`;
  }
}
