/** What a run has loaded when it is over: whatever is not needed by every run costs every run its start. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openTestProject } from './support/gantry-command.ts';

const LISTENER = `
const { registerHooks } = require('node:module');
const { writeFileSync } = require('node:fs');
const files = [];
registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) });
process.on('exit', () => writeFileSync(process.env.LOADED, [files, process.moduleLoadList].map((list) => list.join('\\n')).join('\\n\\n')));
`;

interface Loaded {
  readonly files: readonly string[];
  /** Parts of Node itself, as \`NativeModule http\`. */
  readonly own: readonly string[];
}

async function loadedBy(args: readonly string[]): Promise<Loaded> {
  using project = openTestProject(resolve(import.meta.dirname, 'scenarios/01-fallback-order'));
  const listener = join(project.shared, 'listener.cjs');
  const told = join(project.shared, 'loaded.json');
  writeFileSync(listener, LISTENER);
  const { exitCode, stderr } = await project.gantry(args, { NODE_OPTIONS: `--require=${listener}`, LOADED: told });
  assert.equal(exitCode, 0, stderr);
  const [files = '', own = ''] = readFileSync(told, 'utf8').split('\n\n');
  return { files: files.split('\n'), own: own.split('\n') };
}

for (const args of [['run'], ['plan'], ['check']]) {
  test(`gantry ${args.join(' ')} loads no client or server of HTTP, and no library for schemas`, async () => {
    const { files, own } = await loadedBy(args);
    assert.deepEqual(
      own.filter((name) => /^NativeModule (_?https?\w*|http2|internal\/deps\/undici.*)$/.test(name)),
      [],
    );
    const bundled = files.filter((url) => url.startsWith('file:') && url.endsWith('.js'));
    assert.ok(bundled.length > 1, files.join(' '));
    assert.deepEqual(
      bundled.filter((url) => readFileSync(fileURLToPath(url), 'utf8').includes('ZodError')),
      [],
    );
  });
}

test('what the build has compiled is taken by the commands, and it is what they need', async () => {
  using project = openTestProject(resolve(import.meta.dirname, 'scenarios/01-fallback-order'));
  for (const command of ['run', 'plan', 'check']) {
    const { exitCode, stderr } = await project.gantry([command], { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
    assert.equal(exitCode, 0, stderr);
    const taken = [...stderr.matchAll(/V8 code cache for \w+ \S*\/dist\/(\S+) was accepted/g)].map(([, name]) => name);
    assert.ok(taken.includes('cli.js'), stderr);
    const missed = [...stderr.matchAll(/reading cache from \S+ for \w+ \S*\/dist\/(\S+?)\.\.\.(?!.*success)/g)];
    assert.deepEqual(
      missed.map(([, name]) => name),
      [],
    );
  }
});
