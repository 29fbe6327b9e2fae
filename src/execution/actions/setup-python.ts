// `actions/setup-python` from what is installed: finds an interpreter of the wanted version and gives the job a virtual
// environment of its own, so that nothing a step installs reaches the machine.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PYTHON_MATCHERS } from './tool-matchers.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

export const setupPython: NativeAction = { main };

/** In the workspace, so that a release can take it along and a cache can keep it. */
const FOLDER = '.venv';

async function main(context: ActionContext): Promise<ActionResult> {
  if (context.isInContainer)
    return {
      kind: 'failed',
      why: 'no Python is set up inside a container: take an image that holds it, such as python:3.11',
    };
  const wanted = (context.inputs['python-version'] ?? '3.x').trim();
  const matches = versionMatcher(wanted);
  if (!matches)
    return { kind: 'failed', why: `python-version "${wanted}" is not a version such as 3.11, 3.x or 3.12.4` };
  const seen: string[] = [];
  for (const candidate of candidates(context.env['PATH'] ?? '')) {
    const version = await versionOf(context, candidate);
    if (version === undefined) continue;
    if (!matches(version)) {
      seen.push(version);
      continue;
    }
    return useInterpreter(context, candidate, version);
  }
  const found = seen.length > 0 ? `found only ${[...new Set(seen)].join(', ')}` : 'found none at all';
  return { kind: 'failed', why: `no Python ${wanted} on this machine: ${found}` };
}

async function useInterpreter(context: ActionContext, interpreter: string, version: string): Promise<ActionResult> {
  const folder = join(context.workspace, FOLDER);
  const python = join(folder, 'bin', 'python');
  // One that a cache brought may be of another version, or belong to an interpreter that is gone.
  const isThere = existsSync(python) && (await versionOf(context, python)) === version;
  if (!isThere) {
    const made = await context.run({ argv: [interpreter, '-m', 'venv', '--clear', folder] });
    if (!made.ok)
      return { kind: 'failed', why: `making a virtual environment: ${made.why} (on Debian, python3-venv provides it)` };
  }
  context.exportVariable('VIRTUAL_ENV', folder);
  context.exportVariable('pythonLocation', folder);
  // Libraries answer to the environment alone, not to what the machine's user has installed.
  context.exportVariable('PYTHONNOUSERSITE', '1');
  context.addPath(join(folder, 'bin'));
  context.output('python-version', version);
  context.output('python-path', python);
  context.output('cache-hit', 'false');
  context.addMatchers(PYTHON_MATCHERS);
  context.log(`Python ${version} (${interpreter}), in a virtual environment at ${folder}`);
  return { kind: 'done' };
}

/** `3`, `3.x`, `3.11`, `3.11.7`, or several, one a line: the first that is there wins. */
function versionMatcher(wanted: string): ((version: string) => boolean) | undefined {
  const lines = wanted
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0 || !lines.every((line) => /^\d+(\.(\d+|x))?(\.(\d+|x))?$/.test(line))) return undefined;
  return (version) =>
    lines.some((line) => {
      const parts = version.split('.');
      return line.split('.').every((part, index) => part === 'x' || part === parts[index]);
    });
}

/** Interpreters in PATH, in its order; in each folder the most specific names first. */
function candidates(path: string): readonly string[] {
  const found: string[] = [];
  for (const folder of new Set(path.split(':').filter((entry) => entry !== ''))) {
    const names = listFolder(folder).filter((name) => /^python(3(\.\d+)?)?$/.test(name));
    for (const name of names.toSorted((a, b) => b.length - a.length || (a < b ? 1 : -1)))
      found.push(join(folder, name));
  }
  return found;
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function versionOf(context: ActionContext, interpreter: string): Promise<string | undefined> {
  const asked = await context.run({
    argv: [interpreter, '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'],
    quiet: true,
  });
  const version = asked.stdout.trim();
  return asked.ok && /^\d+\.\d+\.\d+$/.test(version) ? version : undefined;
}
