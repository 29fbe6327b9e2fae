// What is said of the code of a typed pipeline, by the built command, in the words that its author sees.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { CODES } from '#workflow/codes.ts';
import { evaluatePipeline } from '#execution/typed/evaluate-pipeline.ts';
import { openTestProject } from './support/gantry-command.ts';

interface Mistake {
  readonly name: string;
  readonly code: keyof typeof CODES;
  readonly files: Readonly<Record<string, string>>;
  /** Everything that `gantry check` prints before the count. */
  readonly shown: string;
}

const job = "{ 'runs-on': 'linux', steps: [{ run: 'true' }] }";

const mistakes: readonly Mistake[] = [
  {
    name: 'syntax that is not TypeScript',
    code: 'WF170',
    files: { 'gantry.ts': 'export default {\n  on: : 1,\n};\n' },
    shown: `WF170 gantry.ts:2:7 expression expected
   2 |   on: : 1,
     |       ~
  cure: mend the code at this place; what is not only a type, such as an enum, cannot be used`,
  },
  {
    name: 'syntax that is more than types',
    code: 'WF170',
    files: { 'gantry.ts': 'enum Level { Low }\nexport default {};\n' },
    shown: `WF170 gantry.ts:1:1 TypeScript enum is not supported in strip-only mode
   1 | enum Level { Low }
     | ~~~~~~~~~~~~~~~~~~
  cure: mend the code at this place; what is not only a type, such as an enum, cannot be used`,
  },
  {
    name: 'syntax that only the engine refuses',
    code: 'WF170',
    files: { 'gantry.ts': 'const a = 1;\nconst a = 2;\nexport default a;\n' },
    shown: `WF170 gantry.ts:2:7 Identifier 'a' has already been declared
   2 | const a = 2;
     |       ~
  cure: mend the code at this place; what is not only a type, such as an enum, cannot be used`,
  },
  {
    name: 'syntax of a file that is imported',
    code: 'WF170',
    files: { 'gantry.ts': "import './ci/a.ts';\nexport default {};\n", 'ci/a.ts': '\nconst = 1;\n' },
    shown: `WF170 ci/a.ts:2:7 unexpected token \`=\`. Expected yield, an identifier, [ or {
   2 | const = 1;
     |       ~
  cure: mend the code at this place; what is not only a type, such as an enum, cannot be used`,
  },
  {
    name: 'an error that is thrown',
    code: 'WF171',
    files: {
      'gantry.ts':
        "function find(): never {\n  throw new Error('no such thing\\nsecond line');\n}\nexport default find();\n",
    },
    shown: `WF171 gantry.ts:2:9 the pipeline throws an error: no such thing
   2 |   throw new Error('no such thing\\nsecond line');
     |         ~
  cure: mend the code at this place`,
  },
  {
    name: 'an error of a file that is imported',
    code: 'WF171',
    files: {
      'gantry.ts': "import { a } from './ci/a.ts';\nexport default a;\n",
      'ci/a.ts': 'export const a = null.b;\n',
    },
    shown: `WF171 ci/a.ts:1:23 the pipeline throws TypeError: Cannot read properties of null (reading 'b')
   1 | export const a = null.b;
     |                       ~
  cure: mend the code at this place`,
  },
  {
    name: 'no default export',
    code: 'WF172',
    files: { 'gantry.ts': 'export const a = 1;\n' },
    shown: `WF172 gantry.ts:1:1 the file has no default export
   1 | export const a = 1;
     | ~
  cure: write "export default pipeline({ … })"`,
  },
  {
    name: 'values that are no data',
    code: 'WF173',
    files: {
      'gantry.ts': `const jobs: Record<string, unknown> = { a: ${job} };
jobs.self = jobs;
export default {
  on: 'push',
  env: { A: undefined, B: () => 1, C: new Map() },
  jobs,
};
`,
    },
    shown: `WF173 gantry.ts:1:39 jobs.self is the object that holds it; a pipeline holds texts, numbers, booleans, null, lists and mappings
   1 | const jobs: Record<string, unknown> = { a: { 'runs-on': 'linux', steps: [{ run: 'true' }] } };
     |                                       ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  cure: a pipeline is a tree: repeat what is meant

WF173 gantry.ts:5:13 env.A is undefined; a pipeline holds texts, numbers, booleans, null, lists and mappings
   5 |   env: { A: undefined, B: () => 1, C: new Map() },
     |             ~~~~~~~~~
  cure: leave the key out: ...(condition && { key: value })

WF173 gantry.ts:5:27 env.B is a function; a pipeline holds texts, numbers, booleans, null, lists and mappings
   5 |   env: { A: undefined, B: () => 1, C: new Map() },
     |                           ~~~~~~~
  cure: call it, and use what it gives

WF173 gantry.ts:5:39 env.C is an instance of Map; a pipeline holds texts, numbers, booleans, null, lists and mappings
   5 |   env: { A: undefined, B: () => 1, C: new Map() },
     |                                       ~~~~~~~~~
  cure: give the value itself`,
  },
  {
    name: 'a function in the place of the pipeline',
    code: 'WF173',
    files: { 'gantry.ts': "export default () => ({ on: 'push' });\n" },
    shown: `WF173 gantry.ts:1:16 the default export is a function; a pipeline holds texts, numbers, booleans, null, lists and mappings
   1 | export default () => ({ on: 'push' });
     |                ~~~~~~~~~~~~~~~~~~~~~~
  cure: call it, and use what it gives`,
  },
  {
    name: 'a process that is ended',
    code: 'WF174',
    files: { 'gantry.ts': 'process.exit(0);\nexport default {};\n' },
    shown: `WF174 gantry.ts:1:1 the pipeline ended its process, or waits for something that never comes
   1 | process.exit(0);
     | ~
  cure: a pipeline only makes data: take out what waits, loops on or ends the process`,
  },
  {
    name: 'a module of Node that reaches out',
    code: 'WF175',
    files: { 'gantry.ts': "import { execSync } from 'node:child_process';\nexport default execSync('id');\n" },
    shown: `WF175 gantry.ts:1:26 a pipeline cannot use "node:child_process": it only makes data
   1 | import { execSync } from 'node:child_process';
     |                          ~~~~~~~~~~~~~~~~~~~~
  cure: do this in a step; the files of the project can be imported, JSON too`,
  },
  {
    name: 'a file outside the project',
    code: 'WF175',
    files: { 'gantry.ts': "export default await import('../outside.ts');\n" },
    shown: `WF175 gantry.ts:1:29 "../outside.ts" lies outside the project
   1 | export default await import('../outside.ts');
     |                             ~~~~~~~~~~~~~~~
  cure: import only files of the project`,
  },
  {
    name: 'a file that is not there under this name',
    code: 'WF176',
    files: { 'gantry.ts': "import { a } from './ci/a';\nexport default a;\n", 'ci/a.ts': 'export const a = {};\n' },
    shown: `WF176 gantry.ts:1:19 there is no file "./ci/a"
   1 | import { a } from './ci/a';
     |                   ~~~~~~~~
  cure: write "./ci/a.ts", the whole name of the file`,
  },
  {
    name: 'a package that is not there',
    code: 'WF176',
    files: { 'gantry.ts': "import { a } from 'a-package';\nexport default a;\n" },
    shown: `WF176 gantry.ts:1:19 there is no package "a-package" in the project
   1 | import { a } from 'a-package';
     |                   ~~~~~~~~~~~
  cure: correct the name, or add the file`,
  },
  {
    name: 'a name that gantry does not export',
    code: 'WF176',
    files: { 'gantry.ts': "import {\n  pipelin,\n} from 'gantry';\nexport default pipelin({});\n" },
    shown: `WF176 gantry.ts:2:3 "gantry" has no export "pipelin"
   2 |   pipelin,
     |   ~~~~~~~
  cure: correct the name, or add the file`,
  },
  {
    name: 'printing, which is let be and told',
    code: 'WF177',
    files: {
      'gantry.ts': `console.log('here', process.env, typeof fetch);\nexport default { on: 'push', jobs: { a: ${job} } };\n`,
    },
    shown: `WF177 gantry.ts:1:1 warning: the pipeline prints "here {} undefined", which nobody reads
   1 | console.log('here', process.env, typeof fetch);
     | ~
  cure: take it out; what should be seen can be a step`,
  },
];

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

