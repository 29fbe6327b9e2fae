/** Recorders change nothing of what a script does: seen in real shells, byte for byte. And they write down what they should. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { openBench, type Bench, type Seen } from './run-script.ts';
import { ROWS, type Row, type Way } from './scripts.ts';

interface Difference {
  readonly shell: string;
  readonly way: Way;
  readonly script: string;
  readonly plain: Seen;
  readonly recorded: Seen;
}

async function differenceOf(
  bench: Bench,
  { script, way }: Pick<Row, 'script' | 'way'>,
  { shell, change }: { readonly shell: string; readonly change?: (text: string) => string },
): Promise<{ readonly difference: readonly Difference[]; readonly records: readonly string[] }> {
  const plain = bench.run(script, shell, way);
  const { seen, masked } = await bench.runRecorded(script, shell, way, change);
  const records = (masked?.failures ?? []).map(
    ({ line, command, status, noted }) => `${line}: ${command} -> ${status}${noted === undefined ? '' : '?'}`,
  );
  return {
    difference: isDeepStrictEqual(plain, seen) ? [] : [{ shell, way, script, plain, recorded: seen }],
    records,
  };
}

test('there are at least 300 scripts, and at least 100 of them say what is recorded', () => {
  assert.ok(new Set(ROWS.map(({ script }) => script)).size >= 300);
  assert.ok(ROWS.filter(({ records }) => records !== undefined).length >= 100);
});

describe('scripts with recorders', { concurrency: 2 }, () => {
  for (const shell of ['bash', 'dash'] as const)
    test(`do in ${shell} what they do without, and what they swallow is written down`, async () => {
      using bench = openBench();
      const differences: Difference[] = [];
      const wrong: unknown[] = [];
      for (const row of ROWS.filter(({ shells }) => shells.includes(shell))) {
        const { difference, records } = await differenceOf(bench, row, { shell });
        differences.push(...difference);
        if (row.records !== undefined && !isDeepStrictEqual(row.records, records))
          wrong.push({ script: row.script, way: row.way, wanted: row.records, records });
      }
      assert.deepEqual(differences, []);
      assert.deepEqual(wrong, []);
    });
});

/** Wrong rewritings, each of a kind that would be easily made. */
const PLANTED: readonly (readonly [name: string, script: string, way: Way, change: (text: string) => string])[] = [
  [
    'a recorder that prints',
    'fail 3 || true',
    'e',
    (text) => text.replace('! 2>/dev/null >>', 'echo x; ! 2>/dev/null >>'),
  ],
  [
    'a recorder that set -x shows',
    'set -x\nfail 3 || true',
    'e',
    (text) => text.replace('! 2>/dev/null', ': 2>/dev/null'),
  ],
  ['a line that has moved', 'fail 3 || true\nno-such', 'e', (text) => text.replace('{ ', '{\n')],
  ['a status that is lost', 'fail 3 && echo yes', 'e', () => '{ fail 3 || ! 2>/dev/null; } && echo yes'],
  ['a failure that no longer ends the script', 'fail 3\necho on', 'e', () => 'fail 3 || ! 2>/dev/null\necho on'],
  ['a here-document that is cut off', 'fail 3 <<E || true\nx\nE', 'e', () => 'fail 3 <<E || {\ntrue; }\nx\nE'],
  ['a file in the workspace', 'fail 3 || true', 'e', (text) => text.replace(/>>\S+"\$\?"/, '>>mine."$?"')],
  ['a failure that is let through', 'fail 3 || true', 'e', (text) => text.replace('; true', '; false')],
];

test('each of these wrong rewritings is seen', async () => {
  using bench = openBench();
  for (const [name, script, way, change] of PLANTED) {
    const { difference } = await differenceOf(bench, { script, way }, { shell: 'bash', change });
    assert.equal(difference.length, 1, name);
    assert.deepEqual((await differenceOf(bench, { script, way }, { shell: 'bash' })).difference, [], name);
  }
});

const command = fc.constantFrom(
  'fail 0',
  'fail 3',
  'fail 4',
  'echo a',
  'true',
  'false',
  '[ -f none ]',
  'f',
  'echo "$(fail 5)"',
  'fail 6 <<E\nbody\nE',
);
const oneLine = command.filter((text) => !text.includes('\n'));
const lists = fc.letrec<{ readonly list: string; readonly item: string }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    command,
    fc.tuple(oneLine, fc.constantFrom('||', '&&'), oneLine).map((parts) => parts.join(' ')),
    // Who reads a pipe reads all of it, or else chance decides what is printed.
    fc.tuple(oneLine, fc.constantFrom('cat', 'fail 0', 'fail 4', '{ cat; fail 8; }')).map((parts) => parts.join(' | ')),
    fc
      .tuple(oneLine, fc.constantFrom('||', '&&'), oneLine, fc.constantFrom('||', '&&'), oneLine)
      .map((parts) => parts.join(' ')),
    tie('list').map((list) => `{\n${list}\n}`),
    tie('list').map((list) => `(\n${list}\n) || echo sub`),
    fc.tuple(tie('list'), tie('list'), tie('list')).map(([a, b, c]) => `if\n${a}\nthen\n${b}\nelse\n${c}\nfi`),
    tie('list').map((list) => `for i in 1 2; do\n${list}\ndone`),
    tie('list').map((list) => `x=$(\n${list}\n)\necho "$x"`),
    fc.constantFrom('echo "$?"', 'set +e', 'set -e', 'rc=$?', 'continue', 'exit 0', 'return 0 2>/dev/null || true'),
  ),
  list: fc.array(tie('item'), { minLength: 1, maxLength: 3 }).map((items) => items.join('\n')),
}));

test('scripts made by chance do with recorders what they do without', async () => {
  using bench = openBench();
  const property = fc.asyncProperty(
    lists.list,
    fc.constantFrom<Way>('e', 'none'),
    fc.constantFrom('bash', 'dash'),
    async (list, way, shell) => {
      const script = `f() {\nfail 7 || echo in f\n}\n${list}\necho "end $?"`;
      assert.deepEqual((await differenceOf(bench, { script, way }, { shell })).difference, []);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});
