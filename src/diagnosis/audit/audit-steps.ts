// Workflow files -> their steps with the places of what stands in them. The YAML tree is read and not the model: a workflow
// that no reader accepts is audited all the same.
import { locateInScalar } from '#workflow/locate-in-scalar.ts';
import { readYaml } from '#workflow/read-yaml.ts';
import { Reporter } from '#workflow/reporter.ts';
import type { SourceText } from '#workflow/source-text.ts';
import { scalarText, type YamlMap, type YamlNode, type YamlScalar } from '#workflow/yaml-node.ts';
import type { AuditFiles } from './finding.ts';

export interface AuditWorkflow {
  readonly file: string;
  readonly source: SourceText;
  readonly root: YamlMap;
  readonly jobs: readonly AuditJob[];
}

export interface AuditJob {
  readonly key: string;
  readonly node: YamlMap;
  readonly steps: readonly AuditStep[];
}

export interface AuditStep {
  readonly file: string;
  readonly source: SourceText;
  readonly job: string;
  readonly node: YamlMap;
  readonly line: number;
  /** Its name, or what it runs. */
  readonly name: string;
  readonly run: YamlScalar | undefined;
  readonly uses: string | undefined;
  /** The shell it names, or its job's or workflow's defaults do; '' for GitHub's own. */
  readonly shell: string;
  readonly workingDirectory: string;
  /** Its `if:`. */
  readonly condition: string;
}

const WORKFLOW = /^(\.github\/workflows\/[^/]+\.ya?ml|\.gantry\/[^/]+\.ya?ml|gantry\.ya?ml)$/;
const ACTION = /(^|\/)action\.ya?ml$/;

export function readWorkflows(files: AuditFiles): readonly AuditWorkflow[] {
  return files.paths.flatMap((file) => {
    if (!WORKFLOW.test(file) && !ACTION.test(file)) return [];
    const text = files.read(file);
    const { source, root } = text === undefined ? {} : readYaml(text, new Reporter(file));
    if (source === undefined || root?.kind !== 'map') return [];
    return [
      { file, source, root, jobs: ACTION.test(file) ? actionJobs(file, source, root) : jobsOf(file, source, root) },
    ];
  });
}

function jobsOf(file: string, source: SourceText, root: YamlMap): readonly AuditJob[] {
  const jobs = valueAt(root, 'jobs');
  if (jobs?.kind !== 'map') return [];
  return jobs.entries.flatMap(({ key, value: node }) => {
    if (node.kind !== 'map') return [];
    const defaults = [valueAt(node, 'defaults', 'run'), valueAt(root, 'defaults', 'run')];
    return [{ key, node, steps: stepsOf({ file, source, job: key, defaults }, valueAt(node, 'steps')) }];
  });
}

/** A composite action is a job without a name. */
function actionJobs(file: string, source: SourceText, root: YamlMap): readonly AuditJob[] {
  const runs = valueAt(root, 'runs');
  if (runs?.kind !== 'map') return [];
  return [{ key: '', node: runs, steps: stepsOf({ file, source, job: '', defaults: [] }, valueAt(runs, 'steps')) }];
}

interface StepsPlace {
  readonly file: string;
  readonly source: SourceText;
  readonly job: string;
  readonly defaults: readonly (YamlNode | undefined)[];
}

function stepsOf(place: StepsPlace, node: YamlNode | undefined): readonly AuditStep[] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((item): readonly AuditStep[] => {
    if (item.kind !== 'map') return [];
    const parallel = valueAt(item, 'parallel');
    const fallbacks = stepsOf(place, valueAt(item, 'fallback'));
    const step = stepOf(place, item);
    return parallel ? stepsOf(place, parallel) : [step, ...fallbacks];
  });
}

function stepOf({ file, source, job, defaults }: StepsPlace, node: YamlMap): AuditStep {
  const run = valueAt(node, 'run');
  const uses = textAt(node, 'uses');
  const script = run?.kind === 'scalar' ? run : undefined;
  const inherited = (key: string): string =>
    [textAt(node, key), ...defaults.map((each) => (each?.kind === 'map' ? textAt(each, key) : undefined))].find(
      (value) => value !== undefined,
    ) ?? '';
  const first = script === undefined ? uses : scalarText(script).trim().split('\n')[0];
  return {
    file,
    source,
    job,
    node,
    line: node.at.line,
    name: textAt(node, 'name') ?? first ?? 'a step',
    run: script,
    uses,
    shell: inherited('shell'),
    workingDirectory: inherited('working-directory'),
    condition: textAt(node, 'if') ?? '',
  };
}

export function valueAt(node: YamlMap, ...path: readonly string[]): YamlNode | undefined {
  let current: YamlNode | undefined = node;
  for (const key of path)
    current = current?.kind === 'map' ? current.entries.find((each) => each.key === key)?.value : undefined;
  return current;
}

export function textAt(node: YamlMap, ...path: readonly string[]): string | undefined {
  const found = valueAt(node, ...path);
  return found?.kind === 'scalar' ? scalarText(found) : undefined;
}

/** The line of the file that holds this character of the step's script. */
export function lineInScript({ source }: AuditStep, script: YamlScalar, offset: number): number {
  return locateInScalar(source, script, { offset, length: 1 }).line;
}

/** The offset in the file of a character of the step's script. */
export function offsetInScript({ source }: AuditStep, script: YamlScalar, offset: number): number {
  const last = Math.max(0, offset - 1);
  // The end of a script has no character of its own.
  const { line, column } = locateInScalar(source, script, { offset: last, length: 1 });
  let start = 0;
  for (let passed = 1; passed < line; passed++) start = source.text.indexOf('\n', start) + 1;
  return start + column - 1 + (offset - last);
}
