// A step that says what it consumes and produces: whether what an earlier run made may stand for it, and whether what it
// makes now may stand for a later one. See docs/decisions/0019-what-a-restored-step-rests-on.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { JsonObject } from '#base/json.ts';
import { isJsonObject } from '#base/json.ts';
import type { StepResult } from '#run/events.ts';
import { compareFacts } from '#run/reuse/facts.ts';
import type { ReuseReason, StepFacts, StepReuse } from '#run/reuse/facts.ts';
import { reuseInWords } from '#run/reuse/words.ts';
import type { KeptEnd, KeptStep } from '#stores/reuse/reuse-store.ts';
import type { Expectation, RunStep, UsesStep } from '#workflow/model.ts';
import { UnusableTemplate } from '../job/job-scope.ts';
import { filesOf } from '../job/hash-files.ts';
import { consumedFiles, gatherFacts, keyOf } from '../reuse/step-facts.ts';
import { idlePatterns, matchTree } from '../reuse/tree-pattern.ts';
import { broken } from './attempt-result.ts';
import type { Attempt } from './attempt-result.ts';
import { makeStepFiles, STEP_FILES } from './step-files.ts';
import type { StepReuseDeps, StepRun } from './step-run.ts';

/** Listed in the journal; a step that consumes a whole tree may have thousands. */
const MOST_REASONS = 20;

/** What is known of a reusable step before it runs. */
export interface Looked {
  readonly deps: StepReuseDeps;
  readonly index: number;
  readonly key: string;
  readonly slot: string;
  readonly facts: StepFacts;
  readonly consumes: readonly string[];
  readonly from?: string;
  readonly reasons: readonly ReuseReason[];
}

export type Look =
  | { readonly kind: 'restored'; readonly attempt: Attempt; readonly reuse: StepReuse; readonly looked: Looked }
  | { readonly kind: 'miss'; readonly looked: Looked }
  | { readonly kind: 'always'; readonly reuse: StepReuse }
  | { readonly kind: 'broken'; readonly attempt: Attempt }
  /** The step says nothing of the kind, or cannot be evaluated and will say so itself. */
  | { readonly kind: 'plain' };

/** When it is `restored`, workspace and environment files are as the step would have left them. */
export async function lookForKept(step: RunStep | UsesStep, run: StepRun): Promise<Look> {
  const { reuse: deps } = run;
  if (!deps || !step.produces) return { kind: 'plain' };
  try {
    const gathered = await gatherFacts(step, run, deps.digests);
    if (!gathered.ok) {
      const { kind, why } = gathered.error;
      if (kind === 'broken') return { kind: 'broken', attempt: broken(why) };
      return { kind: 'always', reuse: { how: 'always', why: run.redact(why) } };
    }
    const { facts, consumes } = gathered.value;
    const { index } = step;
    const looked = { deps, index, key: keyOf(facts), slot: slotOf(step, run), facts, consumes, reasons: [] };
    if (deps.isForced) return { kind: 'miss', looked: because(looked, 'this run was to reuse nothing (--no-reuse)') };
    const kept = await deps.store.find(looked.key);
    return kept ? await restore(looked, kept, run) : { kind: 'miss', looked: await explain(looked) };
  } catch (cause) {
    if (cause instanceof UnusableTemplate) return { kind: 'plain' };
    throw cause;
  }
}

function because(looked: Looked, name: string): Looked {
  return { ...looked, reasons: [{ what: 'store', change: 'changed', name }] };
}

/** What was restored lacks what the step has to prove, so it runs after all. */
export function withoutProof(looked: Looked, kept: StepReuse): Looked {
  const from = kept.how === 'restored' ? { from: kept.from } : {};
  return { ...because(looked, 'what was restored does not prove what the step has to prove'), ...from };
}

async function restore(looked: Looked, kept: KeptStep, run: StepRun): Promise<Look> {
  const { workspace, private: folder } = run.folders;
  const replaces = matchTree(workspace, looked.facts.produces).map(({ path }) => path);
  const restored = await looked.deps.store.restore(kept, workspace, replaces);
  if (!restored.ok) return { kind: 'miss', looked: { ...because(looked, restored.error), from: kept.runId } };
  const files = makeStepFiles(folder, looked.index);
  for (const name of STEP_FILES) writeFileSync(join(files.folder, name), kept.end.files[name] ?? '');
  const { annotations, exitCode } = kept.end;
  const attempt: Attempt = {
    how: 'ok',
    why: '',
    ledger: [],
    annotations,
    ...(exitCode === undefined ? {} : { exitCode }),
  };
  const reuse: StepReuse = {
    how: 'restored',
    key: looked.key,
    from: kept.runId,
    files: kept.files,
    bytes: kept.bytes,
  };
  return { kind: 'restored', attempt, reuse, looked };
}

/** Against what its place in the workflow was kept with last. */
async function explain(looked: Looked): Promise<Looked> {
  const latest = await looked.deps.store.latest(looked.slot);
  if (!latest) return because(looked, 'nothing is kept of it yet');
  const reasons = compareFacts(latest.facts, looked.facts);
  if (reasons.length > 0) return { ...looked, from: latest.runId, reasons };
  return { ...because(looked, 'what was kept is gone'), from: latest.runId };
}

