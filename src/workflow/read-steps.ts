import { checkCondition } from './check-template.ts';
import {
  asScalar,
  checkId,
  readBooleanOrTemplate,
  readEnv,
  readFields,
  readFilledText,
  readNumberOrTemplate,
  readTemplate,
  readTemplates,
  wrongType,
  type Fields,
} from './fields.ts';
import { NOT_IN_FALLBACK } from './key-table.ts';
import type { Fallback, RunStep, Step, Template, UsesStep } from './model.ts';
import type { Located, Span } from './position.ts';
import { readAdvisory, readDate, readExpectation, readRetry } from './read-gantry-keys.ts';
import { controlBase, controlKind, readBackground, readControlStep, type StepsBefore } from './read-control-steps.ts';
import { readReuse } from './read-reuse.ts';
import { readUses } from './read-uses.ts';
import { didYouMean, lenient, report, type Reading, type Site } from './reading.ts';
import { shorten, type YamlMap, type YamlNode } from './yaml-node.ts';

const SHELLS = ['bash', 'sh', 'python', 'pwsh', 'powershell', 'cmd'];

export function readSteps(reading: Reading, node: YamlNode, job: string): readonly Step[] {
  if (node.kind !== 'list') {
    wrongType(reading, node, { what: '"steps"', wanted: 'a list' });
    return [];
  }
  const steps: Step[] = [];
  for (const item of node.items) readItem(reading, item, { job, steps });
  reportSameIds(reading, steps);
  return steps;
}

/** Most entries are one step; `parallel:` is several. */
function readItem(reading: Reading, node: YamlNode, { job, steps }: { job: string; steps: Step[] }): void {
  const kind = controlKind(node);
  if (kind === 'parallel') return readParallel(reading, node, { job, steps });
  const before: StepsBefore = { job, index: steps.length, steps };
  const step =
    kind === undefined ? readStep(reading, node, before) : readControlStep(reading, node, { kind, ...before });
  if (step) steps.push(step);
}

/** Its steps in the background, and behind them a step that waits for just these. */
function readParallel(reading: Reading, node: YamlNode, { job, steps }: { job: string; steps: Step[] }): void {
  const entry = readFields(reading, node, 'parallel')?.get('parallel');
  if (entry === undefined) return;
  if (entry.value.kind !== 'list' || entry.value.items.length === 0) {
    wrongType(reading, entry.value, { what: '"parallel"', wanted: 'a list of steps' });
    return;
  }
  const started: number[] = [];
  for (const item of entry.value.items) {
    const kind = controlKind(item);
    if (kind !== undefined) {
      report(reading, { code: 'WF029', at: item.at, message: `"parallel" takes steps that do work, not "${kind}"` });
      continue;
    }
    const step = readStep(reading, item, { job, index: steps.length });
    if (!step) continue;
    started.push(steps.length);
    steps.push({ ...step, background: true });
  }
  steps.push({ ...controlBase(steps.length, entry.keyNode.at), kind: 'wait', steps: started });
}

/** Ids are compared without regard to case, as the `steps` context is read. */
function reportSameIds(reading: Reading, steps: readonly Step[]): void {
  const first = new Map<string, Step>();
  for (const step of steps) {
    if (step.id === undefined) continue;
    const before = first.get(step.id.toLowerCase());
    if (before === undefined) first.set(step.id.toLowerCase(), step);
    else
      report(reading, {
        code: 'WF018',
        at: step.at,
        message: `the step id "${step.id}" is already used in line ${before.at.line}`,
      });
  }
}

interface StepPlace {
  readonly job: string;
  readonly index: number;
}

function readStep(reading: Reading, node: YamlNode, { job, index }: StepPlace): RunStep | UsesStep | undefined {
  const fields = readFields(reading, node, 'step');
  if (fields === undefined) return undefined;
  const site: Site = { place: 'step', job, step: index };
  const id = fields.get('id');
  const condition = fields.get('if');
  const advisory = fields.get('advisory');
  const tolerated = fields.get('continue-on-error');
  const ifNode = condition && asScalar(reading, condition.value, '"if"');
  const core = readCore(reading, { fields, at: node.at, site, index });
  const idText = id && readFilledText(reading, id.value, '"id"');
  if (idText) checkId(reading, idText.value, { what: 'the id of a step', at: idText.at });
  const ifTemplate = ifNode && checkCondition(reading, ifNode, { ...site, place: 'stepIf' });
  const advice = advisory && readAdvisory(reading, advisory.value);
  const reuse = readReuse(reading, fields, site);
  const isTolerated =
    tolerated && readBooleanOrTemplate(reading, tolerated.value, { what: '"continue-on-error"', site });
  const fallback = readFallbacks(reading, fields, site);
  const backgroundEntry = fields.get('background');
  const background = backgroundEntry && readBackground(reading, backgroundEntry.value);
  return (
    core && {
      ...core,
      ...reuse,
      fallback,
      ...(background?.value === true && { background: true as const }),
      ...(idText && { id: idText.value }),
      ...(ifTemplate?.value && { if: ifTemplate }),
      ...(advice && { advisory: advice }),
      ...(isTolerated && { continueOnError: isTolerated }),
    }
  );
}

interface CoreSource {
  readonly fields: Fields;
  readonly at: Span;
  readonly site: Site;
  readonly index: number;
}

