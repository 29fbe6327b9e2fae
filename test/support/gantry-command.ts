// The built command on a real git repository, with a state folder of its own.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const COMMAND = resolve(import.meta.dirname, '../../bin/gantry');
/** In front of PATH: its `npx` runs this build, as the jobs of exported workflows ask for it. */
const BIN = join(import.meta.dirname, 'bin');

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestProject extends Disposable {
  readonly folder: string;
  readonly stateFolder: string;
  /** A folder that all jobs of a run may use, to meet each other. */
  readonly shared: string;
  gantry(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandResult>;
}

/** A repository with one commit on `main` that holds what is in `source`, but for the names in `without`. */
export function openTestProject(source: string, without: readonly string[] = []): TestProject {
  const root = mkdtempSync(join(tmpdir(), 'gantry-scenario-'));
  const folder = join(root, 'project');
  const stateFolder = join(root, 'state');
  const shared = join(root, 'shared');
  for (const each of [folder, stateFolder, shared]) mkdirSync(each);
  cpSync(source, folder, { recursive: true, filter: (path) => !without.some((name) => path.endsWith(`/${name}`)) });
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  const git = (...args: readonly string[]): void => {
    execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
  };
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '.');
  git('commit', '--quiet', '--message', 'everything');
  return {
    folder,
    stateFolder,
    shared,
    gantry: (args, env = {}) =>
      new Promise((done, fail) => {
        const options = {
          cwd: folder,
          env: {
            ...process.env,
            NO_COLOR: '1',
            HOSTLEAK: 'of the host',
            GITHUB_ACTIONS: '',
            PATH: `${BIN}:${process.env['PATH'] ?? ''}`,
            ...env,
            GANTRY_STATE_DIR: stateFolder,
          },
          maxBuffer: 64 * 1024 * 1024,
          timeout: 120_000,
        };
        execFile(COMMAND, args, options, (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : error.code;
          if (typeof exitCode === 'number') done({ exitCode, stdout, stderr });
          else fail(new Error(`gantry ${args[0] ?? ''} did not end by itself: ${stderr}`, { cause: error }));
        });
      }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
