// action.yml -> what the action takes, gives and runs (GitHub: "Metadata syntax reference").
import { checkActionReferences } from './check-references.ts';
import { checkCondition } from './check-template.ts';
import type { Diagnostic } from './diagnostic.ts';
import { asMap, asScalar, readEnv, readFilledText, readTemplate, wrongType, type Fields } from './fields.ts';
import type { NamedTemplates, RunStep, Step, Template, UsesStep } from './model.ts';
import { controlKind } from './read-control-steps.ts';
import { readSteps } from './read-steps.ts';
import { readYaml } from './read-yaml.ts';
import { report, type Reading, type Site } from './reading.ts';
import { Reporter } from './reporter.ts';
import { scalarText, type YamlNode } from './yaml-node.ts';

export interface ActionDefinition {
  readonly file: string;
  readonly name?: string;
  /** By name as written; names are compared without regard to case. */
  readonly inputs: Readonly<Record<string, ActionInput>>;
  readonly runs: ActionRuns;
}

export interface ActionInput {
  readonly required: boolean;
  readonly default?: Template;
  readonly deprecationMessage?: string;
}

export type ActionRuns =
  | {
      readonly kind: 'composite';
      readonly steps: readonly (RunStep | UsesStep)[];
      /** Output name to the template that makes its value. */
      readonly outputs: NamedTemplates;
    }
  | {
      readonly kind: 'javascript';
      readonly main: string;
      readonly pre?: Hook;
      readonly post?: Hook;
    }
  | {
      readonly kind: 'container';
      /** `docker://` and a name, or a Dockerfile by its path in the action's folder. */
      readonly image: string;
      readonly entrypoint?: string;
      /** Absent: what the step's `with.args` says. */
      readonly args?: readonly Template[];
      readonly env: NamedTemplates;
      readonly pre?: Hook;
      readonly post?: Hook;
    };

/** A script before or behind `main`, and the condition under which it runs. */
export interface Hook {
  readonly script: string;
  readonly if: string;
}

