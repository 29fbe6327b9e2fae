// What expressions read of `steps`, `needs`, `matrix` and `inputs`, held against what there is.
import { outputsOf } from './built-in-actions.ts';
import { fieldsWithout, OTHER_NAMES } from './known-fields.ts';
import type { Job, Step } from './model.ts';
import { matrixNames } from './read-strategy.ts';
import { didYouMean, lenient, report, type Reading, type SitedMention } from './reading.ts';
import { hasExpression } from './template-text.ts';

interface JobFacts extends Pick<Job, 'key' | 'outputs' | 'call'> {
  readonly needs: readonly string[];
  /** By id in lower case. */
  readonly steps: ReadonlyMap<string, Step>;
  /** Undefined when an expression decides. */
  readonly matrix: ReadonlySet<string> | undefined;
}

export interface ReferenceFacts {
  readonly jobs: readonly Job[];
  readonly inputNames: ReadonlySet<string>;
}

const STEP_FIELDS = ['outputs', 'outcome', 'conclusion'];
const NEED_FIELDS = ['outputs', 'result'];

/** What is read where GitHub reads it too may be GitHub's only. */
function fieldsOf(reading: Reading, fields: readonly string[]): readonly string[] {
  return reading.isGitHubFile ? fields : [...fields, 'verdict'];
}

export function checkReferences(reading: Reading, { jobs, inputNames }: ReferenceFacts): void {
  const facts = new Map(jobs.map((job) => [job.key, factsOf(job)]));
  const inputs = new Set([...inputNames].map((name) => name.toLowerCase()));
  for (const each of reading.mentions) {
    const job = each.site.job === undefined ? undefined : facts.get(each.site.job);
    switch (each.mention.name.toLowerCase()) {
      case 'steps':
        if (job) checkStep(reading, each, job);
        break;
      case 'needs':
        if (job) checkNeed(reading, each, job, facts);
        break;
      case 'matrix':
        if (job?.matrix)
          checkName(reading, each, { code: 'WF053', known: job.matrix, where: `the matrix of job "${job.key}"` });
        break;
      case 'inputs':
        checkName(reading, each, { code: 'WF054', known: inputs, where: 'the inputs of this workflow' });
        break;
      case 'jobs':
        checkJobs(reading, each, facts);
        break;
      default:
        checkFixedField(reading, each);
        break;
    }
  }
}

/** Of a composite action: its steps and inputs, in place of a job's. */
export function checkActionReferences(
  reading: Reading,
  { steps, inputNames }: { readonly steps: Job['steps']; readonly inputNames: readonly string[] },
): void {
  const facts = { key: '', outputs: {}, needs: [], steps: stepsById(steps), matrix: undefined };
  const known = new Set(inputNames.map((name) => name.toLowerCase()));
  const cure = 'declare it under "inputs", or correct the name';
  for (const each of reading.mentions) {
    const context = each.mention.name.toLowerCase();
    if (context === 'steps') checkStep(reading, each, facts);
    else if (context === 'inputs')
      checkName(reading, each, { code: 'WF054', known, where: 'the inputs of this action', cure });
    else checkFixedField(reading, each);
  }
}

/** Of a context whose fields are GitHub's own. Where none is like it there is no warning: GitHub adds fields. */
function checkFixedField(reading: Reading, { mention, locate }: SitedMention): void {
  const [field] = mention.path;
  const known = field && fieldsWithout(mention.name, field.name);
  if (!known) return;
  const alias = field.name.toLowerCase();
  const isAlias = mention.name.toLowerCase() === 'github' && Object.hasOwn(OTHER_NAMES, alias);
  const hint = isAlias ? `. Did you mean "${OTHER_NAMES[alias]}"?` : didYouMean(reading, field.name, known);
  const message = `"${mention.name}" has no field "${field.name}", so it is empty${hint}`;
  if (hint !== '') report(reading, { code: 'WF055', severity: 'warning', at: locate(field), message });
}

function stepsById(steps: Job['steps']): ReadonlyMap<string, Step> {
  const byId = new Map<string, Step>();
  for (const step of steps)
    if (step.id !== undefined && !byId.has(step.id.toLowerCase())) byId.set(step.id.toLowerCase(), step);
  return byId;
}

function factsOf(job: Job): JobFacts {
  const steps = stepsById(job.steps);
  const needs = job.needs.map((need) => need.value.toLowerCase());
  const { key, outputs, call } = job;
  return {
    key,
    outputs,
    ...(call && { call }),
    needs,
    steps,
    matrix: job.strategy?.whole ? undefined : matrixNames(job.strategy?.matrix),
  };
}

function checkStep(reading: Reading, { site, mention, locate }: SitedMention, job: JobFacts): void {
  const [id, field, output] = mention.path;
  if (id === undefined) return;
  const step = job.steps.get(id.name.toLowerCase());
  if (step === undefined) {
    const hint = didYouMean(reading, id.name, job.steps.keys());
    report(reading, {
      code: 'WF050',
      severity: lenient(reading),
      at: locate(id),
      message: `${job.key === '' ? 'this action' : `job "${job.key}"`} has no step with the id "${id.name}"${hint}`,
    });
    return;
  }
  if (site.step !== undefined && step.index >= site.step) {
    const when = step.index === site.step ? 'this step itself, which' : 'a later step, which';
    report(reading, {
      code: 'WF051',
      severity: 'warning',
      at: locate(id),
      message: `"${id.name}" is ${when} has given nothing yet`,
    });
  }
  if (field)
    checkField(reading, { field, locate }, { known: fieldsOf(reading, STEP_FIELDS), where: `steps.${id.name}` });
  if (output && field?.name.toLowerCase() === 'outputs') checkStepOutput(reading, { field: output, locate }, step);
}

