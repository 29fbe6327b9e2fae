// Which Node is wanted, and which are here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { maxSatisfying, satisfies, valid, validRange } from 'semver';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { isJsonObject, parseJson } from '#base/json.ts';
import type { JsonValue } from '#base/json.ts';

export interface PresentNode {
  readonly file: string;
  /** `24.1.0` */
  readonly version: string;
  /** Its name in lower case when it is a long-term release, such as `jod`; '' otherwise. */
  readonly lts: string;
}

/** A range as npm writes it, `lts/*`, `lts/jod`, `latest`, `node`, `current`. */
export function isNodeVersion(wanted: string): boolean {
  return /^(lts\/(\*|[a-z]+)|latest|node|current)$/i.test(wanted) || validRange(wanted) !== null;
}

/** The newest that fits; of the same version, the first. */
export function chooseNode(wanted: string, present: readonly PresentNode[]): PresentNode | undefined {
  const [, alias] = /^lts\/(\*|[a-z]+)$/i.exec(wanted) ?? [];
  const isAny = /^(latest|node|current)$/i.test(wanted);
  const fitting = present.filter(({ version, lts }) => {
    if (alias !== undefined) return alias === '*' ? lts !== '' : lts === alias.toLowerCase();
    return isAny || satisfies(version, wanted);
  });
  const newest = maxSatisfying(
    fitting.map(({ version }) => version),
    '*',
  );
  return fitting.find(({ version }) => version === newest);
}

/**
 * `.nvmrc`, `.node-version`, `.tool-versions`, or a `package.json` with `volta.node`, `devEngines.runtime` or
 * `engines.node`, in this order.
 */
export function readNodeVersionFile(file: string): Result<string, string> {
  const name = basename(file);
  const text = readFileSync(file, 'utf8');
  if (name === 'package.json' || text.trimStart().startsWith('{')) return fromManifest(file, text);
  if (name === '.tool-versions') {
    const line = /^\s*(?:nodejs|node)\s+(\S+)/m.exec(text)?.[1];
    return line === undefined ? err(`${name} names no nodejs`) : ok(plain(line));
  }
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return first === undefined ? err(`${name} is empty`) : ok(plain(first));
}

function plain(text: string): string {
  const word = text.trim().split(/\s+#/)[0]?.trim() ?? '';
  return valid(word) ?? word.replace(/^node-/, '').replace(/^v(?=\d)/, '');
}

function fromManifest(file: string, text: string): Result<string, string> {
  const manifest = parseJson(text);
  if (!isJsonObject(manifest)) return err(`${basename(file)} is no JSON object`);
  const volta = field(manifest['volta'], 'node');
  if (volta !== undefined) return ok(plain(volta));
  const base = field(manifest['volta'], 'extends');
  if (base !== undefined && existsSync(join(dirname(file), base)))
    return readNodeVersionFile(join(dirname(file), base));
  const dev = isJsonObject(manifest['devEngines']) ? manifest['devEngines']['runtime'] : undefined;
  const runtimes: readonly JsonValue[] = Array.isArray(dev) ? dev : dev === undefined ? [] : [dev];
  const runtime = runtimes.find((each) => field(each, 'name') === 'node');
  const wanted = field(runtime, 'version') ?? field(manifest['engines'], 'node');
  return wanted === undefined
    ? err(`${basename(file)} names no Node: it has no volta.node, devEngines.runtime or engines.node`)
    : ok(plain(wanted));
}

function field(value: JsonValue | undefined, name: string): string | undefined {
  const found = isJsonObject(value) ? value[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** Where a Node may be: PATH first, then where version managers put theirs, then the one that runs Gantry. */
export function nodeCandidates(env: Readonly<Record<string, string>>): readonly string[] {
  const home = env['HOME'] ?? '';
  const inPath = (env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const managed: readonly (readonly [folder: string, rest: string])[] = [
    [join(env['RUNNER_TOOL_CACHE'] ?? '', 'node'), `${process.arch}/bin`],
    ['/opt/hostedtoolcache/node', `${process.arch}/bin`],
    [join(env['NVM_DIR'] ?? join(home, '.nvm'), 'versions/node'), 'bin'],
    [join(home, '.local/share/fnm/node-versions'), 'installation/bin'],
    [join(home, '.fnm/node-versions'), 'installation/bin'],
    [join(home, '.volta/tools/image/node'), 'bin'],
    [join(home, '.asdf/installs/nodejs'), 'bin'],
    [join(home, '.local/share/mise/installs/node'), 'bin'],
    [join(home, '.nodenv/versions'), 'bin'],
    [join(home, '.proto/tools/node'), 'bin'],
    [join(env['N_PREFIX'] ?? '/usr/local', 'n/versions/node'), 'bin'],
  ];
  const folders = managed.flatMap(([folder, rest]) => list(folder).map((name) => join(folder, name, rest)));
  const all = [...inPath, ...folders].map((folder) => join(folder, 'node'));
  return [...new Set([...all.filter((file) => existsSync(file)), process.execPath])];
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
