/** bin/gantry and the bundle it starts, on a program small enough to see through. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openRepository, type Repository } from './gates/copy.ts';

let repository: Repository;

beforeEach(() => {
  repository = openRepository();
  repository.write('src/cli/lazy.ts', "export const said = 'lazily';\n");
  repository.write(
    'src/cli/main.ts',
    `import { DatabaseSync } from 'node:sqlite';
const [how] = process.argv.slice(2);
const from = import.meta.filename.endsWith('.ts') ? 'source' : 'bundle';
new DatabaseSync(':memory:').close();
console.log(how === 'lazy' ? (await import('./lazy.ts')).said : from, process.argv.slice(2).join(','));
`,
  );
});

afterEach(() => repository[Symbol.dispose]());

const inRepository = (path: string): string => join(repository.root, path);
const chunks = (): readonly string[] =>
  readdirSync(inRepository('dist'))
    .filter((name) => name.endsWith('.js'))
    .toSorted();

/** The machine as the launcher sees it when the package brings no Node: only what is on the path. */
function replaceNode(script: string): string {
  rmSync(inRepository('node_modules'));
  repository.write('path/node', `#!/bin/sh\n${script}\n`);
  chmodSync(inRepository('path/node'), 0o755);
  return `${inRepository('path')}:/usr/bin:/bin`;
}

test('the bundle runs, with its arguments, without a warning, from any folder and through links', async () => {
  const built = await repository.script('scripts/build.ts', []);
  assert.equal(built.status, 0, built.stderr);
  symlinkSync('bin/gantry', inRepository('first'));
  symlinkSync(inRepository('first'), inRepository('src/second'));
  for (const path of ['bin/gantry', 'first', 'src/second']) {
    const { status, stdout, stderr } = await repository.run(inRepository(path), ['a b', 'c']);
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'bundle a b,c\n', stderr: '' });
  }
});

test('what is imported lazily is a file of its own, and one that nobody needs any more goes away', async () => {
  await repository.script('scripts/build.ts', []);
  const before = chunks();
  assert.match(before.join(' '), /^cli\.js lazy-\w+\.js main\.js$/);
  assert.equal((await repository.run(inRepository('bin/gantry'), ['lazy'])).stdout, 'lazily lazy\n');
  repository.write('src/cli/lazy.ts', "export const said = 'in other words';\n");
  await repository.script('scripts/build.ts', []);
  assert.equal(chunks().length, before.length);
  assert.notDeepEqual(chunks(), before);
});

test('without a bundle, or when asked to, the source runs', async () => {
  assert.equal((await repository.run(inRepository('bin/gantry'), [])).stdout, 'source \n');
  await repository.script('scripts/build.ts', []);
  const asked = await repository.run(inRepository('bin/gantry'), [], { GANTRY_FROM_SOURCE: '1' });
  assert.equal(asked.stdout, 'source \n');
});

test('a Node that is too old is named, with what to do', async () => {
  const path = replaceNode('echo v20.19.0');
  const { status, stderr } = await repository.run(inRepository('bin/gantry'), ['--version'], { PATH: path });
  assert.equal(status, 20);
  assert.equal(stderr, 'gantry: needs Node.js 24 or newer and found v20.19.0; install it from https://nodejs.org\n');
});

test('no Node at all is said the same way', async () => {
  const path = replaceNode('exit 127');
  const { status, stderr } = await repository.run(inRepository('bin/gantry'), ['--version'], { PATH: path });
  assert.equal(status, 20);
  assert.match(stderr, /found none/);
});

test('a Node on the path that is new enough is used', async () => {
  const path = replaceNode(`exec ${join(dirname(process.execPath), 'node')} "$@"`);
  const { stdout, stderr } = await repository.run(inRepository('bin/gantry'), ['x'], { PATH: path });
  assert.deepEqual({ stdout, stderr }, { stdout: 'source x\n', stderr: '' });
});
