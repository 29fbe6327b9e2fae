import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWorkflowCommand, resumesCommands } from './workflow-command.ts';

test('a command has a name, properties and a value, unescaped', () => {
  assert.deepEqual(parseWorkflowCommand('::error file=a%2Cb.py,line=3,title=Two%3A words::100%25 of%0Ait'), {
    name: 'error',
    properties: { file: 'a,b.py', line: '3', title: 'Two: words' },
    value: '100% of\nit',
  });
});

test('a value may hold colons, a property an equals sign, and the name any case', () => {
  assert.deepEqual(parseWorkflowCommand('  ::Set-Output name=url,x=a=b::http://a::b'), {
    name: 'set-output',
    properties: { name: 'url', x: 'a=b' },
    value: 'http://a::b',
  });
});

test('names of properties have any case, blanks round them count, and one without a value is dropped', () => {
  assert.deepEqual(parseWorkflowCommand('::error FILE=a,endLine=3, col=4,title=,x::m')?.properties, {
    file: 'a',
    endline: '3',
    ' col': '4',
  });
});

test('an escaped percent sign does not begin another escape', () => {
  assert.equal(parseWorkflowCommand('::debug::%250A')?.value, '%0A');
  assert.equal(parseWorkflowCommand('::debug::%3A%2C')?.value, '%3A%2C');
});

test('the older form is understood', () => {
  assert.deepEqual(parseWorkflowCommand('##[warning file=a.py;line=2]look%5D out'), {
    name: 'warning',
    properties: { file: 'a.py', line: '2' },
    value: 'look] out',
  });
  assert.equal(parseWorkflowCommand('##[endgroup]')?.name, 'endgroup');
  assert.deepEqual(parseWorkflowCommand('10:32 ::nonsense:: ##[error]found'), {
    name: 'error',
    properties: {},
    value: 'found',
  });
});

test('what only looks like a command is text', () => {
  for (const line of [
    '',
    'x ::error::y',
    '::',
    '::::',
    '::nonsense::x',
    '::error no end',
    'std::vector',
    '##[x',
    ':: ::',
    '##[nonsense]x',
  ]) {
    assert.equal(parseWorkflowCommand(line), undefined, line);
  }
});

test('a pause ends at its own token and no other', () => {
  assert.equal(resumesCommands('::Token-1::', 'token-1'), true);
  assert.equal(resumesCommands('done ##[token-1]', 'token-1'), true);
  assert.equal(resumesCommands('::token-2::', 'token-1'), false);
  assert.equal(resumesCommands('x ::token-1::', 'token-1'), false);
});
