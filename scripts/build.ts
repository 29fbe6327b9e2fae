/**
 * Bundles the command into dist/: ESM for Node 24, dependencies included, split so that what a command imports lazily
 * is read only when it runs. All files lie flat in dist/, so `import.meta.dirname` is dist/ in every one of them.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build, type OutputFile } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

interface Entry {
  readonly in: string;
  readonly out: string;
}

/** Programs of their own. One that is not written yet is left out. */
const entries: readonly Entry[] = [
  { in: 'src/cli/main.ts', out: 'cli' },
  { in: 'src/delivery/supervisor/main.ts', out: 'supervisor' },
];

/** What runs outside of the command: they are whole in one file each, and load nothing of it. */
const alone: readonly Entry[] = [
  { in: 'src/typed/api.ts', out: 'api' },
  { in: 'src/execution/typed/evaluate-main.ts', out: 'evaluate' },
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

const common = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  legalComments: 'none',
  write: false,
  logLevel: 'warning',
} as const;

function thatAreThere(wanted: readonly Entry[]): Entry[] {
  return wanted.filter((entry) => existsSync(join(root, entry.in))).map((entry) => ({ ...entry }));
}

async function bundle(): Promise<readonly OutputFile[]> {
  const present = thatAreThere(entries);
  if (present.length === 0) return [];
  const [command, others] = await Promise.all([
    build({
      ...common,
      entryPoints: present,
      splitting: true,
      chunkNames: '[name]-[hash]',
      banner: { js: banner },
    }),
    build({ ...common, entryPoints: thatAreThere(alone) }),
  ]);
  return [...command.outputFiles, ...others.outputFiles];
}

/** The types of the package, for editors and compilers: what `import … from 'gantry'` is. */
function writeTypes(): void {
  if (!existsSync(join(root, 'src/typed'))) return;
  const folder = join(dist, 'types');
  const options = [
    '--composite',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    '--rootDir',
    'src/typed',
    '--outDir',
    folder,
  ];
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'src/typed', ...options], { cwd: root, stdio: 'inherit' });
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
writeTypes();
