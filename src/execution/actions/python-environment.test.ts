import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CommandResult, CommandSpec } from './native-action.ts';
import { makePythonEnvironment } from './python-environment.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-python-environment-'));
const templates = join(root, 'templates');
after(() => rmSync(root, { recursive: true, force: true }));

async function run({ argv: [program, ...args] }: CommandSpec): Promise<CommandResult> {
  return new Promise((done) => {
    execFile(program, args, (error, stdout, stderr) => done({ ok: error === null, stdout, why: stderr }));
  });
}

async function make(name: string): Promise<string> {
  const folder = join(root, name);
  const made = await makePythonEnvironment({ interpreter: 'python3', folder, templates, run });
  assert.ok(made.ok, made.why);
  return folder;
}

function sitePackages(environment: string): string {
  const [python = ''] = readdirSync(join(environment, 'lib'));
  return join(environment, 'lib', python, 'site-packages');
}

/** Every way to pip works, and is that of the environment. */
function assertPipIsIn(folder: string): void {
  const commands = ['pip', 'pip3'].map((name) => [join(folder, 'bin', name)]);
  for (const [program = '', ...args] of [...commands, [join(folder, 'bin', 'python'), '-m', 'pip']]) {
    const told = execFileSync(program, [...args, '--version'], { encoding: 'utf8' });
    assert.ok(told.includes(join(sitePackages(folder), 'pip')), told);
  }
  const script = `. "${join(folder, 'bin', 'activate')}"; command -v pip; echo "$VIRTUAL_ENV"`;
  const told = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
  assert.equal(told, `${join(folder, 'bin', 'pip')}\n${folder}\n`);
}

test('the second environment of an interpreter copies what the first had installed, also to a place with a blank', async () => {
  assertPipIsIn(await make('first'));
  const [template = ''] = readdirSync(templates);
  writeFileSync(join(sitePackages(join(templates, template)), 'marker'), '');
  const second = await make('the second');
  assert.ok(existsSync(join(sitePackages(second), 'marker')));
  assertPipIsIn(second);
});

test('a template of the interpreter before its upgrade is not used, and goes', async () => {
  const [template = ''] = readdirSync(templates);
  const older = `${template.split('-')[0] ?? ''}-0000000000000000`;
  renameSync(join(templates, template), join(templates, older));
  const folder = await make('upgraded');
  assert.ok(!existsSync(join(sitePackages(folder), 'marker')));
  assert.deepEqual(readdirSync(templates), [template]);
});

test('a template that is not whole is made again', async () => {
  const [template = ''] = readdirSync(templates);
  rmSync(join(templates, template, 'lib'), { recursive: true });
  assertPipIsIn(await make('repaired'));
  assert.ok(existsSync(join(templates, template, 'lib')));
});

test('two at once without a template are both whole, and leave one', async () => {
  rmSync(templates, { recursive: true });
  const both = await Promise.all([make('left'), make('right')]);
  for (const folder of both) assertPipIsIn(folder);
  assert.equal(readdirSync(templates).length, 1);
});
