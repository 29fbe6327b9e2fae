// `actions/upload-artifact/merge`: several artifacts of the run become one.
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore } from '#stores/artifacts/artifacts.ts';
import { boolInput, nothingFound, uploadFiles, uploadOptions } from './artifact-inputs.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';
import { findFiles } from './upload-artifact.ts';

export function createMergeArtifactsAction(store: ArtifactStore): NativeAction {
  return { main: async (context) => main(context, store) };
}

async function main(context: ActionContext, store: ArtifactStore): Promise<ActionResult> {
  const { inputs, order } = context;
  const options = uploadOptions(context, inputs['name']?.trim() || 'merged-artifacts');
  if (!options.ok) return { kind: 'failed', why: options.error };
  const separate = boolInput(inputs, 'separate-directories', false);
  if (!separate.ok) return { kind: 'failed', why: separate.error };
  const deletes = boolInput(inputs, 'delete-merged', false);
  if (!deletes.ok) return { kind: 'failed', why: deletes.error };
  const hidden = boolInput(inputs, 'include-hidden-files', false);
  if (!hidden.ok) return { kind: 'failed', why: hidden.error };
  const pattern = inputs['pattern']?.trim() || '*';
  const { Minimatch } = await import('minimatch');
  const matcher = new Minimatch(pattern);
  const artifacts = (await store.list(order.runId)).filter(({ name }) => matcher.match(name));
  if (artifacts.length === 0) return nothingFound(context, `no artifacts match ${pattern}`, 'error');
  const folder = join(context.temporary, `merge-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    for (const artifact of artifacts) {
      const ended = await store.extract(artifact, separate.value ? join(folder, artifact.name) : folder);
      if (ended === 'altered')
        return { kind: 'failed', why: `the content of the artifact ${artifact.name} was altered` };
    }
    const found = await findFiles('.', folder, !hidden.value);
    if (!found.ok) return { kind: 'failed', why: found.error };
    context.log(`merging ${artifacts.map(({ name }) => name).join(', ')}`);
    const result = await uploadFiles({ ...found.value, root: folder }, options.value, { context, store });
    if (result.kind === 'failed' || !deletes.value) return result;
    for (const { name } of artifacts) if (name !== options.value.name) await store.remove(order.runId, name);
    context.log(`removed ${artifacts.map(({ name }) => name).join(', ')}, which are merged`);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
