// A repository other than the project's, fetched by git: the branch, tag or commit that is asked for, or what its HEAD is.
import { finishCheckout } from './checkout-tree.ts';
import type { ActionContext, ActionResult } from './native-action.ts';

const FULL_COMMIT = /^[0-9a-f]{40}$/i;
const SAFE_REPOSITORY = /^[A-Za-z0-9_][\w.-]*\/[A-Za-z0-9_.][\w.-]*$/;

export async function fetchOther(context: ActionContext, target: string, serverUrl: string): Promise<ActionResult> {
  const repository = context.inputs['repository'] ?? '';
  if (!SAFE_REPOSITORY.test(repository) || repository.includes('..'))
    return failed(`repository "${repository}" is not of the form owner/name`);
  const server = context.inputs['github-server-url'] || serverUrl;
  const url = `${server.replace(/\/+$/, '')}/${repository}`;
  const env = { ...withToken(url, context.inputs['token'] ?? ''), GIT_TERMINAL_PROMPT: '0' };
  const git = async (...argv: readonly string[]): ReturnType<ActionContext['run']> =>
    context.run({ argv: ['git', ...argv], cwd: target, env, quiet: true });
  const listed = await git('ls-remote', '--symref', '--', url);
  if (!listed.ok) return failed(`repository ${repository}: ${url} cannot be read`);
  const wanted = findRef(listed.stdout, context.inputs['ref'] ?? '');
  if (wanted === undefined) return failed(`repository ${repository} has no branch or tag "${context.inputs['ref']}"`);
  const depth = Number(context.inputs['fetch-depth']?.trim() || '1');
  const history = depth === 0 ? ['--tags'] : ['--no-tags', `--depth=${depth}`];
  const refs = depth === 0 ? ['+refs/heads/*:refs/remotes/origin/*', wanted.source] : [wanted.source];
  for (const argv of [
    ['init', '--quiet', '.'],
    ['remote', 'add', 'origin', url],
    ['fetch', '--quiet', ...history, 'origin', ...refs],
  ]) {
    const done = await git(...argv);
    if (!done.ok) return failed(`repository ${repository}: ${done.why}`);
  }
  const head = (await git('rev-parse', '--verify', `${wanted.sha}^{commit}`)).stdout.trim();
  const why = await finishCheckout(context, { target, sha: head, branch: wanted.branch });
  if (why !== undefined) return failed(why);
  context.output('commit', head);
  context.output('ref', context.inputs['ref'] || (wanted.branch ?? ''));
  context.log(`${repository} at ${head.slice(0, 12)}`);
  return { kind: 'done' };
}

interface Ref {
  readonly sha: string;
  /** What git is told to fetch. */
  readonly source: string;
  readonly branch?: string;
}

function findRef(listed: string, ref: string): Ref | undefined {
  if (FULL_COMMIT.test(ref)) return { sha: ref, source: ref };
  const lines = listed.split('\n').map((line) => line.split('\t'));
  const shas = new Map(lines.map(([sha = '', name = '']) => [name, sha]));
  const head = lines.find(([first, name]) => name === 'HEAD' && first?.startsWith('ref: '))?.[0]?.slice('ref: '.length);
  const names = ref === '' ? [head ?? 'HEAD'] : [`refs/heads/${ref}`, `refs/tags/${ref}`, ref];
  for (const name of names) {
    const sha = shas.get(name);
    if (sha === undefined || sha.startsWith('ref: ')) continue;
    const [, branch] = /^refs\/heads\/(.+)$/.exec(name) ?? [];
    return { sha, source: name, ...(branch === undefined ? {} : { branch }) };
  }
  return undefined;
}

/** By the environment, because everybody on this machine may read the arguments of a command. */
function withToken(url: string, token: string): Readonly<Record<string, string>> {
  if (token === '' || !url.startsWith('https://')) return {};
  const { origin } = new URL(url);
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${origin}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
  };
}

function failed(why: string): ActionResult {
  return { kind: 'failed', why };
}
