import { readFilledText } from './fields.ts';
import type { Located } from './position.ts';
import { didYouMean, report, type Reading } from './reading.ts';
import { shorten, type YamlNode } from './yaml-node.ts';

/** `uses:` of a step: what it names must be well-formed, and among the actions that are there. */
export function readUses(reading: Reading, node: YamlNode): Located<string> | undefined {
  const uses = readFilledText(reading, node, '"uses"');
  if (uses === undefined) return undefined;
  const { value, at } = uses;
  if (value.startsWith('docker://')) {
    report(reading, {
      code: 'WF080',
      at,
      message: '"docker://" is not honoured yet: actions do not run in containers',
    });
    return uses;
  }
  const isLocal = value.startsWith('./');
  const [, name = '', ref] = /^([^@]*)(?:@(.*))?$/s.exec(value) ?? [];
  if (!isLocal && !/^[\w.-]+\/[\w.-]+(\/[\w./-]+)?$/.test(name)) {
    report(reading, { code: 'WF023', at, message: `"${shorten(value)}" does not name an action` });
    return uses;
  }
  if (!isLocal && !ref) {
    report(reading, {
      code: 'WF023',
      at,
      message: `"${shorten(value)}" does not say which version`,
      cure: `write for example "${shorten(name)}@v1"`,
    });
    return uses;
  }
  if (reading.actions.some((each) => each.toLowerCase() === name.toLowerCase())) return uses;
  const hint = didYouMean(reading, name, reading.actions);
  const cure = `use one of ${reading.actions.join(', ')}, or a "run:" step`;
  report(reading, {
    code: 'WF082',
    at,
    message: `the action "${shorten(name)}" is not available${hint}`,
    ...(reading.actions.length > 0 && { cure }),
  });
  return uses;
}
