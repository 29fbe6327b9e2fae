import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';

/** GitHub's `hashFiles`: SHA-256 over the SHA-256 of each file, in path order; '' when nothing matches. `!` takes out again. */
export function hashFiles(workspace: string, patterns: readonly string[]): string {
  const wanted = new Set<string>();
  for (const pattern of patterns.flatMap((text) => text.split('\n')).map((text) => text.trim())) {
    if (pattern === '' || pattern.startsWith('#')) continue;
    const isExclusion = pattern.startsWith('!');
    for (const file of filesOf(workspace, isExclusion ? pattern.slice(1) : pattern)) {
      if (isExclusion) wanted.delete(file);
      else wanted.add(file);
    }
  }
  if (wanted.size === 0) return '';
  const total = createHash('sha256');
  for (const file of [...wanted].toSorted()) total.update(createHash('sha256').update(readFileSync(file)).digest());
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
