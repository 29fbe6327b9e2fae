/** Logs whose text names the wrong culprit, each with the one it should be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from './diagnose.ts';
import type { Diagnosis, Evidence } from './diagnose.ts';
import { LogSkim } from './log/log-skim.ts';

function layerOf(text: string, evidence: Evidence = {}): string {
  const skim = new LogSkim();
  skim.add(Buffer.from(`${text}\n##[error]Process completed with exit code 1.\n`));
  return diagnose(skim.finish(), evidence).layer;
}

function layerOfWhole(text: string): string {
  const skim = new LogSkim();
  skim.add(Buffer.from(text));
  return diagnose(skim.finish()).layer;
}

test('a package that is not located after an update without a mirror is the fault of the network', () => {
  const unlocated = 'E: Unable to locate package curl';
  assert.equal(
    layerOf(`W: Failed to fetch http://mirror.invalid/x  Temporary failure resolving 'mirror.invalid'\n${unlocated}`),
    'network',
  );
  assert.equal(layerOf(unlocated), 'dependency');
});

test('pip says the same for a dead index and for a misspelt package; versions that are listed mean the pin', () => {
  const none =
    'ERROR: Could not find a version that satisfies the requirement foo (from versions: none)\nERROR: No matching distribution found for foo';
  assert.equal(
    layerOf(`WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'\n${none}`),
    'network',
  );
  assert.equal(layerOf(none), 'dependency');
  assert.equal(
    layerOf('ERROR: Could not find a version that satisfies the requirement foo==9 (from versions: 1.0, 2.0)'),
    'dependency',
  );
});

test('a compiler that crashed under emulation is the fault of the runner', () => {
  const crash = 'qemu: uncaught target signal 11 (Segmentation fault) - core dumped';
  assert.equal(layerOf(`${crash}\nerror: metadata-generation-failed`), 'runner');
  assert.equal(
    layerOf(`${crash}\nERROR: process "/bin/sh -c pip install x" did not complete successfully: exit code: 139`),
    'runner',
  );
});

test('the end of a line about an image that is not resolved tells why', () => {
  const line = 'ERROR: failed to solve: app:1: failed to resolve source metadata for registry.example/app:1: ';
  assert.equal(layerOf(`${line}registry.example/app:1: not found`), 'dependency');
  assert.equal(layerOf(`${line}failed to authorize: 401 Unauthorized`), 'secrets');
  assert.equal(layerOf(`${line}toomanyrequests: You have reached your pull rate limit`), 'registry');
  assert.equal(layerOf(`${line}dial tcp: lookup registry.example: no such host`), 'network');
});

test('what ends with 127 may miss a library, an interpreter or a variable', () => {
  assert.equal(
    layerOf(
      './app: error while loading shared libraries: libx.so.1: cannot open shared object file: No such file or directory',
    ),
    'dependency',
  );
  assert.equal(layerOf('bash: ./run.sh: /bin/bash^M: bad interpreter: No such file or directory'), 'configuration');
  assert.equal(layerOf('bash: line 1: TOKEN: unbound variable'), 'configuration');
});

test('a status tells what it is the status of: killed, out of heap, stopped, too long', () => {
  const ended = (code: number): string => `##[error]Process completed with exit code ${code}.`;
  assert.equal(layerOf(`Running the tests\n${ended(137)}`), 'resources');
  assert.equal(layerOf(`Running the tests\n${ended(143)}`), 'runner');
  assert.equal(layerOf(`Running the tests\n${ended(124)}`), 'timeout');
  // 134 is a program that stopped itself; Node does so when its heap is used up.
  assert.equal(layerOf(`a.out: main.c:3: main: Assertion \`x' failed.\nAborted (core dumped)\n${ended(134)}`), 'code');
  assert.equal(
    layerOf(`FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n${ended(134)}`),
    'resources',
  );
  // Statuses wrap: a script that ends with exit 256 has passed.
  assert.equal(layerOf('exit 256', { facts: { exitCode: 256 % 256 } }), 'unknown');
  // npm ends with 228 when the disk is full.
  assert.equal(layerOf(`npm error code ENOSPC\nnpm error errno -28\n${ended(228)}`), 'resources');
});

test('a kill by a time limit is a time-out, and none that is shown in a log that passed', () => {
  assert.equal(layerOf('Killed', { facts: { exitCode: 137, timedOut: true } }), 'timeout');
  assert.equal(layerOfWhole('test kills its child: exit code 137\nok\nCleaning up orphan processes\n'), 'unknown');
});

test('docker run ends with 125 when the daemon refuses, 126 and 127 when the program cannot be started', () => {
  const cannot = 'docker: Error response from daemon: failed to create task for container: OCI runtime create failed:';
  assert.equal(
    layerOf('docker: Error response from daemon: toomanyrequests: You have reached your pull rate limit.'),
    'registry',
  );
  assert.equal(layerOf(`${cannot} exec: "/run.sh": permission denied: unknown.`), 'configuration');
  assert.equal(layerOf(`${cannot} exec: "nosuch": executable file not found in $PATH: unknown.`), 'configuration');
});

test('retries that are told are not the failure', () => {
  assert.equal(layerOf('Connection timed out, retrying (attempt 1 of 3)\na.c:3:5: error: x undeclared'), 'code');
});

test('a refused connection to the own machine is the server of the test', () => {
  assert.equal(layerOf('Error: connect ECONNREFUSED 127.0.0.1:5432'), 'test');
});

test('what passes a failure on is looked behind', () => {
  assert.equal(
    layerOf('a.c:3:5: error: x undeclared\nmake: *** [Makefile:2: all] Error 1\nnpm ERR! code ELIFECYCLE'),
    'code',
  );
});

test('an artifact that is missing blames the job before', () => {
  assert.equal(layerOf('##[error]Unable to download artifact(s): Artifact not found for name: dist'), 'configuration');
});

test('failures without the word error are found', () => {
  assert.equal(layerOf('would reformat app.py'), 'code');
  assert.equal(
    layerOf('##[group]Run make gen && git diff --exit-code\nshell: bash -e {0}\n##[endgroup]\ndiff --git a/x b/x\n+y'),
    'code',
  );
  assert.equal(layerOf('##[error]Input required and not supplied: token'), 'secrets');
});

test('apt is understood with both heads, and with and without quotes', () => {
  for (const head of ['E:', 'Error:'])
    for (const name of ["'libgl1-mesa-glx'", 'libgl1-mesa-glx'])
      assert.equal(layerOf(`${head} Package ${name} has no installation candidate`), 'dependency');
});

test('a package that is gone is told to depend on the release, and what to do about it', () => {
  const explain = (name: string): Diagnosis => {
    const skim = new LogSkim();
    skim.add(
      Buffer.from(
        `E: Package '${name}' has no installation candidate\n##[error]Process completed with exit code 100.\n`,
      ),
    );
    return diagnose(skim.finish());
  };
  assert.equal(explain('libgl1-mesa-glx').layer, 'dependency');
  assert.match(explain('libgl1-mesa-glx').cause, /libgl1-mesa-glx .*this release of the system does not offer it/u);
  assert.match(explain('libgl1-mesa-glx').fix ?? '', /libgl1\b/u);
  assert.match(explain('nosuchpkg').fix ?? '', /pin the base image to the release that had it/u);
});

test('a file that is not there is the cause, not the farewell of the program that wanted it', () => {
  const explain = (text: string): Diagnosis => {
    const skim = new LogSkim();
    skim.add(Buffer.from(`${text}\n##[error]Process completed with exit code 2.\n`));
    return diagnose(skim.finish());
  };
  const tar = explain(
    [
      'tar (child): dist/app.tar.gz: Cannot open: No such file or directory',
      'tar (child): Error is not recoverable: exiting now',
      'tar: dist/app.tar.gz: Cannot write: Broken pipe',
      'tar: Child returned status 2',
      'tar: Error is not recoverable: exiting now',
    ].join('\n'),
  );
  assert.deepEqual([tar.cause, tar.layer], ['the file or folder dist/app.tar.gz is not there', 'configuration']);
  const python = explain("[Errno 2] No such file or directory: 'main.py'");
  assert.deepEqual([python.cause, python.layer], ['the file or folder main.py is not there', 'configuration']);
});

test('a step that its time limit ended is a time-out, whatever its log says last', () => {
  assert.equal(layerOf('E: Unable to locate package curl', { facts: { timedOut: true } }), 'timeout');
});

test('what a probe has found on the spot overrules the text, and even the time limit', () => {
  const probes = [{ layer: 'runner', confidence: 0.95, cause: 'the runner itself is not well' }] as const;
  assert.equal(layerOf('E: Unable to locate package curl', { probes }), 'runner');
  assert.equal(layerOf('E: Unable to locate package curl', { probes, facts: { timedOut: true } }), 'runner');
});
