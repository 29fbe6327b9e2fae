// Steps that do no work themselves: they wait for steps in the background, or end one.
import {
  readBoolean,
  readBooleanOrTemplate,
  readFields,
  readFilledText,
  readTemplate,
  readTextList,
  wrongType,
} from './fields.ts';
import type { CancelStep, Step, WaitStep } from './model.ts';
import type { Located, Span } from './position.ts';
import { didYouMean, lenient, report, type Reading } from './reading.ts';
import type { YamlNode } from './yaml-node.ts';

const KINDS = ['wait', 'wait-all', 'cancel', 'parallel'] as const;

export type ControlKind = (typeof KINDS)[number];

export function controlKind(node: YamlNode): ControlKind | undefined {
  if (node.kind !== 'map') return undefined;
  return KINDS.find((kind) => node.entries.some((entry) => entry.key === kind));
}

export function controlBase(index: number, at: Span): Pick<WaitStep, 'index' | 'at' | 'env' | 'fallback'> {
  return { index, at, env: {}, fallback: [] };
}

export interface StepsBefore {
  readonly job: string;
  readonly index: number;
  /** The job's steps so far. */
  readonly steps: readonly Step[];
}

interface ControlPlace extends StepsBefore {
  readonly kind: Exclude<ControlKind, 'parallel'>;
}

export function readControlStep(reading: Reading, node: YamlNode, place: ControlPlace): Step | undefined {
  const { kind, job, index } = place;
  const fields = readFields(reading, node, kind);
  if (fields === undefined) return undefined;
  const site = { place: 'step', job, step: index } as const;
  const nameEntry = fields.get('name');
  const name = nameEntry && readTemplate(reading, nameEntry.value, { what: '"name"', site });
  const idEntry = fields.get('id');
  const id = idEntry && readFilledText(reading, idEntry.value, '"id"');
  const toleratedEntry = fields.get('continue-on-error');
  const tolerated =
    toleratedEntry && readBooleanOrTemplate(reading, toleratedEntry.value, { what: '"continue-on-error"', site });
  const base = {
    ...controlBase(index, node.at),
    ...(name && { name }),
    ...(id && { id: id.value }),
    ...(tolerated && { continueOnError: tolerated }),
  };
  const entry = fields.get(kind);
  if (entry === undefined) return undefined;
  if (kind === 'wait-all') {
    const isNothing = entry.value.kind === 'scalar' && entry.value.value === null;
    if (!isNothing && readBoolean(reading, entry.value, '"wait-all"') === false)
      wrongType(reading, entry.value, { what: '"wait-all"', wanted: 'true, or nothing' });
    return { ...base, kind: 'wait', steps: 'all' } satisfies WaitStep;
  }
  if (kind === 'cancel' && entry.value.kind !== 'scalar') {
    wrongType(reading, entry.value, { what: '"cancel"', wanted: 'the id of one step' });
    return undefined;
  }
  const ids = readTextList(reading, entry.value, `"${kind}"`);
  const targets = ids.flatMap((target) => findTarget(reading, target, place) ?? []);
  if (kind === 'wait') return { ...base, kind: 'wait', steps: targets } satisfies WaitStep;
  const [target] = targets;
  return target === undefined ? undefined : ({ ...base, kind: 'cancel', step: target } satisfies CancelStep);
}

function findTarget(
  reading: Reading,
  { value, at }: Located<string>,
  { kind, steps }: ControlPlace,
): number | undefined {
  const found = steps.find((step) => step.id?.toLowerCase() === value.toLowerCase());
  const isBackground = found && (found.kind === 'run' || found.kind === 'uses') && found.background === true;
  if (isBackground) return found.index;
  const ids = steps.flatMap((step) =>
    (step.kind === 'run' || step.kind === 'uses') && step.background && step.id !== undefined ? [step.id] : [],
  );
  // GitHub's reader takes it: what is not in the background has ended already.
  const severity = found && kind === 'wait' ? lenient(reading) : 'error';
  const why = found
    ? `the step "${value}" does not run in the background`
    : `no step before this one runs in the background under the id "${value}"${didYouMean(reading, value, ids)}`;
  report(reading, { code: 'WF029', severity, at, message: `"${kind}" has nothing to work on: ${why}` });
  return undefined;
}

export function readBackground(reading: Reading, node: YamlNode): Located<boolean> | undefined {
  const value = readBoolean(reading, node, '"background"');
  return value === undefined ? undefined : { value, at: node.at };
}