/** What steps and fallbacks have in common. */
function readCore(reading: Reading, { fields, at, site, index }: CoreSource): RunStep | UsesStep | undefined {
  const take = <T>(key: string, read: (node: YamlNode) => T | undefined): T | undefined => {
    const entry = fields.get(key);
    return entry && read(entry.value);
  };
  const template = (key: string): Template | undefined =>
    take(key, (node) => readTemplate(reading, node, { what: `"${key}"`, site }));
  const name = template('name');
  const env = take('env', (node) => readEnv(reading, node, { what: '"env"', site })) ?? {};
  const timeoutMinutes = take('timeout-minutes', (node) =>
    readNumberOrTemplate(reading, node, { what: '"timeout-minutes"', min: 0.001, isOfGitHub: true, site }),
  );
  const retry = take('retry', (node) => readRetry(reading, node));
  const expect = take('expect', (node) => readExpectation(reading, node, site));
  const base = {
    index,
    at,
    env,
    fallback: [],
    ...(name && { name }),
    ...(timeoutMinutes && { timeoutMinutes }),
    ...(retry && { retry }),
    ...(expect && { expect }),
  };
  const run = take('run', (node) => readScript(reading, node, site));
  const uses = take('uses', (node) => readUses(reading, node));
  const shell = take('shell', (node) => readFilledText(reading, node, '"shell"'));
  if (shell) checkShell(reading, shell);
  const workingDirectory = template('working-directory');
  const inputs = take('with', (node) => readTemplates(reading, node, { what: '"with"', site })) ?? {};
  if (!hasOneKind(reading, fields, at)) return undefined;
  if (fields.has('uses')) return uses && ({ ...base, kind: 'uses', uses, with: inputs } satisfies UsesStep);
  return (
    run &&
    ({
      ...base,
      kind: 'run',
      run,
      ...(shell && { shell }),
      ...(workingDirectory && { workingDirectory }),
    } satisfies RunStep)
  );
}

function readScript(reading: Reading, node: YamlNode, site: Site): Template | undefined {
  if (node.kind === 'scalar' && node.value === null) {
    const [severity, cure] = [lenient(reading), 'write the commands behind "run:"'];
    report(reading, { code: 'WF012', severity, at: node.at, message: '"run" must be a script, not nothing', cure });
  }
  return readTemplate(reading, node, { what: '"run"', site });
}

function hasOneKind(reading: Reading, fields: Fields, at: Span): boolean {
  const run = fields.get('run');
  const uses = fields.get('uses');
  if (run && uses)
    report(reading, { code: 'WF022', at: uses.keyNode.at, message: 'the step has both "run" and "uses"' });
  // A misspelt "run" was reported as an unknown key already, with what was meant.
  const isMisspelt = (): boolean => [...fields.keys()].some((key) => didYouMean(reading, key, ['run', 'uses']) !== '');
  if (!run && !uses && !isMisspelt()) {
    const cure = 'add "run:" with a script, or "uses:" with an action';
    report(reading, { code: 'WF022', at, message: 'the step has neither "run" nor "uses"', cure });
  }
  const strangers = uses ? ['shell', 'working-directory'] : ['with'];
  const kind = uses ? 'uses an action' : 'runs a script';
  for (const key of run && uses ? [] : strangers) {
    const entry = fields.get(key);
    if (entry)
      report(reading, { code: 'WF011', at: entry.keyNode.at, message: `a step that ${kind} has no key "${key}"` });
  }
  return Boolean(run) !== Boolean(uses);
}

/** One that GitHub knows, or a command line of one's own with `{0}`. Templates are checked when they are known. */
export function checkShell(reading: Reading, shell: Located<string>): void {
  const { value, at } = shell;
  if (SHELLS.includes(value) || value.includes('{0}') || value.includes('${{')) return;
  const hint = didYouMean(reading, value, SHELLS);
  const message = `there is no shell "${shorten(value)}"${hint}`;
  report(reading, { code: 'WF024', severity: lenient(reading), at, message });
}

function readFallbacks(reading: Reading, fields: Fields, site: Site): readonly Fallback[] {
  const entry = fields.get('fallback');
  if (entry === undefined) return [];
  const { value: node } = entry;
  if (node.kind !== 'list' || node.items.length === 0) {
    wrongType(reading, node, { what: '"fallback"', wanted: 'a list of steps' });
    return [];
  }
  return node.items.flatMap((item) =>
    item.kind === 'map' ? (readFallback(reading, item, site) ?? []) : notAStep(reading, item),
  );
}

function notAStep(reading: Reading, node: YamlNode): readonly Fallback[] {
  wrongType(reading, node, { what: 'a fallback', wanted: 'a step: a mapping with "loss" and "run" or "uses"' });
  return [];
}

function readFallback(reading: Reading, node: YamlMap, site: Site): Fallback | undefined {
  const allowed = node.entries.filter((entry) => {
    const reason = Object.hasOwn(NOT_IN_FALLBACK, entry.key) ? NOT_IN_FALLBACK[entry.key] : undefined;
    if (reason !== undefined)
      report(reading, {
        code: 'WF073',
        at: entry.keyNode.at,
        message: `a fallback cannot have "${entry.key}": ${reason}`,
      });
    return reason === undefined;
  });
  const fields = readFields(reading, { ...node, entries: allowed }, 'fallback');
  if (fields === undefined) return undefined;
  const loss = fields.get('loss');
  if (loss === undefined)
    report(reading, { code: 'WF072', at: node.at, message: 'the fallback does not say what is lost by taking it' });
  const lossText = loss && readFilledText(reading, loss.value, '"loss"');
  const until = fields.get('until');
  const date = until && readDate(reading, until.value);
  const step = readCore(reading, { fields, at: node.at, site, index: site.step ?? 0 });
  return step && lossText && { at: node.at, loss: lossText.value, step, ...(date && { until: date }) };
}
