/** The reader of plain YAML against the library: the very same tree, or none. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readPlainYaml } from './plain-yaml.ts';
import { readByLibrary } from './read-yaml.ts';
import { Reporter } from './reporter.ts';
import { sourceText } from './source-text.ts';

const scenarios = resolve(import.meta.dirname, '../../test/scenarios');
const WORKFLOWS = globSync('*/**/*.yml', { cwd: scenarios }).map((path) =>
  readFileSync(resolve(scenarios, path), 'utf8'),
);
const MUTATIONS = 20_000;

type Taken = 'taken' | 'declined' | 'not valid';

/** Throws when it is read otherwise than by the library. */
function taken(text: string): Taken {
  const source = sourceText(text);
  const reporter = new Reporter('gantry.yml');
  const plain = readPlainYaml(source);
  const { root } = readByLibrary(source, reporter);
  const isValid = root !== undefined && reporter.all().length === 0;
  if (plain === undefined) return isValid ? 'declined' : 'not valid';
  assert.ok(isValid, `${JSON.stringify(reporter.all())} in ${JSON.stringify(text)}`);
  assert.deepEqual(plain, root, JSON.stringify(text));
  return 'taken';
}

function count(all: readonly Taken[], wanted: Taken): number {
  return all.filter((each) => each === wanted).length;
}

test('workflows of the scenarios are read as the library reads them, and nearly all of them without it', () => {
  const all = WORKFLOWS.map(taken);
  assert.ok(all.length >= 100, String(all.length));
  assert.ok(count(all, 'declined') <= all.length / 20, `${count(all, 'declined')} of ${all.length} were left to it`);
});

test('every style of a plain document is taken', () => {
  const text = [
    '# comment',
    'on: # comment',
    '  push:',
    "    branches: [main, \"release/**\", 'it''s']",
    '  workflow_dispatch:   ',
    '',
    'numbers: [1, -2, +3, 4.50, .5, 1e3, 0x1F, 0o17, .inf, -.inf, .nan, 1.2.3, 0b1, 12 a]',
    'words: { a: true, "b": False, c: ~, d: null, e: Null, f: { g: [], h: {} }, i: yes, j: on }',
    'jobs:',
    '- a: b',
    '  c:',
    '  - d',
    '-   e: "x\\ty\\n\\\\ \\" \\/ # no comment"',
    "    'f g': h#i:j # comment",
    '- --flag',
    '- http://host:80/a?b=c&d',
    'literal: |',
    '',
    '   first',
    '     further',
    '',
    '   \ttab',
    '',
    '# comment',
    'stripped: |- # comment',
    '  one',
    'folded: >',
    '  one',
    '  two',
    '',
    '',
    '  three',
    'last:',
  ];
  assert.equal(taken(text.join('\n')), 'taken');
  assert.equal(taken(`${text.join('\n')}\n`), 'taken');
});

for (const [what, text] of Object.entries({
  'an anchor': 'a: &b c',
  'an alias': 'a: &b c\nd: *b',
  'a tag': 'a: !!str 1',
  'a merge key': 'a:\n  <<: {}',
  'a directive': '%YAML 1.2\n---\na: b',
  'a document marker': '---\na: b',
  'a second document': 'a: b\n---\nc: d',
  'an explicit key': '? a\n: b',
  'a tab': 'a:\tb',
  'a carriage return': 'a: b\r\nc: d\r\n',
  'text over two lines': 'a: b\n  c',
  'quoted text over two lines': 'a: "b\n  c"',
  'a list over two lines': 'a: [b,\n  c]',
  'an unusual escape': String.raw`a: "\x41"`,
  'an explicit indentation': 'a: |2\n   b',
  'text that is kept whole': 'a: |+\n  b\n\n',
  'a list at the root': '- a',
  'text at the root': 'a',
  nothing: '# comment\n',
  'keys that stand twice': 'a: b\nA: c',
  'a pair in a list': '[a: b]',
  'depth without end': `a: ${'['.repeat(200)}${']'.repeat(200)}`,
  'great length': `a: b\n${'# comment\n'.repeat(6_000)}`,
})) {
  test(`left to the library: ${what}`, () => {
    assert.notEqual(taken(text), 'taken');
  });
}

