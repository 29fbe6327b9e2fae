// What a step made and changed in the workspace, by the times that the file system keeps of files.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';

/** Paths from the workspace. */
export interface Changes {
  /** Files and folders that were not there before; of a folder, itself alone. */
  readonly made: readonly string[];
  /** There before, with other content or of the same moment, which may be either. */
  readonly changed: readonly string[];
}

/** A larger workspace is not looked at to its end: copying it would take longer than the answer is worth. */
const MOST_ENTRIES = 20_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** Since `sinceMs`, by the clock of the file system. What a step has removed leaves no trace. */
export function changedSince(workspace: string, sinceMs: number): Result<Changes, string> {
  const made: string[] = [];
  const changed: string[] = [];
  let entries = 0;
  let bytes = 0;
  const open: { readonly path: string; readonly isMade: boolean }[] = [{ path: '', isMade: false }];
  for (let folder = open.pop(); folder; folder = open.pop()) {
    for (const name of readdirSync(join(workspace, folder.path))) {
      const path = join(folder.path, name);
      const { birthtimeMs, ctimeMs, mtimeMs, size, ...stat } = lstatSync(join(workspace, path));
      const isFolder = (stat.mode & FORMAT) === FOLDER;
      entries++;
      bytes += isFolder ? 0 : size;
      if (entries > MOST_ENTRIES) return err(`its workspace holds more than ${MOST_ENTRIES} files`);
      if (bytes > MOST_BYTES) return err('its workspace holds more than 256 MB');
      const isMade = birthtimeMs > sinceMs;
      if (isFolder) open.push({ path, isMade: folder.isMade || isMade });
      if (folder.isMade) continue;
      if (isMade) made.push(path);
      else if (!isFolder && Math.max(birthtimeMs, ctimeMs, mtimeMs) >= sinceMs) changed.push(path);
    }
  }
  return ok({ made, changed });
}

const FORMAT = 0o170000;
const FOLDER = 0o040000;
