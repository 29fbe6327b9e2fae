// What is in a project, as a run would see it: what is committed, or without git what lies there.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Survey {
  /** Relative paths with `/`, in order. */
  readonly files: readonly string[];
  /** '' when there is no such file. */
  readonly read: (path: string) => string;
  readonly kind: 'git' | 'folder';
}

/** What tools make or bring along, and what is somebody else's. */
const NOT_OURS = /(^|\/)(\.git|node_modules|vendor|third_party|\.venv|venv|dist|build|target|__pycache__|\.tox)\//;
const MAX_FILES = 50_000;
const MAX_READ_BYTES = 1024 * 1024;

/** `no-commit`: the repository is there, and nothing is committed, so that a run would find nothing. */
export function surveyProject(root: string): Survey | 'no-commit' {
  const inside = git(root, ['rev-parse', '--is-inside-work-tree']);
  if (inside?.trim() !== 'true') {
    const files = listFolder(root);
    return { files, read: (path) => (files.includes(path) ? readText(join(root, path)) : ''), kind: 'folder' };
  }
  const listed = git(root, ['ls-tree', '-r', '-z', '--name-only', 'HEAD']);
  if (listed === undefined) return 'no-commit';
  const files = listed.split('\0').filter((path) => path !== '' && !NOT_OURS.test(path));
  const known = new Set(files);
  return { files, read: (path) => (known.has(path) ? (git(root, ['show', `HEAD:./${path}`]) ?? '') : ''), kind: 'git' };
}

function git(cwd: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch {
    return undefined;
  }
}

function listFolder(root: string): readonly string[] {
  const files: string[] = [];
  const folders = [''];
  for (let folder = folders.shift(); folder !== undefined && files.length < MAX_FILES; folder = folders.shift()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory()) {
        if (!NOT_OURS.test(`${path}/`)) folders.push(`${path}/`);
      } else if (entry.isFile()) files.push(path);
    }
  }
  return files.toSorted();
}

function readText(path: string): string {
  return statSync(path).size > MAX_READ_BYTES ? '' : readFileSync(path, 'utf8');
}

/** A folder of the project that is built and tested by itself: '' is the project, others end with `/`. */
export interface Part {
  readonly folder: string;
  /** Relative to the folder. What belongs to a part inside is not among them. */
  readonly files: readonly string[];
  readonly read: (path: string) => string;
}

const MANIFEST =
  /(^|\/)(package\.json|pyproject\.toml|setup\.py|setup\.cfg|Pipfile|requirements[\w.-]*\.txt|go\.mod|Cargo\.toml)$/;
/** Folders whose manifests are there for something else than to be built. */
const ASIDE = /(^|\/)(tests?|fixtures?|testdata|examples?|templates?|docs?|requirements|\.[^/]+)\//;
const MAX_DEPTH = 3;

/** The project itself, and each folder inside that has a manifest of its own and is not a part of a larger whole. */
export function findParts(survey: Survey): readonly Part[] {
  const folders = new Set<string>(['']);
  const wholes = new Set<string>();
  for (const path of survey.files.filter((each) => MANIFEST.test(each))) {
    const folder = path.replace(/[^/]*$/, '');
    if (isWorkspace(path, survey.read)) wholes.add(folder);
    if (folder.split('/').length - 1 <= MAX_DEPTH && !ASIDE.test(folder)) folders.add(folder);
  }
  const parts = [...folders].filter(
    (folder) => ![...wholes].some((whole) => whole !== folder && folder.startsWith(whole)),
  );
  return parts.toSorted().map((folder) => {
    const inner = parts.filter((other) => other !== folder && other.startsWith(folder));
    const own = survey.files.filter(
      (path) => path.startsWith(folder) && !inner.some((other) => path.startsWith(other)),
    );
    return {
      folder,
      files: own.map((path) => path.slice(folder.length)),
      read: (path) => survey.read(`${folder}${path}`),
    };
  });
}

function isWorkspace(path: string, read: Survey['read']): boolean {
  if (path.endsWith('package.json')) return /"workspaces"\s*:/.test(read(path));
  return path.endsWith('Cargo.toml') && /^\[workspace\]/m.test(read(path));
}
