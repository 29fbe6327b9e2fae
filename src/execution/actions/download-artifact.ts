// `actions/download-artifact`: artifacts of this run, or of another of the project, laid out as files.
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runIdFrom } from '#stores/public-run-id.ts';
import { isJsonObject } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { Annotation } from '#run/events.ts';
import type { Artifact, ArtifactStore } from '#stores/artifacts/artifacts.ts';
import { boolInput } from './artifact-inputs.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

export function createDownloadArtifactAction(store: ArtifactStore): NativeAction {
  return { main: async (context) => main(context, store) };
}

const ON_MISMATCH = ['ignore', 'info', 'warn', 'error'] as const;

interface Settings {
  readonly run: Artifact['runId'];
  readonly folder: string;
  readonly merges: boolean;
  readonly packed: boolean;
  readonly onMismatch: (typeof ON_MISMATCH)[number];
  readonly warnings: readonly Annotation[];
}

async function main(context: ActionContext, store: ArtifactStore): Promise<ActionResult> {
  const settings = readSettings(context);
  if (!settings.ok) return { kind: 'failed', why: settings.error };
  const { run, folder, merges, packed, onMismatch, warnings } = settings.value;
  const chosen = await choose(await store.list(run), context, run);
  if (!chosen.ok) return { kind: 'failed', why: chosen.error };
  const { artifacts, isSingle, missing } = chosen.value;
  const annotations: Annotation[] = [...warnings, ...missing];
  for (const artifact of artifacts) {
    const target = isSingle || merges ? folder : join(folder, artifact.name);
    context.log(`${artifact.name} (id ${artifact.id}, ${artifact.bytes} bytes) to ${target}`);
    const ended = packed ? await layOutPacked(artifact, target, store) : await store.extract(artifact, target);
    if (ended === 'intact' || onMismatch === 'ignore') continue;
    const why = `the content of the artifact ${artifact.name} is not what was uploaded: its digest differs`;
    if (onMismatch === 'error') return { kind: 'failed', why };
    context.log(why);
    if (onMismatch === 'warn') annotations.push({ level: 'warning', message: why });
  }
  context.output('download-path', folder);
  context.log(artifacts.length === 1 ? '1 artifact downloaded' : `${artifacts.length} artifacts downloaded`);
  return { kind: 'done', annotations };
}

function readSettings({ inputs, order, workspace }: ActionContext): Result<Settings, string> {
  const merges = boolInput(inputs, 'merge-multiple', false);
  if (!merges.ok) return merges;
  const packed = boolInput(inputs, 'skip-decompress', false);
  if (!packed.ok) return packed;
  const given = inputs['digest-mismatch']?.trim() || 'error';
  const onMismatch = ON_MISMATCH.find((each) => each === given);
  if (!onMismatch) return err(`digest-mismatch is "${given}"; it is one of ${ON_MISMATCH.join(', ')}`);
  const github = order.contexts['github'];
  const repository = inputs['repository']?.trim() ?? '';
  const isOther = isJsonObject(github) && repository !== github['repository'];
  if (repository !== '' && isOther)
    return err(`artifacts of another repository (${repository}) are not on this machine`);
  const run = runIdFrom(inputs['run-id']?.trim() || order.runId, order.runId);
  const path = inputs['path']?.trim() ?? '';
  const warnings: Annotation[] = [];
  if (run !== order.runId && !inputs['github-token'])
    warnings.push({ level: 'warning', message: 'on GitHub, run-id has no effect without github-token' });
  return ok({
    run,
    folder: /^~(\/|$)/.test(path) ? join(homedir(), path.slice(1)) : resolve(workspace, path),
    merges: merges.value,
    packed: packed.value,
    onMismatch,
    warnings,
  });
}

interface Chosen {
  readonly artifacts: readonly Artifact[];
  /** It needs no folder of its own. */
  readonly isSingle: boolean;
  readonly missing: readonly Annotation[];
}

async function choose(
  all: readonly Artifact[],
  { inputs }: ActionContext,
  run: string,
): Promise<Result<Chosen, string>> {
  const name = inputs['name']?.trim() ?? '';
  const ids = (inputs['artifact-ids'] ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (name !== '' && ids.length > 0) return err('of the inputs "name" and "artifact-ids" only one may be given');
  if (name !== '') {
    const found = all.find((artifact) => artifact.name === name);
    if (found) return ok({ artifacts: [found], isSingle: true, missing: [] });
    const there = all.length === 0 ? 'it has none' : `it has ${all.map((each) => each.name).join(', ')}`;
    return err(`run ${run} has no artifact "${name}": ${there}`);
  }
  if (ids.length > 0) return chooseByIds(all, ids);
  const pattern = inputs['pattern']?.trim() ?? '';
  if (pattern === '') return ok({ artifacts: all, isSingle: false, missing: [] });
  const { Minimatch } = await import('minimatch');
  const matcher = new Minimatch(pattern);
  return ok({ artifacts: all.filter((artifact) => matcher.match(artifact.name)), isSingle: false, missing: [] });
}

function chooseByIds(all: readonly Artifact[], ids: readonly string[]): Result<Chosen, string> {
  const bad = ids.find((id) => !/^\d+$/.test(id));
  if (bad !== undefined) return err(`"${bad}" is no id of an artifact: that is a number`);
  const artifacts = all.filter(({ id }) => ids.includes(String(id)));
  if (artifacts.length === 0) return err(`no artifact has the id ${ids.join(' or ')}`);
  const left = ids.filter((id) => !all.some((artifact) => String(artifact.id) === id));
  const missing: readonly Annotation[] =
    left.length === 0 ? [] : [{ level: 'warning', message: `no artifact has the id ${left.join(' or ')}` }];
  return ok({ artifacts, isSingle: ids.length === 1, missing });
}

/** As one file. What it holds is not looked at, so there is no digest to compare. */
async function layOutPacked(artifact: Artifact, folder: string, store: ArtifactStore): Promise<'intact' | 'altered'> {
  await mkdir(folder, { recursive: true });
  const body = await store.body(artifact);
  const target = join(folder, artifact.form === 'file' ? artifact.name : `${artifact.name}.zip`);
  if (body.kind === 'stream') await pipeline(body.stream, createWriteStream(target));
  else await copyFile(body.path, target);
  return 'intact';
}
