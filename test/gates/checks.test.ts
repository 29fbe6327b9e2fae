/** Every check is shown a repository that is in order, then the same one with a fault in it. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import { openRepository, type Finished, type Repository } from './copy.ts';

let repository: Repository = openRepository();

/** A small program that breaks no rule. */
function plantProgram(into: Repository): void {
  into.write('src/base/greet.ts', 'export function greet(name: string): string {\n  return `hello ${name}`;\n}\n');
  into.write('src/cli/main.ts', "import { greet } from '#base/greet.ts';\n\nconsole.log(greet('world'));\n");
  into.write('README.md', '# A program\n\nSee [the layers](docs/architecture.md#architecture).\n');
}

beforeEach(async () => {
  repository[Symbol.dispose]();
  repository = openRepository();
  plantProgram(repository);
  const written = await repository.script('scripts/layers.ts', []);
  assert.equal(written.status, 0, written.stderr);
  const documented = await repository.script('scripts/docs.ts', []);
  assert.equal(documented.status, 0, documented.stderr);
});

after(() => repository[Symbol.dispose]());

function add(path: string, text: string): void {
  appendFileSync(join(repository.root, path), text);
}

function assertGreen(finished: Finished): void {
  assert.equal(finished.status, 0, finished.stdout + finished.stderr);
}

function assertRed(finished: Finished, saying: RegExp): void {
  assert.equal(finished.status, 1, finished.stdout + finished.stderr);
  assert.match(finished.stdout + finished.stderr, saying);
}

describe('the format check', () => {
  const check = (): Promise<Finished> => repository.tool('prettier', ['--check', 'src', 'docs', 'README.md']);

  test('passes a formatted file and fails one that is not', async () => {
    assertGreen(await check());
    add('src/base/greet.ts', 'export const   x = "double"\n');
    assertRed(await check(), /src\/base\/greet\.ts/);
  });
});

describe('the type check', () => {
  const check = (): Promise<Finished> => repository.tool('tsc', ['-b', '--pretty', 'false']);

  test('fails an error in the code', async () => {
    assertGreen(await check());
    add('src/base/greet.ts', "\nexport const x: number = 'text';\n");
    assert.match((await check()).stdout, /src\/base\/greet\.ts\(5,14\): error TS2322/);
  });

  test('fails an error in a test', async () => {
    repository.write('src/base/greet.test.ts', "import { greet } from './greet.ts';\n\ngreet(1);\n");
    assert.match((await check()).stdout, /src\/base\/greet\.test\.ts\(3,7\): error TS2345/);
  });

  test('fails an element of a list taken for granted', async () => {
    add('src/base/greet.ts', '\nexport const first = (all: string[]): string => all[0];\n');
    assert.match((await check()).stdout, /TS2322/);
  });

  test('fails syntax that Node cannot erase', async () => {
    add('src/base/greet.ts', '\nexport enum Colour {\n  red,\n}\n');
    assert.match((await check()).stdout, /TS1294/);
  });
});

