import { checkCondition } from './check-template.ts';
import {
  asMap,
  asScalar,
  checkId,
  checkName,
  readBooleanOrTemplate,
  readEnv,
  readFields,
  readFilledTemplate,
  readFilledText,
  readNumberOrTemplate,
  readTemplate,
  readTemplates,
  readTextList,
  wrongType,
  type Fields,
} from './fields.ts';
import type { Job, RunDefaults, Step, Template } from './model.ts';
import type { Located } from './position.ts';
import { readCall } from './read-call.ts';
import { readConcurrency } from './read-concurrency.ts';
import { readContainer, readServices } from './read-container.ts';
import { readAcceptance } from './read-gantry-keys.ts';
import { readPermissions } from './read-permissions.ts';
import { checkShell, readSteps } from './read-steps.ts';
import { readStrategy } from './read-strategy.ts';
import { checkSnapshot } from './read-snapshot.ts';
import { lenient, report, type Reading, type Site } from './reading.ts';
import { hasExpression } from './template-text.ts';
import { shorten, type YamlEntry, type YamlNode } from './yaml-node.ts';

export function readJobs(reading: Reading, node: YamlNode): readonly Job[] {
  const isNothing = node.kind === 'scalar' && node.value === null;
  const map = isNothing ? undefined : asMap(reading, node, '"jobs"');
  if (isNothing || map?.entries.length === 0)
    report(reading, { code: 'WF020', at: node.at, message: 'the workflow has no jobs' });
  return (map?.entries ?? []).flatMap((entry) => readJob(reading, entry) ?? []);
}

function readJob(reading: Reading, { key, keyNode, value: node }: YamlEntry): Job | undefined {
  checkId(reading, key, { what: 'the key of a job', at: keyNode.at });
  const fields = readFields(reading, node, 'job');
  if (fields === undefined) return undefined;
  const take = <T>(name: string, read: (value: YamlNode) => T | undefined): T | undefined => {
    const entry = fields.get(name);
    return entry && read(entry.value);
  };
  const site: Site = { place: 'job', job: key };
  const name = take('name', (value) => readTemplate(reading, value, { what: '"name"', site }));
  const needs = take('needs', (value) => readTextList(reading, value, '"needs"')) ?? [];
  const condition = take('if', (value) => readIf(reading, value, key));
  const runsOn = take('runs-on', (value) => readRunsOn(reading, value, site));
  const runnerGroup = take('runs-on', (value) => readRunnerGroup(reading, value, site));
  const environment = take('environment', (value) => readEnvironment(reading, value, site));
  const env =
    take('env', (value) => readEnv(reading, value, { what: '"env"', site: { ...site, place: 'jobEnv' } })) ?? {};
  const defaults = take('defaults', (value) => readDefaults(reading, value, { ...site, place: 'jobDefaults' }));
  const outputs = take('outputs', (value) => readOutputs(reading, value, { ...site, place: 'jobOutputs' })) ?? {};
  const limits = readLimits(reading, fields, site);
  const strategy = take('strategy', (value) => readStrategy(reading, value, { ...site, place: 'strategy' }));
  const continueOnError = take('continue-on-error', (value) =>
    readBooleanOrTemplate(reading, value, { what: '"continue-on-error"', site }),
  );
  const accept = reading.isGitHubFile ? undefined : take('accept', (value) => readAcceptance(reading, value));
  const permissions = take('permissions', (value) => readPermissions(reading, value));
  take('snapshot', (value) => checkSnapshot(reading, value, site));
  const concurrency = take('concurrency', (value) => readConcurrency(reading, value, site));
  const container = take('container', (value) =>
    readContainer(reading, value, { what: '"container"', site: { ...site, place: 'container' } }),
  );
  const services = take('services', (value) => readServices(reading, value, { ...site, place: 'service' })) ?? {};
  const call = isCall(fields) ? take('uses', (value) => readCall(reading, value, { fields, site })) : undefined;
  const steps = take('steps', (value) => readJobSteps(reading, value, key)) ?? [];
  reportMissing(reading, fields, { key, at: keyNode.at });
  return {
    key,
    at: keyNode.at,
    needs,
    runsOn: runsOn ?? { value: [], at: keyNode.at },
    env,
    ...(defaults && { defaults }),
    outputs,
    services,
    steps,
    ...(name && { name }),
    ...(condition?.value && { if: condition }),
    ...(environment && { environment }),
    ...limits,
    ...(runnerGroup && { runnerGroup }),
    ...(strategy && { strategy }),
    ...(continueOnError && { continueOnError }),
    ...(accept && { accept }),
    ...(permissions && { permissions }),
    ...(concurrency && { concurrency }),
    ...(container && { container }),
    ...(call && { call }),
  };
}

