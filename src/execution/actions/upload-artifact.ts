// `actions/upload-artifact`: files by patterns, kept under a name for the other jobs of the run, and for people.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { ArtifactStore } from '#stores/artifacts/artifacts.ts';
import { boolInput, nothingFound, upload, uploadFiles, uploadOptions } from './artifact-inputs.ts';
import type { FoundFiles } from './artifact-inputs.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

export function createUploadArtifactAction(store: ArtifactStore): NativeAction {
  return { main: async (context) => main(context, store) };
}

async function main(context: ActionContext, store: ArtifactStore): Promise<ActionResult> {
  const { inputs } = context;
  const path = inputs['path']?.trim() ?? '';
  if (path === '') return { kind: 'failed', why: 'input "path" is required' };
  const hidden = boolInput(inputs, 'include-hidden-files', false);
  if (!hidden.ok) return { kind: 'failed', why: hidden.error };
  const archive = boolInput(inputs, 'archive', true);
  if (!archive.ok) return { kind: 'failed', why: archive.error };
  const found = await findFiles(path, context.workspace, !hidden.value);
  if (!found.ok) return { kind: 'failed', why: found.error };
  const { files } = found.value;
  if (files.length === 0)
    return nothingFound(context, `no files match ${path.split('\n').join(', ')}; nothing is uploaded`, 'warn');
  if (!archive.value) return uploadOne(files, { context, store });
  const options = uploadOptions(context, inputs['name']?.trim() || 'artifact');
  if (!options.ok) return { kind: 'failed', why: options.error };
  context.log(`${files.length === 1 ? '1 file' : `${files.length} files`} of ${found.value.root}`);
  return uploadFiles(found.value, options.value, { context, store });
}

export async function findFiles(
  path: string,
  workspace: string,
  excludeHidden: boolean,
): Promise<Result<FoundFiles, string>> {
  const { findPaths, readPatterns } = await import('./path-patterns.ts');
  const patterns = readPatterns(path, { workspace, home: homedir() });
  if (!patterns.ok) return patterns;
  const files: string[] = [];
  for await (const each of findPaths(patterns.value, { descendants: true, excludeHidden }))
    if (!each.isFolder) files.push(each.path);
  return ok({ files, root: rootOf(patterns.value.searchPaths, files) });
}

/** GitHub's rule: what the search paths have in common; of a single file that is named in full, its folder. */
function rootOf(searchPaths: readonly string[], files: readonly string[]): string {
  const [first = '/', ...others] = searchPaths;
  if (others.length === 0) return files.length === 1 && files[0] === first ? dirname(first) : first;
  const parts = searchPaths.map((path) => path.split('/'));
  const [shortest = []] = parts.toSorted((a, b) => a.length - b.length);
  const differs = shortest.findIndex((part, index) => parts.some((each) => each[index] !== part));
  return shortest.slice(0, differs < 0 ? shortest.length : differs).join('/') || '/';
}

/** Under its own name, as it is. */
async function uploadOne(
  files: readonly string[],
  { context, store }: { readonly context: ActionContext; readonly store: ArtifactStore },
): Promise<ActionResult> {
  const [file, second] = files;
  if (file === undefined || second !== undefined)
    return { kind: 'failed', why: `"archive: false" takes one file, and ${files.length} match` };
  const options = uploadOptions(context, basename(file));
  if (!options.ok) return { kind: 'failed', why: options.error };
  await mkdir(store.drafts, { recursive: true });
  const draft = join(store.drafts, randomUUID());
  await copyFile(file, draft, constants.COPYFILE_FICLONE);
  return upload({ form: 'file', file: draft }, options.value, { context, store });
}
