// What the actions that come with Gantry take. The actions refuse or tell what is not here, and `gantry check` does before.

export interface BuiltInAction {
  /** Without which it cannot do its work. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** What it gives, here or on GitHub. */
  readonly outputs: readonly string[];
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');
const action = (required: string, optional: string, outputs = ''): BuiltInAction => ({
  required: words(required),
  optional: words(optional),
  outputs: words(outputs),
});

const CACHE = 'enableCrossOsArchive upload-chunk-size';
const RESTORE = 'restore-keys fail-on-cache-miss lookup-only';
const CACHED = 'cache-hit cache-primary-key cache-matched-key';
const UPLOADED = 'artifact-id artifact-url artifact-digest';
const UPLOAD = 'retention-days compression-level include-hidden-files';

export const BUILT_IN_ACTIONS = {
  'actions/checkout': action(
    '',
    'repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user persist-credentials path clean filter ' +
      'sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags show-progress lfs submodules ' +
      'set-safe-directory allow-unsafe-pr-checkout github-server-url',
    'ref commit',
  ),
  'actions/setup-python': action(
    '',
    'python-version python-version-file cache cache-dependency-path architecture check-latest update-environment ' +
      'allow-prereleases token',
    'python-version python-path cache-hit',
  ),
  'actions/setup-node': action(
    '',
    'node-version node-version-file architecture check-latest registry-url scope always-auth token cache ' +
      'cache-dependency-path package-manager-cache mirror mirror-token',
    'node-version cache-hit',
  ),
  'actions/cache': action('path key', `${RESTORE} ${CACHE} save-always`, CACHED),
  'actions/cache/restore': action('path key', `${RESTORE} ${CACHE}`, CACHED),
  'actions/cache/save': action('path key', CACHE),
  'actions/upload-artifact': action('path', `name if-no-files-found overwrite archive ${UPLOAD}`, UPLOADED),
  'actions/upload-artifact/merge': action('', `name pattern separate-directories delete-merged ${UPLOAD}`, UPLOADED),
  'actions/download-artifact': action(
    '',
    'name artifact-ids path pattern merge-multiple github-token repository run-id skip-decompress digest-mismatch',
    'download-path',
  ),
  'gantry/data': action('name urls', 'dest snapshot min-rows required rows-at max-age timeout', 'source'),
  'gantry/deploy': action(
    'command',
    'target environment path port health version version-path start-timeout bake keep exclude env',
    'version url manifest',
  ),
  'gantry/health': action('url', 'status contains json timeout deadline interval consecutive', 'readings healthy'),
  'gantry/notify': action('', 'channel url secret message address timeout attempts', 'delivered'),
} as const satisfies Readonly<Record<string, BuiltInAction>>;

/** By the name of the action, every input that it knows. */
export function inputsOf(name: keyof typeof BUILT_IN_ACTIONS): readonly string[] {
  const { required, optional } = BUILT_IN_ACTIONS[name];
  return [...required, ...optional];
}

/** What the action of a `uses:` gives; undefined of one that does not come with Gantry. */
export function outputsOf(uses: string): readonly string[] | undefined {
  const name = uses.replace(/@.*$/s, '').toLowerCase();
  return Object.entries(BUILT_IN_ACTIONS).find(([each]) => each === name)?.[1].outputs;
}
