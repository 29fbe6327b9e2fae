// The text of an action.yml -> what the action takes, gives and does. Form: GitHub's "metadata syntax". GitHub lets unknown
// keys pass beside `runs`, so they pass here too; inside a composite's steps they are errors, as there.
import { checkCondition, checkTemplate } from './check-template.ts';
import type { Diagnostic } from './diagnostic.ts';
import {
  asMap,
  asScalar,
  readEnv,
  readFilledText,
  readTemplate,
  reportChoice,
  wrongType,
  type Fields,
} from './fields.ts';
import type { NamedTemplates, RunStep, Template, UsesStep } from './model.ts';
import type { Span } from './position.ts';
import { readActionSteps } from './read-steps.ts';
import { readYaml } from './read-yaml.ts';
import { report, type Reading } from './reading.ts';
import { Reporter } from './reporter.ts';
import { scalarText, shorten, type YamlNode } from './yaml-node.ts';

export interface ActionDefinition {
  readonly name: string;
  /** By name as written; names are told apart without regard to case. */
  readonly inputs: Readonly<Record<string, ActionInput>>;
  /** Of a composite, the `value:` of each; other actions set their outputs themselves. */
  readonly outputs: NamedTemplates;
  readonly runs: ActionRuns;
}

export interface ActionInput {
  readonly default?: Template;
  readonly required: boolean;
  readonly deprecationMessage?: string;
}

export type ActionRuns =
  { readonly kind: 'composite'; readonly steps: readonly (RunStep | UsesStep)[] } | NodeRuns | DockerRuns;

/** Paths are relative to the action's folder. Conditions are without `${{ }}`; absent means `always()`. */
export interface NodeRuns {
  readonly kind: 'node';
  readonly main: string;
  readonly pre?: string;
  readonly preIf?: string;
  readonly post?: string;
  readonly postIf?: string;
}

export interface DockerRuns {
  readonly kind: 'docker';
  /** `Dockerfile`, a path to one, or `docker://image`. */
  readonly image: string;
  readonly entrypoint?: string;
  readonly preEntrypoint?: string;
  readonly preIf?: string;
  readonly postEntrypoint?: string;
  readonly postIf?: string;
  readonly args: readonly Template[];
  readonly env: NamedTemplates;
}

export interface ActionReadResult {
  /** Only when no diagnostic is an error. */
  readonly action?: ActionDefinition;
  readonly diagnostics: readonly Diagnostic[];
}

const MAX_EXPRESSIONS = 20_000;
const MAX_COMPARISONS = 100_000;

/** Never throws, whatever the text is. */
export function readAction(file: string, text: string): ActionReadResult {
  const reporter = new Reporter(file);
  const { source, root, brokenFromLine } = readYaml(text, reporter);
  if (root === undefined || brokenFromLine !== undefined) return { diagnostics: reporter.all() };
  const reading: Reading = {
    source,
    reporter,
    isGitHubFile: true,
    actions: [],
    mentions: [],
    budget: { expressions: MAX_EXPRESSIONS, comparisons: MAX_COMPARISONS },
  };
  const action = readRoot(reading, root);
  const diagnostics = reporter.all();
  return reporter.hasError || action === undefined ? { diagnostics } : { action, diagnostics };
}

function readRoot(reading: Reading, root: YamlNode): ActionDefinition | undefined {
  if (root.kind !== 'map') {
    report(reading, {
      code: 'WF010',
      at: root.at,
      message: `the file is ${root.kind === 'list' ? 'a list' : 'a single value'}; an action is a mapping`,
      cure: 'begin with keys such as "name:" and "runs:"',
    });
    return undefined;
  }
  const fields: Fields = new Map(root.entries.map((entry) => [entry.key, entry]));
  const name = fields.get('name');
  const inputs = fields.get('inputs');
  const outputs = fields.get('outputs');
  const runs = fields.get('runs');
  if (!runs) {
    report(reading, { code: 'WF013', at: { ...root.at, length: 1 }, message: 'the action needs the key "runs"' });
    return undefined;
  }
  const read = readRuns(reading, runs.value);
  const nameNode = name && asScalar(reading, name.value, '"name"');
  const declared = inputs ? readInputs(reading, inputs.value) : {};
  const given = outputs && read?.kind === 'composite' ? readOutputs(reading, outputs.value) : {};
  return read && { name: nameNode ? scalarText(nameNode) : '', inputs: declared, outputs: given, runs: read };
}

/** A mapping with any keys; those without a value are as good as absent. */
function looseFields(reading: Reading, node: YamlNode, what: string): Fields {
  const entries = asMap(reading, node, what)?.entries ?? [];
  const isEmpty = (value: YamlNode): boolean => value.kind === 'scalar' && value.value === null;
  return new Map(entries.filter((entry) => !isEmpty(entry.value)).map((entry) => [entry.key, entry]));
}

function readInputs(reading: Reading, node: YamlNode): Readonly<Record<string, ActionInput>> {
  if (node.kind === 'scalar' && node.value === null) return {};
  const inputs = (asMap(reading, node, '"inputs"')?.entries ?? []).map(({ key, value }): [string, ActionInput] => {
    if (value.kind === 'scalar' && value.value === null) return [key, { required: false }];
    const fields = looseFields(reading, value, `the input "${shorten(key)}"`);
    const standard = fields.get('default');
    const isRequired = fields.get('required');
    const deprecation = fields.get('deprecationMessage');
    const template =
      standard && readTemplate(reading, standard.value, { what: '"default"', site: { place: 'actionInput' } });
    const requiredNode = isRequired && asScalar(reading, isRequired.value, '"required"');
    const message = deprecation && asScalar(reading, deprecation.value, '"deprecationMessage"');
    return [
      key,
      {
        // Quoted or not: both are common.
        required: requiredNode !== undefined && scalarText(requiredNode).toLowerCase() === 'true',
        ...(template && { default: template }),
        ...(message && { deprecationMessage: scalarText(message) }),
      },
    ];
  });
  return Object.fromEntries(inputs);
}

