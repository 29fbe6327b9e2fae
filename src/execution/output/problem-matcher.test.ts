import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MatcherProgress, readProblemMatchers } from './problem-matcher.ts';
import type { Problem } from './problem-matcher.ts';

function read(pattern: unknown, rest: Readonly<Record<string, unknown>> = {}): ReturnType<typeof readProblemMatchers> {
  return readProblemMatchers(JSON.stringify({ problemMatcher: [{ owner: 'mine', pattern, ...rest }] }));
}

function matched(pattern: unknown, lines: readonly string[], severity = ''): readonly (Problem | undefined)[] {
  const matchers = read(pattern, { severity });
  assert.ok(matchers.ok, matchers.ok ? '' : matchers.error);
  const [matcher] = matchers.value;
  assert.ok(matcher);
  const progress = new MatcherProgress(matcher);
  return lines.map((line) => progress.match(line));
}

const MESSAGE = { regexp: '^error: (.+)$', message: 1 };

describe('what is wrong with a matcher is said as GitHub says it', () => {
  const cases: readonly (readonly [unknown, Readonly<Record<string, unknown>>, string])[] = [
    [[{ ...MESSAGE, loop: true }], {}, "Only the last pattern in a multiline matcher may set 'loop'"],
    [
      [{ regexp: '^(.+)$', file: 1 }, { ...MESSAGE, loop: true }, { regexp: 'x' }],
      {},
      "Only the last pattern in a multiline matcher may set 'loop'",
    ],
    [[MESSAGE, { regexp: '^(.+)$', file: 1, loop: true }], {}, "The loop pattern must set 'message'"],
    [[{ ...MESSAGE, message: 2 }], {}, "The property 'message' is set to 2 which is out of range"],
    [[{ ...MESSAGE, line: -1 }], {}, "The property 'line' is set to -1 which is out of range"],
    [[MESSAGE, MESSAGE], {}, "The property 'message' is set twice"],
    [[{ regexp: '^(.+)$', file: 1 }], {}, "At least one pattern must set 'message'"],
    [[], {}, 'does not contain any patterns'],
    [[MESSAGE], { owner: '' }, 'Owner must not be empty'],
    [[MESSAGE], { severity: 'loud' }, "Matcher 'mine' contains unexpected default severity 'loud'"],
    [[{ ...MESSAGE, regexp: '(' }], {}, 'Unterminated group'],
  ];
  for (const [pattern, rest, wanted] of cases) {
    test(wanted, () => {
      const problem = read(pattern, rest);
      assert.ok(!problem.ok && problem.error.includes(wanted), JSON.stringify(problem));
    });
  }
});

test('two matchers of one file have two owners, whatever the case', () => {
  const text = JSON.stringify({
    problemMatcher: ['a', 'A'].map((owner) => ({ owner, pattern: [MESSAGE] })),
  });
  assert.deepEqual(readProblemMatchers(text), { ok: false, error: "Duplicate owner name 'A'" });
});

test('a group number may be 0, the whole match, and may be written as a text', () => {
  assert.deepEqual(matched([{ regexp: 'bad (\\w+)', message: 0, code: '1' }], ['so bad it']), [
    { message: 'bad it', code: 'it' },
  ]);
});

test('a group that takes no part is empty, and the default severity stands in for an empty one', () => {
  const pattern = [{ regexp: '^(warning)?:? ?oh (.+)$', severity: 1, message: 2 }];
  assert.deepEqual(matched(pattern, ['oh no', 'warning: oh well'], 'notice'), [
    { severity: 'notice', message: 'no' },
    { severity: 'warning', message: 'well' },
  ]);
});

const FILE = { regexp: '^file: (.+)$', file: 1 };

test('several patterns match lines that follow each other, and no others', () => {
  const pattern = [FILE, { regexp: '^line: (\\d+)$', line: 1 }, MESSAGE];
  const found = matched(pattern, [
    'file: a',
    'line: 1',
    'error: one',
    'file: b',
    'something else',
    'line: 2',
    'error: two',
    'file: c',
    'file: d',
    'line: 3',
    'error: three',
    'error: four',
  ]);
  assert.deepEqual(
    found.filter((each) => each !== undefined),
    [
      { file: 'a', line: '1', message: 'one' },
      { file: 'd', line: '3', message: 'three' },
    ],
  );
});

test('a loop goes on until a line does not match', () => {
  const pattern = [FILE, { ...MESSAGE, loop: true }];
  const found = matched(pattern, [
    'file: a',
    'error: one',
    'error: two',
    'done',
    'error: three',
    'file: b',
    'error: x',
  ]);
  assert.deepEqual(
    found.map((each) => each && `${each.file} ${each.message}`),
    [undefined, 'a one', 'a two', undefined, undefined, undefined, 'b x'],
  );
});

test('what an earlier pattern found stays, and a line that begins anew replaces it', () => {
  const pattern = [
    { regexp: '^(?:file: )?(.+\\.ts)$', file: 1 },
    { ...MESSAGE, loop: true },
  ];
  const found = matched(pattern, ['a.ts', 'error: one', 'b.ts', 'error: two']);
  assert.deepEqual(
    found.map((each) => each?.file),
    [undefined, 'a.ts', undefined, 'b.ts'],
  );
});
