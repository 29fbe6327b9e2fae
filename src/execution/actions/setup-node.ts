// `actions/setup-node` from what is installed: finds a Node of the wanted version. Nothing is downloaded.
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { CacheStore } from '#stores/cache/cache.ts';
import { inputsOf } from '#workflow/built-in-actions.ts';
import { platformName, restoreDependencies, saveDependencies } from './dependency-cache.ts';
import type { DependencyCache } from './dependency-cache.ts';
import { chooseNode, isNodeVersion, nodeCandidates, readNodeVersionFile } from './node-versions.ts';
import type { PresentNode } from './node-versions.ts';
import { NODE_MATCHERS } from './tool-matchers.ts';
import type { ActionContext, ActionResult, NativeAction } from './native-action.ts';

const INPUTS = inputsOf('actions/setup-node');
/** Beside a Node, what belongs to it. */
const COMPANIONS: readonly string[] = ['node', 'npm', 'npx', 'corepack', 'yarn', 'pnpm'];
/** By tool: the lock file that names what is cached, and the variables that say where it is kept meanwhile. */
const MANAGERS: Readonly<Record<string, { readonly lock: string; readonly variables: readonly string[] }>> = {
  npm: { lock: 'package-lock.json\nnpm-shrinkwrap.json\nyarn.lock', variables: ['npm_config_cache'] },
  yarn: { lock: 'yarn.lock', variables: ['YARN_CACHE_FOLDER', 'YARN_GLOBAL_FOLDER'] },
  pnpm: { lock: 'pnpm-lock.yaml', variables: ['npm_config_store_dir', 'pnpm_config_store_dir'] },
};

export function createSetupNode(store: CacheStore): NativeAction {
  return {
    main: async (context) => {
      const done = await setUp(context, store);
      return done.ok ? { kind: 'done', ...done.value } : { kind: 'failed', why: done.error };
    },
    post: async (context) => {
      await saveDependencies(context, store, { paths: ['packages'], base: folderOf(context) });
      return { kind: 'done' };
    },
  };
}

type SetUp = Result<Pick<Extract<ActionResult, { kind: 'done' }>, 'annotations'>, string>;

async function setUp(context: ActionContext, store: CacheStore): Promise<SetUp> {
  const { inputs } = context;
  if (context.isInContainer)
    return err('no Node is set up inside a container: take an image that holds it, such as node:24');
  const strangers = Object.keys(inputs).filter((name) => !INPUTS.includes(name));
  const architecture = inputs['architecture'] || process.arch;
  if (architecture !== process.arch) return err(`architecture "${architecture}": this machine is ${process.arch}`);
  const wanted = wantedVersion(context);
  if (!wanted.ok) return wanted;
  const node = await findNode(context, wanted.value);
  if (!node.ok) return node;
  context.addMatchers(NODE_MATCHERS);
  context.output('node-version', `v${node.value.version}`);
  context.log(`Node ${node.value.version} (${node.value.file})`);
  if (inputs['check-latest'] === 'true') context.log('check-latest: only what is on this machine is looked at');
  if (inputs['registry-url']) writeRegistry(context, inputs['registry-url']);
  const cached = await restoreCache(context, store);
  if (!cached.ok) return cached;
  if (strangers.length === 0) return ok({});
  const message = `actions/setup-node has no input ${strangers.map((name) => `"${name}"`).join(', ')} here`;
  return ok({ annotations: [{ level: 'warning', message }] });
}

/** '' for whatever PATH gives. */
function wantedVersion({ inputs, workspace }: ActionContext): Result<string, string> {
  const given = (inputs['node-version'] ?? '').trim();
  const file = inputs['node-version-file'] ?? '';
  if (given === '' && file === '') return ok('');
  // As on GitHub, the version itself is stronger than the file.
  if (given !== '') return checked(given.replace(/^v(?=\d)/, ''));
  const path = resolve(workspace, file);
  if (relative(workspace, path).startsWith('..')) return err(`node-version-file "${file}" leaves the workspace`);
  if (!existsSync(path)) return err(`node-version-file "${file}" is not there; is the checkout before this step?`);
  const read = readNodeVersionFile(path);
  return read.ok ? checked(read.value) : read;
}

function checked(version: string): Result<string, string> {
  return isNodeVersion(version) ? ok(version) : err(`"${version}" is no version of Node such as 24, 22.x or lts/*`);
}