function readOutputs(reading: Reading, node: YamlNode): NamedTemplates {
  if (node.kind === 'scalar' && node.value === null) return {};
  const outputs = (asMap(reading, node, '"outputs"')?.entries ?? []).flatMap(
    ({ key, keyNode, value }): [string, Template][] => {
      const entry = looseFields(reading, value, `the output "${shorten(key)}"`).get('value');
      if (!entry) {
        const message = `the output "${shorten(key)}" of a composite action needs the key "value"`;
        report(reading, { code: 'WF013', at: keyNode.at, message });
        return [];
      }
      const template = readTemplate(reading, entry.value, { what: '"value"', site: { place: 'actionOutput' } });
      return template ? [[key, template]] : [];
    },
  );
  return Object.fromEntries(outputs);
}

const USING = ['composite', 'docker', 'node12', 'node16', 'node20', 'node24'];

function readRuns(reading: Reading, node: YamlNode): ActionRuns | undefined {
  const fields = looseFields(reading, node, '"runs"');
  if (node.kind !== 'map') return undefined;
  const entry = fields.get('using');
  if (!entry) {
    report(reading, { code: 'WF013', at: node.at, message: '"runs" needs the key "using"' });
    return undefined;
  }
  const using = readFilledText(reading, entry.value, '"using"');
  if (!using) return undefined;
  switch (using.value.toLowerCase()) {
    case 'composite':
      return readComposite(reading, fields, node.at);
    case 'docker':
      return readDocker(reading, fields, node.at);
    case 'node12':
    case 'node16':
    case 'node20':
    case 'node24':
      return readNode(reading, fields, node.at);
    default:
      reportChoice(reading, using, { what: '"using"', from: USING });
      return undefined;
  }
}

function readComposite(reading: Reading, fields: Fields, at: Span): ActionRuns | undefined {
  for (const [key, entry] of fields) {
    if (key !== 'using' && key !== 'steps')
      report(reading, {
        code: 'WF011',
        at: entry.keyNode.at,
        message: `a composite action has no key "${shorten(key)}" in "runs"`,
      });
  }
  const steps = required(reading, fields, { key: 'steps', at });
  return steps && { kind: 'composite', steps: readActionSteps(reading, steps) };
}

function readNode(reading: Reading, fields: Fields, at: Span): NodeRuns | undefined {
  const main = required(reading, fields, { key: 'main', at });
  const mainText = main && readFilledText(reading, main, '"main"');
  const pre = textOf(reading, fields, 'pre');
  const preIf = conditionOf(reading, fields, 'pre-if');
  const post = textOf(reading, fields, 'post');
  const postIf = conditionOf(reading, fields, 'post-if');
  return (
    mainText && {
      kind: 'node',
      main: mainText.value,
      ...(pre !== undefined && { pre }),
      ...(preIf !== undefined && { preIf }),
      ...(post !== undefined && { post }),
      ...(postIf !== undefined && { postIf }),
    }
  );
}

function readDocker(reading: Reading, fields: Fields, at: Span): DockerRuns | undefined {
  const image = required(reading, fields, { key: 'image', at });
  const imageText = image && readFilledText(reading, image, '"image"');
  const entrypoint = textOf(reading, fields, 'entrypoint');
  const preEntrypoint = textOf(reading, fields, 'pre-entrypoint');
  const preIf = conditionOf(reading, fields, 'pre-if');
  const postEntrypoint = textOf(reading, fields, 'post-entrypoint');
  const postIf = conditionOf(reading, fields, 'post-if');
  const env = fields.get('env');
  const site = { place: 'actionContainer' } as const;
  return (
    imageText && {
      kind: 'docker',
      image: imageText.value,
      args: readArgs(reading, fields),
      env: env ? readEnv(reading, env.value, { what: '"env"', site }) : {},
      ...(entrypoint !== undefined && { entrypoint }),
      ...(preEntrypoint !== undefined && { preEntrypoint }),
      ...(preIf !== undefined && { preIf }),
      ...(postEntrypoint !== undefined && { postEntrypoint }),
      ...(postIf !== undefined && { postIf }),
    }
  );
}

function readArgs(reading: Reading, fields: Fields): readonly Template[] {
  const entry = fields.get('args');
  if (!entry) return [];
  if (entry.value.kind !== 'list') {
    wrongType(reading, entry.value, { what: '"args"', wanted: 'a list of texts' });
    return [];
  }
  return entry.value.items.flatMap((item) => {
    const scalar = asScalar(reading, item, 'an entry of "args"');
    return scalar ? [checkTemplate(reading, scalar, { place: 'actionContainer' })] : [];
  });
}

function required(
  reading: Reading,
  fields: Fields,
  { key, at }: { readonly key: string; readonly at: Span },
): YamlNode | undefined {
  const entry = fields.get(key);
  if (!entry) report(reading, { code: 'WF013', at, message: `"runs" needs the key "${key}"` });
  return entry?.value;
}

function textOf(reading: Reading, fields: Fields, key: string): string | undefined {
  const entry = fields.get(key);
  return entry && readFilledText(reading, entry.value, `"${key}"`)?.value;
}

function conditionOf(reading: Reading, fields: Fields, key: string): string | undefined {
  const entry = fields.get(key);
  const scalar = entry && asScalar(reading, entry.value, `"${key}"`);
  return scalar && checkCondition(reading, scalar, { place: 'actionHookIf' }).value;
}
