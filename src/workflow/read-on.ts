// `on:` in its three forms: one event, a list of events, or a mapping of events to their filters.
import { cronProblem } from './cron.ts';
import { isTimezone } from './timezone.ts';
import { EVENTS, type EventRules } from './events.ts';
import { asMap, readFields, readFilledText, readTextList, reportChoice, wrongType } from './fields.ts';
import type { CallInterface, DispatchInput, Schedule, Trigger } from './model.ts';
import { readCallable } from './read-callable.ts';
import { readInputs } from './read-inputs.ts';
import type { Located } from './position.ts';
import { didYouMean, lenient, report, type Reading } from './reading.ts';
import { scalarText, shorten, type YamlEntry, type YamlMap, type YamlNode } from './yaml-node.ts';

export interface OnReading {
  readonly triggers: readonly Trigger[];
  readonly inputs: Readonly<Record<string, DispatchInput>>;
  /** Names that `inputs.*` may read: those of `workflow_dispatch` and of `workflow_call`. */
  readonly inputNames: ReadonlySet<string>;
  readonly callable?: CallInterface;
}

const NOTHING: OnReading = { triggers: [], inputs: {}, inputNames: new Set() };

export function readOn(reading: Reading, node: YamlNode): OnReading {
  if (node.kind === 'map') {
    const triggers = node.entries.flatMap((entry) => readEvent(reading, entry) ?? []);
    if (node.entries.length === 0) wrongType(reading, node, { what: '"on"', wanted: 'at least one event' });
    const inputs = readInputs(reading, node);
    const call = node.entries.find((entry) => entry.key === 'workflow_call');
    const callable = call && readCallable(reading, call.value);
    const inputNames = new Set([...Object.keys(inputs), ...Object.keys(callable?.inputs ?? {})]);
    return { triggers, inputs, inputNames, ...(callable && { callable }) };
  }
  const isEmpty = node.kind === 'list' ? node.items.length === 0 : scalarText(node) === '';
  if (isEmpty) {
    wrongType(reading, node, { what: '"on"', wanted: 'at least one event' });
    return NOTHING;
  }
  const triggers = readTextList(reading, node, 'an event of "on"').flatMap((name): Trigger[] => {
    if (!isEvent(reading, name)) return [];
    if (name.value !== 'schedule') return [{ event: name.value, at: name.at }];
    report(reading, {
      code: 'WF035',
      at: name.at,
      message: '"schedule" says no time',
      cure: 'write "schedule:" with a list of "cron:" entries',
    });
    return [];
  });
  const isCallable = triggers.some((trigger) => trigger.event === 'workflow_call');
  return { ...NOTHING, triggers, ...(isCallable && { callable: { inputs: {}, secrets: {}, outputs: {} } }) };
}

function isEvent(reading: Reading, { value, at }: Located<string>): boolean {
  if (Object.hasOwn(EVENTS, value)) return true;
  report(reading, {
    code: 'WF030',
    at,
    message: `there is no event "${shorten(value)}"${didYouMean(reading, value, Object.keys(EVENTS))}`,
  });
  return false;
}

function readEvent(reading: Reading, { key, keyNode, value }: YamlEntry): Trigger | undefined {
  if (!isEvent(reading, { value: key, at: keyNode.at })) return undefined;
  const trigger: Trigger = { event: key, at: keyNode.at };
  if (key === 'schedule') return { ...trigger, schedules: readSchedule(reading, value) };
  // An event without a filter has an empty value.
  if (value.kind === 'scalar' && value.value === null) return trigger;
  // Read by readCallable, which says what is wrong with it.
  if (key === 'workflow_call') return trigger;
  if (key === 'workflow_dispatch') {
    readFields(reading, value, 'dispatch');
    return trigger;
  }
  const map = asMap(reading, value, `"${key}"`);
  return map && { ...trigger, ...readFilters(reading, key, map) };
}

const FILTER_FIELDS: Readonly<Record<string, keyof Trigger>> = {
  types: 'types',
  branches: 'branches',
  'branches-ignore': 'branchesIgnore',
  tags: 'tags',
  'tags-ignore': 'tagsIgnore',
  paths: 'paths',
  'paths-ignore': 'pathsIgnore',
  workflows: 'workflows',
};

