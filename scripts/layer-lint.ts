/** The linter's configuration. Its import rules come from the table of layers; the rest is said here. */
import type { Layer } from './layer-table.ts';

/** Deeper folders than this inside a layer are guarded by tsc alone. */
const maxDepth = 4;

const outsideTheWalls = ['**/*.test.ts', '**/*.contract.ts'];

/** What a pure layer could see the world through, and what it should take instead. */
const impureGlobals: Readonly<Record<string, string>> = {
  Date: 'take the time as a number: nowMs',
  performance: 'take the time as a number: nowMs',
  crypto: 'take what is random as an argument',
  process: 'take what is needed of the environment as an argument',
  Buffer: 'pure layers work on strings and records',
  console: 'return what is to be said',
  fetch: 'pure layers ask for effects and do none',
  setTimeout: 'ask for a timer as an effect',
  setInterval: 'ask for a timer as an effect',
  setImmediate: 'ask for a timer as an effect',
  queueMicrotask: 'pure layers are synchronous',
  globalThis: 'it is a way round this rule',
};

/** Rules that hold everywhere unless an override says otherwise. */
const rules: Readonly<Record<string, unknown>> = {
  // Promises
  'typescript/await-thenable': 'error',
  'typescript/no-floating-promises': [
    'error',
    // node:test awaits its own; the promise it gives back is for subtests of a test, and those are awaited.
    { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] }] },
  ],
  'typescript/no-misused-promises': 'error',
  'typescript/prefer-promise-reject-errors': 'error',
  'typescript/return-await': ['error', 'in-try-catch'],
  'eslint/no-async-promise-executor': 'error',
  // Types that tell the truth
  'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  'typescript/no-explicit-any': 'error',
  'typescript/no-non-null-assertion': 'error',
  'typescript/no-unsafe-argument': 'error',
  'typescript/no-unsafe-assignment': 'error',
  'typescript/no-unsafe-call': 'error',
  'typescript/no-unsafe-member-access': 'error',
  'typescript/no-unsafe-return': 'error',
  'typescript/no-unnecessary-type-assertion': 'error',
  'typescript/no-base-to-string': 'error',
  'typescript/restrict-plus-operands': 'error',
  'typescript/only-throw-error': 'error',
  'typescript/no-deprecated': 'error',
  'typescript/ban-ts-comment': 'error',
  'typescript/consistent-type-imports': 'error',
  // Modules
  'import/no-default-export': 'error',
  'import/no-cycle': 'error',
  'import/no-mutable-exports': 'error',
  'unicorn/prefer-node-protocol': 'error',
  // Plain sense
  'eslint/eqeqeq': 'error',
  'eslint/no-var': 'error',
  'eslint/prefer-const': 'error',
  'eslint/no-param-reassign': 'error',
  'eslint/no-console': 'error',
  'eslint/no-implied-eval': 'off', // the type-aware one below sees more
  'typescript/no-implied-eval': 'error',
  'eslint/no-unmodified-loop-condition': 'off', // it does not see what an event changes
  'promise/always-return': 'off', // a then() may be there for its effect
  'eslint/no-new-func': 'error',
  'eslint/no-warning-comments': ['error', { terms: ['fixme', 'xxx'] }],
  'unicorn/consistent-function-scoping': 'off', // a name beside its only use reads better than one at the top
  // Size: habits are 250 lines, 60 lines, 3 parameters; these are the limits
  'eslint/max-lines': ['error', { max: 400 }],
  'eslint/max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  'eslint/max-params': ['error', { max: 4 }],
  'unicorn/filename-case': ['error', { case: 'kebabCase' }],
};

/** The whole of .oxlintrc.json. */
export function lintConfig(layers: readonly Layer[]): object {
  return {
    $schema: './node_modules/oxlint/configuration_schema.json',
    plugins: ['typescript', 'unicorn', 'import', 'oxc', 'promise', 'node'],
    jsPlugins: ['./scripts/lint-plugin.js'],
    options: { typeAware: true },
    categories: { correctness: 'error', suspicious: 'error' },
    env: { builtin: true, es2024: true },
    ignorePatterns: ['dist', '.tsc', 'node_modules', 'examples', 'test/fixtures', 'test/scenarios', '**/*.js'],
    rules,
    overrides: [
      ...layers.flatMap((layer) => wallOverrides(layer, layers)),
      ...layers.filter((layer) => layer.pure).map(pureOverride),
      // `unreachable` is the throw that the others do without; brands are made by a cast, in one file.
      { files: ['src/base/unreachable.ts'], rules: { 'house/no-throw': 'off' } },
      { files: ['src/base/ids.ts'], rules: { 'typescript/no-unsafe-type-assertion': 'off' } },
      { files: ['src/cli/**', 'scripts/**', 'bench/**', 'test/**'], rules: { 'eslint/no-console': 'off' } },
      {
        files: [...outsideTheWalls, 'test/**', 'scripts/**', 'bench/**'],
        rules: {
          'eslint/max-lines': 'off',
          'eslint/max-lines-per-function': 'off',
        },
      },
    ],
  };
}

/**
 * One override per depth of folder, because how many `../` leave a layer depends on it, and a later override of the
 * same rule replaces the earlier one instead of adding to it.
 */
function wallOverrides(layer: Layer, layers: readonly Layer[]): readonly object[] {
  const parts = layers.filter((other) => other.path.startsWith(`${layer.path}/`));
  return Array.from({ length: maxDepth + 1 }, (_, depth) => ({
    files: [`src/${layer.path}/${'*/'.repeat(depth)}*.ts`],
    excludeFiles: [...outsideTheWalls, ...parts.map((part) => `src/${part.path}/**`)],
    rules: {
      'eslint/no-restricted-imports': ['error', { patterns: restrictedImports(layer, depth) }],
      'house/no-lazy-trespass': layer.path === 'cli' ? 'off' : 'error',
    },
  }));
}

function restrictedImports(layer: Layer, depth: number): readonly object[] {
  const may = layer.mayImport.length === 0 ? 'nothing' : layer.mayImport.join(', ');
  const groups = [
    {
      group: ['#*/**', ...layer.mayImport.map((path) => `!#${path}/**`)],
      message: `${layer.path}/ may import ${may}; inside it, imports are relative. See docs/architecture.md.`,
    },
    {
      regex: `^(\\./)*(\\.\\./){${depth + 1}}`,
      message: `A relative import stays inside ${layer.path}/; across layers write #layer/file.ts.`,
    },
    {
      group: ['node:child_process'],
      importNames: ['exec', 'execSync'],
      message: 'A command is an array of arguments, never a shell string: spawn or execFile.',
    },
  ];
  const pure = { group: ['node:*'], message: `${layer.path}/ is pure: it knows nothing of the machine it runs on.` };
  return layer.pure ? [...groups, pure] : groups;
}

function pureOverride(layer: Layer): object {
  return {
    files: [`src/${layer.path}/**/*.ts`],
    excludeFiles: outsideTheWalls,
    rules: {
      'eslint/no-restricted-globals': [
        'error',
        ...Object.entries(impureGlobals).map(([name, instead]) => ({
          name,
          message: `${layer.path}/ is pure: ${instead}.`,
        })),
      ],
      'eslint/no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: `${layer.path}/ is pure: take what is random as an argument.` },
        { object: 'Date', property: 'now', message: `${layer.path}/ is pure: take the time as a number: nowMs.` },
      ],
      'house/no-throw': 'error',
    },
  };
}
