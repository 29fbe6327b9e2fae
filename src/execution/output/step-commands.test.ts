import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Annotation } from '#run/events.ts';
import { openMatcherRegistry } from './matcher-registry.ts';
import { StepCommands } from './step-commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'gantry-commands-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const pattern = [{ regexp: 'x', message: 0 }];
writeFileSync(join(folder, 'good.json'), JSON.stringify({ problemMatcher: [{ owner: 'good', pattern }] }));
writeFileSync(join(folder, 'bad.json'), '{"problemMatcher": [{}]}');

interface Said {
  /** What stands in the log; a line that stays as it was has `=` before it. */
  readonly shown: readonly string[];
  readonly annotations: readonly Annotation[];
  readonly masks: readonly string[];
  readonly puts: readonly string[];
  readonly problem: string | undefined;
  readonly owners: readonly string[];
}

let count = 0;

function say(
  lines: readonly string[],
  { isDebug = false, env = {} }: { isDebug?: boolean; env?: Record<string, string> } = {},
): Said {
  const registry = openMatcherRegistry(join(folder, `registry-${count++}`));
  const annotations: Annotation[] = [];
  const masks: string[] = [];
  const puts: string[] = [];
  const shown: string[] = [];
  const commands = new StepCommands({
    registry,
    workspace: folder,
    isDebug,
    env,
    toHost: (path) => path.replace('/github/workspace', folder),
    note: (annotation) => void annotations.push(annotation),
    put: (file, name, value) => void puts.push(`${file} ${name}=${value}`),
  });
  for (const line of lines) {
    const heard = commands.hear(line);
    shown.push(...(heard.kind === 'text' ? [`=${line}`] : heard.lines));
    if (heard.kind === 'command' && heard.mask !== undefined) masks.push(heard.mask);
  }
  const owners = registry.current().map(({ owner }) => owner);
  return { shown, annotations, masks, puts, problem: commands.problem, owners };
}

describe('an annotation keeps what it is given, and drops what contradicts itself', () => {
  const cases: readonly (readonly [string, Omit<Annotation, 'level' | 'message'>])[] = [
    ['', {}],
    ['title=A title,file=a.py,line=3', { title: 'A title', file: 'a.py', line: 3 }],
    ['file=a.py,line=3,endLine=4', { file: 'a.py', line: 3, endLine: 4 }],
    ['line=3,col=4,endColumn=9', { line: 3, column: 4, endColumn: 9 }],
    ['line=3,endLine=3,col=4', { line: 3, endLine: 3, column: 4 }],
    ['LINE=3,COL=4', { line: 3, column: 4 }],
    ['endLine=5', { line: 5, endLine: 5 }],
    ['line=5,endColumn=2', { line: 5, column: 2, endColumn: 2 }],
    ['col=5,endColumn=6', {}],
    ['line=1,endLine=2,col=5', { line: 1, endLine: 2 }],
    ['line=5,endLine=2', {}],
    ['line=5,col=9,endColumn=3', { line: 5 }],
    ['line=x,col=y', {}],
    ['file=%2Fgithub/workspace/src/b.py', { file: '%2Fgithub/workspace/src/b.py' }],
    ['file=/github/workspace/src/b.py', { file: 'src/b.py' }],
    ['file=/elsewhere/b.py', { file: '/elsewhere/b.py' }],
  ];
  for (const [properties, wanted] of cases) {
    test(properties === '' ? 'none' : properties, () => {
      const { annotations, shown } = say([`::error ${properties}::what`]);
      assert.deepEqual(annotations, [{ level: 'error', message: 'what', ...wanted }]);
      assert.deepEqual(shown, ['Error: what']);
    });
  }
});

test('a message of several lines is shown so, and a very long one is cut in the annotation', () => {
  assert.deepEqual(say(['::notice::a%0Ab%0D%0Ac']).shown, ['Notice: a', 'b', 'c']);
  assert.equal(say([`::warning::${'m'.repeat(5_000)}`]).annotations[0]?.message.length, 4_096);
});

test('debug lines are shown with step debug only, and then each command as it was written too', () => {
  const lines = ['::debug::a%0Ab', '::group::g', '::endgroup::', '::save-state name=s::1'];
  assert.deepEqual(say(lines).shown.slice(0, 2), ['##[group]g', '##[endgroup]']);
  assert.deepEqual(say(lines, { isDebug: true }).shown.slice(0, 7), [
    'Debug: a',
    'Debug: b',
    '::group::g',
    '##[group]g',
    '::endgroup::',
    '##[endgroup]',
    '::save-state name=s::1',
  ]);
});

