// Text -> workflow, or what is wrong with it. Everything is reported in one pass: an author who has five mistakes learns
// of five.
import { checkTemplate } from './check-template.ts';
import type { Code } from './codes.ts';
import { checkConcurrency, readConcurrency } from './read-concurrency.ts';
import { checkNeeds } from './check-needs.ts';
import { checkReferences } from './check-references.ts';
import type { Diagnostic } from './diagnostic.ts';
import { asScalar, readEnv, readFields, readText, type Fields } from './fields.ts';
import type { Job, Template, Workflow } from './model.ts';
import { readDefaults, readJobs } from './read-jobs.ts';
import { readOn } from './read-on.ts';
import { readPermissions } from './read-permissions.ts';
import { readYaml } from './read-yaml.ts';
import { isOwnFile, type CallOutput, type Reading } from './reading.ts';
import { Reporter } from './reporter.ts';
import type { SourceText } from './source-text.ts';
import type { YamlNode } from './yaml-node.ts';

export interface ReadResult {
  /** Only when no diagnostic is an error. */
  readonly workflow?: Workflow;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
  readonly callOutputs?: readonly CallOutput[];
}

export interface ReadOptions {
  /** Actions that can run, without version: `actions/checkout`, or a local `./path`. */
  readonly actions: readonly string[];
  /** The whole path of the file, when the name that it is shown by is shorter: it says whose file this is. */
  readonly place?: string;
}

const MAX_EXPRESSIONS = 20_000;
const MAX_COMPARISONS = 100_000;

/**
 * Reads and checks a pipeline. Never throws, whatever the text is, and takes time in proportion to its length.
 * A file under `.github/workflows/` may use what GitHub knows and nothing more.
 */
export function readWorkflow(file: string, text: string, options: ReadOptions): ReadResult {
  const reporter = new Reporter(file);
  const { source, root, brokenFromLine } = readYaml(text, reporter);
  if (root === undefined) return { diagnostics: reporter.all() };
  if (brokenFromLine === undefined) return readTree({ file, source, root, reporter }, options);
  // What is said about the structure behind a syntax error is a guess, so it is held back.
  const structure = new Reporter(file);
  readTree({ file, source, root, reporter: structure }, options);
  for (const { code, ...finding } of structure.all()) {
    if (finding.at.line < brokenFromLine && isLocal(code)) reporter.report({ ...finding, code });
  }
  return { diagnostics: reporter.all() };
}

export interface Tree {
  readonly file: string;
  readonly source: SourceText;
  readonly root: YamlNode;
  /** May hold findings of the reading that made the tree. */
  readonly reporter: Reporter;
}

/** The same for a tree that is there already, from whatever text it was made. */
export function readTree({ file, source, root, reporter }: Tree, options: ReadOptions): ReadResult {
  const place = options.place ?? file;
  const reading: Reading = {
    source,
    reporter,
    isGitHubFile: /(^|[\\/])\.github[\\/]workflows[\\/][^\\/]*$/.test(place),
    isOwnFile: isOwnFile(place),
    actions: options.actions,
    mentions: [],
    callOutputs: [],
    budget: { expressions: MAX_EXPRESSIONS, comparisons: MAX_COMPARISONS },
  };
  const workflow = readRoot(reading, root, file);
  const diagnostics = reporter.all();
  if (reporter.hasError || workflow === undefined) return { diagnostics };
  const { callOutputs } = reading;
  return { workflow, diagnostics, ...(callOutputs.length > 0 && { callOutputs }) };
}

const LOCAL_CODES: readonly Code[] = [
  'WF011',
  'WF017',
  'WF018',
  'WF019',
  'WF023',
  'WF024',
  'WF025',
  'WF030',
  'WF031',
  'WF034',
  'WF035',
  'WF040',
  'WF041',
  'WF042',
  'WF043',
  'WF044',
  'WF045',
  'WF070',
  'WF074',
  'WF080',
  'WF082',
];

/** True of what its own line shows, whatever follows it. */
function isLocal(code: string): code is Code {
  return LOCAL_CODES.some((each) => each === code);
}

function readRoot(reading: Reading, root: YamlNode, file: string): Workflow | undefined {
  if (root.kind !== 'map') {
    const what = root.kind === 'list' ? 'a list' : 'a single value';
    reading.reporter.report({ code: 'WF010', at: root.at, message: `the file is ${what}; a pipeline is a mapping` });
    return undefined;
  }
  const fields = readFields(reading, root, 'workflow');
  if (fields === undefined) return undefined;
  for (const key of ['on', 'jobs']) {
    if (!fields.has(key))
      reading.reporter.report({
        code: 'WF013',
        at: { ...root.at, length: 1 },
        message: `the workflow needs the key "${key}"`,
      });
  }
  return readParts(reading, fields, file);
}

function readParts(reading: Reading, fields: Fields, file: string): Workflow {
  const take = <T>(key: string, read: (node: YamlNode) => T | undefined): T | undefined => {
    const entry = fields.get(key);
    return entry && read(entry.value);
  };
  const name = take('name', (node) => readText(reading, node, '"name"'))?.value;
  take('description', (node) => readText(reading, node, '"description"'));
  const runName = take('run-name', (node) => readRunName(reading, node));
  const on = take('on', (node) => readOn(reading, node));
  const env = take('env', (node) => readEnv(reading, node, { what: '"env"', site: { place: 'workflowEnv' } })) ?? {};
  const defaults = take('defaults', (node) => readDefaults(reading, node, undefined)) ?? {};
  const permissions = take('permissions', (node) => readPermissions(reading, node));
  const concurrency = take('concurrency', (node) => readConcurrency(reading, node, { place: 'workflowConcurrency' }));
  const jobs = withKnownNeeds(take('jobs', (node) => readJobs(reading, node)) ?? []);
  const jobsNode = fields.get('jobs')?.value;
  const keys = jobsNode?.kind === 'map' ? jobsNode.entries.map((entry) => entry.key) : [];
  checkNeeds(reading, jobs, keys);
  checkConcurrency(reading, concurrency, jobs);
  checkReferences(reading, { jobs, inputNames: on?.inputNames ?? new Set() });
  return {
    file,
    ...(name && { name }),
    ...(runName && { runName }),
    on: on?.triggers ?? [],
    inputs: on?.inputs ?? {},
    env,
    defaults,
    ...(permissions && { permissions }),
    ...(concurrency && { concurrency }),
    ...(on?.callable && { callable: on.callable }),
    jobs,
  };
}

/** Keys of jobs are compared without regard to case; from here on a need is written as the key that it means. */
function withKnownNeeds(jobs: readonly Job[]): readonly Job[] {
  const keys = new Map(jobs.map((job) => [job.key.toLowerCase(), job.key]));
  return jobs.map((job) => ({
    ...job,
    needs: job.needs.map((need) => ({ ...need, value: keys.get(need.value.toLowerCase()) ?? need.value })),
  }));
}

function readRunName(reading: Reading, node: YamlNode): Template | undefined {
  const scalar = asScalar(reading, node, '"run-name"');
  return scalar && checkTemplate(reading, scalar, { place: 'runName' });
}
