// Release folders on disk: which exist, the next version, and how one is filled. `releases/<version>/` is complete
// when it holds a manifest; before, `release.json` says which run is making it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, readdir, readlink, rename, rm, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { sha256 } from '#base/ids.ts';
import type { Sha256 } from '#base/ids.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { writeFileAtomically } from './supervisor/protocol.ts';

const PARTIAL = '.partial';

const ClaimSchema = z.object({
  version: z.string(),
  runId: z.string(),
  startedAtMs: z.number(),
  previous: z.string().optional(),
  digest: z.string(),
  files: z.number(),
});
/** Whose release this is and what is in it; written before anything of it runs. */
export type Claim = z.infer<typeof ClaimSchema>;

export interface FolderDigest {
  readonly digest: Sha256;
  readonly files: number;
}

function releasesDir(envDir: string): string {
  return join(envDir, 'releases');
}

export function releaseDir(envDir: string, version: string): string {
  return join(releasesDir(envDir), version);
}

export function releaseLogPath(envDir: string, version: string): string {
  return join(envDir, 'logs', `${version}.log`);
}

/** A version becomes a folder and a header: nothing that could leave the folder. */
export function isVersion(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(text) && !text.endsWith(PARTIAL);
}

/** Versions with a folder, complete or not; without the `.partial` ones. */
export async function listVersions(envDir: string): Promise<readonly string[]> {
  return (await names(releasesDir(envDir))).filter(isVersion);
}

/** `2026.11.23-1` (UTC); the number is the first that no release, finished or refused, ever had. */
export async function nextVersion(envDir: string, nowMs: number): Promise<string> {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '.');
  const taken = [...(await names(releasesDir(envDir))), ...(await names(join(envDir, 'logs')))];
  const numbers = taken
    .filter((name) => name.startsWith(`${day}-`))
    .map((name) => Number.parseInt(name.slice(day.length + 1), 10))
    .filter(Number.isSafeInteger);
  return `${day}-${Math.max(0, ...numbers) + 1}`;
}

export async function readClaim(envDir: string, version: string): Promise<Claim | undefined> {
  try {
    const text = await readFile(join(releaseDir(envDir, version), 'release.json'), 'utf8');
    const parsed = ClaimSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export async function removeRelease(envDir: string, version: string): Promise<void> {
  const folder = releaseDir(envDir, version);
  // Renamed first: half a removed release must not look like a release.
  await rename(folder, folder + PARTIAL).catch(() => undefined);
  await rm(folder + PARTIAL, { recursive: true, force: true });
}

/** What interrupted deploys left half copied. Only for who holds the deploy lock. */
export async function removePartials(envDir: string): Promise<void> {
  const partial = (await names(releasesDir(envDir))).filter((name) => name.endsWith(PARTIAL));
  await Promise.all(partial.map((name) => rm(join(releasesDir(envDir), name), { recursive: true, force: true })));
}

export interface FillRelease {
  readonly envDir: string;
  readonly sourceDir: string;
  /** Paths relative to `sourceDir`. `.git` is always left out. */
  readonly exclude: readonly string[];
  readonly claim: Omit<Claim, 'digest' | 'files'>;
}

/** Copies the source under a name that is no release yet, and renames it when it is whole. */
export async function fillRelease(options: FillRelease): Promise<Result<FolderDigest, string>> {
  const { envDir, claim } = options;
  const folder = releaseDir(envDir, claim.version);
  const app = join(folder + PARTIAL, 'app');
  try {
    await rm(folder + PARTIAL, { recursive: true, force: true });
    await mkdir(app, { recursive: true });
    const left = new Set(['.git', ...options.exclude.map((path) => path.replace(/^\.\//, '').replace(/\/+$/, ''))]);
    const entries = (await readdir(options.sourceDir)).filter(
      (name) => !left.has(name) && !isWithin(resolve(envDir), resolve(options.sourceDir, name)),
    );
    if (entries.length === 0) return err(`${options.sourceDir} holds nothing to release`);
    for (let at = 0; at < entries.length; at += 500) {
      const part = entries.slice(at, at + 500).map((name) => join(resolve(options.sourceDir), name));
      const failure = await runQuietly(['cp', '-a', '--reflink=auto', '-t', app, '--', ...part]);
      if (failure !== undefined) return err(`copying the files of the release: ${failure}`);
    }
    for (const path of left) {
      const inside = resolve(app, path);
      if (path.includes('/') && isWithin(inside, app)) await rm(inside, { recursive: true, force: true });
    }
    const digest = await digestFolder(app);
    const whole: Claim = { ...claim, ...digest };
    writeFileAtomically(join(folder + PARTIAL, 'release.json'), `${JSON.stringify(whole, undefined, 2)}\n`);
    await rename(folder + PARTIAL, folder);
    return ok(digest);
  } catch (error) {
    return err(`making the release folder: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * SHA-256 over the sorted list of path, mode and content of every file; links by their target. Of a virtual
 * environment only the names and versions of its packages count, and byte code is left out: both differ from
 * machine to machine without being another release.
 */
async function digestFolder(folder: string): Promise<FolderDigest> {
  const lines: string[] = [];
  await collect({ root: folder, lines }, folder);
  const digest = createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
  return { digest: sha256(digest), files: lines.length };
}

async function collect(into: { readonly root: string; readonly lines: string[] }, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const shown = relative(into.root, path);
    if (entry.name === '__pycache__') continue;
    if (entry.isDirectory() && entry.name === '.venv') into.lines.push(...(await packageLines(path, shown)));
    else if (entry.isDirectory()) await collect(into, path);
    else if (entry.isSymbolicLink()) into.lines.push(`${shown}\0link\0${await readlink(path)}`);
    else if (entry.isFile()) into.lines.push(`${shown}\0${await fileLine(path)}`);
  }
}

async function fileLine(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const isExecutable = ((await stat(path)).mode & 0o100) !== 0;
  return `${isExecutable ? 'executable' : 'file'}\0${hash.digest('hex')}`;
}

async function packageLines(venv: string, shown: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const python of await names(join(venv, 'lib'))) {
    const packages = await names(join(venv, 'lib', python, 'site-packages'));
    for (const name of packages) if (name.endsWith('.dist-info')) lines.push(`${shown}\0package\0${name}`);
  }
  return lines;
}

function runQuietly(argv: readonly string[]): Promise<string | undefined> {
  const [program = '', ...args] = argv;
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(0, 2_000)));
    child.once('error', (error) => done(error.message));
    child.once('close', (code) => done(code === 0 ? undefined : said.trim() || `exit code ${code}`));
  });
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
