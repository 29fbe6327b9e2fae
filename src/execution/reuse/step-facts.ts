// From a step that says what it consumes and produces to the facts that decide whether it runs.
import { release } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { StepFacts } from '#run/reuse/facts.ts';
import type { RunStep, UsesStep } from '#workflow/model.ts';
import { resolveScript } from '../step/script-of-step.ts';
import { isImage } from '../step/container-step.ts';
import { builtIn } from '../step/built-in.ts';
import { prepareAction } from '../step/found-action.ts';
import type { StepRun } from '../step/step-run.ts';
import { digestOfText, mentionsIn, textOf } from './file-digests.ts';
import type { FileDigests } from './file-digests.ts';
import { commandsOf } from './script-commands.ts';
import { identifyTools } from './tool-identity.ts';
import { matchTree, patternProblem } from './tree-pattern.ts';
import { digestVariables } from './variables.ts';

/** Why a step is not restored: it always runs as it is written, or cannot run at all. */
export interface NoFacts {
  readonly kind: 'always' | 'broken';
  readonly why: string;
}

export interface GatheredFacts {
  readonly facts: StepFacts;
  readonly consumes: readonly string[];
}

/** Other jobs of this process have their turn in between. */
const SLICE = 64;

export async function gatherFacts(
  step: RunStep | UsesStep,
  run: StepRun,
  digests: FileDigests,
): Promise<Result<GatheredFacts, NoFacts>> {
  const stepEnv = run.scope.evaluateAll(step.env, {});
  const { workspace } = run.folders;
  const patternsOf = (texts: RunStep['consumes']): readonly string[] =>
    (texts ?? []).map((text) => run.scope.evaluate(text.value, stepEnv).trim()).filter((text) => text !== '');
  const [consumes, produces] = [patternsOf(step.consumes), patternsOf(step.produces)];
  for (const pattern of [...consumes, ...produces]) {
    const problem = patternProblem(pattern);
    if (problem !== undefined)
      return err({ kind: 'broken', why: `"${pattern}" cannot be consumed or produced: ${problem}` });
  }
  if (run.containers.mounts.length > 0) return always('what its container holds is not known here');
  const env = run.scope.environment(stepEnv, {});
  const secret = Object.entries(env).find(([, value]) => run.redact(value) !== value);
  if (secret) return always(`${secret[0]} holds a secret, and what it opens is not known here`);
  const files = await consumedFiles(workspace, consumes, digests);
  if (!files.ok) return files;
  const work =
    step.kind === 'run' ? await scriptWork(step, stepEnv, run) : await actionWork(step, stepEnv, { run, digests });
  if (!work.ok) return work;
  const { commands, folder, named, work: what } = work.value;
  const mentions = new Set([...(named === 'all' ? [] : named), ...files.value.mentions]);
  const place = {
    workspace,
    folder,
    path: env['PATH'] ?? '',
    digests,
    versionOf: async (file: string) => askVersion(file, env, run),
  };
  const facts: StepFacts = {
    v: 1,
    platform: platform(),
    workspace,
    work: what,
    produces,
    variables: digestVariables(env, named === 'all' ? 'all' : mentions),
    tools: await identifyTools(commands, place),
    before: run.scope.lesserWays,
    files: files.value.files,
  };
  return ok({ facts, consumes });
}

/** Of the system that Gantry runs on: libraries that programs are linked with come with it. */
function platform(): string {
  const text = textOf('/etc/os-release') ?? '';
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
  const system = text === '' ? release() : `${field('ID')} ${field('VERSION_ID')}`.trim();
  return `${process.platform} ${process.arch} ${system}`;
}

export function keyOf(facts: StepFacts): string {
  return digestOfText(JSON.stringify(sorted(facts)));
}

/** Keys in one order, in whatever order they were put. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

interface Consumed {
  readonly files: Readonly<Record<string, string>>;
  readonly mentions: readonly string[];
}

export async function consumedFiles(
  workspace: string,
  patterns: readonly string[],
  digests: FileDigests,
): Promise<Result<Consumed, NoFacts>> {
  const files: Record<string, string> = {};
  const mentions = new Set<string>();
  for (const [index, { path, stats }] of matchTree(workspace, patterns).entries()) {
    if (index % SLICE === SLICE - 1) await setImmediate();
    if (stats.isDirectory()) continue;
    const file = join(workspace, path);
    const target = stats.isSymbolicLink() ? statSync(file, { throwIfNoEntry: false }) : stats;
    if (target?.isDirectory() === true) return always(`it consumes ${path}, a link to a folder`);
    if (target === undefined) files[path] = 'a link to nothing';
    else if (target.isFile()) {
      const read = digests.read(file);
      files[path] = `${(target.mode & 0o7777).toString(8)} ${read.sha256}${stats.isSymbolicLink() ? ' by a link' : ''}`;
      for (const name of read.mentions) mentions.add(name);
    } else return always(`it consumes ${path}, which is no file`);
  }
  return ok({ files, mentions: [...mentions] });
}

interface Work {
  readonly work: StepFacts['work'];
  readonly commands: readonly string[];
  /** Where commands with a path are looked up. */
  readonly folder: string;
  readonly named: readonly string[] | 'all';
}