/** Keeps what the step made when nothing was given up on the way, and says what became of it. */
export async function keepWhatItMade(
  step: RunStep | UsesStep,
  result: StepResult,
  { looked, run }: { readonly looked: Looked; readonly run: StepRun },
): Promise<StepReuse> {
  const why = await keep(result, { looked, run, expect: step.expect });
  const { key, from, reasons } = looked;
  return {
    how: 'ran',
    key,
    ...(from === undefined ? {} : { from }),
    reasons: reasons.slice(0, MOST_REASONS).map((reason) => redacted(reason, run)),
    more: Math.max(0, reasons.length - MOST_REASONS),
    kept: why === undefined,
    ...(why === undefined ? {} : { why: run.redact(why) }),
  };
}

interface Keeping {
  readonly looked: Looked;
  readonly run: StepRun;
  readonly expect: Expectation | undefined;
}

/** Why it is not kept; undefined when it is. */
async function keep(result: StepResult, { looked, run, expect }: Keeping): Promise<string | undefined> {
  const { key, slot, facts, consumes, deps } = looked;
  const { workspace } = run.folders;
  const earned = whyNotEarned(result);
  if (earned !== undefined) return earned;
  const idle = idlePatterns(workspace, facts.produces);
  if (idle.length > 0) return `there is no ${idle.join(', ')}, which it was to produce`;
  const paths = matchTree(workspace, facts.produces).map(({ path }) => path);
  const changed = await changedMeanwhile({ looked, run, consumes, produced: new Set(paths) });
  if (changed !== undefined) return changed;
  const unproven = proofOutside(expect, { run, covered: new Set([...paths, ...Object.keys(facts.files)]) });
  if (unproven !== undefined) return `its proof ${unproven} is not among what it produces`;
  const files = readFiles(run, result.index);
  const texts = [...Object.values(files), JSON.stringify(result.annotations)];
  if (texts.some((text) => run.redact(text) !== text)) return 'what it told the job holds a secret';
  if (Object.values(files).some((text) => text.includes(run.folders.temporary)))
    return 'what it told the job refers to RUNNER_TEMP, which ends with the job';
  const { annotations, exitCode, tests } = result;
  const end: KeptEnd = {
    files,
    annotations,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(tests === undefined ? {} : { tests }),
  };
  const kept = await deps.store.keep({ key, slot, runId: run.order.runId, facts, end, workspace, paths });
  return kept.ok ? undefined : kept.error;
}

function whyNotEarned({ conclusion, outcome, ledger, refuted }: StepResult): string | undefined {
  if (outcome !== 'success' || conclusion !== 'success') return 'it did not succeed';
  if (refuted === true) return 'its report speaks against it';
  const [entry] = ledger;
  return entry && `it got there by a lesser way (${entry.what})`;
}

/** What was read while it changed is not what the key says. */
async function changedMeanwhile({
  looked,
  run,
  consumes,
  produced,
}: {
  readonly looked: Looked;
  readonly run: StepRun;
  readonly consumes: readonly string[];
  readonly produced: ReadonlySet<string>;
}): Promise<string | undefined> {
  const now = await consumedFiles(run.folders.workspace, consumes, looked.deps.digests);
  if (!now.ok) return now.error.why;
  const before = looked.facts.files;
  const path = Object.keys({ ...before, ...now.value.files }).find(
    (each) => !produced.has(each) && before[each] !== now.value.files[each],
  );
  return path === undefined ? undefined : `${path}, which it consumes, changed while it ran`;
}

/** Of the files that prove the step, one that a restored step would not have. */
function proofOutside(
  expect: Expectation | undefined,
  { run, covered }: { readonly run: StepRun; readonly covered: ReadonlySet<string> },
): string | undefined {
  const patterns = [...(expect?.files ?? []), ...(expect?.tests ? [expect.tests.report] : [])];
  const { workspace } = run.folders;
  return patterns
    .flatMap((pattern) => filesOf(workspace, run.scope.evaluate(pattern.value)))
    .map((file) => relative(workspace, file))
    .find((path) => !covered.has(path));
}

function readFiles(run: StepRun, index: number): Record<string, string> {
  const folder = join(run.folders.private, `step-${index}`);
  return Object.fromEntries(STEP_FILES.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function redacted(reason: ReuseReason, run: StepRun): ReuseReason {
  const { name, was, now } = reason;
  return {
    ...reason,
    ...(name === undefined ? {} : { name: run.redact(name) }),
    ...(was === undefined ? {} : { was: run.redact(was) }),
    ...(now === undefined ? {} : { now: run.redact(now) }),
  };
}

/** In the step's own log, before its own output: why it runs. */
export function tellMiss(looked: Looked, run: StepRun): void {
  const { key, from, reasons } = looked;
  const since = from === undefined ? {} : { from };
  tellReuse(looked.index, { how: 'ran', key, ...since, reasons, more: 0, kept: true }, run);
}

export function tellReuse(index: number, reuse: StepReuse, run: StepRun): void {
  const output = run.openOutput(index);
  output.write('engine', Buffer.from(`gantry: ${reuseInWords(reuse)}\n`));
  output.end();
}

/** In the step's own log, behind its own output. */
export function tellNotKept(index: number, reuse: StepReuse, run: StepRun): void {
  if (reuse.how !== 'ran' || reuse.why === undefined) return;
  const output = run.openOutput(index);
  output.write('engine', Buffer.from(`gantry: not kept: ${reuse.why}\n`));
  output.end();
}

/** The same for the same step of every run. */
function slotOf(step: RunStep | UsesStep, run: StepRun): string {
  const github: JsonObject = isJsonObject(run.order.contexts['github']) ? run.order.contexts['github'] : {};
  const workflow = typeof github['workflow'] === 'string' ? github['workflow'] : '';
  return `${workflow}/${run.order.jobId}/${step.id ?? step.name?.value ?? step.index}`;
}
