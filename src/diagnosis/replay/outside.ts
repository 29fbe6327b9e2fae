/**
 * Commands that do something outside of the workspace: a script that calls one is never run again to find something out.
 * The tables are data: one more is one line. They are on the safe side, since a replay that is not made costs nothing but
 * an answer.
 */
export interface OutsideCommand {
  readonly names: readonly string[];
  /** Only with an argument like this; absent: always. */
  readonly with?: RegExp;
}

const TOKENS = (...words: readonly string[]): RegExp => new RegExp(`^(?:${words.join('|')})$`, 'u');

export const OUTSIDE_COMMANDS: readonly OutsideCommand[] = [
  // Repositories and code hosts
  { names: ['git'], with: TOKENS('push', 'send-email', 'request-pull', 'send-pack', 'svn', 'lfs') },
  { names: ['gh', 'glab', 'hub', 'tea'] },
  // Package registries
  { names: ['twine', 'semantic-release', 'release-it', 'goreleaser', 'jreleaser', 'vsce', 'ovsx', 'np'] },
  {
    names: ['npm', 'pnpm', 'yarn', 'bun'],
    with: TOKENS(
      'publish',
      'unpublish',
      'dist-tag',
      'deprecate',
      'access',
      'owner',
      'team',
      'version',
      'token',
      'login',
    ),
  },
  {
    names: ['npx', 'bunx', 'pnpx'],
    with: /semantic-release|release-it|lerna|changeset|vsce|ovsx|wrangler|vercel|netlify/u,
  },
  { names: ['lerna', 'changeset', 'nx'], with: TOKENS('publish', 'version', 'tag', 'release') },
  { names: ['cargo'], with: TOKENS('publish', 'yank', 'owner', 'login', 'release') },
  { names: ['gem'], with: TOKENS('push', 'yank', 'owner') },
  { names: ['poetry', 'flit', 'hatch', 'uv', 'pdm'], with: TOKENS('publish') },
  { names: ['python', 'python3', 'py'], with: TOKENS('twine', 'upload', 'register') },
  { names: ['mvn', 'mvnw'], with: /(?:^|:)(?:deploy|perform|release|sonar)(?:$|[:-])/u },
  { names: ['gradle', 'gradlew', 'sbt'], with: /publish|upload|release|deploy/iu },
  { names: ['dotnet', 'nuget'], with: TOKENS('push', 'delete', 'publish') },
  { names: ['conda', 'anaconda', 'conda-build'], with: TOKENS('upload', 'login') },
  { names: ['pod'], with: TOKENS('trunk') },
  { names: ['mix'], with: /hex\.publish/u },
  // Images
  {
    names: ['docker', 'podman', 'nerdctl', 'buildah'],
    with: /^(?:push|login|stack|service|swarm|manifest|--push|.*push=true.*|type=registry.*)$/u,
  },
  { names: ['skopeo', 'crane', 'oras', 'cosign', 'ko', 'regctl', 'notation'] },
  // Clouds and hosting
  {
    names: [
      'aws',
      'gcloud',
      'gsutil',
      'bq',
      'az',
      'azcopy',
      'doctl',
      'oci',
      'ibmcloud',
      'hcloud',
      's3cmd',
      'rclone',
      'mc',
    ],
  },
  {
    names: [
      'heroku',
      'fly',
      'flyctl',
      'vercel',
      'netlify',
      'firebase',
      'wrangler',
      'surge',
      'railway',
      'render',
      'eb',
      'cf',
    ],
  },
  {
    names: [
      'kubectl',
      'helm',
      'helmfile',
      'argocd',
      'flux',
      'oc',
      'skaffold',
      'kapp',
      'istioctl',
      'eksctl',
      'nomad',
      'waypoint',
    ],
  },
  {
    names: [
      'terraform',
      'tofu',
      'terragrunt',
      'pulumi',
      'cdk',
      'cdktf',
      'sam',
      'serverless',
      'sls',
      'packer',
      'copilot',
    ],
  },
  { names: ['ansible', 'ansible-playbook', 'salt', 'puppet', 'chef', 'knife', 'cap', 'kamal', 'fab', 'dokku'] },
  { names: ['consul', 'vault', 'etcdctl', 'doppler', 'sops'] },
  // Other machines, and people
  { names: ['ssh', 'scp', 'sftp', 'rsync', 'ftp', 'lftp', 'ncftpput', 'mosh', 'nc', 'ncat', 'socat', 'telnet'] },
  { names: ['mail', 'mailx', 'sendmail', 'mutt', 'msmtp', 'swaks', 'wall', 'slackcat', 'notify-send', 'apprise'] },
  {
    names: ['curl'],
    with: /^(?:-[A-Za-z]*[dFTX].*|--(?:data|form|json|upload-file|request|mail-).*)$/u,
  },
  { names: ['wget'], with: /^--(?:post|method|body)/u },
  { names: ['http', 'https', 'xh'], with: TOKENS('POST', 'PUT', 'PATCH', 'DELETE') },
  { names: ['grpcurl', 'wscat', 'mosquitto_pub', 'kcat', 'kafkacat', 'nats'] },
  // Databases
  {
    names: [
      'psql',
      'mysql',
      'mariadb',
      'mysqladmin',
      'mongosh',
      'mongo',
      'redis-cli',
      'sqlcmd',
      'cqlsh',
      'clickhouse-client',
    ],
  },
  {
    names: ['createdb', 'dropdb', 'createuser', 'dropuser', 'pg_restore', 'mysqlimport', 'mongorestore', 'mongoimport'],
  },
  { names: ['alembic', 'flyway', 'liquibase', 'dbmate', 'goose', 'knex', 'sqitch', 'sqlx', 'atlas'] },
  // The machine itself
  {
    names: [
      'apt',
      'apt-get',
      'aptitude',
      'dpkg',
      'dnf',
      'yum',
      'zypper',
      'apk',
      'pacman',
      'rpm',
      'snap',
      'flatpak',
      'brew',
      'choco',
    ],
  },
  {
    names: [
      'systemctl',
      'service',
      'launchctl',
      'crontab',
      'at',
      'batch',
      'shutdown',
      'reboot',
      'mount',
      'umount',
      'modprobe',
    ],
  },
  {
    names: [
      'iptables',
      'nft',
      'ufw',
      'ip',
      'sysctl',
      'useradd',
      'usermod',
      'userdel',
      'groupadd',
      'passwd',
      'chpasswd',
    ],
  },
  { names: ['pkill', 'killall', 'fuser'] },
  // What is run is not in sight
  { names: ['eval', 'xargs', 'parallel', 'trap', 'act'] },
];

/** In the name of a script or a target, wherever it stands: `./deploy.sh`, `make release`, `npm run db:migrate`. */
export const OUTSIDE_WORD =
  /(?:^|[^a-z])(?:deploy|publish|release|upload|push|notify|notification|announce|migrate|migration|rollback|promote|provision|teardown|ship)(?:s|ed|ing|ment)?(?:$|[^a-z])/iu;

/** Commands that write to the places they are given: to such a place outside of the workspace, they act outside. */
export const WRITERS: readonly string[] = [
  'touch',
  'mkdir',
  'rmdir',
  'rm',
  'unlink',
  'cp',
  'mv',
  'ln',
  'tee',
  'install',
  'dd',
  'truncate',
  'chmod',
  'chown',
  'mkfifo',
  'tar',
  'unzip',
  'zip',
  'sed',
  'patch',
  'split',
  'shred',
  'cd',
  'pushd',
];
