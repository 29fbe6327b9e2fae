// Options that name something of the pipeline: a name that is not there is told, never ignored.
import { suggest } from '#base/suggest.ts';
import type { JsonObject, JsonValue } from '#base/json.ts';
import { expandMatrix } from '#workflow/matrix.ts';
import { isStatic } from '#workflow/expressions.ts';
import type { Job, UsesStep, Workflow } from '#workflow/model.ts';
import { namesRead } from '#workflow/names-read.ts';
import { matrixNames } from '#workflow/read-strategy.ts';
import { hasExpression } from '#workflow/template-text.ts';
import { ACTION_NAMES } from './action-names.ts';
import { pair } from './read-options.ts';
import type { RunOptions } from './read-options.ts';
import { UsageError } from './usage-error.ts';

/** `did you mean "x"?`, or else what there is. */
export function meantOr(word: string, known: readonly string[], otherwise: string): string {
  const meant = suggest(word, known);
  return meant === undefined ? otherwise : `did you mean "${meant}"?`;
}

/** Throws a `UsageError` where a name is of no service of the pipeline and of what it calls. */
function refuseUnknownServices(given: readonly string[], workflows: readonly Workflow[]): void {
  const known = workflows.flatMap(({ jobs }) => jobs.flatMap(({ services }) => Object.keys(services)));
  // An expression may make any.
  if (known.some(hasExpression)) return;
  for (const name of given) {
    if (known.includes(name)) continue;
    const there = known.length === 0 ? 'no job of this pipeline has services' : `there are ${unique(known).join(', ')}`;
    throw new UsageError(`--service-command ${name}: there is no service "${name}"; ${meantOr(name, known, there)}`);
  }
}

/** Throws a `UsageError` where the job's matrix has no such name, or never that value, as far as it is written out. */
function refuseUnknownCombination(job: Job | undefined, asked: string, values: JsonObject): void {
  const strategy = job?.strategy;
  if (!job) throw new UsageError(`--matrix is about a job of the pipeline itself, and "${asked}" is one that it calls`);
  if (strategy?.whole) return;
  if (strategy?.matrix === undefined) throw new UsageError(`--matrix: job "${job.key}" has no matrix`);
  if (matrixNames(strategy.matrix) === undefined) return;
  const { value: matrix } = strategy.matrix;
  const expanded = isStatic(matrix) ? expandMatrix(matrix) : undefined;
  const combinations = expanded?.ok ? expanded.value : undefined;
  const names = combinations ? unique(combinations.flatMap(Object.keys)) : [...(matrixNames(strategy.matrix) ?? [])];
  for (const [name, value] of Object.entries(values)) {
    if (!names.some((each) => (combinations ? each === name : each === name.toLowerCase())))
      throw new UsageError(
        `--matrix ${name}: the matrix of job "${job.key}" has no "${name}"; ${meantOr(name, names, `it has ${names.join(', ')}`)}`,
      );
    const known = combinations && unique(combinations.flatMap((each) => (name in each ? [shown(each[name])] : [])));
    const wanted = shown(value);
    if (known && !known.includes(wanted))
      throw new UsageError(
        `--matrix ${name}: no combination of job "${job.key}" has "${wanted}"; there are ${known.join(', ')}`,
      );
  }
}

/** What a run reads by itself. */
const ALWAYS_READ = { vars: ['ACTIONS_STEP_DEBUG', 'ACTIONS_RUNNER_DEBUG'], secrets: ['GITHUB_TOKEN'] } as const;

interface GivenNames {
  readonly context: keyof typeof ALWAYS_READ;
  readonly names: readonly string[];
}

/**
 * Names that nothing reads. One that is almost another that is read, and not given, is refused; of any other it is said,
 * for one command line may well start several pipelines.
 */
function unreadNames(workflows: readonly Workflow[], { context, names }: GivenNames): readonly string[] {
  if (names.length === 0) return [];
  const read = workflows.map((workflow) => namesRead(workflow, context));
  // Composite actions see the variables of the run; secrets they are only handed.
  if (read.some(({ isOpen }) => isOpen) || (context === 'vars' && foreignActions(workflows).length > 0)) return [];
  const declared = workflows.flatMap(({ callable }) =>
    context === 'secrets' ? Object.keys(callable?.secrets ?? {}) : [],
  );
  const known = unique([
    ...read.flatMap((each) => [...each.names]),
    ...declared,
    ...ALWAYS_READ[context],
    'ACTIONS_STEP_DEBUG',
  ]);
  const has = (list: readonly string[], name: string): boolean =>
    list.some((each) => each.toLowerCase() === name.toLowerCase());
  const option = context === 'vars' ? '--var' : '--secret';
  return names.flatMap((name) => {
    if (has(known, name)) return [];
    const nobody = `${option} ${name}: nothing in this pipeline reads ${context}.${name}`;
    const open = known.filter((each) => !has(names, each));
    const meant = suggest(name, open);
    if (meant !== undefined) throw new UsageError(`${nobody}; did you mean "${meant}"?`);
    return [nobody];
  });
}

/** Repositories that no step and no call names. It is only said: actions name further actions. */
function unusedActions(workflows: readonly Workflow[], given: readonly string[]): readonly string[] {
  const calls = workflows.flatMap(({ jobs }) => jobs.flatMap(({ call }) => call?.uses.value ?? []));
  const used = [...foreignActions(workflows), ...calls].map((uses) =>
    uses.replace(/^([^/@]+\/[^/@]+)(?:\/[^@]*)?@/, '$1@'),
  );
  return given.flatMap((name) => {
    if (used.includes(name)) return [];
    const meant = suggest(name, used);
    return [`--local-action ${name}: no step uses it${meant === undefined ? '' : `; did you mean "${meant}"?`}`];
  });
}

/** `uses:` of steps that do not come with Gantry. */
function foreignActions(workflows: readonly Workflow[]): readonly string[] {
  const steps = workflows.flatMap(({ jobs }) => jobs.flatMap((job) => job.steps));
  const works = steps.flatMap((step) => [step, ...step.fallback.map((each) => each.step)]);
  const uses = works.filter((step): step is UsesStep => step.kind === 'uses').map((step) => step.uses.value);
  const own: readonly string[] = ACTION_NAMES;
  return uses.filter((each) => !own.includes(each.replace(/@.*$/s, '').toLowerCase()));
}

/** On the command line everything is text: `20` is 20. */
function shown(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function unique(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}

/** Options that name what the pipeline does not have: refused where they could do nothing, told where they may be for others. */
export function checkGivenNames(
  workflows: readonly Workflow[],
  options: RunOptions,
  { localActions, serviceCommands }: { readonly localActions: object; readonly serviceCommands: object },
): void {
  const [own] = workflows;
  refuseUnknownServices(Object.keys(serviceCommands), workflows);
  if (options.matrix?.length)
    refuseUnknownCombination(
      own?.jobs.find(({ key }) => key === options.job),
      options.job ?? '',
      Object.fromEntries(options.matrix.map((each) => pair(each, '--matrix'))),
    );
  const notes = [
    ...unreadNames(workflows, { context: 'vars', names: options.var.map((each) => pair(each, '--var')[0]) }),
    ...unreadNames(workflows, {
      context: 'secrets',
      names: options.secret.map((each) => each.replace(/=.*$/s, '').trim()),
    }),
    ...unusedActions(workflows, Object.keys(localActions)),
  ];
  for (const note of notes) process.stderr.write(`gantry: ${note}\n`);
}
