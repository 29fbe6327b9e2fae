/** The scripts that complete commands, asked as a shell asks them. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';

const GANTRY = resolve(import.meta.dirname, '../bin/gantry');

function script(shell: string): string {
  return execFileSync(GANTRY, ['completion', shell], { encoding: 'utf8' });
}

/** What Bash offers for the last word. */
function completions(...words: readonly string[]): readonly string[] {
  const typed = words.map((word) => `'${word}'`).join(' ');
  const ask = `eval "$1"; COMP_WORDS=(gantry ${typed}); COMP_CWORD=${words.length}; _gantry; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', ask, 'bash', script('bash')], { encoding: 'utf8', cwd: import.meta.dirname })
    .trim()
    .split('\n');
}

test('Bash is offered commands, their options, what is under them, and what an option can be', () => {
  assert.deepEqual(completions('ru').toSorted(), ['run', 'runs']);
  assert.deepEqual(completions('run', '--sec').toSorted(), ['--secret', '--secret-file']);
  assert.deepEqual(completions('export', ''), ['github', '--help', '-h']);
  assert.deepEqual(completions('export', 'github', '--ch'), ['--check']);
  assert.deepEqual(completions('show', '--format', 'm'), ['markdown']);
  assert.deepEqual(completions('run', 'completion.t'), ['completion.test.ts']);
});

test('a word that is no command changes nothing about the command before it', () => {
  assert.deepEqual(completions('run', 'gantry.yml', '--dir').toSorted(), ['--dirty']);
});

test('zsh and fish get scripts of their own, which name every command', () => {
  const commands = ['init', 'check', 'plan', 'run', 'export', 'schema', 'completion', 'status'];
  for (const [shell, begins] of [
    ['zsh', '#compdef gantry\n'],
    ['fish', '# gantry completion fish | source\n'],
  ] as const) {
    const text = script(shell);
    assert.ok(text.startsWith(begins), text.slice(0, 80));
    for (const command of commands) assert.match(text, new RegExp(`\\b${command}\\b`), `${shell} ${command}`);
  }
  assert.match(
    script('fish'),
    /^complete -c gantry -n '__fish_seen_subcommand_from run' -l dirty -d 'take uncommitted changes along'$/m,
  );
});

test('another shell is refused, and those that are known are named', () => {
  const refused = spawnSync(GANTRY, ['completion', 'tcsh'], { encoding: 'utf8' });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /Allowed choices are bash, zsh, fish/);
});
