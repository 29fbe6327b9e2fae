// `permissions:` restricts GitHub's token. A run here makes no token: the key is held against GitHub's rules, and those of
// a called workflow against its caller's.
import { asMap, readChoice } from './fields.ts';
import type { PermissionLevel, Permissions } from './model.ts';
import { didYouMean, report, type Reading } from './reading.ts';
import { shorten, type YamlNode } from './yaml-node.ts';

const READ_WRITE = ['none', 'read', 'write'] as const;
const WRITE_ONLY = ['none', 'write'] as const;
const READ_ONLY = ['none', 'read'] as const;

/** By scope, what it may be given (GitHub: "Defining access for the GITHUB_TOKEN permissions"). */
export const SCOPES: Readonly<Record<string, readonly PermissionLevel[]>> = {
  actions: READ_WRITE,
  'artifact-metadata': READ_WRITE,
  attestations: READ_WRITE,
  checks: READ_WRITE,
  'code-quality': READ_WRITE,
  contents: READ_WRITE,
  'copilot-requests': WRITE_ONLY,
  deployments: READ_WRITE,
  discussions: READ_WRITE,
  drives: READ_WRITE,
  'id-token': WRITE_ONLY,
  issues: READ_WRITE,
  models: READ_ONLY,
  packages: READ_WRITE,
  pages: READ_WRITE,
  'pull-requests': READ_WRITE,
  'repository-projects': READ_WRITE,
  'security-events': READ_WRITE,
  statuses: READ_WRITE,
  'vulnerability-alerts': READ_ONLY,
};

const ALL = ['read-all', 'write-all'] as const;

export function readPermissions(reading: Reading, node: YamlNode): Permissions | undefined {
  if (node.kind === 'scalar') {
    const all = readChoice(reading, node, { what: '"permissions"', from: ALL });
    const level = all?.value === 'write-all' ? 'write' : 'read';
    return all && Object.fromEntries(Object.keys(SCOPES).map((scope) => [scope, level]));
  }
  const entries = asMap(reading, node, '"permissions"')?.entries ?? [];
  const granted = entries.flatMap(({ key, keyNode, value }): [string, PermissionLevel][] => {
    const levels = Object.hasOwn(SCOPES, key) ? SCOPES[key] : undefined;
    if (levels) {
      const level = readChoice(reading, value, { what: `the permission "${key}"`, from: levels })?.value;
      return level ? [[key, level]] : [];
    }
    const hint = didYouMean(reading, key, Object.keys(SCOPES));
    report(reading, { code: 'WF011', at: keyNode.at, message: `there is no permission "${shorten(key)}"${hint}` });
    return [];
  });
  return Object.fromEntries(granted);
}

const RANKS: Readonly<Record<PermissionLevel, number>> = { none: 0, read: 1, write: 2 };

/** What is asked for beyond what is allowed, as `actions: write`, and what is allowed of it. */
export function excessPermissions(
  asked: Permissions,
  allowed: Permissions,
): { readonly asked: readonly string[]; readonly allowed: readonly string[] } | undefined {
  const excess = Object.entries(asked).filter(([scope, level]) => RANKS[level] > RANKS[allowed[scope] ?? 'none']);
  if (excess.length === 0) return undefined;
  return {
    asked: excess.map(([scope, level]) => `${scope}: ${level}`),
    allowed: excess.map(([scope]) => `${scope}: ${allowed[scope] ?? 'none'}`),
  };
}
