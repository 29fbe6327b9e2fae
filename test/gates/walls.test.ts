/** Every wall of scripts/layer-table.ts is walked into once, and must hold: in the linter and in the compiler. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { layers, type Layer } from '../../scripts/layer-table.ts';
import { openRepository, type Repository } from './copy.ts';

/** Code that only a layer with a machine under it may hold, and the name the linter knows the offence by. */
const impurities: Readonly<Record<string, readonly [code: string, rule: string]>> = {
  'node-module': [`import { readFileSync } from 'node:fs';\nexport const x = readFileSync;`, 'no-restricted-imports'],
  'bare-node-module': [`import { readFileSync } from 'fs';\nexport const x = readFileSync;`, 'prefer-node-protocol'],
  clock: ['export const x = Date.now();', 'no-restricted-properties'],
  date: ['export const x = new Date();', 'no-restricted-globals'],
  random: ['export const x = Math.random();', 'no-restricted-properties'],
  environment: ['export const x = process.env;', 'no-restricted-globals'],
  console: [`console.log('x');\nexport const x = 1;`, 'no-restricted-globals'],
  timer: ['export const x = setTimeout;', 'no-restricted-globals'],
  throw: [`export function x(): never {\n  throw new Error('x');\n}`, 'no-throw'],
};

/** Impurities that the compiler sees as well: what the language itself has (Date, Math, throw), it cannot. */
const unknownToTheCompiler = ['node-module', 'bare-node-module', 'environment', 'console', 'timer'];

const forbidden = (layer: Layer): readonly Layer[] =>
  layers.filter((other) => other !== layer && !layer.mayImport.includes(other.path));
/** Layers that the compiler lets through, because a project it refers to refers to them: there, oxlint stands alone. */
const withinReach = (layer: Layer): ReadonlySet<string> =>
  new Set(
    layers
      .filter((other) => layer.mayImport.includes(other.path))
      .flatMap((other) => [other.path, ...withinReach(other)]),
  );
const slug = (path: string): string => path.replaceAll('/', '-');
const folder = (layer: Layer): string => `src/${layer.path}`;
const upFrom = (from: string, layer: Layer): string => {
  const path = relative(from, `${folder(layer)}/target.ts`);
  return path.startsWith('.') ? path : `./${path}`;
};
const importing = (specifier: string): string => `import { target } from '${specifier}';\nexport const x = target;\n`;

let repository: Repository;
let linted: ReadonlyMap<string, readonly string[]>;
let compiled: ReadonlyMap<string, readonly string[]>;
let trespasses: ReadonlySet<string>;

before(async () => {
  repository = openRepository();
  for (const layer of layers) mkdirSync(join(repository.root, folder(layer)), { recursive: true });
  const written = await repository.script('scripts/layers.ts', []);
  assert.equal(written.status, 0, written.stderr);
  for (const layer of layers) plant(repository, layer);
  linted = await lint(repository);
  const { stdout } = await repository.tool('tsc', ['-b', '--pretty', 'false']);
  compiled = errorsByFile(stdout);
  trespasses = seenTrespasses(stdout);
});

after(() => repository[Symbol.dispose]());

function plant(into: Repository, layer: Layer): void {
  const here = folder(layer);
  into.write(`${here}/target.ts`, 'export const target = 1;\n');
  into.write(`${here}/inside.ts`, importing('./target.ts'));
  into.write(`${here}/deep/er/inside.ts`, importing('../../target.ts'));
  into.write(`${here}/to-itself.ts`, importing(`#${layer.path}/target.ts`));
  into.write(`${here}/outside.test.ts`, importing('#cli/target.ts'));
  for (const path of layer.mayImport) into.write(`${here}/allowed-${slug(path)}.ts`, importing(`#${path}/target.ts`));
  for (const other of forbidden(layer)) {
    const name = slug(other.path);
    into.write(`${here}/to-${name}.ts`, importing(`#${other.path}/target.ts`));
    into.write(`${here}/type-${name}.ts`, `export type { target } from '#${other.path}/target.ts';\n`);
    into.write(`${here}/relative-${name}.ts`, importing(upFrom(here, other)));
    into.write(`${here}/deep/er/relative-${name}.ts`, importing(upFrom(`${here}/deep/er`, other)));
    into.write(`${here}/lazy-${name}.ts`, `export const x = (): unknown => import('#${other.path}/target.ts');\n`);
    into.write(`${here}/lazy-type-${name}.ts`, `export type X = typeof import('#${other.path}/target.ts');\n`);
  }
  if (!layer.pure) return;
  for (const [name, [code]] of Object.entries(impurities)) into.write(`${here}/impure-${name}.ts`, `${code}\n`);
}

