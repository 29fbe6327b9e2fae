// What commands are for, as far as the audit has to know.

/** They say whether something is right: tests, linters, builds, scanners, type checkers. */
const CHECKS: ReadonlySet<string> = new Set(
  `pytest tox nox unittest nose2 coverage behave flake8 ruff pylint mypy pyright black isort bandit safety pip-audit
  jest vitest mocha ava tap playwright cypress karma eslint tsc prettier stylelint npm pnpm yarn npx bun deno node
  go golangci-lint staticcheck cargo rustc mvn mvnw gradle gradlew ant sbt bazel make cmake ctest ninja meson
  rspec rubocop rake bundle phpunit phpstan composer dotnet msbuild mix stack cabal swift xcodebuild flutter dart
  python python3 perl prove ruby php java gcc g++ clang cc docker buildah podman docker-compose terraform tofu ansible-lint
  helm kubectl kubeval kubeconform trivy grype snyk semgrep gitleaks checkov tfsec hadolint shellcheck yamllint actionlint
  curl wget twine pip pip3 poetry pipenv uv apt apt-get apk dnf yum brew bats nginx sphinx-build mkdocs`.split(/\s+/),
);

/** Tools with sub-commands of which some only clear away. */
const SET_UP: ReadonlySet<string> = new Set(
  'docker podman buildah docker-compose kubectl helm git npm pip pip3 apt-get apt systemctl service brew terraform make'.split(
    ' ',
  ),
);

export function isCheck(name: string): boolean {
  return CHECKS.has(name) || /(^|[-_.])(test|tests|check|lint|verify)([-_.]|$)/.test(name);
}

export function isSetUp(name: string): boolean {
  return SET_UP.has(name);
}

/** Sub-commands that make sure of something, or bring along what is only of help: their failure is often no news. */
export const MAKING_SURE: Readonly<Record<string, readonly string[]>> = {
  git: ['commit', 'stash', 'fetch', 'remote', 'config', 'tag', 'switch', 'checkout', 'branch'],
  docker: ['pull', 'network', 'volume', 'logs', 'ps', 'info', 'inspect'],
  podman: ['pull', 'network', 'volume', 'logs'],
  kubectl: ['create', 'describe', 'logs', 'get'],
  helm: ['repo'],
  brew: ['unlink', 'link', 'uninstall'],
  npm: ['cache', 'config'],
  gh: ['label', 'pr', 'issue', 'release'],
};

const MAKERS: ReadonlySet<string> = new Set(
  'mkdir createdb createuser useradd groupadd addgroup adduser ln cp mv chmod chown touch cat ls du df ps top free find sudo nvm pyenv modprobe sysctl'.split(
    ' ',
  ),
);

export function isMakingSure(name: string): boolean {
  return MAKERS.has(name);
}
