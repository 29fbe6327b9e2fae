// `on.workflow_dispatch.inputs`.
import { asMap, checkName, readBoolean, readChoice, readFields, readText, wrongType } from './fields.ts';
import type { DispatchInput } from './model.ts';
import { report, type Reading } from './reading.ts';
import { describeNode, scalarText, type YamlEntry, type YamlMap, type YamlNode } from './yaml-node.ts';

function inputEntries(reading: Reading, on: YamlMap): readonly YamlEntry[] {
  const trigger = on.entries.find((entry) => entry.key === 'workflow_dispatch')?.value;
  const inputs = trigger?.kind === 'map' ? trigger.entries.find((entry) => entry.key === 'inputs')?.value : undefined;
  if (inputs === undefined || (inputs.kind === 'scalar' && inputs.value === null)) return [];
  return asMap(reading, inputs, '"inputs"')?.entries ?? [];
}

export function readInputs(reading: Reading, on: YamlMap): Readonly<Record<string, DispatchInput>> {
  const inputs = inputEntries(reading, on).flatMap((entry): [string, DispatchInput][] => {
    checkName(reading, entry.key, { what: 'the name of an input', at: entry.keyNode.at });
    const input = readInput(reading, entry);
    return input === undefined ? [] : [[entry.key, input]];
  });
  return Object.fromEntries(inputs);
}

const INPUT_TYPES = ['string', 'boolean', 'number', 'choice', 'environment'] as const;

function readInput(reading: Reading, { key, keyNode, value: node }: YamlEntry): DispatchInput | undefined {
  const { at } = keyNode;
  // As GitHub reads it: an input of which nothing is said is a text.
  if (node.kind === 'scalar' && node.value === null) return { type: 'string', required: false, at };
  const fields = readFields(reading, node, 'dispatchInput');
  if (fields === undefined) return undefined;
  const take = <T>(name: string, read: (value: YamlNode) => T | undefined): T | undefined => {
    const entry = fields.get(name);
    return entry && read(entry.value);
  };
  const type =
    take('type', (value) =>
      readChoice(reading, value, { what: `the type of input "${key}"`, from: INPUT_TYPES, code: 'WF036' }),
    )?.value ?? 'string';
  const description = take('description', (value) => readText(reading, value, '"description"'))?.value;
  const required = take('required', (value) => readBoolean(reading, value, '"required"')) ?? false;
  const options = take('options', (value) => readOptions(reading, value));
  const base: DispatchInput = {
    type,
    required,
    at,
    ...(description !== undefined && { description }),
    ...(options && { options }),
  };
  if (type === 'choice' && (options ?? []).length === 0) {
    report(reading, {
      code: 'WF036',
      at,
      message: `input "${key}" is a choice without options`,
      cure: 'add "options:" with a list',
    });
  }
  const fallback = fields.get('default');
  if (fallback === undefined) return base;
  const preset = readDefault(reading, fallback.value, { key, input: base });
  return preset === undefined ? base : { ...base, default: preset };
}

function readOptions(reading: Reading, node: YamlNode): readonly string[] {
  if (node.kind !== 'list') {
    wrongType(reading, node, { what: '"options"', wanted: 'a list of texts' });
    return [];
  }
  return node.items.flatMap((item) => readText(reading, item, 'an entry of "options"')?.value ?? []);
}

function readDefault(
  reading: Reading,
  node: YamlNode,
  { key, input }: { key: string; input: DispatchInput },
): string | boolean | number | undefined {
  const value = node.kind === 'scalar' ? node.value : undefined;
  const text = node.kind === 'scalar' ? scalarText(node) : '';
  const complain = (wanted: string): undefined => {
    const message = `the default of input "${key}" must be ${wanted}, not ${describeNode(node)}`;
    report(reading, { code: 'WF036', at: node.at, message });
    return undefined;
  };
  if (node.kind !== 'scalar') return complain('text, a number or a boolean');
  if (readText(reading, node, `the default of input "${key}"`) === undefined) return undefined;
  if (input.type === 'boolean')
    return typeof value === 'boolean'
      ? value
      : /^(true|false)$/.test(text)
        ? text === 'true'
        : complain('true or false');
  if (input.type === 'number')
    return text !== '' && Number.isFinite(Number(text)) ? Number(text) : complain('a number');
  if (input.type === 'choice' && input.options && !input.options.includes(text))
    return complain(`one of ${input.options.join(', ')}`);
  return text;
}
