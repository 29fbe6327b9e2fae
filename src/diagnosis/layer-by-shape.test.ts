import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, NO_FAILURE } from './diagnose.ts';
import type { Diagnosis } from './diagnose.ts';
import { LogSkim } from './log/log-skim.ts';

/** A step on GitHub that ran a command and failed, after one in which a failure was let pass. */
function diagnoseStep(command: string, said: string): Diagnosis {
  const skim = new LogSkim();
  skim.add(
    Buffer.from(
      `##[group]Run rm old || true\nshell: bash -e {0}\n##[endgroup]\nfatal: not a git repository\n` +
        `##[group]Run ${command}\nshell: bash -e {0}\n##[endgroup]\n${said}\n##[error]Process completed with exit code 1.\n` +
        'Post job cleanup.\nCleaning up orphan processes\n',
    ),
  );
  return diagnose(skim.finish());
}

test('what a compiler says in a step that builds is code, and nearly sure', () => {
  const { layer, confidence } = diagnoseStep('./build.sh && make', 'src/a.zig:3:5: error: expected type u8');
  assert.equal(layer, 'code');
  assert.ok(confidence >= 0.8);
});

test('what only begins with "error:" is read for what it says under it', () => {
  const { layer, confidence } = diagnoseStep(
    'nosuchtool fetch',
    'error: cannot get it\n\nCaused by:\n  [28] Timeout was reached',
  );
  assert.equal(layer, 'network');
  assert.ok(confidence < 0.8);
});

test('a tool that builds and says what went wrong, in words that name no layer, leaves it unknown', () => {
  assert.equal(diagnoseStep('make all', 'ERROR: the thing was not to be had').layer, 'unknown');
});

test('what only a mistake in a program throws is code, whatever the step was to do', () => {
  assert.equal(diagnoseStep('./load', 'aborted!\nNameError: uninitialized constant Acme::Billing').layer, 'code');
});

test('a silent step that was to check a format has found files that are not formatted', () => {
  const { layer, cause } = diagnoseStep('terraform fmt -check', 'modules/vpc/main.tf');
  assert.equal(layer, 'code');
  assert.equal(cause, 'modules/vpc/main.tf');
});

test('a failure that an earlier step let pass is not told', () => {
  const { signature, layer } = diagnoseStep('./nosuch', 'it ends here');
  assert.equal(signature, undefined);
  assert.equal(layer, 'unknown');
});

test('of what went wrong with Gradle, the innermost cause is told', () => {
  const { cause, layer } = diagnoseStep(
    './gradlew assemble',
    '* What went wrong:\nA problem occurred configuring project.\n> Cannot do it.\n   > SDK location not found.\n\nBUILD FAILED in 1s',
  );
  assert.equal(cause, '> SDK location not found.');
  assert.equal(layer, 'configuration');
});

test('a log as GitHub’s command line tool gives it is read like one from its pages', () => {
  const told = (prefix: (text: string) => string): Diagnosis => {
    const skim = new LogSkim();
    const lines = ['##[group]Run make', 'shell: bash -e {0}', '##[endgroup]', 'a.c:3:5: error: x undeclared'];
    const all = [...lines, '##[error]Process completed with exit code 2.', 'Post job cleanup.'];
    skim.add(Buffer.from(all.map((line) => `${prefix(line)}\n`).join('')));
    return diagnose(skim.finish());
  };
  const plain = told((line) => line);
  assert.equal(plain.layer, 'code');
  assert.deepEqual(
    told((line) => `build (20)\tRun make\t2025-05-20T08:00:00.1234567Z ${line}`),
    plain,
  );
});

test('a log that was copied from the page of a job has failed by its last word', () => {
  const skim = new LogSkim();
  skim.add(Buffer.from('Run ./nosuch\nit ends here\nError: Process completed with exit code 1.\n'));
  assert.notEqual(diagnose(skim.finish()).cause, NO_FAILURE);
});

test('an annotation of the system is read for what the tool said', () => {
  const { layer } = diagnoseStep('acme/nosuch-action@v1', '##[error]pkg/a.go:10:5: ineffectual assignment to err');
  assert.equal(layer, 'code');
});
