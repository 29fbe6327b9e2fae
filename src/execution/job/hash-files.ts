import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { relative, resolve, sep } from 'node:path';
import { findFilesNow, readPatterns } from '../actions/path-patterns.ts';

const FOLLOW_LINKS = '--follow-symbolic-links';

/**
 * GitHub's `hashFiles`: SHA-256 over the SHA-256 of each file in the workspace, in the order in which they are found; '' when
 * nothing matches. Throws where GitHub fails: on an option that there is not, a pattern with `..` in it, a broken link.
 */
export function hashFiles(workspace: string, given: readonly string[]): string {
  const option = given[0]?.startsWith('--') ? given[0].toLowerCase() : undefined;
  if (option !== undefined && option !== FOLLOW_LINKS) throw new Error(`hashFiles has no option ${option}`);
  const text = given.slice(option === undefined ? 0 : 1).join('\n');
  const patterns = readPatterns(text, { workspace, home: homedir() });
  if (!patterns.ok) throw new Error(patterns.error);
  const files = findFilesNow(patterns.value, option !== undefined).filter(
    (file) => file.startsWith(`${workspace}${sep}`) && !statSync(file).isDirectory(),
  );
  if (files.length === 0) return '';
  const total = createHash('sha256');
  for (const file of files) total.update(createHash('sha256').update(readFileSync(file)).digest());
  return total.digest('hex');
}

/** Files inside the workspace that match; folders and what lies outside are left out. */
export function filesOf(workspace: string, pattern: string): readonly string[] {
  return globSync(pattern, { cwd: workspace })
    .map((file) => resolve(workspace, file))
    .filter((file) => !relative(workspace, file).startsWith(`..${sep}`) && isFile(file))
    .toSorted();
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