describe('the linter', () => {
  const faults: Readonly<Record<string, string>> = {
    'no-floating-promises': 'export function f(): void {\n  Promise.resolve();\n}',
    'no-misused-promises': 'export const f = (all: number[]): void => all.forEach(async () => {});',
    'await-thenable': 'export const f = async (): Promise<number> => await 1;',
    'no-explicit-any': 'export const f = (x: any): number => x as number;',
    'no-non-null-assertion': 'export const f = (x: string | undefined): string => x!;',
    'no-unsafe-type-assertion': 'export const f = (x: unknown): string => x as string;',
    'no-default-export': 'export default 1;',
    'consistent-type-imports': "import { Stats } from 'node:fs';\n\nexport type X = Stats;",
    'no-console': "console.log('x');\n\nexport const f = 1;",
    eqeqeq: 'export const f = (x: unknown): boolean => x == 1;',
    'max-lines': `${'// line\n'.repeat(401)}export const f = 1;`,
    'max-lines-per-function': `export function f(): void {\n${'  f();\n'.repeat(61)}}`,
    'max-params': 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1): number => a + b + c + d + e;',
    'switch-exhaustiveness-check':
      "export function f(x: 'a' | 'b'): number {\n  switch (x) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}",
    'no-restricted-imports': "import { exec } from 'node:child_process';\n\nexport const f = exec;",
    'filename-case': 'export const f = 1;',
  };

  test('passes a program in order', async () => {
    assertGreen(await repository.tool('oxlint', []));
  });

  test('fails each fault by its name', async () => {
    for (const [rule, code] of Object.entries(faults)) {
      // The one that is about the name of the file gets a name to complain about.
      const name = rule === 'filename-case' ? 'filenameCase' : rule;
      repository.write(`src/stores/${name}.ts`, `${code}\n`);
    }
    const { stdout } = await repository.tool('oxlint', ['--format', 'unix']);
    for (const rule of Object.keys(faults)) {
      const name = rule === 'filename-case' ? 'filenameCase' : rule;
      assert.match(stdout, new RegExp(`src/stores/${name}\\.ts:.*\\(${rule}\\)`), `${rule} is seen`);
    }
  });

  test('fails the promise that a test forgets', async () => {
    const code = "import { test } from 'node:test';\n\ntest('x', () => {\n  Promise.resolve();\n});\n";
    repository.write('src/base/greet.test.ts', code);
    assertRed(await repository.tool('oxlint', ['--format', 'unix']), /greet\.test\.ts:4:.*no-floating-promises/);
  });
});

describe('knip', () => {
  // The copy uses none of the dependencies: that is not what is tried here.
  const check = (): Promise<Finished> =>
    repository.tool('knip', ['--include', 'files,exports,types,unlisted,unresolved', '--no-config-hints']);

  test('passes a program where everything is used, and fails an export that nobody uses', async () => {
    repository.write('test/greet.test.ts', "import '../src/base/greet.ts';\n");
    assertGreen(await check());
    add('src/base/greet.ts', '\nexport const unused = 1;\n');
    assertRed(await check(), /unused +src\/base\/greet\.ts/);
  });

  test('fails a file that nobody imports', async () => {
    repository.write('src/base/alone.ts', 'export const x = 1;\n');
    assertRed(await check(), /src\/base\/alone\.ts/);
  });

  test('fails a dependency that package.json does not name', async () => {
    add('src/base/greet.ts', "\nimport 'left-pad';\n");
    assertRed(await check(), /left-pad/);
  });
});

describe('the check of the walls', () => {
  const check = (): Promise<Finished> => repository.script('scripts/layers.ts', ['--check']);

  test('passes what the table would write', async () => assertGreen(await check()));

  for (const path of ['src/base/tsconfig.json', 'tsconfig.json', '.oxlintrc.json']) {
    test(`fails when ${path} was changed by hand`, async () => {
      add(path, '\n');
      assertRed(await check(), new RegExp(`${path.replaceAll('.', '\\.')} differs`));
    });
  }

  test('fails when the table in the documentation says something else', async () => {
    const page = readFileSync(join(repository.root, 'docs/architecture.md'), 'utf8');
    repository.write('docs/architecture.md', page.replace('tiny pure pieces', 'all sorts of things'));
    assertRed(await check(), /docs\/architecture\.md differs/);
  });

  test('fails a folder that stands in no row', async () => {
    repository.write('src/utils/anything.ts', 'export const x = 1;\n');
    assertRed(await check(), /src\/utils stands in no row/);
  });
});

