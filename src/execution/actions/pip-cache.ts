// `cache: pip`: wheels of all that a job had installed, so that the next one finds them, also without a network.
//
// pip's own cache does not do that: pip asks the index for each package before it looks at what it has downloaded. So
// what is kept is a folder of wheels, and pip is told of it by PIP_FIND_LINKS.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import { filesOf } from '../job/hash-files.ts';
import { platformName, restoreDependencies, saveDependencies, wantsSaving } from './dependency-cache.ts';
import type { DependencyHit } from './dependency-cache.ts';
import type { ActionContext, ActionEntry } from './native-action.ts';

const WHEELS = 'wheels';

/** Asks whether the index that pip would ask answers at all; any answer counts, also an error. */
const PROBE = `
import sys, urllib.error, urllib.request
from pip._internal.commands import create_command
url = create_command('download').parser.parse_args([])[0].index_url
try:
    urllib.request.urlopen(url, timeout=5)
except urllib.error.HTTPError:
    pass
except urllib.error.URLError as problem:
    if 'CERTIFICATE' not in str(problem.reason):
        sys.exit(str(problem.reason))
except OSError as problem:
    sys.exit(str(problem))
`;

export interface PipPlace {
  /** Of the virtual environment. */
  readonly python: string;
  readonly version: string;
}

/** Puts the wheels in their place, and tells pip of them. What it gave up for that is an entry. */
export async function restoreWheels(
  context: ActionContext,
  store: CacheStore,
  { python, version }: PipPlace,
): Promise<Result<readonly ActionEntry[], string>> {
  const given = (context.inputs['cache-dependency-path'] ?? '').split('\n').filter((line) => line.trim() !== '');
  const files = given.length > 0 ? given : dependencyFiles(context);
  const base = folderOf(context);
  mkdirSync(base, { recursive: true });
  const prefix = `setup-python-${platformName()}-python-${version}-pip`;
  const hit = await restoreDependencies(context, store, { prefix, files, takesOlder: true, paths: [WHEELS], base });
  if (!hit.ok) return hit;
  context.saveState('python', python);
  if (hit.value === 'miss') return ok([]);
  const links = [context.env['PIP_FIND_LINKS'] ?? '', pathToFileURL(join(base, WHEELS)).href];
  context.exportVariable('PIP_FIND_LINKS', links.filter((each) => each !== '').join(' '));
  const probe = await context.run({ argv: [python, '-c', PROBE], quiet: true });
  if (probe.ok) return ok([]);
  // pip would try again and again for each package before it took what is here.
  context.exportVariable('PIP_NO_INDEX', '1');
  context.log('the package index does not answer: packages are installed from the cached wheels alone');
  return ok(offlineEntries(context, hit.value, files));
}

/** Everything is pinned and the list is the same: the index could not have given anything else. */
function offlineEntries(context: ActionContext, hit: DependencyHit, files: readonly string[]): readonly ActionEntry[] {
  const texts = files
    .flatMap((pattern) => filesOf(context.workspace, pattern))
    .map((file) => readFileSync(file, 'utf8'));
  if (hit === 'exact' && texts.every(isPinned)) return [];
  const used = hit === 'exact' ? 'cached wheels' : 'cached wheels of another list of dependencies';
  return [
    { what: 'stale', wanted: 'packages as the index has them now', used, why: 'the package index does not answer' },
  ];
}

function isPinned(text: string): boolean {
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  const named = lines.map((line) => line.replace(/(^|\s)#.*$/, '').trim()).filter((line) => line !== '');
  return named.every((line) => /^[\w.[\],-]+\s*===?\s*[^*\s]+(\s|$|;)/.test(line) || line.startsWith('--hash'));
}

/** As on GitHub: requirements, and where there are none the project file. */
function dependencyFiles({ workspace }: ActionContext): readonly string[] {
  return filesOf(workspace, '**/requirements.txt').length > 0 ? ['**/requirements.txt'] : ['pyproject.toml'];
}

/** Wheels of what is installed now, from pip's cache or from the index; what cannot be had is told and fails nothing. */
export async function keepWheels(context: ActionContext, store: CacheStore): Promise<void> {
  const python = context.state('python') ?? '';
  if (!wantsSaving(context) || !existsSync(python)) return;
  const gathered = await gatherWheels(context, python);
  if (gathered.ok) await saveDependencies(context, store, { paths: [WHEELS], base: folderOf(context) });
  else context.log(`no wheels are cached: ${gathered.error}`);
}

async function gatherWheels(context: ActionContext, python: string): Promise<Result<undefined, string>> {
  const pip = [python, '-m', 'pip', '--disable-pip-version-check'] as const;
  const frozen = await context.run({ argv: [...pip, 'freeze'], quiet: true });
  if (!frozen.ok) return err(frozen.why);
  // What was installed from a folder or an address is no package of an index.
  const lines = frozen.stdout.split('\n').filter((line) => /^[\w.-]+==\S+$/.test(line));
  if (lines.length === 0) return err('nothing is installed');
  const list = join(folderOf(context), 'installed.txt');
  writeFileSync(list, `${lines.join('\n')}\n`);
  const wheels = join(folderOf(context), WHEELS);
  const made = await context.run({ argv: [...pip, 'wheel', '--quiet', '--no-deps', '-w', wheels, '-r', list] });
  return made.ok ? ok(undefined) : err(made.why);
}

function folderOf({ temporary }: ActionContext): string {
  return join(temporary, '_setup-python');
}
