// A job that calls another workflow: `uses:`, and the keys that may stand beside it.
import { asMap, readFilledText, readTemplates, type Fields } from './fields.ts';
import type { WorkflowCall } from './model.ts';
import { report, type Reading, type Site } from './reading.ts';
import { shorten, type YamlNode } from './yaml-node.ts';

/** GitHub: "Supported keywords for jobs that call a reusable workflow". */
const BESIDE_CALL: readonly string[] = [
  'name',
  'uses',
  'with',
  'secrets',
  'strategy',
  'needs',
  'if',
  'concurrency',
  'permissions',
  'accept',
];

const LOCAL = /^(\.|\$)\/\.github\/workflows\/[^/@]+\.ya?ml$/;
const REMOTE = /^[\w.-]+\/[\w.-]+\/\.github\/workflows\/[^/@]+\.ya?ml@.+$/;

export function readCall(
  reading: Reading,
  node: YamlNode,
  { fields, site }: { readonly fields: Fields; readonly site: Site },
): WorkflowCall | undefined {
  for (const { key, keyNode } of fields.values()) {
    if (!BESIDE_CALL.includes(key))
      report(reading, { code: 'WF011', at: keyNode.at, message: `a job that calls a workflow has no key "${key}"` });
  }
  const inputs = fields.get('with');
  const given =
    inputs && readTemplates(reading, inputs.value, { what: '"with"', site: { ...site, place: 'callWith' } });
  const secrets = readSecrets(reading, fields, site);
  const uses = readFilledText(reading, node, '"uses"');
  if (uses === undefined) return undefined;
  if (!LOCAL.test(uses.value) && !REMOTE.test(uses.value)) {
    report(reading, {
      code: 'WF028',
      at: uses.at,
      message: `"${shorten(uses.value)}" does not name a workflow`,
    });
    return undefined;
  }
  return { uses, with: given ?? {}, secrets };
}

function readSecrets(reading: Reading, fields: Fields, site: Site): WorkflowCall['secrets'] {
  const node = fields.get('secrets')?.value;
  if (node === undefined) return {};
  if (node.kind === 'scalar' && node.value === 'inherit') return 'inherit';
  if (asMap(reading, node, '"secrets"') === undefined) return {};
  return readTemplates(reading, node, { what: '"secrets"', site: { ...site, place: 'callSecrets' } });
}