function readLimits(
  reading: Reading,
  fields: Fields,
  site: Site,
): Pick<Job, 'timeoutMinutes' | 'cancelTimeoutMinutes'> {
  const read = (key: string, min: number): Job['timeoutMinutes'] => {
    const entry = fields.get(key);
    return entry && readNumberOrTemplate(reading, entry.value, { what: `"${key}"`, min, isOfGitHub: true, site });
  };
  const timeoutMinutes = read('timeout-minutes', 0.001);
  const cancelTimeoutMinutes = read('cancel-timeout-minutes', 0);
  return { ...(timeoutMinutes && { timeoutMinutes }), ...(cancelTimeoutMinutes && { cancelTimeoutMinutes }) };
}

const OF_A_CALL: readonly string[] = ['uses', 'with', 'secrets'];
const OF_BOTH: readonly string[] = ['name', 'needs', 'if', 'permissions', 'concurrency', 'strategy', 'accept'];

/** As for GitHub, the first key that only one of the two kinds has says which of them is meant. */
function isCall(fields: Fields): boolean {
  const first = [...fields.keys()].find((key) => !OF_BOTH.includes(key));
  return fields.has('uses') && first !== undefined && OF_A_CALL.includes(first);
}

/** A composite action may have an empty list of steps, a job may not. */
function readJobSteps(reading: Reading, node: YamlNode, job: string): readonly Step[] {
  const isEmpty = node.kind === 'list' && node.items.length === 0;
  if (isEmpty) report(reading, { code: 'WF027', at: node.at, message: `job "${job}" has no steps` });
  return readSteps(reading, node, job);
}

/** A job either has steps and a place to run them, or calls a workflow that has. */
function reportMissing(reading: Reading, fields: Fields, { key, at }: Pick<Job, 'key' | 'at'>): void {
  if (isCall(fields)) return;
  for (const name of OF_A_CALL) {
    const entry = fields.get(name);
    if (entry === undefined) continue;
    const message =
      name === 'uses'
        ? `a job with steps of its own cannot call a workflow`
        : `a job that calls no workflow has no key "${name}"`;
    report(reading, { code: 'WF011', at: entry.keyNode.at, message });
  }
  if (!fields.has('runs-on'))
    report(reading, { code: 'WF021', at, message: `job "${key}" does not say where it runs` });
  // GitHub's reader leaves it to its server, which refuses the workflow; here the job fails.
  const severity = lenient(reading);
  if (!fields.has('steps')) report(reading, { code: 'WF027', severity, at, message: `job "${key}" has no steps` });
}

function readIf(reading: Reading, node: YamlNode, job: string): Template | undefined {
  const scalar = asScalar(reading, node, '"if"');
  return scalar && checkCondition(reading, scalar, { place: 'jobIf', job });
}

function readRunsOn(reading: Reading, node: YamlNode, site: Site): Job['runsOn'] | undefined {
  if (node.kind === 'map') {
    const fields = readFields(reading, node, 'runsOn');
    const labels = fields?.get('labels');
    return labels ? readRunsOn(reading, labels.value, site) : { value: [], at: node.at };
  }
  if (node.kind === 'list') {
    if (node.items.length === 0) wrongType(reading, node, { what: '"runs-on"', wanted: 'at least one label' });
    const labels = node.items.flatMap((item) => readFilledTemplate(reading, item, { what: '"runs-on"', site }) ?? []);
    return { value: labels.map((label) => label.value), at: node.at };
  }
  const label = readFilledTemplate(reading, node, { what: '"runs-on"', site });
  if (label === undefined) return undefined;
  return hasExpression(label.value) ? label : { value: [label.value], at: label.at };
}