export interface ActionReading {
  /** Only when no diagnostic is an error. */
  readonly action?: ActionDefinition;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads an action's metadata. Never throws. `file` is for the diagnostics. */
export function readAction(file: string, text: string): ActionReading {
  const reporter = new Reporter(file);
  const { source, root, brokenFromLine } = readYaml(text, reporter);
  if (root === undefined || brokenFromLine !== undefined) return { diagnostics: reporter.all() };
  const reading: Reading = {
    source,
    reporter,
    isGitHubFile: true,
    isOwnFile: false,
    actions: [],
    mentions: [],
    callOutputs: [],
    budget: { expressions: 20_000, comparisons: 100_000 },
  };
  const action = readRoot(reading, root, file);
  const diagnostics = reporter.all();
  return reporter.hasError || action === undefined ? { diagnostics } : { action, diagnostics };
}

const SITE: Site = { place: 'step' };

function readRoot(reading: Reading, root: YamlNode, file: string): ActionDefinition | undefined {
  const fields = fieldsOf(reading, root, 'an action');
  const runsEntry = fields?.get('runs');
  if (fields === undefined) return undefined;
  if (runsEntry === undefined) {
    report(reading, { code: 'WF013', at: { ...root.at, length: 1 }, message: 'an action needs the key "runs"' });
    return undefined;
  }
  const nameEntry = fields.get('name')?.value;
  const inputs = fields.get('inputs')?.value;
  const declared = inputs ? readInputs(reading, inputs) : {};
  const runs = readRuns(reading, runsEntry.value, fields.get('outputs')?.value);
  const steps = runs?.kind === 'composite' ? runs.steps : [];
  checkActionReferences(reading, { steps, inputNames: Object.keys(declared) });
  return (
    runs && {
      file,
      inputs: declared,
      runs,
      ...(nameEntry?.kind === 'scalar' && { name: scalarText(nameEntry) }),
    }
  );
}

/** The entries by key. Keys that are not known are GitHub's to add, so they are let be. */
function fieldsOf(reading: Reading, node: YamlNode, what: string): Fields | undefined {
  const map = asMap(reading, node, what);
  return map && new Map(map.entries.map((entry) => [entry.key, entry]));
}

function isNothing(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function readInputs(reading: Reading, node: YamlNode): Readonly<Record<string, ActionInput>> {
  if (isNothing(node)) return {};
  const inputs = (asMap(reading, node, '"inputs"')?.entries ?? []).map(({ key, value }): [string, ActionInput] => {
    const fields = isNothing(value) ? undefined : fieldsOf(reading, value, `the input "${key}"`);
    const required = fields?.get('required')?.value;
    const preset = fields?.get('default')?.value;
    const text = preset && readTemplate(reading, preset, { what: '"default"', site: SITE });
    const deprecation = fields?.get('deprecationMessage')?.value;
    return [
      key,
      {
        required: required?.kind === 'scalar' && scalarText(required).toLowerCase() === 'true',
        ...(text && { default: text }),
        ...(deprecation?.kind === 'scalar' && { deprecationMessage: scalarText(deprecation) }),
      },
    ];
  });
  return Object.fromEntries(inputs);
}

function readRuns(reading: Reading, node: YamlNode, outputs: YamlNode | undefined): ActionRuns | undefined {
  const fields = fieldsOf(reading, node, '"runs"');
  const usingEntry = fields?.get('using');
  if (!fields) return undefined;
  if (!usingEntry) {
    report(reading, { code: 'WF013', at: node.at, message: '"runs" needs the key "using"' });
    return undefined;
  }
  const using = readFilledText(reading, usingEntry.value, '"using"');
  if (using === undefined) return undefined;
  const kind = using.value.toLowerCase();
  if (kind === 'composite') return readComposite(reading, fields, { at: node, outputs });
  if (/^node\d+$/.test(kind)) return readJavaScript(reading, fields, node);
  if (kind === 'docker') return readContainerRuns(reading, fields, node);
  const message = `"using" cannot be "${using.value}"`;
  report(reading, { code: 'WF019', at: using.at, message, cure: 'use composite, node20, node24 or docker' });
  return undefined;
}

function readJavaScript(reading: Reading, fields: Fields, node: YamlNode): ActionRuns | undefined {
  const mainEntry = fields.get('main');
  if (!mainEntry) report(reading, { code: 'WF013', at: node.at, message: '"runs" needs the key "main"' });
  const main = mainEntry && readFilledText(reading, mainEntry.value, '"main"');
  const pre = readHook(reading, fields, { script: 'pre', condition: 'pre-if' });
  const post = readHook(reading, fields, { script: 'post', condition: 'post-if' });
  return main && { kind: 'javascript', main: main.value, ...(pre && { pre }), ...(post && { post }) };
}

function readContainerRuns(reading: Reading, fields: Fields, node: YamlNode): ActionRuns | undefined {
  const imageEntry = fields.get('image');
  if (!imageEntry) report(reading, { code: 'WF013', at: node.at, message: '"runs" needs the key "image"' });
  const image = imageEntry && readFilledText(reading, imageEntry.value, '"image"');
  const entrypointEntry = fields.get('entrypoint');
  const entrypoint = entrypointEntry && readFilledText(reading, entrypointEntry.value, '"entrypoint"');
  const argsEntry = fields.get('args');
  const args = argsEntry && readArgs(reading, argsEntry.value);
  const envEntry = fields.get('env');
  const env = envEntry && readEnv(reading, envEntry.value, { what: '"env"', site: SITE });
  const pre = readHook(reading, fields, { script: 'pre-entrypoint', condition: 'pre-if' });
  const post = readHook(reading, fields, { script: 'post-entrypoint', condition: 'post-if' });
  return (
    image && {
      kind: 'container',
      image: image.value,
      env: env ?? {},
      ...(entrypoint && { entrypoint: entrypoint.value }),
      ...(args && { args }),
      ...(pre && { pre }),
      ...(post && { post }),
    }
  );
}

function readArgs(reading: Reading, node: YamlNode): readonly Template[] | undefined {
  if (node.kind !== 'list') {
    wrongType(reading, node, { what: '"args"', wanted: 'a list' });
    return undefined;
  }
  return node.items.flatMap((item) => readTemplate(reading, item, { what: 'an argument', site: SITE }) ?? []);
}

function readHook(
  reading: Reading,
  fields: Fields,
  keys: { readonly script: string; readonly condition: string },
): Hook | undefined {
  const entry = fields.get(keys.script);
  const script = entry && readFilledText(reading, entry.value, `"${keys.script}"`);
  const condition = fields.get(keys.condition);
  const scalar = condition && asScalar(reading, condition.value, `"${keys.condition}"`);
  const text = scalar && checkCondition(reading, scalar, { place: 'stepIf' });
  return script && { script: script.value, if: text?.value ? text.value : 'always()' };
}

interface CompositePlace {
  readonly at: YamlNode;
  readonly outputs: YamlNode | undefined;
}

function readComposite(reading: Reading, fields: Fields, { at, outputs }: CompositePlace): ActionRuns | undefined {
  const entry = fields.get('steps');
  if (!entry) {
    report(reading, { code: 'WF013', at: at.at, message: 'a composite action needs the key "steps"' });
    return undefined;
  }
  for (const item of entry.value.kind === 'list' ? entry.value.items : []) reportJobOnlyKeys(reading, item);
  const steps = readSteps(reading, entry.value, 'composite').filter(doesWork);
  for (const step of steps)
    if (step.kind === 'run' && !step.shell)
      report(reading, {
        code: 'WF013',
        at: step.at,
        message: 'a "run" step of a composite action needs the key "shell"',
      });
  return { kind: 'composite', steps, outputs: outputs ? readOutputs(reading, outputs) : {} };
}

function doesWork(step: Step): step is RunStep | UsesStep {
  return step.kind === 'run' || step.kind === 'uses';
}

/** Steps of a composite action run one after the other (GitHub's reference of background steps). */
function reportJobOnlyKeys(reading: Reading, node: YamlNode): void {
  if (node.kind !== 'map') return;
  const kind = controlKind(node);
  const entry = node.entries.find(({ key }) => key === kind || key === 'background');
  if (entry)
    report(reading, {
      code: 'WF011',
      at: entry.keyNode.at,
      message: `a step of a composite action has no key "${entry.key}"`,
      cure: 'run it in the background from a job',
    });
}

function readOutputs(reading: Reading, node: YamlNode): NamedTemplates {
  if (isNothing(node)) return {};
  const outputs = (asMap(reading, node, '"outputs"')?.entries ?? []).flatMap(({ key, value }): [string, Template][] => {
    const entry = isNothing(value) ? undefined : fieldsOf(reading, value, `the output "${key}"`)?.get('value');
    const template = entry && readTemplate(reading, entry.value, { what: '"value"', site: SITE });
    return template ? [[key, template]] : [];
  });
  return Object.fromEntries(outputs);
}
