// What a job's processes see of the environment that Gantry itself was started in: only what is listed here. A run on
// a laptop must not pass because of a variable that the server does not have, and no credential may slip in unasked.

/** Who and where one is, and how the system speaks. */
const PERSON: readonly string[] = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TZ', 'TMPDIR'];

/**
 * What this machine needs to reach its network, by what it is for. These describe the machine and not the project:
 * behind a proxy or a company's certificate, nothing can be installed without them.
 */
const NETWORK: Readonly<Record<string, readonly string[]>> = {
  proxies: ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
  certificates: [
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
    'NODE_EXTRA_CA_CERTS',
    'PIP_CERT',
    'GIT_SSL_CAINFO',
    'AWS_CA_BUNDLE',
    'CARGO_HTTP_CAINFO',
  ],
  python: [
    'PIP_INDEX_URL',
    'PIP_EXTRA_INDEX_URL',
    'PIP_TRUSTED_HOST',
    'PIP_NO_INDEX',
    'PIP_FIND_LINKS',
    'PIP_RETRIES',
    'PIP_DEFAULT_TIMEOUT',
    'PIP_CONFIG_FILE',
    'UV_INDEX_URL',
    'UV_DEFAULT_INDEX',
  ],
  node: ['npm_config_registry', 'NPM_CONFIG_REGISTRY', 'YARN_REGISTRY', 'YARN_NPM_REGISTRY_SERVER'],
  go: ['GOPROXY', 'GONOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOPRIVATE'],
};

/** How the network is reached, which decides nothing about what is found there. */
export const WAY_TO_THE_NETWORK: ReadonlySet<string> = new Set([
  ...(NETWORK['proxies'] ?? []),
  ...(NETWORK['certificates'] ?? []),
]);

/**
 * Where the container engine is. A job's containers are started there, so a step's own `docker` must not find another.
 * They count in what a step's result rests on: another engine has other images.
 */
const WAY_TO_THE_ENGINE: readonly string[] = [
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'CONTAINER_HOST',
];

const KEPT: readonly string[] = [...PERSON, ...Object.values(NETWORK).flat(), ...WAY_TO_THE_ENGINE];

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The environment that every job starts from. PATH loses what npm adds for its scripts, so that `npm start` and the
 * command itself find the same tools; LANG is `C.UTF-8` unless the host says otherwise.
 */
export function cleanEnvironment(host: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const env: Record<string, string> = { LANG: 'C.UTF-8' };
  for (const name of KEPT) {
    const value = host[name];
    if (value !== undefined && value !== '') env[name] = value;
  }
  env['PATH'] = withoutNpm(env['PATH'] ?? '') || SYSTEM_PATH;
  return env;
}

function withoutNpm(path: string): string {
  const entries = path.split(':').filter((entry) => !/(^|\/)(node_modules\/\.bin|node-gyp-bin)\/?$/.test(entry));
  return entries.filter((entry) => entry !== '').join(':');
}
