/**
 * Bundles the command into dist/: ESM for Node 24, dependencies included, split so that what a command imports lazily
 * is read only when it runs. All files lie flat in dist/, so `import.meta.dirname` is dist/ in every one of them.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
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
  { in: 'src/diagnosis/probes/hosts/hosts-main.ts', out: 'hosts' },
];

/**
 * What bin/gantry starts. It is outside the bundle because the compile cache serves only what is imported after it
 * was switched on. The build has filled a cache beside the bundle for the Node that it ran on; on another Node the
 * cache is the user's own: code from a shared folder in /tmp could be anybody's.
 */
const starter = `import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

const built = join(import.meta.dirname, 'compiled', process.version + '-' + process.arch);
const own = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gantry', 'compiled');
enableCompileCache({ directory: existsSync(built) ? built : own, portable: true });
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

/** Leaves equal files alone and never shows half a file: a gantry may be running from here. Tells whether any differed. */
function writeOutput(files: ReadonlyMap<string, string>): boolean {
  mkdirSync(dist, { recursive: true });
  let differed = false;
  for (const [name, text] of files) {
    const path = join(dist, name);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, text);
    renameSync(draft, path);
    differed = true;
  }
  for (const name of readdirSync(dist)) {
    if (name.endsWith('.js') && !files.has(name)) rmSync(join(dist, name), { force: true });
  }
  return differed;
}

/**
 * V8 keeps of each file the functions that had run when it was first loaded, so the first command is one that reads,
 * checks and plans a pipeline with much in it; the ones after it bring along what is loaded only for them. How they
 * end does not matter: without a cache everything works, only later.
 */
function fillCompileCache(): void {
  const compiled = join(dist, 'compiled');
  rmSync(compiled, { recursive: true, force: true });
  mkdirSync(join(compiled, `${process.version}-${process.arch}`), { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'gantry-build-'));
  try {
    cpSync(join(root, 'scripts/warm-up.yml'), join(folder, 'gantry.yml'));
    const env = { ...process.env, GANTRY_STATE_DIR: join(folder, 'state'), NO_COLOR: '1' };
    for (const args of [['plan'], ['run'], ['check'], ['show'], ['logs'], ['runs']])
      spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(dist, 'main.js'), ...args], {
        cwd: folder,
        env,
        stdio: 'ignore',
      });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const files = new Map((await bundle()).map((file) => [basename(file.path), file.text]));
if (files.has('cli.js')) files.set('main.js', starter);
const differed = writeOutput(files);
writeTypes();
if (differed && files.has('main.js')) fillCompileCache();
