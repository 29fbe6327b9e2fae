// Files by GitHub's path patterns (its `@actions/glob`): one a line, `!` takes out again, the last that matches decides.
import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Minimatch } from 'minimatch';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';

export interface PatternPlace {
  /** What relative patterns start from. */
  readonly workspace: string;
  /** What `~` stands for. */
  readonly home: string;
}

export interface PatternOptions {
  /** What lies in a folder that matches, matches too. */
  readonly descendants: boolean;
  /** Names that start with a dot are passed over; in the folders above where the search starts they do not matter. */
  readonly excludeHidden: boolean;
}

export interface PathPatterns {
  readonly patterns: readonly Pattern[];
  /** Where the search starts: the part of each pattern before its first wildcard, without those inside others. */
  readonly searchPaths: readonly string[];
}

interface Pattern {
  readonly isExclusion: boolean;
  /** Written with a slash at its end. */
  readonly onlyFolders: boolean;
  readonly searchPath: string;
  readonly itself: Minimatch;
  readonly below: Minimatch;
  readonly isGlobstar: boolean;
}

const OPTIONS = { dot: true, nobrace: true, nocomment: true, noext: true, nonegate: true } as const;

/** Lines that are empty or start with `#` count for nothing. */
export function readPatterns(text: string, place: PatternPlace): Result<PathPatterns, string> {
  const patterns: Pattern[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const read = readPattern(line, place);
    if (!read.ok) return read;
    patterns.push(read.value);
  }
  const wanted = new Set(patterns.filter((each) => !each.isExclusion).map((each) => each.searchPath));
  return ok({ patterns, searchPaths: [...wanted].filter((path) => !hasAncestor(path, wanted)) });
}

function hasAncestor(path: string, others: ReadonlySet<string>): boolean {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) if (others.has(above)) return true;
  return path !== '/' && others.has('/');
}

function readPattern(line: string, { workspace, home }: PatternPlace): Result<Pattern, string> {
  const marks = /^[!\s]*/.exec(line)?.[0] ?? '';
  const isExclusion = marks.replaceAll(/\s/g, '').length % 2 === 1;
  const text = line.slice(marks.length).replace(/\/{2,}/g, '/');
  if (text === '') return err(`"${line}" is no path`);
  const { base, rest } = rooted(text, workspace, home);
  const segments = rest.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment === '..' || segment === '.'))
    return err(`the path "${line}" has "." or ".." in it, which patterns may not have`);
  const firstGlob = segments.findIndex((segment) => literal(segment) === undefined);
  const plain = (firstGlob < 0 ? segments : segments.slice(0, firstGlob)).map((segment) => literal(segment) ?? '');
  const full = [base === '/' ? '' : escapeGlob(base), ...segments].join('/') || '/';
  return ok({
    isExclusion,
    onlyFolders: text.endsWith('/'),
    searchPath: join(base, ...plain),
    itself: new Minimatch(full, OPTIONS),
    below: new Minimatch(full === '/' ? '/**' : `${full}/**`, OPTIONS),
    isGlobstar: segments.at(-1) === '**',
  });
}

function rooted(text: string, workspace: string, home: string): { readonly base: string; readonly rest: string } {
  if (text.startsWith('/')) return { base: '/', rest: text };
  if (text === '~' || text.startsWith('~/')) return { base: home, rest: text.slice(1) };
  if (text === '.' || text.startsWith('./')) return { base: workspace, rest: text.slice(1) };
  return { base: workspace, rest: text };
}

/** The name that a segment stands for; undefined when it has a wildcard. `\*` and `[*]` are the character itself. */
function literal(segment: string): string | undefined {
  const unescaped = segment.replace(/\\(.)|\[(.)\]/g, (_all, escaped?: string, only?: string) => {
    const char = escaped ?? only ?? '';
    return /[*?[]/.test(char) ? '\0' : char;
  });
  if (/[*?[]/.test(unescaped)) return undefined;
  return segment.replace(/\\(.)|\[(.)\]/g, (_all, escaped?: string, only?: string) => escaped ?? only ?? '');
}

function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]]/g, (char) => `\\${char}`);
}

