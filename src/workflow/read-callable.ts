// `on.workflow_call`: what another workflow has to give, and what it gets back.
import { checkTemplate } from './check-template.ts';
import { asMap, checkName, readBoolean, readChoice, readFields, readTemplate, readText } from './fields.ts';
import type { CallInput, CallInterface, NamedTemplates, OrTemplate } from './model.ts';
import { report, type Reading } from './reading.ts';
import { hasExpression } from './template-text.ts';
import { describeNode, scalarText, type YamlEntry, type YamlNode } from './yaml-node.ts';

const INPUT_TYPES = ['string', 'boolean', 'number'] as const;

export function readCallable(reading: Reading, node: YamlNode): CallInterface {
  const isBare = node.kind === 'scalar' && node.value === null;
  const fields = isBare ? undefined : readFields(reading, node, 'call');
  const entries = (key: string): readonly YamlEntry[] => {
    const value = fields?.get(key)?.value;
    if (value === undefined) return [];
    return asMap(reading, value, `"${key}"`)?.entries ?? [];
  };
  const inputs = entries('inputs').flatMap((entry): [string, CallInput][] => {
    checkName(reading, entry.key, { what: 'the name of an input', at: entry.keyNode.at });
    const input = readInput(reading, entry);
    return input ? [[entry.key, input]] : [];
  });
  const secrets = entries('secrets').map(({ key, keyNode, value }) => {
    checkName(reading, key, { what: 'the name of a secret', at: keyNode.at });
    return [key, { required: isRequired(reading, value), at: keyNode.at }] as const;
  });
  return {
    inputs: Object.fromEntries(inputs),
    secrets: Object.fromEntries(secrets),
    outputs: readOutputs(reading, entries('outputs')),
  };
}

function isRequired(reading: Reading, node: YamlNode): boolean {
  if (node.kind === 'scalar' && node.value === null) return false;
  const fields = readFields(reading, node, 'callSecret');
  const description = fields?.get('description');
  if (description) readText(reading, description.value, '"description"');
  const required = fields?.get('required');
  return (required && readBoolean(reading, required.value, '"required"')) ?? false;
}

function readInput(reading: Reading, { key, keyNode, value: node }: YamlEntry): CallInput | undefined {
  const fields = readFields(reading, node, 'callInput');
  if (fields === undefined) return undefined;
  const typeEntry = fields.get('type');
  if (!typeEntry) {
    report(reading, {
      code: 'WF013',
      at: keyNode.at,
      message: `input "${key}" of "workflow_call" needs the key "type"`,
    });
    return undefined;
  }
  const what = `the type of input "${key}"`;
  const type = readChoice(reading, typeEntry.value, { what, from: INPUT_TYPES, code: 'WF036' })?.value;
  const description = fields.get('description');
  if (description) readText(reading, description.value, '"description"');
  const required = fields.get('required');
  const isNeeded = required && readBoolean(reading, required.value, '"required"');
  const preset = fields.get('default');
  if (type === undefined) return undefined;
  const value = preset && readDefault(reading, preset.value, { key, type });
  return { type, required: isNeeded ?? false, at: keyNode.at, ...(value && { default: value }) };
}

function readDefault(
  reading: Reading,
  node: YamlNode,
  { key, type }: { key: string; type: CallInput['type'] },
): OrTemplate<string | boolean | number> | undefined {
  const { at } = node;
  if (node.kind === 'scalar') {
    const text = scalarText(node);
    if (hasExpression(text)) return checkTemplate(reading, node, { place: 'callDefault' });
    if (type === 'string') return { value: text, at };
    if (typeof node.value === type && node.value !== null) return { value: node.value, at };
  }
  const wanted = type === 'string' ? 'text' : `a ${type}`;
  const message = `the default of input "${key}" must be ${wanted}, not ${describeNode(node)}`;
  report(reading, { code: 'WF036', at, message });
  return undefined;
}

function readOutputs(reading: Reading, entries: readonly YamlEntry[]): NamedTemplates {
  const outputs = entries.flatMap(({ key, keyNode, value: node }) => {
    checkName(reading, key, { what: 'the name of an output', at: keyNode.at });
    const fields = readFields(reading, node, 'callOutput');
    const description = fields?.get('description');
    if (description) readText(reading, description.value, '"description"');
    const entry = fields?.get('value');
    if (fields && !entry)
      report(reading, { code: 'WF013', at: keyNode.at, message: `output "${key}" needs the key "value"` });
    const value = entry && readTemplate(reading, entry.value, { what: '"value"', site: { place: 'callOutputs' } });
    return value ? [[key, value] as const] : [];
  });
  return Object.fromEntries(outputs);
}
