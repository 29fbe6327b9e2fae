// `permissions:` restricts GitHub's token. A run here makes no token, so the key is held against GitHub's rules and
// leaves nothing behind.
import { asMap, readChoice, readText, reportChoice } from './fields.ts';
import { didYouMean, report, type Reading } from './reading.ts';
import { shorten, type YamlNode } from './yaml-node.ts';

const READ_WRITE = ['none', 'read', 'write'] as const;
const WRITE_ONLY = ['none', 'write'] as const;
const READ_ONLY = ['none', 'read'] as const;

/** By scope, what it may be given (GitHub: "Defining access for the GITHUB_TOKEN permissions"). */
export const SCOPES: Readonly<Record<string, readonly string[]>> = {
  actions: READ_WRITE,
  'artifact-metadata': READ_WRITE,
  attestations: READ_WRITE,
  checks: READ_WRITE,
  'code-quality': READ_WRITE,
  contents: READ_WRITE,
  'copilot-requests': WRITE_ONLY,
  deployments: READ_WRITE,
  discussions: READ_WRITE,
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

export function checkPermissions(reading: Reading, node: YamlNode): void {
  if (node.kind === 'scalar') {
    // An empty value takes everything away, as `{}` does.
    if (node.value === null) return;
    const text = readText(reading, node, '"permissions"');
    if (text && !ALL.some((each) => each === text.value))
      reportChoice(reading, text, { what: '"permissions"', from: ALL });
    return;
  }
  for (const { key, keyNode, value } of asMap(reading, node, '"permissions"')?.entries ?? []) {
    const levels = Object.hasOwn(SCOPES, key) ? SCOPES[key] : undefined;
    if (levels) readChoice(reading, value, { what: `the permission "${key}"`, from: levels });
    else {
      const hint = didYouMean(reading, key, Object.keys(SCOPES));
      report(reading, { code: 'WF011', at: keyNode.at, message: `there is no permission "${shorten(key)}"${hint}` });
    }
  }
}
