/**
 * Bundles the command into dist/: ESM for Node 24, dependencies included, split so that what a command imports lazily
 * is read only when it runs. All files lie flat in dist/, so `import.meta.dirname` is dist/ in every one of them.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build, type OutputFile } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Programs of their own. One that is not written yet is left out. */
const entries: readonly { readonly in: string; readonly out: string }[] = [
  { in: 'src/cli/main.ts', out: 'cli' },
  { in: 'src/delivery/supervisor/main.ts', out: 'supervisor' },
];

/**
 * What bin/gantry starts. It is outside the bundle because the compile cache serves only what is imported after it
 * was switched on. The cache is the user's own: code from a shared folder in /tmp could be anybody's.
 */
const starter = `import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gantry', 'compiled'));
await import('./cli.js');
`;

/** Some dependencies are CommonJS and call require() for Node's own modules. */
const banner = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

async function bundle(): Promise<readonly OutputFile[]> {
  const present = entries.filter((entry) => existsSync(join(root, entry.in)));
  if (present.length === 0) return [];
  const result = await build({
    absWorkingDir: root,
    entryPoints: present.map((entry) => ({ ...entry })),
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    legalComments: 'none',
    chunkNames: '[name]-[hash]',
    banner: { js: banner },
    write: false,
    logLevel: 'warning',
  });
  return result.outputFiles;
}

/** Leaves equal files alone and never shows half a file: a gantry may be running from here. */
function writeOutput(files: ReadonlyMap<string, string>): void {
  mkdirSync(dist, { recursive: true });
  for (const [name, text] of files) {
    const path = join(dist, name);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, text);
    renameSync(draft, path);
  }
  for (const name of readdirSync(dist)) {
    if (name.endsWith('.js') && !files.has(name)) rmSync(join(dist, name), { force: true });
  }
}

const files = new Map((await bundle()).map((file) => [basename(file.path), file.text]));
if (files.has('cli.js')) files.set('main.js', starter);
writeOutput(files);
