/**
 * Every check, the quick ones first; all of them run even when one is red, so that one look shows everything.
 *
 * VERIFY_SKIP_TESTS=1 leaves the tests out. Only .ci/run sets it, after `npm test` has passed on the same files.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const checks = ['format:check', 'layers:check', 'typecheck', 'lint', 'knip', 'docs:check', 'test'];
const root = resolve(import.meta.dirname, '..');
const testsHavePassed = process.env['VERIFY_SKIP_TESTS'] === '1';

const results = checks.map((name) => {
  if (name === 'test' && testsHavePassed) return { name, passed: true, note: 'passed just before' };
  console.log(`\n== ${name}`);
  const startedAt = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', name], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return { name, passed: status === 0, note: `${((performance.now() - startedAt) / 1000).toFixed(1)} s` };
});

console.log('');
for (const { name, passed, note } of results) console.log(`${passed ? '✓' : '✗'} ${name}  ${note}`);
process.exitCode = results.every((result) => result.passed) ? 0 : 1;
