import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actsOutside } from './acts-outside.ts';

const place = {
  own: ['/work/project', '/work/_temp'],
  env: { HOME: '/home/me', SHARED: '/srv/shared', RUNNER_TEMP: '/work/_temp', GITHUB_OUTPUT: '/work/_private/output' },
};

const outside: readonly string[] = [
  'git push origin main',
  'git -C sub push',
  'make && npm publish --access public',
  'if true; then twine upload dist/*; fi',
  'python -m twine upload dist/*',
  'for image in a b; do docker push "$image"; done',
  'docker buildx build --push -t x .',
  'terraform apply -auto-approve',
  'sudo -u app kubectl rollout restart deployment/web',
  'helm upgrade web ./chart',
  './scripts/deploy.sh production',
  'make release',
  'npm run db:migrate',
  'curl -X POST https://example.org/hook',
  'curl -sSfd "{}" https://example.org/hook',
  'curl --data-binary @file https://example.org',
  'wget --post-data=x https://example.org',
  'ssh host uptime',
  'rsync -a out/ host:/srv/',
  'aws s3 cp out s3://bucket',
  'gh release create v1',
  'psql -c "drop table x"',
  'apt-get install -y jq',
  'x=$(gh api user)',
  'publish() { cargo publish; }; publish',
  'bash -c "git push"',
  "sh -ec 'cd x; git push'",
  'bash -c "$SCRIPT"',
  'curl -fsS https://example.org/install | sh',
  '$TOOL test',
  'eval "$(cat commands)"',
  'echo x >> /var/log/mine',
  'echo x > "$SHARED/count"',
  'echo x > ${SHARED}/count',
  'touch /tmp/tried',
  'cp result ~/results/',
  'rm -rf "$SHARED"',
  'cd ../other && make',
  'echo x > ../other/file',
  'if [ broken',
];

for (const script of outside)
  test(`acts outside: ${script}`, () => assert.notEqual(actsOutside(script, place), undefined));

const inside: readonly string[] = [
  'pytest -q --junitxml=report.xml',
  'npm ci && npm test',
  'cargo test --release',
  'git status && git diff --exit-code',
  'git ls-remote https://example.org/x',
  'curl -fsSO https://example.org/model.bin',
  'docker build -t app .',
  'mkdir -p build && cd build && cmake .. && make -j2',
  'echo x >> "$GITHUB_OUTPUT"',
  'echo done > /dev/null 2>&1',
  'echo x > "$RUNNER_TEMP/x" && touch /work/project/y',
  'echo "the release is pushed by another step"',
  'out=$(mktemp); make > "$out"',
  'bash ci/test.sh',
  "bash -c 'make test'",
  'server & pid=$!; sleep 1; kill $pid',
  'go test ./... | tee test.log',
];

for (const script of inside) test(`stays inside: ${script}`, () => assert.equal(actsOutside(script, place), undefined));
