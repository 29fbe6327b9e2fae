// What the actions that come with Gantry take. The actions refuse or tell what is not here, and `gantry check` does before.

export interface BuiltInAction {
  /** Without which it cannot do its work. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');
const action = (required: string, optional: string): BuiltInAction => ({
  required: words(required),
  optional: words(optional),
});

const CACHE = 'enableCrossOsArchive upload-chunk-size';
const RESTORE = 'restore-keys fail-on-cache-miss lookup-only';
const UPLOAD = 'retention-days compression-level include-hidden-files';

export const BUILT_IN_ACTIONS = {
  'actions/checkout': action(
    '',
    'repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user persist-credentials path clean filter ' +
      'sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags show-progress lfs submodules ' +
      'set-safe-directory allow-unsafe-pr-checkout github-server-url',
  ),
  'actions/setup-python': action(
    '',
    'python-version python-version-file cache cache-dependency-path architecture check-latest update-environment ' +
      'allow-prereleases token',
  ),
  'actions/setup-node': action(
    '',
    'node-version node-version-file architecture check-latest registry-url scope always-auth token cache ' +
      'cache-dependency-path package-manager-cache mirror mirror-token',
  ),
  'actions/cache': action('path key', `${RESTORE} ${CACHE} save-always`),
  'actions/cache/restore': action('path key', `${RESTORE} ${CACHE}`),
  'actions/cache/save': action('path key', CACHE),
  'actions/upload-artifact': action('path', `name if-no-files-found overwrite archive ${UPLOAD}`),
  'actions/upload-artifact/merge': action('', `name pattern separate-directories delete-merged ${UPLOAD}`),
  'actions/download-artifact': action(
    '',
    'name artifact-ids path pattern merge-multiple github-token repository run-id skip-decompress digest-mismatch',
  ),
  'gantry/data': action('name urls', 'dest snapshot min-rows required rows-at max-age timeout'),
  'gantry/deploy': action(
    'command',
    'target environment path port health version version-path start-timeout bake keep exclude env',
  ),
  'gantry/health': action('url', 'status contains json timeout deadline interval consecutive'),
  'gantry/notify': action('', 'channel url secret message address timeout attempts'),
} as const satisfies Readonly<Record<string, BuiltInAction>>;

/** By the name of the action, every input that it knows. */
export function inputsOf(name: keyof typeof BUILT_IN_ACTIONS): readonly string[] {
  const { required, optional } = BUILT_IN_ACTIONS[name];
  return [...required, ...optional];
}