type Match = 'none' | 'folder' | 'any';

function matchOf(patterns: readonly Pattern[], path: string, descendants: boolean): Match {
  return patterns.reduce<Match>((match, pattern) => {
    const found = matchOne(pattern, path, descendants);
    if (found === 'none') return match;
    if (!pattern.isExclusion) return found === 'any' || match === 'any' ? 'any' : 'folder';
    // `!x/` takes out a folder of that name and not a file.
    return found === 'any' ? 'none' : match;
  }, 'none');
}

function matchOne(pattern: Pattern, path: string, descendants: boolean): Match {
  if (pattern.itself.match(pattern.isGlobstar ? `${path}/` : path)) return pattern.onlyFolders ? 'folder' : 'any';
  return descendants && pattern.below.match(path) ? 'any' : 'none';
}

/** Absolute paths, in the order of the search; links are followed, broken ones left out, as are circles of them. */
export async function* findPaths(
  { patterns, searchPaths }: PathPatterns,
  options: PatternOptions,
): AsyncGenerator<{ readonly path: string; readonly isFolder: boolean }> {
  const mayHold = holder(patterns, options.descendants);
  const stack: { readonly path: string; readonly chain: readonly string[] }[] = [];
  for (const path of searchPaths.toReversed()) if (await isThere(path)) stack.push({ path, chain: [] });
  for (let item = stack.pop(); item; item = stack.pop()) {
    const { path, chain } = item;
    const match = matchOf(patterns, path, options.descendants);
    const holds = mayHold(path);
    if (match === 'none' && !holds) continue;
    if (options.excludeHidden && basename(path).startsWith('.')) continue;
    const seen = await stat(path).catch(() => undefined);
    if (!seen) continue;
    if (!seen.isDirectory()) {
      if (match === 'any') yield { path, isFolder: false };
      continue;
    }
    const real = await realpath(path);
    if (chain.includes(real)) continue;
    if (match !== 'none') yield { path, isFolder: true };
    if (!holds) continue;
    for (const name of (await readdir(path)).toReversed())
      stack.push({ path: join(path, name), chain: [...chain, real] });
  }
}

/**
 * The same for files alone, and at once: what lies in a folder that matches, matches too. Links are files where they are not
 * followed.
 */
export function findFilesNow({ patterns, searchPaths }: PathPatterns, followLinks: boolean): readonly string[] {
  const mayHold = holder(patterns, true);
  const files: string[] = [];
  const stack = searchPaths.toReversed().map((path) => ({ path, chain: [] as readonly string[] }));
  for (let item = stack.pop(); item; item = stack.pop()) {
    const { path, chain } = item;
    const match = matchOf(patterns, path, true);
    if (match === 'none' && !mayHold(path)) continue;
    const seen = followLinks ? statSync(path, ABSENT_IS_FINE) : lstatSync(path, ABSENT_IS_FINE);
    if (!seen) continue;
    if (!seen.isDirectory()) {
      if (match === 'any') files.push(path);
      continue;
    }
    const real = realpathSync(path);
    if (!mayHold(path) || chain.includes(real)) continue;
    for (const name of readdirSync(path).toReversed()) stack.push({ path: join(path, name), chain: [...chain, real] });
  }
  return files;
}

const ABSENT_IS_FINE = { throwIfNoEntry: false } as const;

/** Whether something in a folder can match. */
function holder(patterns: readonly Pattern[], descendants: boolean): (folder: string) => boolean {
  const wanted = patterns.filter((pattern) => !pattern.isExclusion);
  return (folder) =>
    wanted.some((each) => each.itself.match(folder, true) || (descendants && each.below.match(folder, true)));
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
