/** Pipelines as careful people write them: what looks like a mask in them is none, and the audit accuses nobody. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { audit } from './audit.ts';
import { filesOf } from '#test/support/audit-files.ts';

const job = (steps: string, head = ''): string =>
  `on: push\n${head}jobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`;

const run = (name: string, script: string, more = ''): string =>
  `      - name: ${name}\n${more}        run: |\n${script.trimEnd().replaceAll(/^(?=.)/gm, '          ')}\n`;

const PIPELINES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a Python library': {
    '.github/workflows/ci.yml': job(
      run(
        'Lint',
        `
set -euo pipefail
if grep -rn "breakpoint()" src; then
  echo "::error::a breakpoint was left in the sources"
  exit 1
fi
grep -q "^## \\[Unreleased\\]" CHANGELOG.md || { echo "CHANGELOG has no Unreleased section" >&2; exit 1; }
ruff check src
`,
      ) + run('Test', 'pytest --junitxml=report.xml -q'),
    ),
  },
  'a service with a database': {
    '.github/workflows/ci.yml': job(
      run(
        'Wait for the database',
        `
for attempt in $(seq 1 30); do
  pg_isready -h localhost && exit 0
  sleep 1
done
echo "the database did not come up" >&2
exit 1
`,
      ) +
        run('Test', 'make test') +
        run('Clean up', 'docker compose down --volumes || true\nrm -rf tmp || true', '        if: always()\n'),
    ),
  },
  'a release with a trap': {
    '.github/workflows/release.yml': job(run('Release', './scripts/release.sh')),
    'scripts/release.sh': `#!/usr/bin/env bash
set -euo pipefail
work=$(mktemp -d)
cleanup() {
  kill "$server" 2>/dev/null || true
  rm -rf "$work" || true
}
trap cleanup EXIT
python -m http.server --directory "$work" 8123 &
server=$!
curl --fail --retry 5 --retry-connrefused http://localhost:8123/ > /dev/null
wait "$server" || status=$?
exit "\${status:-0}"
`,
  },
  'optional tools': {
    '.github/workflows/ci.yml': job(
      run(
        'Tools',
        `
command -v jq >/dev/null || sudo apt-get install -y jq
if ! command -v shellcheck >/dev/null; then sudo apt-get install -y shellcheck; fi
[ -f .nvmrc ] && nvm use || true
which docker > /dev/null || echo "no docker: image tests are not run here"
version=$(git describe --tags 2>/dev/null || echo v0.0.0)
echo "version=$version" >> "$GITHUB_OUTPUT"
`,
      ) + run('Build', 'npm ci\nnpm run build\nnpm test'),
    ),
  },
  'changed files': {
    '.github/workflows/ci.yml': job(
      run(
        'What changed',
        `
if git diff --quiet HEAD~1 -- docs; then echo "docs=false"; else echo "docs=true"; fi >> "$GITHUB_OUTPUT"
git diff --name-only HEAD~1 | grep -q '^src/' && echo "src=true" >> "$GITHUB_OUTPUT" || echo "src=false" >> "$GITHUB_OUTPUT"
`,
      ) + run('Formatting', 'gofmt -l . | tee unformatted.txt\ntest ! -s unformatted.txt', '        shell: bash\n'),
    ),
  },
  'a status that is read': {
    '.github/workflows/ci.yml': job(
      run(
        'Test, and tell more when it fails',
        `
set +e
pytest -q > out.txt
status=$?
set -e
cat out.txt
if [ "$status" -ne 0 ]; then
  echo "::error::tests failed with $status"
fi
exit "$status"
`,
      ) + run('Lint', 'rc=0\nflake8 src || rc=$?\nmypy src || rc=$?\nexit "$rc"'),
    ),
  },
  'a cache that may be empty': {
    '.github/workflows/ci.yml': job(
      run('Warm', 'mkdir -p ~/.cache/app\ncp -r seed/. ~/.cache/app/ 2>/dev/null || cp -r fallback/. ~/.cache/app/') +
        run('Build', 'cargo build --locked\ncargo test --locked') +
        run('Size', 'du -sh target | cut -f1\nls -la target | head -5'),
    ),
  },
  'a Makefile and scripts of npm': {
    '.github/workflows/ci.yml': job(run('All', 'make all')),
    Makefile: `all: build test

build:
\t@mkdir -p dist
\tgo build -o dist/app ./cmd/app

test:
\tgo test ./...

clean:
\t-rm -rf dist
\t@rm -f coverage.out || true
`,
    'package.json': `{ "scripts": { "test": "vitest run", "build": "rimraf dist && tsc -p .", "clean": "rm -rf dist || true" } }\n`,
  },
  'a deployment behind a gate': {
    '.github/workflows/deploy.yml': `on: push
permissions: { contents: read }
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest
  deploy:
    needs: test
    runs-on: ubuntu-latest
    environment: production
    steps:
      - uses: actions/checkout@v4
      - run: ./deploy.sh
      - name: Health
        run: curl --fail --retry 10 --retry-delay 3 https://app.example.com/health
      - name: Tell the team
        if: always()
        continue-on-error: true
        run: curl -X POST -d "deployed" "$WEBHOOK"
  report:
    needs: [test, deploy]
    if: always()
    runs-on: ubuntu-latest
    steps:
      - run: echo "test \${{ needs.test.result }}, deploy \${{ needs.deploy.result }}" >> "$GITHUB_STEP_SUMMARY"
`,
    'deploy.sh':
      '#!/bin/sh\nset -eu\nkubectl rollout status deployment/app || { kubectl rollout undo deployment/app; exit 1; }\n',
  },
  'an image': {
    '.github/workflows/image.yml': job(
      run('Build', 'docker build --tag app .\ndocker run --rm app --version') +
        run(
          'Start and ask',
          'docker run --detach --name app --publish 8080:8080 app\ntrap "docker logs app; docker rm --force app || true" EXIT\ncurl --fail --retry 10 --retry-connrefused http://localhost:8080/health',
        ) +
        run('Remove', 'docker rm --force app || true\ndocker image prune --force || true', '        if: always()\n'),
    ),
    Dockerfile: `FROM python:3.12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip wheel -r requirements.txt -w /wheels

FROM python:3.12-slim
COPY --from=build /wheels /wheels
RUN pip install --no-index --find-links /wheels /wheels/*.whl && rm -rf /wheels
COPY . /app
EXPOSE 8080
HEALTHCHECK CMD python -c "import urllib.request as r; r.urlopen('http://localhost:8080/health')"
USER 1000
CMD ["python", "/app/app.py"]
`,
    'app.py': '',
    '.dockerignore': '.git\n.env*\n',
  },
};

test('ten of them are enough to mean something', () => {
  assert.ok(Object.keys(PIPELINES).length >= 10);
});

for (const [name, files] of Object.entries(PIPELINES)) {
  test(`${name}: no gate is accused`, () => {
    const { findings } = audit(filesOf(files));
    assert.deepEqual(
      findings
        .filter((each) => each.severity === 'gate')
        .map(({ rule, file, line, message }) => `${rule} ${file}:${line} ${message}`),
      [],
    );
  });
}
