// A pipeline twice: as it is, and as its exported workflow, whose jobs find GitHub's environment and an `npx` that is this build.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openTestProject } from '../support/gantry-command.ts';
import { writeFiles } from '../support/write-files.ts';
import type { CommandResult, TestProject } from '../support/gantry-command.ts';

const EXPORTED = '.github/workflows/gantry.yml';

const Verdict = z.enum(['passed', 'degraded', 'unknown', 'failed']);
const Report = z.object({
  verdict: Verdict,
  jobs: z.array(
    z.object({
      key: z.string(),
      verdict: Verdict.nullable(),
      conclusion: z.string(),
      outputs: z.record(z.string(), z.string()),
    }),
  ),
});

/** What the jobs of one key amount to. */
export interface Amount {
  /** The worst of its combinations; null when none has one. */
  readonly verdict: z.infer<typeof Verdict> | null;
  readonly conclusion: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface Run {
  readonly exitCode: number;
  readonly jobs: Readonly<Record<string, Amount>>;
  readonly logs: string;
  readonly result: CommandResult;
}

export interface Twice {
  readonly here: Run;
  readonly onGitHub: Run;
  readonly project: TestProject;
}

/** Files of a repository by name; one of them is `gantry.yml`. */
export type Files = Readonly<Record<string, string>>;

export function openProjectOf(files: Files): TestProject {
  const source = mkdtempSync(join(tmpdir(), 'gantry-export-'));
  try {
    writeFiles(source, files);
    return openTestProject(source);
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

export function commitAll(project: TestProject): void {
  const git = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  execFileSync('git', ['add', '.'], { cwd: project.folder });
  execFileSync('git', [...git, 'commit', '--quiet', '--allow-empty', '--message', 'more'], { cwd: project.folder });
}

/** Runs the pipeline of the project, exports it, and runs that. */
export async function runTwice(
  project: TestProject,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Twice> {
  const here = await runAndRead(project, ['gantry.yml', ...args], env);
  const exported = await project.gantry(['export', 'github', '--no-pin']);
  if (exported.exitCode !== 0) throw new Error(`the export failed: ${exported.stderr}`);
  commitAll(project);
  const stub = join(project.shared, 'stub');
  mkdirSync(stub, { recursive: true });
  writeFileSync(join(stub, 'action.yml'), STUB);
  const stubs = ['setup-node', 'setup-python', 'cache'].flatMap((name) => [
    '--local-action',
    `actions/${name}@v4=${stub}`,
  ]);
  const onGitHub = await runAndRead(project, [EXPORTED, ...stubs, ...args], env);
  return { here, onGitHub: { ...onGitHub, jobs: publishedOf(onGitHub.jobs) }, project };
}

/** Sets nothing up: this machine has what GitHub's would be given. */
const STUB = `name: stub
inputs: { node-version: {}, python-version: {}, path: {}, key: {}, restore-keys: {} }
runs: { using: composite, steps: [{ run: 'true', shell: bash }] }
`;

async function runAndRead(
  project: TestProject,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Run> {
  const result = await project.gantry(['run', '--format', 'json', ...args], env);
  const report: unknown = result.stdout === '' ? { verdict: 'failed', jobs: [] } : JSON.parse(result.stdout);
  const logs = await project.gantry(['logs', '--raw']);
  return { exitCode: result.exitCode, jobs: amountsOf(Report.parse(report)), logs: logs.stdout, result };
}

function amountsOf({ jobs }: z.infer<typeof Report>): Record<string, Amount> {
  const amounts: Record<string, Amount> = {};
  for (const { key, verdict, conclusion, outputs } of jobs) {
    const before = amounts[key];
    amounts[key] = {
      verdict: worstOf([before?.verdict ?? null, verdict]),
      conclusion: before && before.conclusion !== 'success' ? before.conclusion : conclusion,
      outputs: { ...before?.outputs, ...Object.fromEntries(Object.entries(outputs).filter(([, text]) => text !== '')) },
    };
  }
  return amounts;
}

/** By what its jobs publish, as the jobs behind them see it. */
function publishedOf(jobs: Readonly<Record<string, Amount>>): Record<string, Amount> {
  return Object.fromEntries(
    Object.entries(jobs).map(([key, { conclusion, outputs, verdict }]): [string, Amount] => {
      const own = Object.entries(outputs).filter(([name]) => !name.startsWith('gantry_'));
      const told = Object.entries(outputs)
        .filter(([name]) => name.startsWith('gantry_verdict'))
        .map(([, text]) => Verdict.parse(text));
      const amount = {
        conclusion,
        outputs: Object.fromEntries(own),
        verdict: told.length > 0 ? worstOf(told) : verdict,
      };
      return [key, amount];
    }),
  );
}

function worstOf(verdicts: readonly (z.infer<typeof Verdict> | null)[]): z.infer<typeof Verdict> | null {
  const rank = (verdict: z.infer<typeof Verdict> | null): number => (verdict ? Verdict.options.indexOf(verdict) : -1);
  return verdicts.reduce((a, b) => (rank(a) >= rank(b) ? a : b), null);
}
