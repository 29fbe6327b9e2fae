import { readBooleanOrTemplate, readChoice, readFields, readTemplate, wrongType } from './fields.ts';
import type { Concurrency, Template } from './model.ts';
import { report, type Reading, type Site } from './reading.ts';
import type { YamlNode } from './yaml-node.ts';

const QUEUES = ['single', 'max'] as const;

/** `concurrency:` as the name of the group alone, or as a mapping. */
export function readConcurrency(reading: Reading, node: YamlNode, site: Site): Concurrency | undefined {
  report(reading, {
    code: 'WF081',
    severity: 'warning',
    at: node.at,
    message: '"concurrency" is not honoured yet: runs neither wait for each other nor cancel each other',
  });
  if (node.kind === 'scalar') {
    const group = readGroup(reading, node, site);
    return group && { at: node.at, group, queue: 'single' };
  }
  const fields = readFields(reading, node, 'concurrency');
  if (fields === undefined) return undefined;
  const groupEntry = fields.get('group');
  if (!groupEntry) report(reading, { code: 'WF013', at: node.at, message: '"concurrency" needs the key "group"' });
  const group = groupEntry && readGroup(reading, groupEntry.value, site);
  const cancel = fields.get('cancel-in-progress');
  const isCancelled = cancel && readBooleanOrTemplate(reading, cancel.value, { what: '"cancel-in-progress"', site });
  const queueEntry = fields.get('queue');
  const queue = queueEntry && readChoice(reading, queueEntry.value, { what: '"queue"', from: QUEUES });
  return (
    group && {
      at: node.at,
      group,
      queue: queue?.value ?? 'single',
      ...(isCancelled && { cancelInProgress: isCancelled }),
    }
  );
}

function readGroup(reading: Reading, node: YamlNode, site: Site): Template | undefined {
  const group = readTemplate(reading, node, { what: 'the group of "concurrency"', site });
  if (group?.value.trim() !== '') return group;
  wrongType(reading, node, { what: 'the group of "concurrency"', wanted: 'text that is not empty' });
  return undefined;
}