/** This machine is in no group of GitHub's. Labels say what is asked of a machine, a group only where to look for it. */
function readRunnerGroup(reading: Reading, node: YamlNode, site: Site): Template | undefined {
  const entry = node.kind === 'map' ? node.entries.find(({ key }) => key === 'group') : undefined;
  const group = entry && readFilledTemplate(reading, entry.value, { what: 'the group of "runs-on"', site });
  if (!entry || !group) return undefined;
  checkGroup(reading, group);
  const hasLabels = node.kind === 'map' && node.entries.some(({ key }) => key === 'labels');
  report(reading, {
    code: 'WF081',
    severity: 'warning',
    at: entry.keyNode.at,
    message: hasLabels
      ? '"group" is not honoured yet: this machine is in no group of runners, so the labels alone decide'
      : '"group" is not honoured yet: this machine is in no group of runners, so the job is not run here',
  });
  return group;
}

/** A group of one name, or of an organization or enterprise that is named before it. */
function checkGroup(reading: Reading, group: Template): void {
  if (hasExpression(group.value)) return;
  const [first = '', ...rest] = group.value.split('/');
  const isKnown = rest.length === 1 && rest[0] !== '' && ['org', 'organization', 'ent', 'enterprise'].includes(first);
  if (rest.length === 0 || isKnown) return;
  report(reading, { code: 'WF180', at: group.at, message: `"${shorten(group.value)}" is no group of runners` });
}

function readEnvironment(reading: Reading, node: YamlNode, site: Site): Job['environment'] | undefined {
  if (node.kind === 'scalar') {
    const name = readTemplate(reading, node, { what: '"environment"', site });
    return name?.value ? { name } : undefined;
  }
  const fields = readFields(reading, node, 'environment');
  const nameEntry = fields?.get('name');
  readDeployment(reading, fields?.get('deployment'), site);
  const urlEntry = fields?.get('url');
  const url =
    urlEntry && readTemplate(reading, urlEntry.value, { what: '"url"', site: { ...site, place: 'environmentUrl' } });
  if (fields && !nameEntry)
    report(reading, { code: 'WF013', at: node.at, message: '"environment" needs the key "name"' });
  const name = nameEntry && readTemplate(reading, nameEntry.value, { what: '"name"', site });
  return name && { name, ...(url && { url }) };
}

/** Nothing here makes a record on GitHub, which is what `false` asks for. */
function readDeployment(reading: Reading, entry: YamlEntry | undefined, site: Site): void {
  const deployment = entry && readBooleanOrTemplate(reading, entry.value, { what: '"deployment"', site });
  if (!entry || !deployment || deployment.value === false) return;
  report(reading, {
    code: 'WF081',
    severity: 'warning',
    at: entry.keyNode.at,
    message: '"deployment" is not honoured yet: no deployment record is made on GitHub',
  });
}

function readOutputs(reading: Reading, node: YamlNode, site: Site): Job['outputs'] {
  for (const { key, keyNode } of node.kind === 'map' ? node.entries : []) {
    checkName(reading, key, { what: 'the name of an output', at: keyNode.at });
  }
  return readTemplates(reading, node, { what: '"outputs"', site });
}

/** `defaults:` of a job, or without a site of the workflow, where no expression is allowed. Nothing without `run`. */
export function readDefaults(reading: Reading, node: YamlNode, site: Site | undefined): RunDefaults | undefined {
  const run = readFields(reading, node, 'defaults')?.get('run');
  if (!run) return undefined;
  const fields = readFields(reading, run.value, 'defaultsRun');
  const read = (key: string): Located<string> | undefined => {
    const entry = fields?.get(key);
    if (entry === undefined) return undefined;
    if (site) return readTemplate(reading, entry.value, { what: `"${key}"`, site });
    return readFilledText(reading, entry.value, `"${key}"`);
  };
  const shell = read('shell');
  if (shell) checkShell(reading, shell);
  const workingDirectory = read('working-directory');
  return { ...(shell && { shell }), ...(workingDirectory && { workingDirectory }) };
}
