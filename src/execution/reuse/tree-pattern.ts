// Which files of a workspace a list of patterns means: as GitHub's globs, `**` crosses folders, names that begin with a dot
// are like any other, a folder means all that is in it, and `!` takes out again what stands before it.
import { lstatSync, readdirSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { Minimatch } from 'minimatch';

export interface TreeEntry {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly stats: Stats;
}

interface Pattern {
  readonly takesOut: boolean;
  /** The folders before the first wildcard: nothing outside of them can match. */
  readonly base: readonly string[];
  readonly matches: (path: string) => boolean;
}

/** Why the text is no pattern for paths inside a workspace; undefined when it is one. */
export function patternProblem(text: string): string | undefined {
  const path = text.startsWith('!') ? text.slice(1) : text;
  if (path.trim() === '') return 'it is empty';
  if (path.startsWith('/')) return 'it is absolute, and only the workspace counts';
  if (path === '~' || path.startsWith('~/')) return 'it lies outside the workspace';
  if (path.split('/').includes('..')) return 'it leaves the workspace';
  return undefined;
}

/** In the order of their paths, a folder before what is in it. Links are not followed. `.git` never belongs to them. */
export function matchTree(workspace: string, patterns: readonly string[]): readonly TreeEntry[] {
  const all = patterns.map(readPattern);
  const found: TreeEntry[] = [];
  for (const base of basesOf(all)) {
    // A pattern that means a folder means what is in it.
    const above = base.split('/').slice(0, -1);
    let matched = all.map(({ matches }) => matches(''));
    for (let depth = 1; depth <= above.length; depth++) matched = step(all, matched, above.slice(0, depth).join('/'));
    walk(workspace, base, { all, matched }, found);
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The patterns that take in, and match nothing. */
export function idlePatterns(workspace: string, patterns: readonly string[]): readonly string[] {
  return patterns.filter((text) => !text.startsWith('!') && matchTree(workspace, [text]).length === 0);
}

interface Walk {
  readonly all: readonly Pattern[];
  /** By pattern, whether it means a folder that this lies in. */
  readonly matched: readonly boolean[];
}

function step(all: readonly Pattern[], matched: readonly boolean[], path: string): boolean[] {
  return all.map((pattern, index) => matched[index] === true || pattern.matches(path));
}

function walk(workspace: string, path: string, { all, matched }: Walk, found: TreeEntry[]): void {
  const stats = lstatSync(join(workspace, path), { throwIfNoEntry: false });
  if (!stats || path === '.git') return;
  const here = path === '' ? matched : step(all, matched, path);
  const last = here.lastIndexOf(true);
  if (path !== '' && last !== -1 && all[last]?.takesOut === false) found.push({ path, stats });
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(join(workspace, path)))
    walk(workspace, path === '' ? name : `${path}/${name}`, { all, matched: here }, found);
}

/** Where to begin to look; none inside another. */
function basesOf(all: readonly Pattern[]): readonly string[] {
  const bases = [...new Set(all.filter((each) => !each.takesOut).map(({ base }) => base.join('/')))].toSorted();
  return bases.filter(
    (base) => !bases.some((other) => other !== base && (other === '' || base.startsWith(`${other}/`))),
  );
}

function readPattern(text: string): Pattern {
  const takesOut = text.startsWith('!');
  const parts = (takesOut ? text.slice(1) : text).split('/').filter((part) => part !== '' && part !== '.');
  const wild = parts.findIndex((part) => /[*?[\]{}]/.test(part));
  const base = wild === -1 ? parts : parts.slice(0, wild);
  const path = parts.join('/');
  const matcher = new Minimatch(path, { dot: true, nocomment: true, nonegate: true });
  // Nothing but `.` is left of a path that means the workspace itself.
  return { takesOut, base, matches: (candidate) => (path === '' ? candidate === '' : matcher.match(candidate)) };
}