async function findNode(context: ActionContext, wanted: string): Promise<Result<PresentNode, string>> {
  const present: PresentNode[] = [];
  for (const file of nodeCandidates(context.env)) {
    const code = 'console.log(JSON.stringify([process.version, process.release.lts || ""]))';
    const asked = await context.run({ argv: [file, '-e', code], quiet: true });
    const [, version, lts] = /^\["v([^"]+)","([^"]*)"\]$/m.exec(asked.stdout) ?? [];
    if (asked.ok && version !== undefined) present.push({ file, version, lts: (lts ?? '').toLowerCase() });
    // Without a version, the first in PATH will do.
    if (wanted === '' && present.length > 0) break;
  }
  const chosen = wanted === '' ? present[0] : chooseNode(wanted, present);
  if (!chosen) {
    const versions = [...new Set(present.map(({ version }) => version))].join(', ');
    const here = versions === '' ? 'there is none here' : `here are ${versions}`;
    return err(
      `no Node ${wanted} on this machine, and none is downloaded: ${here}; a version manager such as nvm installs it`,
    );
  }
  if (present[0] !== chosen || !isInPath(chosen.file, context)) useInPath(chosen, context);
  return ok(chosen);
}

function isInPath(file: string, { env }: ActionContext): boolean {
  return (env['PATH'] ?? '').split(':').includes(dirname(file));
}

/** Only what belongs to this Node: its folder may hold other tools that must not come first. */
function useInPath({ file, version }: PresentNode, context: ActionContext): void {
  const bin = join(folderOf(context), `node-${version}`);
  mkdirSync(bin, { recursive: true });
  for (const name of COMPANIONS) {
    const companion = join(dirname(file), name);
    if (existsSync(companion) && !existsSync(join(bin, name))) symlinkSync(realpathSync(companion), join(bin, name));
  }
  context.addPath(bin);
}

/** As on GitHub: an .npmrc of the job's own, whose token is a variable that steps set. */
function writeRegistry(context: ActionContext, url: string): void {
  const { inputs, env } = context;
  const address = url.endsWith('/') ? url : `${url}/`;
  // GitHub's own registry holds packages of owners, so theirs is the scope unless another is named.
  const server = env['GITHUB_SERVER_URL'] ?? '';
  const isGitHubs = server !== '' && address.startsWith(server.replace('://', '://npm.pkg.'));
  const named = (inputs['scope'] ?? '') || (isGitHubs ? (env['GITHUB_REPOSITORY_OWNER'] ?? '') : '');
  const scope = named === '' ? '' : `${named.startsWith('@') ? named : `@${named}`}:`.toLowerCase();
  const file = join(context.temporary, '.npmrc');
  const before = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept = before.filter((line) => line !== '' && !line.toLowerCase().startsWith(`${scope}registry`));
  const lines = [`${address.replace(/^\w+:/, '')}:_authToken=\${NODE_AUTH_TOKEN}`, `${scope}registry=${address}`];
  if (inputs['always-auth']) lines.push(`always-auth=${inputs['always-auth']}`);
  writeFileSync(file, `${[...kept, ...lines].join('\n')}\n`, { mode: 0o600 });
  context.exportVariable('NPM_CONFIG_USERCONFIG', file);
  context.exportVariable('NODE_AUTH_TOKEN', env['NODE_AUTH_TOKEN'] || 'XXXXX-XXXXX-XXXXX-XXXXX');
}

async function restoreCache(context: ActionContext, store: CacheStore): Promise<Result<undefined, string>> {
  const { inputs } = context;
  const name = (inputs['cache'] ?? '').trim();
  if (name === '') {
    context.output('cache-hit', 'false');
    return ok(undefined);
  }
  const manager = Object.hasOwn(MANAGERS, name) ? MANAGERS[name] : undefined;
  if (!manager) return err(`cache "${name}" is none of ${Object.keys(MANAGERS).join(', ')}`);
  const files = (inputs['cache-dependency-path'] || manager.lock).split('\n').filter((line) => line.trim() !== '');
  const packages = join(folderOf(context), 'packages');
  const cache: DependencyCache = {
    prefix: `node-cache-${platformName()}-${name}`,
    files,
    // As on GitHub: only what belongs to the same lock file.
    takesOlder: false,
    paths: ['packages'],
    base: folderOf(context),
  };
  mkdirSync(cache.base, { recursive: true });
  const hit = await restoreDependencies(context, store, cache);
  if (!hit.ok) return hit;
  for (const variable of manager.variables) context.exportVariable(variable, packages);
  // What is here needs no question to the registry, and so no network.
  if (hit.value === 'exact') context.exportVariable('npm_config_prefer_offline', 'true');
  return ok(undefined);
}

function folderOf({ temporary }: ActionContext): string {
  return join(temporary, '_setup-node');
}
