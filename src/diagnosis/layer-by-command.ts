// The layer that the command of a failing step suggests when its output names none: a formatter that fails has found code
// that is not formatted, an installer a package that cannot be installed.
import type { Layer } from '#run/diagnosis.ts';

export interface CommandKind {
  readonly kind: 'policy' | 'sign-in' | 'install' | 'lint' | 'test' | 'build';
  readonly layer: Layer;
  readonly confidence: number;
  readonly pattern: RegExp;
}

/** In order: the first that fits a command speaks for it. */
const KINDS: readonly CommandKind[] = [
  {
    kind: 'policy',
    layer: 'policy',
    confidence: 0.65,
    pattern:
      /\b(?:commitlint|semantic-pull-request|pr-title|check-title|title-check(?:er)?|changelog|changeset|towncrier|news-?fragment|dco|sign-?off|required-labels|cla-assistant|contributor-assistant|licen[cs]e-?(?:header|check|eye)|skywalking-eyes|dependency-review|(?:npm|pnpm|yarn|cargo|pip-|bundle|composer) ?audit|cargo[ -]deny|trivy|snyk|gitleaks|trufflehog|pr-size|danger)\b/iu,
  },
  {
    kind: 'sign-in',
    layer: 'secrets',
    confidence: 0.7,
    pattern:
      /configure-aws-credentials|google-github-actions\/auth|azure\/login|login-action|create-github-app-token|import-gpg|ssh-agent|import-codesign|\b(?:docker|gh|az|npm|helm|podman) (?:auth )?login\b/iu,
  },
  {
    kind: 'install',
    layer: 'dependency',
    confidence: 0.65,
    pattern:
      /\b(?:npm (?:ci|i|install)|pnpm (?:i|install)|yarn install|bun install|pip3? install|pipenv (?:install|sync)|poetry (?:install|lock)|uv (?:sync|pip)|conda (?:install|env|create)|bundle install|gem install|composer (?:install|update|require)|apt(?:-get)? (?:-\S+ )*install|apk add|dnf install|yum install|brew install|choco install|go mod (?:download|vendor)|cargo (?:fetch|install)|dotnet restore|nuget restore|(?:flutter|dart) pub get|pod install|mix deps\.get|luarocks install|cpanm|cabal update)\b/u,
  },
  {
    kind: 'lint',
    layer: 'code',
    confidence: 0.7,
    pattern:
      /\b(?:\w*lint\w*|prettier|biome|ruff|black|flake8|isort|mypy|pyright|rubocop|standardrb|phpstan|psalm|php-cs-fixer|pint|phpcs|clippy|rustfmt|(?:cargo|terraform|mix|deno|zig|forge) (?:fmt|format)|gofmt|gofumpt|go vet|staticcheck|detekt|checkstyle|spotless\w*|pmd\w*|spotbugs\w*|clang-(?:format|tidy)|shellcheck|shfmt|tsc|type-?check|format(?:[:-]check)?|format-check|check-format\w*|pre-commit|codespell|credo|dialyzer|scalaf(?:mt|ix)|dotnet format|(?:flutter|dart) analyze|actionlint|git diff (?:--\S+ )*--exit-code|fmt)\b/iu,
  },
  {
    kind: 'test',
    layer: 'test',
    confidence: 0.65,
    pattern:
      /\b(?:\w*tests?|pytest|jest|vitest|mocha|rspec|phpunit|ctest|tox|nox|playwright|cypress|nextest|gotestsum|karma|minitest|behat|e2e|bats|spec|smoke|testing)\b/iu,
  },
  {
    kind: 'build',
    layer: 'code',
    confidence: 0.6,
    pattern:
      /\b(?:build\w*|compile\w*|make|cmake|ninja|assemble\w*|webpack|cargo (?:check|doc|run)|go generate|mvnw?|gradlew?|sbt|msbuild|xcodebuild|javac|sphinx-build|mkdocs|vite|rollup|esbuild|check)\b/iu,
  },
];

/** What the commands of a step do, when they do but one kind of thing. Building and testing counts as building. */
export function commandKind(commands: readonly string[]): CommandKind | undefined {
  const kinds = new Set<CommandKind>();
  for (const command of commands) {
    const kind = KINDS.find(({ pattern }) => pattern.test(command));
    if (kind) kinds.add(kind);
  }
  const found = KINDS.filter((kind) => kinds.has(kind));
  const [first] = found;
  if (found.length <= 1) return first;
  return found.every(({ layer }) => layer === 'code' || layer === 'test') ? found.at(-1) : undefined;
}