/** Rules broken, by file. */
async function lint(within: Repository): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout, stderr } = await within.tool('oxlint', ['--format', 'json', 'src']);
  const report = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) });
  const found = report.safeParse(JSON.parse(stdout));
  assert.ok(found.success, `oxlint reports as JSON; it said: ${stdout.slice(0, 500)} ${stderr}`);
  const byFile = Map.groupBy(found.data.diagnostics, (one) => one.filename);
  return new Map([...byFile].map(([file, all]) => [file, all.map((one) => one.code)]));
}

/**
 * Which layer's project pulled in a file of which other one. The compiler looks at the graph of files, however an
 * import is written, and names a file that does not belong once per project.
 */
function seenTrespasses(output: string): ReadonlySet<string> {
  const pattern =
    /TS6307: File '\S+?\/src\/(\S+)\/target\.ts' is not listed .* project '\S+?\/src\/(\S+)\/tsconfig\.json'/g;
  return new Set([...output.matchAll(pattern)].map(([, to, from]) => `${from} → ${to}`));
}

/** Error codes, by file. */
function errorsByFile(output: string): ReadonlyMap<string, readonly string[]> {
  const byFile = new Map<string, string[]>();
  for (const [, file, code] of output.matchAll(/^(src\/[^(\n]+)\(\d+,\d+\): error (TS\d+)/gm)) {
    if (file === undefined || code === undefined) continue;
    byFile.set(file, [...(byFile.get(file) ?? []), code]);
  }
  return byFile;
}

const brokenIn = (found: ReadonlyMap<string, readonly string[]>, path: string): string =>
  (found.get(path) ?? []).join(' ');

for (const layer of layers) {
  const here = folder(layer);
  describe(`${layer.path}/`, () => {
    test('may import what its row names, and its own files relatively', () => {
      const good = ['inside', 'deep/er/inside', ...layer.mayImport.map((path) => `allowed-${slug(path)}`)];
      for (const name of good) {
        assert.equal(brokenIn(linted, `${here}/${name}.ts`), '', `${name} is clean to oxlint`);
        assert.equal(brokenIn(compiled, `${here}/${name}.ts`), '', `${name} is clean to tsc`);
      }
    });

    test('may be tested with anything', () => {
      assert.equal(brokenIn(linted, `${here}/outside.test.ts`), '');
      assert.equal(brokenIn(compiled, `${here}/outside.test.ts`), '');
    });

    test('does not name itself across the wall', () => {
      assert.match(brokenIn(linted, `${here}/to-itself.ts`), /no-restricted-imports/);
    });

    for (const other of forbidden(layer)) {
      const name = slug(other.path);
      test(`importing ${other.path}/ is seen, whichever way it is written`, () => {
        for (const way of ['to', 'type', 'relative', 'deep/er/relative']) {
          const path = `${here}/${way}-${name}.ts`;
          assert.match(brokenIn(linted, path), /no-restricted-imports/, `oxlint sees ${path}`);
        }
        if (layer.path !== 'cli') {
          for (const way of ['lazy', 'lazy-type']) {
            const path = `${here}/${way}-${name}.ts`;
            assert.match(brokenIn(linted, path), /no-lazy-trespass/, `oxlint sees ${path}`);
          }
        }
        if (!withinReach(layer).has(other.path)) {
          assert.ok(trespasses.has(`${layer.path} → ${other.path}`), 'tsc sees it');
        }
      });
    }

    if (!layer.pure) return;
    for (const [name, [, rule]] of Object.entries(impurities)) {
      test(`is pure: ${name} is seen`, () => {
        const path = `${here}/impure-${name}.ts`;
        assert.match(brokenIn(linted, path), new RegExp(rule), `oxlint sees ${path}`);
        if (unknownToTheCompiler.includes(name)) assert.notEqual(brokenIn(compiled, path), '', `tsc sees ${path}`);
      });
    }
  });
}
