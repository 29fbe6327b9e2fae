import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { AuditFiles } from './finding.ts';

/** More than anybody writes by hand. */
const MAX_BYTES = 1024 * 1024;
const MAX_FILES = 100_000;
const PASSED_OVER: ReadonlySet<string> = new Set([
  '.git',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  'dist',
  'target',
]);

/**
 * The files of a folder: what git knows or would take in, and without a repository all but what tools put there. Links that
 * lead out of the folder are not followed.
 */
export function projectFiles(root: string, today: string): AuditFiles {
  const base = realpathSync(root);
  const paths = (gitPaths(base) ?? walk(base)).toSorted();
  const texts = new Map<string, string | undefined>();
  return {
    today,
    paths,
    read: (path) => {
      if (!texts.has(path)) texts.set(path, readText(base, path));
      return texts.get(path);
    },
  };
}

function gitPaths(root: string): readonly string[] | undefined {
  const command = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  try {
    const listed = execFileSync('git', command, {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const paths = listed.split('\0').filter((path) => path !== '');
    return paths.length > 0 ? [...new Set(paths)] : undefined;
  } catch {
    return undefined;
  }
}

function walk(root: string): readonly string[] {
  const found: string[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined && found.length < MAX_FILES; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) folders.push(path);
      if (entry.isFile()) found.push(relative(root, path).split(sep).join('/'));
    }
  }
  return found;
}

function readText(root: string, path: string): string | undefined {
  try {
    const real = realpathSync(join(root, path));
    if (!real.startsWith(root + sep)) return undefined;
    const stat = statSync(real);
    if (!stat.isFile() || stat.size > MAX_BYTES) return undefined;
    const bytes = readFileSync(real);
    return bytes.includes(0) ? undefined : bytes.toString('utf8');
  } catch {
    return undefined;
  }
}
