/** `gantry audit` as it is used: the built command, on a folder. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, test } from 'node:test';
import { writeFiles } from '#test/support/write-files.ts';

const GANTRY = resolve(import.meta.dirname, '../bin/gantry');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-audit-'));
  folders.push(folder);
  writeFiles(folder, files);
  return folder;
}

function audit(folder: string, ...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NO_COLOR: '1' };
  return spawnSync(GANTRY, ['audit', ...args], { cwd: folder, env, encoding: 'utf8' });
}

const workflow = (script: string): Readonly<Record<string, string>> => ({
  '.github/workflows/ci.yml': `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n      - run: |\n${script.replaceAll(/^/gm, '          ')}\n`,
});

test('a mask is told with its line, what to write instead, and the score', () => {
  const { status, stdout } = audit(project(workflow('cd src\npytest || true')));
  assert.equal(status, 1);
  assert.equal(
    stdout,
    [
      'gate  AU001 .github/workflows/ci.yml:9 `pytest` cannot fail: `|| true` hides it',
      '  9 |           pytest || true',
      '  instead: pytest',
      '',
      '1 gate',
      '1 of 2 checks in this pipeline cannot fail',
      '',
    ].join('\n'),
  );
});

test('a pipeline that can fail is said to', () => {
  const { status, stdout } = audit(project(workflow('pytest')));
  assert.equal(status, 0);
  assert.equal(stdout, 'nothing found\n0 of 2 checks in this pipeline cannot fail\n');
});

test('--fix shows a patch that git takes, and changes nothing until it is asked to', () => {
  const folder = project(workflow('pytest || true'));
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  const before = readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8');
  const { status, stdout } = audit(folder, '--fix');
  assert.equal(status, 0);
  assert.equal(readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8'), before);
  execFileSync('git', ['apply', '--check', '-'], { cwd: folder, input: stdout });
  audit(folder, '--fix', '--apply');
  assert.equal(readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8'), before.replace(' || true', ''));
  assert.equal(audit(folder).status, 0);
});

test('a baseline keeps what was there quiet, also when its line moves, and tells what is new', () => {
  const folder = project(workflow('pytest || true'));
  assert.equal(audit(folder, '--update-baseline').status, 0);
  assert.equal(audit(folder).status, 0);
  const moved = workflow('echo begin\npytest || true\nflake8 || true');
  writeFileSync(join(folder, '.github/workflows/ci.yml'), moved['.github/workflows/ci.yml'] ?? '');
  const { status, stdout } = audit(folder, '--format', 'text');
  assert.equal(status, 1);
  assert.match(stdout, /`flake8` cannot fail/);
  assert.doesNotMatch(stdout, /`pytest` cannot fail/);
});

test('a comment puts a finding off until its day, and only with a reason', () => {
  const put = (comment: string): number | null => audit(project(workflow(`${comment}\npytest || true`))).status;
  assert.equal(put('# gantry-audit: AU001 until 2999-01-01: the suite is being rewritten'), 0);
  assert.equal(put('# gantry-audit: AU001 until 2020-01-01: the suite is being rewritten'), 1);
  assert.equal(put('# gantry-audit: AU001 until 2999-01-01:'), 1);
  assert.equal(put('# gantry-audit: AU002 until 2999-01-01: another rule'), 1);
});

test('the same findings as JSON and as SARIF', () => {
  const folder = project(workflow('pytest || true'));
  const json: unknown = JSON.parse(audit(folder, '--format', 'json').stdout);
  assert.deepEqual(json, {
    version: 1,
    findings: [
      {
        rule: 'AU001',
        severity: 'gate',
        file: '.github/workflows/ci.yml',
        line: 8,
        endLine: 8,
        message: '`pytest` cannot fail: `|| true` hides it',
        fix: 'pytest',
      },
    ],
    score: { checks: 2, cannotFail: 1 },
  });
  assert.match(audit(folder, '--format', 'sarif').stdout, /"ruleId": "AU001",\n {10}"level": "error"/);
});

test('a folder that is not there is a mistake of usage', () => {
  const { status, stderr } = audit(project({}), 'nowhere');
  assert.equal(status, 2);
  assert.match(stderr, /there is no folder/);
});
