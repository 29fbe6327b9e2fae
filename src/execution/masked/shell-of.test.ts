import assert from 'node:assert/strict';
import test from 'node:test';
import { shellOf } from './shell-of.ts';

const env = { PATH: process.env['PATH'] ?? '' };

function told(argv: readonly string[], more: Readonly<Record<string, string>> = {}): string {
  const shell = shellOf(argv, '/t/s.sh', { ...env, ...more });
  if (!shell) return 'no';
  const { errexit, pipefail, isLogin } = shell;
  return [errexit && 'errexit', pipefail && 'pipefail', isLogin && 'login'].filter(Boolean).join(' ') || 'plain';
}

test('the options of the shell are read from how it is started', () => {
  assert.equal(told(['bash', '-e', '/t/s.sh']), 'errexit');
  assert.equal(told(['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '/t/s.sh']), 'errexit pipefail');
  assert.equal(told(['bash', '-euo', 'pipefail', '/t/s.sh']), 'errexit pipefail');
  assert.equal(told(['bash', '-el', '/t/s.sh']), 'errexit login');
  assert.equal(told(['bash', '/t/s.sh', 'argument']), 'plain');
  assert.equal(told(['/bin/sh', '-e', '/t/s.sh']), 'errexit');
});

test('what would show recorders, or is not known, gets none', () => {
  for (const argv of [
    ['bash', '-v', '/t/s.sh'],
    ['bash', '-r', '/t/s.sh'],
    ['bash', '-n', '/t/s.sh'],
    ['bash', '-c', '. /t/s.sh'],
    ['bash', '-o', 'verbose', '/t/s.sh'],
    ['dash', '-x', '/t/s.sh'],
    ['python3', '/t/s.sh'],
    ['/no/such/bash', '/t/s.sh'],
  ])
    assert.equal(told(argv), 'no', argv.join(' '));
  for (const name of ['BASH_ENV', 'SHELLOPTS', 'BASHOPTS', 'BASH_FUNC_true%%'])
    assert.equal(told(['bash', '-e', '/t/s.sh'], { [name]: 'x' }), 'no', name);
});
