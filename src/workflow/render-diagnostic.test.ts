import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from './diagnostic.ts';
import { renderDiagnostic } from './render-diagnostic.ts';

const base: Diagnostic = {
  code: 'WF014',
  severity: 'error',
  file: 'gantry.yml',
  at: { line: 2, column: 8, length: 5 },
  message: 'job "test" needs "biuld", which does not exist. Did you mean "build"?',
  cure: 'name a job of this workflow',
};

function render(diagnostic: Partial<Diagnostic>, text: string): string {
  return renderDiagnostic({ ...base, ...diagnostic }, text).join('\n');
}

test('the line is shown with a squiggle under what is meant, and the cure under both', () => {
  assert.equal(
    render({}, 'first\nneeds: biuld\nlast\n'),
    [
      'WF014 gantry.yml:2:8 job "test" needs "biuld", which does not exist. Did you mean "build"?',
      '   2 | needs: biuld',
      '     |        ~~~~~',
      '  cure: name a job of this workflow',
    ].join('\n'),
  );
});

test('a warning says that it is one', () => {
  assert.match(render({ severity: 'warning' }, 'a\nb'), /^WF014 gantry\.yml:2:8 warning: job/);
});

test('a tab is as wide above the squiggle as in it', () => {
  assert.equal(
    render({ at: { line: 1, column: 2, length: 1 } }, '\ta\tb')
      .split('\n')
      .slice(1, 3)
      .join('\n'),
    '   1 |     a    b\n     |     ~',
  );
  assert.equal(render({ at: { line: 1, column: 1, length: 1 } }, '\ta').split('\n')[2], '     | ~~~~');
});

test('of a long line only the part round the place is shown', () => {
  const line = `${'a'.repeat(300)}XYZ${'b'.repeat(300)}`;
  assert.deepEqual(
    render({ at: { line: 1, column: 301, length: 3 } }, line)
      .split('\n')
      .slice(1, 3),
    [`   1 | …${'a'.repeat(30)}XYZ${'b'.repeat(67)}…`, `     | ${' '.repeat(31)}~~~`],
  );
  assert.deepEqual(
    render({ at: { line: 1, column: 1, length: 3 } }, line)
      .split('\n')
      .slice(1, 3),
    [`   1 | ${'a'.repeat(100)}…`, '     | ~~~'],
  );
  const [, atEnd, squiggle] = render({ at: { line: 1, column: 603, length: 1 } }, line).split('\n');
  assert.equal(atEnd, `   1 | …${'b'.repeat(100)}`);
  assert.equal(squiggle, `     | ${' '.repeat(100)}~`);
});

test('a squiggle is never longer than its line, and never nothing', () => {
  assert.equal(render({ at: { line: 1, column: 3, length: 99 } }, 'abcd').split('\n')[2], '     |   ~~');
  assert.equal(render({ at: { line: 1, column: 5, length: 1 } }, 'abcd').split('\n')[2], '     |     ~');
});

test('line ends of every kind are counted', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    assert.equal(
      render({ at: { line: 3, column: 1, length: 1 } }, ['a', 'b', 'c'].join(end)).split('\n')[1],
      '   3 | c',
    );
  }
});

test('a line that is not in the text is left out', () => {
  assert.equal(render({ at: { line: 9, column: 1, length: 1 } }, 'a').split('\n').length, 2);
});

test('line numbers of five digits move the gutter', () => {
  const lines = render({ at: { line: 12_345, column: 1, length: 1 } }, `${'\n'.repeat(12_344)}x`).split('\n');
  assert.deepEqual(lines.slice(1, 3), ['12345 | x', '      | ~']);
});

test('nothing of the file can steer a terminal', () => {
  const text = render({ at: { line: 1, column: 1, length: 1 }, message: 'bad "\u001B[31m"' }, 'a\u001B[2Jb\u202Ec');
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  assert.doesNotMatch(text, /[\u001B\u202E]/);
});

test('colours are the caller’s, each for its part', () => {
  const paint = {
    error: (text: string) => `<e>${text}</e>`,
    warning: (text: string) => `<w>${text}</w>`,
    place: (text: string) => `<p>${text}</p>`,
    faint: (text: string) => `<f>${text}</f>`,
  };
  const at = { line: 1, column: 1, length: 2 };
  assert.deepEqual(renderDiagnostic({ ...base, at }, 'ab', paint), [
    '<e>WF014</e> <p>gantry.yml:1:1</p> job "test" needs "biuld", which does not exist. Did you mean "build"?',
    '<f>   1 |</f> ab',
    '<f>     |</f> <e>~~</e>',
    '  <f>cure:</f> name a job of this workflow',
  ]);
  assert.match(renderDiagnostic({ ...base, at, severity: 'warning' }, 'ab', paint)[2] ?? '', /<w>~~<\/w>/);
});
