/** The command that ended a script, named without the script knowing: what it does then is in differential.test.ts. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { watchEnd } from '#execution/masked/watch-end.ts';
import { openBench } from './run-script.ts';

interface Case {
  readonly script: string;
  /** `line: command -> status`, and behind `=` the command with its values; '' when nobody knows. */
  readonly told: string;
  readonly shell?: 'dash';
  readonly way?: 'strict';
}

const CASES: readonly Case[] = [
  { script: 'echo a\nfail 3\necho b', told: '2: fail 3 -> 3' },
  { script: 'N=4\necho a\nfail   "$N" \\\n  more', told: '3: fail "$N" more -> 4 = fail "4" more' },
  { script: 'N=4\nfail ${N} \'$N\' "${N:-7}"', told: '2: fail ${N} \'$N\' "${N:-7}" -> 4 = fail 4 \'$N\' "${N:-7}"' },
  { script: 'fail 2 || true\nfail 5 | cat\nfail 6', told: '3: fail 6 -> 6' },
  { script: 'echo a\necho b | fail 7\necho c', told: '2: echo b | fail 7 -> 7' },
  { script: 'echo a\nfail 8 | cat\necho c', way: 'strict', told: '2: fail 8 | cat -> 8' },
  { script: 'x=$(fail 9)\necho c', told: '1: fail 9 -> 9' },
  { script: 'f() {\n  echo in\n  fail 3\n}\necho a\nf\necho c', told: '3: fail 3 -> 3' },
  { script: 'for i in 1 2; do\n  cd "none$i"\ndone', told: '2: cd "none$i" -> 1 = cd "none1"' },
  { script: 'set -x\nfail 3', told: '2: fail 3 -> 3' },
  { script: 'trap "echo bye" EXIT\nfail 3\n', told: '2: fail 3 -> 3' },
  { script: 'fail 3 &&\n  echo b\nno-such-tool --now', told: '3: no-such-tool --now -> 127' },
  // Nothing of the script failed, or nobody saw it.
  { script: 'fail 3 || true\nexit 3', told: '' },
  { script: 'set +e\nfail 4\nset -e\nexit 3', told: '' },
  { script: 'f() { :; }\necho "$(fail 4; echo x)"\nexit 3', told: '' },
  { script: 'echo a\nfail 3', shell: 'dash', told: '' },
  { script: 'trap "echo oh" ERR\nfail 3\n', told: '' },
  { script: 'fail 0\necho b', told: '' },
  // There is only one it can have been.
  { script: 'fail 3', shell: 'dash', told: '1: fail 3 -> 3' },
];

test('the command that ended a script is named, with its line, its status and its values', async () => {
  using bench = openBench();
  for (const { script, told, shell = 'bash', way = 'e' } of CASES) {
    const { failed } = await bench.runRecorded(script, shell, way);
    const { line = 0, text = '', status = 0, expanded } = failed ?? {};
    const said = failed ? `${line}: ${text} -> ${status}${expanded === undefined ? '' : ` = ${expanded}`}` : '';
    assert.equal(said, told, script);
  }
});

test('with the recorders the trap is turned off too', () => {
  const script = { content: 'a\nb', argv: ['bash', '-e', '/t/s.sh'], file: '/t/s.sh', folder: tmpdir() };
  const env = { PATH: process.env['PATH'] ?? '', GANTRY_RECORD_MASKED: 'false' };
  assert.deepEqual(watchEnd({ ...script, env }).env, {});
});
