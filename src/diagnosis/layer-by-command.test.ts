import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandKind } from './layer-by-command.ts';

const COMMANDS: readonly (readonly [string, string | undefined])[] = [
  ['npx commitlint --from origin/main', 'policy'],
  ['acme/dependency-review-action@v4', 'policy'],
  ['docker/login-action@v3', 'sign-in'],
  ['npm ci', 'install'],
  ['sudo apt-get install -y jq', 'install'],
  ['terraform fmt -check -recursive', 'lint'],
  ['npm run gen && git diff --exit-code', 'lint'],
  ['go test ./...', 'test'],
  ['cmake --build build', 'build'],
  ['./publish.sh', undefined],
];

for (const [command, kind] of COMMANDS) {
  test(`"${command}" is ${kind ?? 'none of the kinds'}`, () => {
    assert.equal(commandKind([command])?.kind, kind);
  });
}

test('a step that builds and tests is told as one that builds, and one that does other things as none', () => {
  assert.equal(commandKind(['make', 'make test'])?.layer, 'code');
  assert.equal(commandKind(['go vet ./...', 'go build ./...'])?.layer, 'code');
  assert.equal(commandKind(['npm ci', 'npm test']), undefined);
});