function readFilters(reading: Reading, event: string, map: YamlMap): Partial<Trigger> {
  const rules: EventRules = EVENTS[event] ?? {};
  const allowed = [...(rules.types ? ['types'] : []), ...(rules.filters ?? [])];
  const filters: [string, readonly string[]][] = [];
  for (const entry of map.entries) {
    const { key, keyNode, value } = entry;
    if (!allowed.includes(key)) {
      const list = allowed.length === 0 ? 'it takes no filters' : `it takes ${allowed.join(', ')}`;
      const hint = didYouMean(reading, key, allowed) || `; ${list}`;
      report(reading, { code: 'WF031', at: keyNode.at, message: `"${event}" has no filter "${shorten(key)}"${hint}` });
      continue;
    }
    const values = readTextList(reading, value, `"${key}"`);
    if (key === 'types') checkTypes(reading, event, values);
    else if (key !== 'workflows') checkPatterns(reading, entry, values);
    const field = FILTER_FIELDS[key];
    if (field === undefined) {
      report(reading, {
        code: 'WF081',
        severity: 'warning',
        at: keyNode.at,
        message: `"${key}" is not honoured yet: every ${event} counts`,
      });
    } else filters.push([field, values.map((each) => each.value)]);
  }
  for (const key of ['branches', 'tags', 'paths']) reportOpposites(reading, map, { event, key });
  return Object.fromEntries(filters);
}

function reportOpposites(reading: Reading, map: YamlMap, { event, key }: { event: string; key: string }): void {
  const ignore = map.entries.find((entry) => entry.key === `${key}-ignore`);
  if (ignore === undefined || !map.entries.some((entry) => entry.key === key)) return;
  const message = `"${event}" has both "${key}" and "${key}-ignore"`;
  report(reading, { code: 'WF032', severity: lenient(reading), at: ignore.keyNode.at, message });
}

function checkTypes(reading: Reading, event: string, types: readonly Located<string>[]): void {
  const known = EVENTS[event]?.types ?? [];
  if (known.length === 0) return;
  for (const type of types) {
    if (!known.includes(type.value))
      reportChoice(reading, type, { what: `a type of "${event}"`, from: known, code: 'WF034' });
  }
}

function checkPatterns(reading: Reading, { key, keyNode }: YamlEntry, patterns: readonly Located<string>[]): void {
  const [first] = patterns;
  if (first === undefined || key.endsWith('-ignore') || !patterns.every((each) => each.value.startsWith('!'))) return;
  const message = `every pattern of "${key}" begins with "!", so nothing gets through`;
  report(reading, {
    code: 'WF033',
    severity: lenient(reading),
    at: keyNode.at,
    message,
    cure: `put a pattern without "!" first, or use "${key}-ignore"`,
  });
}

function readSchedule(reading: Reading, node: YamlNode): readonly Schedule[] {
  if (node.kind !== 'list' || node.items.length === 0) {
    wrongType(reading, node, { what: '"schedule"', wanted: 'a list of "cron:" entries' });
    return [];
  }
  return node.items.flatMap((item): Schedule[] => {
    const fields = readFields(reading, item, 'schedule');
    if (fields === undefined) return [];
    const zoneEntry = fields.get('timezone');
    const timezone = zoneEntry && readTimezone(reading, zoneEntry.value);
    const entry = fields.get('cron');
    if (entry === undefined) {
      report(reading, { code: 'WF013', at: item.at, message: 'an entry of "schedule" needs the key "cron"' });
      return [];
    }
    const cron = readFilledText(reading, entry.value, '"cron"');
    if (cron === undefined) return [];
    const problem = cronProblem(cron.value);
    if (problem === undefined) return [{ cron: cron.value, ...(timezone === undefined ? {} : { timezone }) }];
    report(reading, { code: 'WF035', at: cron.at, message: `"${shorten(cron.value)}" is not a schedule: ${problem}` });
    return [];
  });
}

function readTimezone(reading: Reading, node: YamlNode): string | undefined {
  const timezone = readFilledText(reading, node, '"timezone"');
  if (timezone === undefined || isTimezone(timezone.value)) return timezone?.value;
  const hint = didYouMean(reading, timezone.value, Intl.supportedValuesOf('timeZone'));
  report(reading, {
    code: 'WF147',
    at: timezone.at,
    message: `"${shorten(timezone.value)}" is not a time zone of the IANA database${hint}`,
  });
  return undefined;
}