async function scriptWork(
  step: RunStep,
  stepEnv: Readonly<Record<string, string>>,
  run: StepRun,
): Promise<Result<Work, NoFacts>> {
  const { script, shell = '', folder } = resolveScript(step, stepEnv, run);
  if (run.redact(script) !== script) return always('its script holds a secret');
  const { workspace } = run.folders;
  const [program = 'bash'] = (shell.trim() || 'bash').split(/\s+/);
  const isPosix = /(^|\/)(ba|da|z|k|a)?sh$/.test(program);
  const work = { kind: 'script', script, shell, folder: shown(folder, workspace) } as const;
  const commands = [program, ...(isPosix ? commandsOf(script) : [])];
  return ok({ work, commands, folder, named: mentionsIn(script) });
}

async function actionWork(
  step: UsesStep,
  stepEnv: Readonly<Record<string, string>>,
  { run, digests }: { readonly run: StepRun; readonly digests: FileDigests },
): Promise<Result<Work, NoFacts>> {
  const uses = step.uses.value;
  if (isImage(uses)) return always('what its container holds is not known here');
  if (builtIn(uses, run)) return always(`${uses} is built in, and does more than the workspace shows`);
  const files = { folder: '', variables: {} };
  const prepared = await prepareAction({ step, index: step.index, stepEnv, files, timeoutMs: undefined }, run);
  if (!prepared.ok) return always(prepared.error);
  const { definition, root, folder, source, inputs, ledger } = prepared.value;
  if (ledger.length > 0) return always('its action may be an older one than was asked for');
  const secret = Object.entries(inputs).find(([, value]) => run.redact(value) !== value);
  if (secret) return always(`its input ${secret[0]} holds a secret`);
  const { runs } = definition;
  if (runs.kind === 'javascript' && (runs.pre !== undefined || runs.post !== undefined))
    return always(`${uses} has something to do before or after the job`);
  const scripts: string[] = [];
  if (runs.kind === 'composite') {
    if (runs.steps.some((inner) => inner.kind !== 'run')) return always(`${uses} uses other actions`);
    for (const inner of runs.steps) if (inner.kind === 'run') scripts.push(inner.run.value);
  }
  // A fetched action may use what lies beside its folder; one of the workspace has the step consume that.
  const content = await consumedFiles(root, [source ? '.' : relative(root, folder) || '.'], digests);
  if (!content.ok) return content;
  const digested = Object.entries(inputs).map(([name, value]) => [name, digestOfText(value).slice(0, 16)] as const);
  const work = {
    kind: 'action',
    uses,
    content: digestOfText(JSON.stringify([process.version, ...Object.entries(content.value.files)])),
    inputs: Object.fromEntries(digested),
  } as const;
  const commands = runs.kind === 'composite' ? ['bash', ...scripts.flatMap(commandsOf)] : [];
  const named = runs.kind === 'composite' ? content.value.mentions : 'all';
  return ok({ work, commands, folder: run.folders.workspace, named });
}

function always(why: string): Result<never, NoFacts> {
  return err({ kind: 'always', why });
}

function shown(folder: string, workspace: string): string {
  const way = relative(workspace, folder);
  return way.startsWith('..') || isAbsolute(way) ? folder : way;
}

async function askVersion(file: string, env: Readonly<Record<string, string>>, run: StepRun): Promise<string> {
  const said: Buffer[] = [];
  const asked = await run.start({
    argv: [file, '--version'],
    cwd: run.folders.workspace,
    env,
    onOutput: (_stream, chunk) => said.push(Buffer.from(chunk)),
    signal: run.signal,
    timeoutMs: 10_000,
  });
  const [first = ''] = Buffer.concat(said).toString('utf8').trim().split('\n');
  return asked.kind === 'exited' ? first.slice(0, 100) : asked.kind;
}