describe('the check of the documentation', () => {
  const check = (): Promise<Finished> => repository.script('scripts/docs.ts', ['--check']);

  test('passes links that lead somewhere', async () => assertGreen(await check()));

  test('fails a link to a file or a heading that is not there', async () => {
    add('README.md', '\n[gone](docs/gone.md)\n\n[no heading](docs/architecture.md#nowhere)\n');
    const finished = await check();
    assertRed(finished, /README\.md:5 link "docs\/gone\.md" leads nowhere/);
    assertRed(finished, /README\.md:7 link "docs\/architecture\.md#nowhere" leads nowhere/);
  });

  test('fails when a code changed and its page did not', async () => {
    repository.write('src/workflow/codes.ts', "export const CODES = { WF001: { title: 'a | b', cure: 'do c' } };\n");
    assertRed(await check(), /docs\/errors\.md differs/);
    assertGreen(await repository.script('scripts/docs.ts', []));
    assertGreen(await check());
    assert.match(
      readFileSync(join(repository.root, 'docs/errors.md'), 'utf8'),
      /\| `WF001` \| a \\\| b\s+\| do c\s+\|/,
    );
  });

  test('fails when a command changed and its page did not', async () => {
    repository.write('src/cli/main.ts', "console.log('Usage: gantry [something new]');\n");
    assertRed(await check(), /docs\/cli\.md differs/);
    assertGreen(await repository.script('scripts/docs.ts', []));
    assert.match(readFileSync(join(repository.root, 'docs/cli.md'), 'utf8'), /Usage: gantry \[something new\]/);
  });
});

describe('the test run', () => {
  const passing = "import { test } from 'node:test';\n\ntest('one', () => {});\n";
  const run = (...args: readonly string[]): Promise<Finished> =>
    repository.script('scripts/test.ts', args, { CI: 'false' });
  const lastLine = (finished: Finished): string => finished.stdout.trimEnd().split('\n').at(-1) ?? '';

  test('passes when tests ran and passed', async () => {
    repository.write('src/base/greet.test.ts', passing);
    const finished = await run('--no-skips');
    assertGreen(finished);
    assert.equal(lastLine(finished), '1 passed, 0 failed, 0 skipped');
  });

  test('fails when a test failed, and says which and where', async () => {
    const failing =
      "import { describe, test } from 'node:test';\n\ndescribe('a', () => {\n  test('b', () => {\n    throw new Error('broken');\n  });\n});\n";
    repository.write('src/base/greet.test.ts', passing + failing.replace('describe, test', 'describe'));
    const finished = await run();
    assertRed(finished, /✗ a › b\n {2}at src\/base\/greet\.test\.ts:7\n {4}Error: broken/);
    assert.equal(lastLine(finished), '1 passed, 1 failed, 0 skipped');
  });

  test('fails when none ran', async () => {
    assertRed(await run(), /No test ran\.\n\n0 passed, 0 failed, 0 skipped/);
  });

  test('fails a file that holds no test, that does not load, or that ends by itself', async () => {
    repository.write('src/base/empty.test.ts', 'export const x = 1;\n');
    repository.write('src/base/unloaded.test.ts', "import './nowhere.ts';\n");
    repository.write('src/base/exits.test.ts', `${passing}process.on('exit', () => {\n  process.exitCode = 3;\n});\n`);
    const finished = await run();
    assertRed(finished, /✗ src\/base\/empty\.test\.ts\n.*\n {4}it holds no test/);
    assertRed(finished, /✗ src\/base\/unloaded\.test\.ts\n.*\n {4}its process ended: exit code 1/);
    assertRed(finished, /✗ src\/base\/exits\.test\.ts\n.*\n {4}its process ended: exit code 3/);
    assertRed(finished, /Cannot find module/);
    assert.equal(lastLine(finished), '1 passed, 3 failed, 0 skipped');
  });

  test('fails a skipped test by name in CI and on demand, and lets it pass on a desk', async () => {
    const skipping = "test('two', (t) => t.skip('no docker here'));\n\ntest.todo('three');\n";
    repository.write('src/base/greet.test.ts', `${passing}\n${skipping}`);
    const named = /- two \(src\/base\/greet\.test\.ts:5\): no docker here\n- three \(src\/base\/greet\.test\.ts:7\)/;
    assertRed(await run('--no-skips'), named);
    assertRed(await repository.script('scripts/test.ts', [], { CI: 'true' }), named);
    const atDesk = await run();
    assertGreen(atDesk);
    assert.equal(lastLine(atDesk), '1 passed, 0 failed, 2 skipped');
  });
});
