import { unreachable } from '#base/unreachable.ts';
import { readStatus, stopEnvironment } from '#delivery/status.ts';
import type { EnvironmentStatus } from '#delivery/status.ts';
import { choosePaint } from '../paint.ts';
import { listEnvironments } from '../environments.ts';
import { EXIT } from '../exit-codes.ts';
import { meantOr } from '../given-names.ts';
import { UsageError } from '../usage-error.ts';
import { projectRoot, stateFolder } from '#engine/project.ts';

/** What is live, asked now; nothing here is taken from what a run once claimed. */
export async function status(options: { readonly format: 'text' | 'json' }): Promise<number> {
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  const found = await Promise.all(
    environments().map(async ({ name, folder }) => ({ name, status: await readStatus(folder) })),
  );
  const isUnhealthy = found.some((each) => each.status.state === 'unhealthy');
  if (options.format === 'json') {
    process.stdout.write(
      `${JSON.stringify({ version: 1, environments: found.map(({ name, status: each }) => ({ environment: name, ...each })) }, null, 2)}\n`,
    );
    return isUnhealthy ? EXIT.failed : EXIT.passed;
  }
  if (found.length === 0) process.stdout.write('nothing was ever deployed from here\n');
  for (const { name, status: each } of found) {
    const tone = each.state === 'live' ? 'good' : each.state === 'unhealthy' ? 'bad' : 'dim';
    process.stdout.write(`${paint('strong', name)}  ${paint(tone, each.state)}  ${detail(each)}\n`);
    for (const release of each.releases) {
      const isLive = each.state === 'live' && each.version === release.version;
      process.stdout.write(
        `  ${isLive ? '●' : '○'} ${release.version}  ${release.commit.slice(0, 12)}${release.clean ? '' : ' + uncommitted'}  ${release.evidence.verdict}  ${release.startedAt}\n`,
      );
    }
  }
  return isUnhealthy ? EXIT.failed : EXIT.passed;
}

export async function stop(name: string | undefined): Promise<number> {
  const known = environments();
  const names = known.map((each) => each.name);
  const wanted = name === undefined ? known : known.filter((each) => each.name === name);
  if (wanted.length === 0)
    throw new UsageError(
      name === undefined || names.length === 0
        ? 'nothing was ever deployed from here'
        : `there is no environment ${name}; ${meantOr(name, names, `there are ${names.join(', ')}`)}`,
    );
  for (const each of wanted) {
    const done = await stopEnvironment(each.folder);
    if (!done.ok) throw new UsageError(`stopping ${each.name}: ${done.error.why}`, EXIT.failed);
    process.stdout.write(`${each.name} is stopped\n`);
  }
  return EXIT.passed;
}

function detail(each: EnvironmentStatus): string {
  switch (each.state) {
    case 'live':
      return `${each.version} at ${each.address}`;
    case 'unhealthy':
      return `${each.version} at ${each.address}: ${each.why}`;
    case 'stopped':
      return each.lastVersion === undefined ? '' : `last was ${each.lastVersion}`;
    case 'nothing-deployed':
      return '';
    default:
      return unreachable(each);
  }
}

function environments(): ReturnType<typeof listEnvironments> {
  return listEnvironments(stateFolder(projectRoot(process.cwd()), process.env));
}