/** mulberry32: the same texts on every machine. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const PIECES = (
  '${{ a }}|}}|: |- |-|:|[|]|{|}|, |,|\'|"|>|#| #|\n|\n  |\n\n|\t|\\|&a|*a|!!str|?|? |@|%|`|~|.|..|---|\n---\n|...|<<|null|' +
  '1e9|0x|0o7|-0|+|true|\u2028|\u00a0|\ufeff|\u{1F600}|  |    |\n    |\n- |=|||||-||+|>-|||2'
).split('|');

test(`of ${MUTATIONS} mutated workflows every one is read as the library reads it, or left to it`, () => {
  const random = randomFrom(3);
  const short = WORKFLOWS.filter((text) => text.length < 600);
  const all: Taken[] = [];
  for (let turn = 0; turn < MUTATIONS; turn++) {
    let text = short[random(short.length)] ?? '';
    for (let times = random(3); times >= 0; times--) {
      const at = random(text.length + 1);
      const piece = random(4) === 0 ? '|' : (PIECES[random(PIECES.length)] ?? '');
      const to = Math.min(text.length, at + (random(2) === 0 ? 0 : random(9)));
      text = text.slice(0, at) + piece + text.slice(to);
    }
    all.push(taken(text));
  }
  // It must be both: what is taken is compared, and what is odd is declined.
  assert.ok(count(all, 'taken') > MUTATIONS / 4, `${count(all, 'taken')} taken`);
  assert.ok(count(all, 'not valid') > MUTATIONS / 10, `${count(all, 'not valid')} not valid`);
});

/** Lines of a document, indented by what encloses them. */
type Lines = readonly string[];

const indented = (lines: Lines, by: number): Lines => lines.map((line) => (line === '' ? line : ' '.repeat(by) + line));
const key = fc.uniqueArray(fc.constantFrom('a', 'b-c', '3', 'true', 'on', '"q"', "'s'", 'd.e', 'f g', '"h: i"'), {
  minLength: 1,
  maxLength: 4,
});
const word = fc.oneof(
  fc.constantFrom(
    'a',
    'b c',
    'd:e',
    'f#g',
    'http://h/?i=j&k',
    '-l',
    '1',
    '-1',
    '1.0',
    '1e3',
    '0x1f',
    '0o7',
    '.5',
    '.inf',
  ),
  fc.constantFrom(
    '-.INF',
    '.NaN',
    '~',
    'null',
    'true',
    'FALSE',
    "'m'",
    "''",
    "'it''s # n'",
    '"o"',
    '"p: \\"q\\""',
    '""',
  ),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
);
const odd = fc.string({ unit: fc.stringMatching(/^[ab:# '"{},|>&*!%@~?.1[\]-]$/), maxLength: 6 });
const flow = fc.oneof(
  fc.array(word, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
  fc
    .tuple(key, fc.array(word))
    .map(([keys, values]) => `{ ${keys.map((k, i) => `${k}: ${values[i] ?? '[]'}`).join(', ')} }`),
);
const block = fc
  .tuple(
    fc.constantFrom('|', '>', '|-', '>-', '| # c'),
    fc.array(fc.constantFrom('', 'a', 'a', ' b', 'c: d', '# e', '\tf'), { minLength: 1, maxLength: 5 }),
  )
  .map(([header, lines]): Lines => [header, ...indented(lines, 2)]);
const end = fc.constantFrom('', '', ' ', ' # comment', '   #');
const leaf = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.oneof(word, flow), end).map(([text, more]): Lines => [text + more]) },
  { weight: 2, arbitrary: block },
  { weight: 1, arbitrary: fc.oneof(odd, fc.constant('')).map((text): Lines => [text]) },
);

interface Piece {
  readonly lines: Lines;
  /** It begins in the line after its key. */
  readonly isBelow: boolean;
}

const { map } = fc.letrec<{ readonly node: Piece; readonly map: Lines; readonly list: Lines }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    leaf.map((lines) => ({ lines, isBelow: false })),
    tie('map').map((lines) => ({ lines, isBelow: true })),
    tie('list').map((lines) => ({ lines, isBelow: true })),
  ),
  map: fc
    .tuple(key, fc.array(fc.tuple(tie('node'), fc.integer({ min: 1, max: 4 }), end), { minLength: 4, maxLength: 4 }))
    .map(([keys, values]) =>
      keys.flatMap((each, index): Lines => {
        const [value, by, more] = values[index] ?? [{ lines: [], isBelow: true }, 1, ''];
        if (value.isBelow) return [`${each}:${more}`, ...indented(value.lines, by)];
        return [`${each}: ${value.lines[0] ?? ''}`, ...value.lines.slice(1)];
      }),
    ),
  list: fc
    .array(fc.tuple(tie('node'), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 4 })
    .map((items) =>
      items.flatMap(([{ lines }, gap]) => [
        `-${' '.repeat(gap)}${lines[0] ?? ''}`,
        ...indented(lines.slice(1), gap + 1),
      ]),
    ),
}));

test('generated documents are read as the library reads them, or left to it', () => {
  const all: Taken[] = [];
  fc.assert(
    fc.property(map, fc.boolean(), (lines, isEnded) => {
      all.push(taken(lines.join('\n') + (isEnded ? '\n' : '')));
    }),
    { numRuns: 3_000, seed: 5 },
  );
  assert.ok(count(all, 'taken') > all.length / 4, `${count(all, 'taken')} of ${all.length} taken`);
});
