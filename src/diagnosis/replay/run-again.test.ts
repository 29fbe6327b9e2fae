import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Replay, Replayable } from '#run/replay.ts';
import type { Diagnosis } from '../diagnose.ts';
import { askAgain } from './run-again.ts';
import type { AskedAgain } from './run-again.ts';

const FAILED: Diagnosis = { cause: 'assert 1 == 2', layer: 'test', confidence: 0.75, excerpt: [{ start: 3, end: 4 }] };
const ENDED = { kind: 'ended', exitCode: 1, durationMs: 400, output: 'E  assert 1 == 2\n', unlike: [] } as const;

interface Given {
  readonly found?: Diagnosis;
  readonly replay?: Replay;
  readonly script?: string;
  readonly durationMs?: number;
}

/** With how often it was run. */
async function ask({
  found = FAILED,
  replay = ENDED,
  script = 'pytest',
  durationMs = 900,
}: Given): Promise<AskedAgain & { readonly runs: number }> {
  let runs = 0;
  const possible: Replayable = {
    kind: 'possible',
    mostMs: 30_000,
    own: ['/work/project'],
    run: async () => {
      runs++;
      return replay;
    },
  };
  const asked = await askAgain(found, { replay: possible, script, durationMs, env: {}, facts: { exitCode: 1 } });
  return { ...asked, runs };
}

test('what passes now is flaky, and what failed before is still told', async () => {
  const { diagnosis, probe, runs } = await ask({ replay: { ...ENDED, exitCode: 0, output: '' } });
  assert.deepEqual(diagnosis, {
    ...FAILED,
    cause: 'it passed when it was run again; what failed before: assert 1 == 2',
    layer: 'flaky',
    confidence: 0.9,
  });
  assert.equal(probe?.said, 'run again in a copy of its workspace as it was before the step, it passed in 0.4 s');
  assert.equal(runs, 1);
});

test('what passes among files that it had changed before is less surely flaky', async () => {
  const { diagnosis, probe } = await ask({ replay: { ...ENDED, exitCode: 0, unlike: ['a.db', 'b', 'c', 'd', 'e'] } });
  assert.deepEqual([diagnosis.layer, diagnosis.confidence], ['flaky', 0.6]);
  assert.match(probe?.said ?? '', /as it was before the step, but for a\.db, b, c and 2 more, it passed/);
});

test('what fails again in the same way is what it was', async () => {
  const { diagnosis, probe } = await ask({});
  assert.deepEqual(diagnosis, FAILED);
  assert.match(probe?.said ?? '', /^it fails again in the same way/);
});

test('another exit code, or another cause, is no answer', async () => {
  const code = await ask({ replay: { ...ENDED, exitCode: 127 } });
  assert.deepEqual(code.diagnosis, FAILED);
  assert.match(code.probe?.said ?? '', /it failed otherwise: exit code 127$/);
  const output = "E: Package 'libgl1-mesa-glx' has no installation candidate\n";
  const cause = await ask({ replay: { ...ENDED, output } });
  assert.match(cause.probe?.said ?? '', /it failed otherwise: exit code 1$/);
});

test('a cause that is sure and stays is not asked about, an unsure one is', async () => {
  const code: Diagnosis = { ...FAILED, layer: 'code', confidence: 0.75 };
  assert.deepEqual(await ask({ found: code }), { diagnosis: code, runs: 0 });
  assert.equal((await ask({ found: { ...code, confidence: 0.4 } })).runs, 1);
});

test('what acts outside, and what took long, is not run, and why is said', async () => {
  const outside = await ask({ script: 'make test\ngit push' });
  assert.deepEqual([outside.runs, outside.probe?.said], [0, 'not run again: it calls git']);
  const long = await ask({ durationMs: 30_001 });
  assert.deepEqual([long.runs, long.probe?.said], [0, 'not run again: it took longer than 30.0 s']);
  const done = await ask({ replay: { kind: 'not-done', why: 'its workspace holds more than 256 MB' } });
  assert.deepEqual([done.diagnosis, done.probe?.said], [FAILED, 'not run again: its workspace holds more than 256 MB']);
});
