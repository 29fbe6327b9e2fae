import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptCommand } from './script.ts';
import { splitArguments } from './split-arguments.ts';

function commandOf(shell: string | undefined, path: string | undefined = '/usr/bin:/bin'): string {
  const made = scriptCommand({ script: 'exit 3', shell, path, file: (extension) => `/t/s${extension}` });
  return made.ok ? JSON.stringify(made.value.argv) : made.error;
}

test('the shells that GitHub knows by name get its arguments and the ending that they want', () => {
  assert.equal(commandOf('bash'), '["bash","--noprofile","--norc","-e","-o","pipefail","/t/s.sh"]');
  assert.equal(commandOf('sh'), '["sh","-e","/t/s.sh"]');
  assert.equal(commandOf('python'), '["python","/t/s.py"]');
  assert.equal(commandOf('pwsh'), `["pwsh","-command",". '/t/s.ps1'"]`);
});

test('a template keeps what stands in double quotes together, and its command decides the ending of the file', () => {
  assert.equal(commandOf('bash -l {0}'), '["bash","-l","/t/s.sh"]');
  assert.equal(commandOf('pwsh -File {0}'), '["pwsh","-File","/t/s.ps1"]');
  assert.equal(commandOf('script -q -e -c "bash {0}" /dev/null'), '["script","-q","-e","-c","bash /t/s","/dev/null"]');
  assert.equal(commandOf('perl {0}'), '["perl","/t/s"]');
});

test('without a shell it is bash with -e alone, and sh where there is no bash or nobody knows', () => {
  assert.equal(commandOf(undefined), '["bash","-e","/t/s.sh"]');
  assert.equal(commandOf('', '/nowhere'), '["sh","-e","/t/s.sh"]');
  const inside = scriptCommand({ script: '', shell: undefined, path: undefined, file: (extension) => `s${extension}` });
  assert.deepEqual(inside.ok && inside.value.argv, ['sh', '-e', 's.sh']);
});

test('a shell that is neither known nor a template is refused', () => {
  assert.equal(
    commandOf('node'),
    'shell "node" is neither bash, sh, python or pwsh nor a template with {0} for the script',
  );
});

test('PowerShell stops at errors, and ends with the status of the last program', () => {
  const made = scriptCommand({ script: 'npm test', shell: 'pwsh', path: '', file: () => 's.ps1' });
  assert.equal(
    made.ok && made.value.content,
    "$ErrorActionPreference = 'stop'\nnpm test\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n",
  );
});

test('arguments are cut as .NET cuts them', () => {
  assert.deepEqual(splitArguments(`a  "b c"\td`), ['a', 'b c', 'd']);
  assert.deepEqual(splitArguments(`'a b' x"y z"w ""`), ["'a", "b'", 'xy zw', '']);
  assert.deepEqual(splitArguments('a\\b "c\\"d" "e\\\\" "f""g"'), ['a\\b', 'c"d', 'e\\', 'f"g']);
});
