import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

export interface LocalActions {
  /** Folders by `owner/repo@ref`. */
  readonly folders: Readonly<Record<string, string>>;
  /** As given, without the ref. */
  readonly names: readonly string[];
}

/** `--local-action owner/repo[/path]@ref=folder`, as often as wanted. The folder stands for the whole repository. */
export function readLocalActions(given: readonly string[]): LocalActions {
  const folders: Record<string, string> = {};
  const names: string[] = [];
  for (const each of given) {
    const match = /^([\w.-]+\/[\w.-]+)((?:\/[\w.-]+)*)@([^=\s]+)=(.+)$/.exec(each);
    if (!match) throw new UsageError(`--local-action takes owner/repository@version=folder, not "${each}"`);
    const [, repository = '', path = '', ref = '', folder = ''] = match;
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`--local-action ${repository}@${ref}: there is no folder ${folder}`);
    folders[`${repository}@${ref}`] = resolve(folder);
    names.push(`${repository}${path}`);
  }
  return { folders, names };
}
