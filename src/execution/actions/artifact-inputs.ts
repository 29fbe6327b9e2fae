// What the artifact actions have in common: their inputs, and keeping files under a name.
import { relative } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { isJsonObject } from '#base/json.ts';
import type { Annotation } from '#run/events.ts';
import { nameProblem, pathProblem } from '#stores/artifacts/artifact-name.ts';
import type { Artifact, ArtifactContent, ArtifactStore } from '#stores/artifacts/artifacts.ts';
import { publicRunId } from '#stores/public-run-id.ts';
import type { ActionContext, ActionResult } from './native-action.ts';

type Inputs = ActionContext['inputs'];

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** GitHub's, unless a repository has another. */
const STANDARD_DAYS = 90;

export interface UploadOptions {
  readonly name: string;
  readonly retentionMs: number;
  readonly overwrite: boolean;
  readonly warnings: readonly Annotation[];
}

export function uploadOptions({ inputs, order }: ActionContext, name: string): Result<UploadOptions, string> {
  const bad = nameProblem(name);
  if (bad !== undefined) return err(bad);
  const overwrite = boolInput(inputs, 'overwrite', false);
  if (!overwrite.ok) return overwrite;
  const level = numberInput(inputs, 'compression-level', 6);
  if (!level.ok) return level;
  if (level.value < 0 || level.value > 9) return err(`compression-level is ${level.value}; it goes from 0 to 9`);
  const days = numberInput(inputs, 'retention-days', 0);
  if (!days.ok) return days;
  const most = mostDays(order.contexts['github']);
  const wanted = days.value <= 0 ? most : days.value;
  const warnings: Annotation[] = [];
  if (wanted > most)
    warnings.push({
      level: 'warning',
      message: `retention-days is ${wanted}; it is kept for ${most} days, which is the most`,
    });
  return ok({ name, retentionMs: Math.min(wanted, most) * DAY_MS, overwrite: overwrite.value, warnings });
}

function mostDays(github: unknown): number {
  const given =
    typeof github === 'object' && github !== null && 'retention_days' in github ? github.retention_days : '';
  const days = Number(given);
  return Number.isFinite(days) && days > 0 ? days : STANDARD_DAYS;
}

export interface FoundFiles {
  /** Absolute. */
  readonly files: readonly string[];
  /** What their paths in the artifact start from. */
  readonly root: string;
}

export async function uploadFiles(
  found: FoundFiles,
  options: UploadOptions,
  { context, store }: { readonly context: ActionContext; readonly store: ArtifactStore },
): Promise<ActionResult> {
  const files = found.files.map((source) => ({ path: relative(found.root, source), source }));
  for (const { path } of files) {
    const bad = pathProblem(path);
    if (bad !== undefined) return { kind: 'failed', why: bad };
  }
  return upload({ form: 'tree', files }, options, { context, store });
}

export async function upload(
  content: ArtifactContent,
  { name, retentionMs, overwrite, warnings }: UploadOptions,
  { context, store }: { readonly context: ActionContext; readonly store: ArtifactStore },
): Promise<ActionResult> {
  const { stepTry, order } = context;
  const { runId, jobId, attempt } = order;
  const by = { runId, jobId, attempt, ...(stepTry ? { stepTry } : {}) };
  const saved = await store.save({ ...by, name, retentionMs, overwrite }, content);
  if (!saved.ok)
    return { kind: 'failed', why: `the run has an artifact "${name}" already; "overwrite: true" would replace it` };
  tell(context, saved.value);
  const swept = await store.sweep({ notAgainWithinMs: HOUR_MS });
  if (swept.length > 0)
    context.log(
      `removed, because they have expired: ${swept.map((each) => `${each.name} of ${each.runId}`).join(', ')}`,
    );
  return { kind: 'done', annotations: warnings };
}

function tell(context: ActionContext, artifact: Artifact): void {
  const { id, name, bytes, files, digest, expiresAtMs, runId } = artifact;
  const github = context.order.contexts['github'];
  const text = (key: string): string => (isJsonObject(github) && typeof github[key] === 'string' ? github[key] : '');
  context.output('artifact-id', String(id));
  context.output('artifact-digest', digest);
  context.output(
    'artifact-url',
    `${text('server_url')}/${text('repository')}/actions/runs/${publicRunId(runId)}/artifacts/${id}`,
  );
  const what = files === 1 ? '1 file' : `${files ?? 'some'} files`;
  const until = new Date(expiresAtMs).toISOString().slice(0, 10);
  context.log(`artifact ${name}: ${what}, ${bytes} bytes, kept until ${until} (id ${id})`);
}

/** As GitHub reads booleans: YAML 1.2, in three ways of writing. */
export function boolInput(inputs: Inputs, name: string, standard: boolean): Result<boolean, string> {
  const text = inputs[name]?.trim() ?? '';
  if (text === '') return ok(standard);
  if (/^(true|True|TRUE)$/.test(text)) return ok(true);
  if (/^(false|False|FALSE)$/.test(text)) return ok(false);
  return err(`${name} is "${text}"; it is true or false`);
}

function numberInput(inputs: Inputs, name: string, standard: number): Result<number, string> {
  const text = inputs[name]?.trim() ?? '';
  if (text === '') return ok(standard);
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? err(`${name} is "${text}", which is no number`) : ok(value);
}

/** What becomes of an upload that has nothing to upload. */
export function nothingFound(context: ActionContext, what: string, standard: 'warn' | 'error'): ActionResult {
  const given = context.inputs['if-no-files-found']?.trim() || standard;
  if (given === 'error') return { kind: 'failed', why: what };
  if (given !== 'warn' && given !== 'ignore')
    return { kind: 'failed', why: `if-no-files-found is "${given}"; it is warn, error or ignore` };
  context.log(what);
  return { kind: 'done', ...(given === 'warn' ? { annotations: [{ level: 'warning', message: what }] } : {}) };
}
