// Which Python is wanted, and where one may be.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { satisfies, validRange } from 'semver';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';

/** `3`, `3.x`, `3.11`, `3.11.7`, `3.13-dev`, `>=3.10,<3.13`, `~=3.11`, or several, one a line. Undefined: it is none of these. */
export function pythonMatcher(wanted: string): ((version: string) => boolean) | undefined {
  const lines = wanted
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const ranges = lines.map(rangeOf);
  if (ranges.length === 0 || ranges.some((range) => validRange(range) === null)) return undefined;
  return (version) => ranges.some((range) => satisfies(version, range));
}

/** As npm writes it: Python joins by commas, and has `~=` and `==3.11.*` of its own. */
function rangeOf(text: string): string {
  return text
    .replace(/-dev$/, '')
    .replace(/~=\s*(\d+)\.(\d+)(\.\d+)?/g, (_all, major: string, minor: string, patch: string | undefined) =>
      patch === undefined
        ? `>=${major}.${minor} <${Number(major) + 1}`
        : `>=${major}.${minor}${patch} <${major}.${Number(minor) + 1}`,
    )
    .replace(/={2,3}/g, '=')
    .replaceAll(',', ' ');
}

/** `.python-version`, `.tool-versions`, `pyproject.toml` or `Pipfile`. */
export function readPythonVersionFile(file: string): Result<string, string> {
  const text = readFileSync(file, 'utf8');
  const name = basename(file);
  const found = versionIn(name, text);
  return found === undefined || found === '' ? err(`${name} names no Python`) : ok(found);
}

function versionIn(name: string, text: string): string | undefined {
  if (name === 'pyproject.toml')
    return (
      /^\s*requires-python\s*=\s*["']([^"']+)["']/m.exec(text)?.[1] ??
      /^\s*python\s*=\s*["']([^"']+)["']/m.exec(text)?.[1]
    );
  if (name === 'Pipfile') return /^\s*python_(?:full_)?version\s*=\s*["']([^"']+)["']/m.exec(text)?.[1];
  if (name === '.tool-versions') return /^\s*python\s+(\S+)/m.exec(text)?.[1];
  const lines = text.split('\n').map((line) => line.replace(/#.*$/, '').trim());
  return lines.filter((line) => line !== '').join('\n');
}

/** Interpreters in PATH, in its order, in each folder the most specific names first; then those of pyenv and of runners. */
export function pythonCandidates(env: Readonly<Record<string, string>>): readonly string[] {
  const inPath = (env['PATH'] ?? '').split(':').filter((entry) => entry !== '');
  const managed: readonly (readonly [folder: string, rest: string])[] = [
    [join(env['HOME'] ?? '', '.pyenv/versions'), 'bin'],
    [join(env['RUNNER_TOOL_CACHE'] ?? '', 'Python'), `${process.arch}/bin`],
    ['/opt/hostedtoolcache/Python', `${process.arch}/bin`],
  ];
  const folders = managed.flatMap(([folder, rest]) =>
    list(folder)
      .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((name) => join(folder, name, rest)),
  );
  const found: string[] = [];
  for (const folder of new Set([...inPath, ...folders])) {
    const names = list(folder).filter((name) => /^python(3(\.\d+)?)?$/.test(name));
    for (const name of names.toSorted((a, b) => b.length - a.length || (a < b ? 1 : -1)))
      found.push(join(folder, name));
  }
  return found;
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