/** Of an action that comes with Gantry it is known what it gives; a step of another may give anything. */
function checkStepOutput(reading: Reading, { field, locate }: FieldMention, step: Step): void {
  // A fallback may be another action, or a script.
  const known = step.kind === 'uses' && step.fallback.length === 0 ? outputsOf(step.uses.value) : undefined;
  if (step.kind !== 'uses' || !known || known.includes(field.name.toLowerCase())) return;
  const hint = didYouMean(reading, field.name, known);
  const message = `"${step.uses.value}" gives no output "${field.name}", so this is empty${hint}`;
  if (hint !== '') report(reading, { code: 'WF055', severity: 'warning', at: locate(field), message });
}

type Facts = ReadonlyMap<string, JobFacts>;

function checkNeed(reading: Reading, { mention, locate }: SitedMention, job: JobFacts, facts: Facts): void {
  const [name, field, output] = mention.path;
  if (name === undefined) return;
  if (!job.needs.includes(name.name.toLowerCase())) {
    const hint = didYouMean(reading, name.name, job.needs);
    report(reading, {
      code: 'WF052',
      severity: lenient(reading),
      at: locate(name),
      message: `job "${job.key}" does not need "${name.name}"${hint}`,
    });
    return;
  }
  if (field)
    checkField(reading, { field, locate }, { known: fieldsOf(reading, NEED_FIELDS), where: `needs.${name.name}` });
  if (output && field?.name.toLowerCase() === 'outputs')
    checkOutput(reading, { field: output, locate }, byKey(facts, name.name));
}

/** In the outputs of a workflow that can be called. */
function checkJobs(reading: Reading, { mention, locate }: SitedMention, facts: Facts): void {
  const [name, field, output] = mention.path;
  if (name === undefined) return;
  const job = byKey(facts, name.name);
  if (!job) {
    const hint = didYouMean(reading, name.name, facts.keys());
    const message = `there is no job "${name.name}", so this is empty${hint}`;
    return report(reading, { code: 'WF055', severity: 'warning', at: locate(name), message });
  }
  if (field)
    checkField(reading, { field, locate }, { known: fieldsOf(reading, NEED_FIELDS), where: `jobs.${name.name}` });
  if (output && field?.name.toLowerCase() === 'outputs') checkOutput(reading, { field: output, locate }, job);
}

function byKey(facts: Facts, name: string): JobFacts | undefined {
  return facts.get(name) ?? [...facts.values()].find(({ key }) => key.toLowerCase() === name.toLowerCase());
}

function checkOutput(reading: Reading, { field, locate }: FieldMention, job: JobFacts | undefined): void {
  if (!job) return;
  if (job.call) {
    reading.callOutputs.push({ job: job.key, name: field.name, at: locate(field) });
    return;
  }
  const known = Object.keys(job.outputs);
  if (known.some((name) => name.toLowerCase() === field.name.toLowerCase() || hasExpression(name))) return;
  const hint = didYouMean(reading, field.name, known);
  report(reading, {
    code: 'WF056',
    severity: 'warning',
    at: locate(field),
    message: `job "${job.key}" has no output "${field.name}", so this is empty${hint}`,
  });
}

interface FieldMention {
  readonly field: { readonly name: string; readonly offset: number; readonly length: number };
  readonly locate: SitedMention['locate'];
}

/** GitHub gives the empty text for a field that is not there, so this is a warning. */
function checkField(
  reading: Reading,
  { field, locate }: FieldMention,
  { known, where }: { known: readonly string[]; where: string },
): void {
  if (known.includes(field.name.toLowerCase())) return;
  if (field.name.toLowerCase() === 'verdict') {
    const message = `"verdict" is a field of Gantry's: on GitHub, "${where}.verdict" is empty`;
    return report(reading, { code: 'WF055', severity: 'warning', at: locate(field), message });
  }
  const hint = didYouMean(reading, field.name, known) || `; it has ${known.join(', ')}`;
  report(reading, {
    code: 'WF055',
    severity: 'warning',
    at: locate(field),
    message: `"${where}" has no field "${field.name}"${hint}`,
  });
}

interface NameRule {
  readonly code: 'WF053' | 'WF054';
  readonly known: ReadonlySet<string>;
  readonly where: string;
  readonly cure?: string;
}

function checkName(reading: Reading, { mention, locate }: SitedMention, { code, known, where, cure }: NameRule): void {
  const [name] = mention.path;
  if (name === undefined || known.has(name.name.toLowerCase())) return;
  const hint = didYouMean(reading, name.name, known);
  report(reading, {
    code,
    severity: 'warning',
    at: locate(name),
    message: `"${name.name}" is not among ${where}, so it is empty${hint}`,
    ...(cure !== undefined && { cure }),
  });
}
