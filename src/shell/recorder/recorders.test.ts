import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { withRecorders } from './recorders.ts';

const OPTIONS = {
  dialect: 'bash',
  errexit: true,
  pipefail: false,
  isLogin: false,
  folder: '/nowhere/step',
} as const;

test('a script that cannot swallow a failure under -e is not even read', () => {
  equal(withRecorders('make\nmake test\nfor i in 1 2; do cp "$i" out; done', OPTIONS).kind, 'nothing');
  // What no reader could read shows that none did.
  equal(withRecorders('make\ndone', OPTIONS).kind, 'nothing');
  equal(withRecorders('make\ndone', { ...OPTIONS, errexit: false }).kind, 'unread');
});

test('whatever could swallow one under -e is read', () => {
  for (const script of [
    'make || true',
    'make && make test\necho on',
    'make | tee log',
    'if make; then :; else echo no; fi',
    'export A=$(make)',
    'set +e\nmake\necho on',
    'f() { make; echo on; }\nf || true',
  ])
    equal(withRecorders(script, OPTIONS).kind, 'recorded', script);
});
