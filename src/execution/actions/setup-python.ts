// `actions/setup-python` from what is installed: finds an interpreter of the wanted version and gives the job a virtual
// environment of its own, so that nothing a step installs reaches the machine.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import { inputsOf } from '#workflow/built-in-actions.ts';
import { makePythonEnvironment } from './python-environment.ts';
import { keepWheels, restoreWheels } from './pip-cache.ts';
import { pythonCandidates, pythonMatcher, readPythonVersionFile } from './python-versions.ts';
import { PYTHON_MATCHERS } from './tool-matchers.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

/** In the workspace, so that a release can take it along and a cache can keep it. */
const FOLDER = '.venv';

const INPUTS = inputsOf('actions/setup-python');

/** `templates`: what is kept to make virtual environments quickly. */
export function createSetupPython(store: CacheStore, templates: string): NativeAction {
  return {
    main: async (context) => setUp(context, { store, templates }),
    post: async (context) => {
      await keepWheels(context, store);
      return { kind: 'done' };
    },
  };
}

interface Stores {
  readonly store: CacheStore;
  readonly templates: string;
}

async function setUp(context: ActionContext, stores: Stores): Promise<ActionResult> {
  const { inputs } = context;
  if (context.isInContainer)
    return failed('no Python is set up inside a container: take an image that holds it, such as python:3.11');
  const architecture = inputs['architecture'] || process.arch;
  if (architecture !== process.arch) return failed(`architecture "${architecture}": this machine is ${process.arch}`);
  const wanted = wantedVersion(context);
  if (!wanted.ok) return failed(wanted.error);
  const matches = pythonMatcher(wanted.value);
  if (!matches) return failed(`python-version "${wanted.value}" is not a version such as 3.11, 3.x or 3.12.4`);
  const seen: string[] = [];
  for (const candidate of pythonCandidates(context.env)) {
    const found = await askVersion(context, candidate);
    if (found === undefined) continue;
    if (matches(found.version) && (found.isFinal || inputs['allow-prereleases'] === 'true'))
      return useInterpreter(context, stores, { interpreter: candidate, version: found.version });
    seen.push(found.isFinal ? found.version : `${found.version} (a pre-release)`);
  }
  const found = seen.length > 0 ? `found only ${[...new Set(seen)].join(', ')}` : 'found none at all';
  return failed(
    `no Python ${wanted.value} on this machine: ${found}; none is downloaded, a version manager installs it`,
  );
}

/** As on GitHub: the version itself, the file that is named, or a `.python-version` that is there. */
function wantedVersion({ inputs, workspace }: ActionContext): Result<string, string> {
  const given = (inputs['python-version'] ?? '').trim();
  if (given !== '') return ok(given);
  const named = inputs['python-version-file'] ?? '';
  const path = resolve(workspace, named || '.python-version');
  if (relative(workspace, path).startsWith('..')) return err(`python-version-file "${named}" leaves the workspace`);
  if (existsSync(path)) return readPythonVersionFile(path);
  return named === ''
    ? ok('3.x')
    : err(`python-version-file "${named}" is not there; is the checkout before this step?`);
}

interface Chosen {
  readonly interpreter: string;
  readonly version: string;
}

async function useInterpreter(
  context: ActionContext,
  { store, templates }: Stores,
  chosen: Chosen,
): Promise<ActionResult> {
  const { interpreter, version } = chosen;
  const { inputs } = context;
  const folder = join(context.workspace, FOLDER);
  const python = join(folder, 'bin', 'python');
  // One that a cache brought may be of another version, or belong to an interpreter that is gone.
  const isThere = existsSync(python) && (await askVersion(context, python))?.version === version;
  if (!isThere) {
    const made = await makePythonEnvironment({
      interpreter,
      folder,
      templates,
      run: async (spec) => context.run(spec),
    });
    if (!made.ok) return failed(`making a virtual environment: ${made.why} (on Debian, python3-venv provides it)`);
  }
  if (inputs['update-environment'] !== 'false') {
    context.exportVariable('VIRTUAL_ENV', folder);
    context.exportVariable('pythonLocation', folder);
    // Libraries answer to the environment alone, not to what the machine's user has installed.
    context.exportVariable('PYTHONNOUSERSITE', '1');
    context.addPath(join(folder, 'bin'));
  }
  context.output('python-version', version);
  context.output('python-path', python);
  context.addMatchers(PYTHON_MATCHERS);
  context.log(`Python ${version} (${interpreter}), in a virtual environment at ${folder}`);
  if (inputs['check-latest'] === 'true') context.log('check-latest: only what is on this machine is looked at');
  const cache = (inputs['cache'] ?? '').trim();
  if (cache !== 'pip') context.output('cache-hit', 'false');
  const ledger = cache === 'pip' ? await restoreWheels(context, store, { python, version }) : ok([]);
  if (!ledger.ok) return failed(ledger.error);
  const warnings = warningsOf(inputs).map((message) => ({ level: 'warning', message }) as const);
  return { kind: 'done', ledger: ledger.value, annotations: warnings };
}

function warningsOf(inputs: Readonly<Record<string, string>>): readonly string[] {
  const cache = (inputs['cache'] ?? '').trim();
  const strangers = Object.keys(inputs).filter((name) => !INPUTS.includes(name));
  return [
    ...(cache === '' || cache === 'pip' ? [] : [`actions/setup-python keeps no cache of "${cache}" here, only of pip`]),
    ...strangers.map((name) => `actions/setup-python has no input "${name}" here`),
  ];
}

interface Version {
  readonly version: string;
  readonly isFinal: boolean;
}

async function askVersion(context: ActionContext, interpreter: string): Promise<Version | undefined> {
  const code = 'import sys; print("%d.%d.%d" % sys.version_info[:3], sys.version_info[3])';
  const asked = await context.run({ argv: [interpreter, '-c', code], quiet: true });
  const [, version, level] = /^(\d+\.\d+\.\d+) (\w+)$/.exec(asked.stdout.trim()) ?? [];
  return asked.ok && version !== undefined ? { version, isFinal: level === 'final' } : undefined;
}

function failed(why: string): ActionResult {
  return { kind: 'failed', why };
}