for (const { name, code, files, shown } of mistakes) {
  test(`${code}: ${name}`, async () => {
    using source = mkdtempDisposableSync(join(tmpdir(), 'gantry-typed-'));
    write(source.path, files);
    using project = openTestProject(source.path);
    const { stdout, stderr } = await project.gantry(['check']);
    assert.equal(stderr, '');
    assert.equal(stdout.replace(/\n+1 file: .*\n$/, ''), shown);
  });
}

test('every code of typed pipelines has an example', () => {
  const shown = new Set<string>(mistakes.map((each) => each.code));
  assert.deepEqual(
    Object.keys(CODES).filter((code) => code.startsWith('WF17') && !shown.has(code)),
    [],
  );
});

test('a pipeline that does not end is ended', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'gantry-typed-'));
  const file = join(folder.path, 'gantry.ts');
  const text = 'for (;;) {}\n';
  writeFileSync(file, text);
  const evaluation = await evaluatePipeline({ file, text, root: folder.path, limitMs: 300 });
  assert.deepEqual(evaluation, { kind: 'no-end', why: 'the pipeline was not evaluated within 0.3 s' });
});

test('a pipeline that wants all memory does not get it', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'gantry-typed-'));
  const file = join(folder.path, 'gantry.ts');
  const text = 'const kept: number[][] = [];\nfor (;;) kept.push(new Array(1e6).fill(1));\n';
  writeFileSync(file, text);
  const evaluation = await evaluatePipeline({ file, text, root: folder.path });
  assert.deepEqual(evaluation, { kind: 'no-end', why: 'the pipeline needs more than 256 MB of memory' });
});

