import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { environmentsFolder } from './compose.ts';

/** The environments that a project was ever deployed to, by name. */
export function listEnvironments(stateFolder: string): readonly { readonly name: string; readonly folder: string }[] {
  const folder = environmentsFolder(stateFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((name) => ({ name, folder: join(folder, name) }));
}
