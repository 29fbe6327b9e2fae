// Commits between a good and a bad one, and a copy of the repository in which they are laid out one after the other.
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';

const execute = promisify(execFile);

export interface Commit {
  readonly sha: string;
  readonly author: string;
  readonly date: string;
  readonly subject: string;
}

/** Behind `good`, up to `bad`, the oldest first; a merge stands for what it brought. Error: why there is no such line. */
export async function commitsBetween(
  project: string,
  good: string,
  bad: string,
): Promise<Result<readonly Commit[], string>> {
  if ((await git(project, ['merge-base', '--is-ancestor', good, bad])) === undefined)
    return err(`commit ${good.slice(0, 12)} is not before ${bad.slice(0, 12)}`);
  const format = '--format=%H%x1f%an <%ae>%x1f%cI%x1f%s';
  const listed = await git(project, ['log', '--first-parent', '--reverse', format, `${good}..${bad}`]);
  if (listed === undefined)
    return err(`git does not know what is between ${good.slice(0, 12)} and ${bad.slice(0, 12)}`);
  return ok(
    listed
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Commit => {
        const [sha = '', author = '', date = '', subject = ''] = line.split('\u001f');
        return { sha, author, date, subject };
      }),
  );
}

export async function filesOf(project: string, sha: string): Promise<readonly string[]> {
  const listed = await git(project, [
    'diff-tree',
    '-r',
    '--root',
    '--no-commit-id',
    '--name-status',
    '-m',
    '--first-parent',
    sha,
  ]);
  return (listed ?? '').split('\n').flatMap((line) => (line === '' ? [] : [line.replace('\t', ' ')]));
}

/**
 * A copy of its own: nothing of it is in the user's repository, not even a name of a worktree, so that nothing is left when
 * its folder goes. Answers with the project's folder in it.
 */
export async function copyRepository(project: string, copy: string): Promise<string> {
  const prefix = (await git(project, ['rev-parse', '--show-prefix'])) ?? '';
  await mkdir(dirname(copy), { recursive: true });
  await must([
    'clone',
    '--quiet',
    '--shared',
    '--no-checkout',
    '--no-tags',
    (await git(project, ['rev-parse', '--show-toplevel'])) ?? project,
    copy,
  ]);
  const origin = await git(project, ['remote', 'get-url', 'origin']);
  await must(['-C', copy, 'remote', ...(origin === undefined ? ['remove', 'origin'] : ['set-url', 'origin', origin])]);
  return prefix === '' ? copy : `${copy}/${prefix.replace(/\/$/, '')}`;
}

/** On the branch that the run was of, so that filters and `github.ref` see what they saw. */
export async function layOut(copy: string, sha: string, branch: string): Promise<void> {
  const where = branch === '' ? ['--detach', sha] : ['-B', branch, sha];
  await must(['-C', copy, 'checkout', '--quiet', '--force', ...where]);
  await must(['-C', copy, 'clean', '-ffdxq']);
}

async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await execute('git', args, { cwd, maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
  } catch {
    return undefined;
  }
}

async function must(args: readonly string[]): Promise<void> {
  await execute('git', args);
}
