// `snapshot:` asks GitHub to make an image of the job's machine. Here none is made; the key is held against its rules.
import { checkCondition } from './check-template.ts';
import { asScalar, readFields, readFilledText } from './fields.ts';
import { report, type Reading, type Site } from './reading.ts';
import { shorten, type YamlNode } from './yaml-node.ts';

export function checkSnapshot(reading: Reading, node: YamlNode, site: Site): void {
  if (node.kind === 'scalar') {
    readFilledText(reading, node, '"snapshot"');
    return;
  }
  const fields = readFields(reading, node, 'snapshot');
  if (fields === undefined) return;
  const image = fields.get('image-name');
  if (image) readFilledText(reading, image.value, '"image-name"');
  else report(reading, { code: 'WF013', at: node.at, message: '"snapshot" needs the key "image-name"' });
  const condition = fields.get('if');
  const scalar = condition && asScalar(reading, condition.value, '"if"');
  if (scalar) checkCondition(reading, scalar, site);
  const entry = fields.get('version');
  const version = entry && readFilledText(reading, entry.value, '"version"');
  if (!version || /^\d+\.\*$/.test(version.value)) return;
  const message = `"${shorten(version.value)}" is no version of an image`;
  report(reading, { code: 'WF181', at: version.at, message });
}