test('echo: on and off, for what does not speak for itself', () => {
  const { shown, masks } = say([
    '::echo::on',
    '::set-output name=a::1',
    '::add-mask::hush',
    '::error::e',
    '::echo:: OFF ',
    '::set-output name=b::2',
    '::add-mask::hush2',
  ]);
  assert.deepEqual(
    shown.filter((line) => !line.includes('deprecated')),
    ['::set-output name=a::1', '::add-mask::***', 'Error: e', '::echo:: OFF '],
  );
  assert.deepEqual(masks, ['hush', 'hush2']);
});

test('the old commands for outputs and state do their work, with one warning for each', () => {
  const { puts, annotations, problem } = say([
    '::set-output name=a::1',
    '::set-output name=b::2',
    '::save-state name=s::x%0Ay',
  ]);
  assert.deepEqual(puts, ['output a=1', 'output b=2', 'state s=x\ny']);
  assert.deepEqual(
    annotations.map(({ level, message }) => `${level} ${message.split('. ')[0]}`),
    [
      'warning The `set-output` command is deprecated and will be disabled soon',
      'warning The `save-state` command is deprecated and will be disabled soon',
    ],
  );
  assert.equal(problem, undefined);
});

describe('a command that cannot be obeyed fails the step, and says so as GitHub does', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['::set-output::1', "Required field 'name' is missing in ##[set-output] command."],
    ['::save-state name=::1', "Required field 'name' is missing in ##[save-state] command."],
    ['::echo::maybe', "Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: 'maybe'."],
    ['::set-env name=A::1', 'The `set-env` command is disabled.'],
    ['::add-path::/x', 'The `add-path` command is disabled.'],
    ['::add-matcher::none.json', "Could not read file 'none.json'."],
    ['::add-matcher::bad.json', 'Owner must not be empty'],
    ['::stop-commands::', 'You cannot use a endToken that is an empty string'],
    ['::stop-commands::Set-Output', 'You cannot use a endToken that is an empty string'],
    ['::stop-commands::pause-logging', 'You cannot use a endToken that is an empty string'],
  ];
  for (const [line, wanted] of cases) {
    test(line, () => {
      const { problem, annotations, shown } = say([line, '::notice::still heard']);
      const said = `Unable to process command '${line}' successfully.`;
      assert.ok(problem?.startsWith(`${said} ${wanted}`), problem);
      assert.equal(annotations[0]?.message, said);
      assert.ok(annotations[1]?.message.startsWith(wanted));
      assert.deepEqual([shown[0], shown[2]], [`Error: ${said}`, 'Notice: still heard']);
    });
  }
});

test('what is off by default may be allowed by the environment; NODE_OPTIONS never', () => {
  const env = { ACTIONS_ALLOW_UNSECURE_COMMANDS: 'true' };
  const lines = ['::set-env name=A::1', '::set-env name=node_options::--x', '::add-path::/tools'];
  const { puts, annotations, problem } = say(lines, { env });
  assert.deepEqual(puts, ['env A=1', 'path =/tools']);
  assert.deepEqual(annotations, [
    { level: 'error', message: `Can't update NODE_OPTIONS environment variable using ::set-env:: command.` },
  ]);
  assert.equal(problem, undefined);
  const stopped = say(['::stop-commands::group', '::error::x', '::group::', '::error::y'], {
    env: { ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS: 'true' },
  });
  assert.deepEqual(stopped.shown, ['::stop-commands::group', '=::error::x', '::group::', 'Error: y']);
});

test('an empty mask is a warning, for it would hide everything', () => {
  const { annotations, masks } = say(['::add-mask:: ']);
  assert.deepEqual(annotations, [
    { level: 'warning', message: `Can't add secret mask for empty string in ##[add-mask] command.` },
  ]);
  assert.deepEqual(masks, []);
});

test('matchers are added by file and removed by owner or file, never by both', () => {
  assert.deepEqual(say(['::add-matcher::good.json']).owners, ['good']);
  assert.deepEqual(say([`##[add-matcher]/github/workspace/good.json`]).owners, ['good']);
  assert.deepEqual(say(['::add-matcher::good.json', '::remove-matcher owner=GOOD::']).owners, []);
  assert.deepEqual(say(['::add-matcher::good.json', '::remove-matcher::good.json']).owners, []);
  const both = say(['::add-matcher::good.json', '::remove-matcher owner=good::good.json', '::remove-matcher::']);
  assert.deepEqual(both.owners, ['good']);
  assert.deepEqual(
    both.annotations.map(({ message }) => message.split(' ')[0]),
    ['Either', 'Either'],
  );
  assert.deepEqual(say(['::add-matcher::']).annotations, [
    { level: 'warning', message: 'File path must be specified.' },
  ]);
});
