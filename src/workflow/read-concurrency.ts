import { readBooleanOrTemplate, readChoice, readFields, readTemplate, wrongType } from './fields.ts';
import type { Concurrency, Job, Template } from './model.ts';
import { lenient, report, type Reading, type Site } from './reading.ts';
import { hasExpression } from './template-text.ts';
import { describeNode, type YamlNode } from './yaml-node.ts';

const QUEUES = ['single', 'max'] as const;

/** `concurrency:` as the name of the group alone, or as a mapping. */
export function readConcurrency(reading: Reading, node: YamlNode, site: Site): Concurrency | undefined {
  if (node.kind === 'scalar') {
    if (site.place === 'workflowConcurrency' && typeof node.value === 'string' && node.value.trim() === '')
      return reportNoGroup(reading, node);
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
  if (queue?.value === 'max' && isCancelled?.value === true)
    report(reading, {
      code: 'WF145',
      at: queue.at,
      message:
        '"queue: max" drops nothing, and "cancel-in-progress: true" cancels what runs: they cannot be used together',
    });
  return (
    group && {
      at: node.at,
      group,
      queue: queue?.value ?? 'single',
      ...(isCancelled && { cancelInProgress: isCancelled }),
    }
  );
}

/** GitHub's reader takes an empty text for the whole workflow, and there alone; here it stands for no group. */
function reportNoGroup(reading: Reading, node: YamlNode): undefined {
  report(reading, {
    code: 'WF012',
    severity: lenient(reading),
    at: node.at,
    message: `the group of "concurrency" must be text that is not empty, not ${describeNode(node)}: runs do not wait for each other`,
  });
}

function readGroup(reading: Reading, node: YamlNode, site: Site): Template | undefined {
  const group = readTemplate(reading, node, { what: 'the group of "concurrency"', site });
  if (group?.value.trim() !== '') return group;
  wrongType(reading, node, { what: 'the group of "concurrency"', wanted: 'text that is not empty' });
  return undefined;
}

/** A job that asks for the group of its own workflow would wait for itself. Names made by expressions are judged at run time. */
export function checkConcurrency(reading: Reading, workflow: Concurrency | undefined, jobs: readonly Job[]): void {
  if (!workflow || hasExpression(workflow.group.value)) return;
  const group = workflow.group.value.toLowerCase();
  for (const { key, concurrency } of jobs) {
    if (concurrency?.group.value.toLowerCase() !== group) continue;
    report(reading, {
      code: 'WF146',
      at: concurrency.group.at,
      message: `job "${key}" waits for the concurrency group "${concurrency.group.value}", which its own workflow holds until the job has ended`,
    });
  }
}
