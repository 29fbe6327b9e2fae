import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Annotation } from '#run/events.ts';
import { NODE_MATCHERS, PYTHON_MATCHERS } from '../actions/tool-matchers.ts';
import { createScan } from './matcher-scan.ts';
import { openMatcherRegistry } from './matcher-registry.ts';
import type { MatcherRegistry } from './matcher-registry.ts';
import type { ProblemMatcher } from './problem-matcher.ts';

const folder = mkdtempSync(join(tmpdir(), 'gantry-matchers-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const workspace = join(folder, 'work');
mkdirSync(join(workspace, 'src'), { recursive: true });
for (const file of ['src/app.py', 'src/app.ts', 'project.json']) writeFileSync(join(workspace, file), '');
writeFileSync(join(folder, 'outside.py'), '');

interface Scanned {
  readonly text: string;
  readonly annotations: readonly Annotation[];
  readonly registry: MatcherRegistry;
}

let count = 0;

function scan(matchers: readonly ProblemMatcher[], blocks: readonly string[]): Scanned {
  const registry = openMatcherRegistry(join(folder, `registry-${count++}`));
  registry.add(matchers);
  const annotations: Annotation[] = [];
  const scanBlock = createScan({
    registry,
    workspace,
    toHost: (path) => path.replace('/github/workspace', workspace),
    note: (annotation) => void annotations.push(annotation),
  });
  const text = blocks.map((block) => scanBlock(Buffer.from(block)).toString()).join('');
  return { text, annotations, registry };
}

function simple(owner: string, regexp: string, groups: ProblemMatcher['patterns'][number]['groups']): ProblemMatcher {
  return { owner, severity: '', patterns: [{ regexp, groups, loop: false }] };
}

test('the TypeScript compiler: the line is shown as an error, and the annotation has everything', () => {
  const { text, annotations } = scan(NODE_MATCHERS, [
    "before\n\u001B[96msrc/app.ts\u001B[0m(3,7): error TS2304: Cannot find name 'x'.\nafter\n",
  ]);
  assert.equal(text, "before\nError: src/app.ts(3,7): error TS2304: Cannot find name 'x'.\nafter\n");
  assert.deepEqual(annotations, [
    { level: 'error', message: "Cannot find name 'x'.", file: 'src/app.ts', line: 3, column: 7, code: 'TS2304' },
  ]);
});

test('ESLint, stylish: the file on its own line, findings in a loop, also over blocks', () => {
  const { text, annotations } = scan(NODE_MATCHERS, [
    `${workspace}/src/app.ts\n  1:5  error  'a' is never used  no-unused-vars\n`,
    '  2:1  warning  Missing return  consistent-return\n\n✖ 2 problems\n',
  ]);
  assert.deepEqual(annotations, [
    { level: 'error', message: "'a' is never used", file: 'src/app.ts', line: 1, column: 5, code: 'no-unused-vars' },
    { level: 'warning', message: 'Missing return', file: 'src/app.ts', line: 2, column: 1, code: 'consistent-return' },
  ]);
  assert.match(text, /^Warning: {3}2:1/m);
});

test('ESLint, compact', () => {
  const { annotations } = scan(NODE_MATCHERS, ['src/app.ts: line 4, col 2, Warning - Unexpected (no-x)\n']);
  assert.deepEqual(annotations, [
    { level: 'warning', message: 'Unexpected', file: 'src/app.ts', line: 4, column: 2, code: 'no-x' },
  ]);
});

test('Python: what was raised, at the place that the traceback names last', () => {
  const { annotations } = scan(PYTHON_MATCHERS, [
    'Traceback (most recent call last):\n',
    '  File "src/main.py", line 1, in <module>\n    work()\n',
    '  File "src/app.py", line 7, in work\n    raise ValueError(\'no such file\')\n',
  ]);
  assert.deepEqual(annotations, [{ level: 'error', message: 'no such file', file: 'src/app.py', line: 7 }]);
});

test('a file is named by its path in the workspace, or not at all', () => {
  const matcher = simple('files', '^(\\S+) (\\S*) (.+)$', { file: 1, fromPath: 2, message: 3 });
  const files: readonly (readonly [string, string | undefined])[] = [
    ['src/app.py - m', 'src/app.py'],
    ['src/../src/app.py  m', 'src/app.py'],
    [`${workspace}/src/app.py  m`, 'src/app.py'],
    ['/github/workspace/src/app.py  m', 'src/app.py'],
    ['app.py src/project.json m', 'src/app.py'],
    ['app.py /github/workspace/src/x.json m', 'src/app.py'],
    ['../outside.py  m', undefined],
    [`${folder}/outside.py  m`, undefined],
    ['src/none.py  m', undefined],
  ];
  for (const [line, wanted] of files) {
    const { annotations } = scan([matcher], [`${line}\n`]);
    assert.deepEqual([line, annotations.map(({ file }) => file)], [line, [wanted]]);
  }
});

test('what is no number is left out, an unknown severity and an empty message are no problem', () => {
  const matcher = simple('any', '^(\\w*):(\\S*):(\\S*):(.*)$', { severity: 1, line: 2, column: 3, message: 4 });
  const { text, annotations } = scan([matcher], ['error:x:+2:m\ninfo:1:2:m\nerror:1:2:  \nNOTICE:3:0:n\n']);
  assert.deepEqual(annotations, [
    { level: 'error', message: 'm' },
    { level: 'notice', message: 'n', line: 3 },
  ]);
  assert.equal(text, 'Error: error:x:+2:m\ninfo:1:2:m\nerror:1:2:  \nNotice: NOTICE:3:0:n\n');
});

test('the newest matcher has a line first; one of the same owner makes room; one that is removed is gone', () => {
  const first = simple('Mine', '^(bad)', { message: 1 });
  const second = simple('other', '^bad (.+)', { message: 1 });
  const { registry } = scan([first], []);
  registry.add([second]);
  assert.deepEqual(registry.current(), [second, first]);
  const again = simple('MINE', 'x', { message: 0 });
  registry.add([again]);
  assert.deepEqual(registry.current(), [again, second]);
  registry.remove(['Other']);
  assert.deepEqual(registry.current(), [again]);
  assert.deepEqual(scan([second, first], ['bad luck\n']).annotations, [{ level: 'error', message: 'luck' }]);
});

test('a match of one matcher ends what another had begun', () => {
  const pair: ProblemMatcher = {
    owner: 'pair',
    severity: '',
    patterns: [
      { regexp: '^in (.+)$', groups: { file: 1 }, loop: false },
      { regexp: '^at (.+)$', groups: { message: 1 }, loop: false },
    ],
  };
  const { annotations } = scan([simple('one', '^in (x)$', { message: 1 }), pair], ['in y\nin x\nat z\nin y\nat w\n']);
  assert.deepEqual(
    annotations.map(({ message }) => message),
    ['x', 'w'],
  );
});

test('a registry is there again when it is opened again', () => {
  const file = join(folder, 'again');
  openMatcherRegistry(file).add(NODE_MATCHERS);
  assert.deepEqual(openMatcherRegistry(file).current(), NODE_MATCHERS);
});

test('a pattern that takes for ever is given up, with a warning, and the other matchers go on', () => {
  const slow = simple('slow', '^(a+)+$', { message: 1 });
  const other = simple('other', '^ok (.+)$', { message: 1 });
  const { text, annotations, registry } = scan([slow, other], [`first\n${'a'.repeat(60)}!\nok fine\n`]);
  assert.deepEqual(registry.current(), [other]);
  const why = "Removing issue matcher 'slow'. Matcher failed. Error: a line took longer than 1 s";
  assert.deepEqual(annotations, [
    { level: 'warning', message: why },
    { level: 'error', message: 'fine' },
  ]);
  assert.equal(text, `first\n${'a'.repeat(60)}!\nError: ok fine\nWarning: ${why}\n`);
});