test('a link in the project leads nowhere outside of it', async () => {
  using outside = mkdtempDisposableSync(join(tmpdir(), 'gantry-outside-'));
  writeFileSync(join(outside.path, 'secret.json'), '{"password":"x"}');
  using folder = mkdtempDisposableSync(join(tmpdir(), 'gantry-typed-'));
  symlinkSync(outside.path, join(folder.path, 'link'));
  const file = join(folder.path, 'gantry.ts');
  const text = "import secret from './link/secret.json' with { type: 'json' };\nexport default secret;\n";
  writeFileSync(file, text);
  const evaluation = await evaluatePipeline({ file, text, root: folder.path });
  assert.ok(evaluation.kind === 'problem');
  assert.equal(evaluation.message, '"./link/secret.json" lies outside the project');
});

const reaching: Readonly<Record<string, string>> = {
  'a module by another name': "await import('fs')",
  'a module by process': "process.getBuiltinModule('fs')",
  'a module by a data: address': 'await import(\'data:text/javascript,export * from "node:fs"\')',
  'require of a module made by a data: address':
    'await import(\'data:text/javascript,import { createRequire } from "node:module"\')',
  'the binding of a socket': "process.binding('tcp_wrap')",
  'the network': "await fetch('http://127.0.0.1:9')",
  'another process': 'process.kill(process.ppid)',
  'the socket of the console': "new console._stdout.constructor().connect(9, '127.0.0.1')",
  'the network by the classes of fetch': "new Request('http://127.0.0.1:9')",
  'all of Node by a module of the old kind': "(await import('./old.cjs')).default",
  'all of Node by the loader of a package': "(await import('old')).default",
};

for (const [name, code] of Object.entries(reaching)) {
  test(`out of reach for a pipeline: ${name}`, async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'gantry-typed-'));
    const file = join(folder.path, 'gantry.ts');
    write(folder.path, {
      'old.cjs': "module.exports = module.constructor._load('node:net');",
      'node_modules/old/package.json': '{"name":"old","main":"index.js"}',
      'node_modules/old/index.js': "module.exports = module.constructor._load('node:net');",
    });
    const text = `const reached: any = ${code};\nexport default { reached: String(reached) };\n`;
    writeFileSync(file, text);
    const evaluation = await evaluatePipeline({ file, text, root: folder.path });
    assert.equal(evaluation.kind, 'problem', JSON.stringify(evaluation));
  });
}

test('what is planned and exported of a typed pipeline is what is of its YAML twin', async () => {
  const outputs = await Promise.all(
    ['ts', 'yml'].map(async (ending) => {
      using source = mkdtempDisposableSync(join(tmpdir(), 'gantry-typed-'));
      const text = readFileSync(join(import.meta.dirname, `fixtures/typed/pairs/valid.${ending}`), 'utf8');
      write(source.path, { [`gantry.${ending}`]: text });
      using project = openTestProject(source.path);
      const plan = await project.gantry(['plan', '--format', 'json']);
      const exported = await project.gantry(['export', 'github', '--no-pin', '--output', '-']);
      assert.deepEqual([plan.exitCode, exported.exitCode], [0, 0], plan.stderr + exported.stderr);
      return `${plan.stdout}${exported.stdout}`.replaceAll(`gantry.${ending}`, 'gantry');
    }),
  );
  assert.match(outputs[0] ?? '', /gantry run --job deploy/);
  assert.equal(outputs[0], outputs[1]);
});

test('nothing of typed pipelines is loaded for one in YAML', () => {
  const dist = join(import.meta.dirname, '../dist');
  const chunks = readdirSync(dist).filter((name) => name.endsWith('.js'));
  const parsers = chunks.filter((name) => readFileSync(join(dist, name), 'utf8').includes('Assigning to rvalue'));
  assert.equal(parsers.length, 1);
  const [parser = ''] = parsers;
  const eager = chunks.filter((name) => readFileSync(join(dist, name), 'utf8').includes(`from "./${parser}"`));
  assert.match(parser, /^read-typed-/);
  assert.deepEqual(eager, []);
});
