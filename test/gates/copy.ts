/** A throw-away repository with this one's rules in it, where faults can be planted. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const repositoryRoot = resolve(import.meta.dirname, '../..');

export type Repository = {
  readonly root: string;
  write(path: string, text: string): void;
  /** Runs a tool of node_modules/.bin on this Node, and waits for its end whatever its exit status. */
  tool(name: string, args: readonly string[]): Promise<Finished>;
  /** Runs a script of the real repository's scripts/, copied here. */
  script(path: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** Runs a program by its path, in the root. */
  run(file: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  [Symbol.dispose](): void;
};

export type Finished = { readonly status: number; readonly stdout: string; readonly stderr: string };

const rulesOfTheHouse = [
  'package.json',
  'tsconfig.base.json',
  'tsconfig.test.json',
  'tsconfig.json',
  '.oxlintrc.json',
  '.prettierrc.json',
  '.prettierignore',
  'knip.json',
  'bin',
  'scripts',
];

/** Holds the rules and no code. The dependencies are the real ones, linked. */
export function openRepository(): Repository {
  const root = mkdtempSync(join(tmpdir(), 'gantry-gate-'));
  for (const path of rulesOfTheHouse) cpSync(join(repositoryRoot, path), join(root, path), { recursive: true });
  // The one script that is made from the product's own tables, which are not here.
  rmSync(join(root, 'scripts/pipeline-schema.ts'));
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    tool: (name, args) => run(root, join(repositoryRoot, 'node_modules/.bin', name), args),
    script: (path, args, env) => run(root, process.execPath, [join(root, path), ...args], env),
    run: (file, args, env) => run(root, file, args, env),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

function run(
  cwd: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  // The tools are scripts for `env node`: theirs must be this Node, whatever the machine has.
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  // A test runner inside a test would otherwise report to the outer one and stay silent.
  const inherited = { ...process.env, PATH: path, NODE_TEST_CONTEXT: undefined };
  return new Promise((done) => {
    const options = { cwd, env: { ...inherited, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(file, [...args], options, (error, stdout, stderr) => {
      done({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
