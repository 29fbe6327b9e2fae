import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProcess, type ProcessSpec, type ProcessResult } from './host-process.ts';
import { groupEnds, isAlive, isGroupAlive, killGroup, startTicks } from './process-identity.ts';

const env = { PATH: process.env['PATH'] ?? '' };

interface Ran {
  readonly result: ProcessResult;
  readonly out: string;
  readonly err: string;
  readonly pid: number;
}

/** Runs a bash script; `when` is told all output so far, to act at the moment the script says it is ready. */
async function run(
  script: string,
  options: Partial<ProcessSpec> = {},
  when: (out: string) => void = () => {},
): Promise<Ran> {
  const text = { stdout: '', stderr: '' };
  let pid = 0;
  const result = await startProcess({
    argv: ['bash', '-c', script],
    cwd: '/tmp',
    env,
    onOutput: (stream, chunk) => {
      text[stream] += chunk.toString();
      when(text.stdout);
    },
    onSpawn: (started) => {
      pid = started;
    },
    ...options,
  });
  return { result, out: text.stdout, err: text.stderr, pid };
}

const shortLadder = { interruptMs: 150, terminateMs: 150 };

function abortAt(word: string): { signal: AbortSignal; when: (out: string) => void } {
  const abort = new AbortController();
  return { signal: abort.signal, when: (out) => void (out.includes(word) && abort.abort()) };
}

test('an exit code and both streams come back', async () => {
  const { result, out, err } = await run('echo one; echo two >&2; exit 7');
  assert.deepEqual(result, { kind: 'exited', exitCode: 7 });
  assert.equal(out, 'one\n');
  assert.equal(err, 'two\n');
});

test('a process that dies of a signal says which', async () => {
  assert.deepEqual((await run('kill -SEGV $$')).result, { kind: 'signalled', signal: 'SIGSEGV' });
});

test('a missing command, a missing folder and a file that is no program are results', async () => {
  const start = (argv: [string, ...string[]], cwd = '/tmp'): Promise<ProcessResult> =>
    startProcess({ argv, cwd, env, onOutput: () => {} });
  assert.deepEqual(await start(['no-such-command-here']), {
    kind: 'not-started',
    why: 'command not found: no-such-command-here',
  });
  assert.deepEqual(await start(['bash'], '/no/such/folder'), {
    kind: 'not-started',
    why: 'the working directory does not exist: /no/such/folder',
  });
  assert.deepEqual(await start(['/etc/passwd']), { kind: 'not-started', why: 'not allowed to execute: /etc/passwd' });
  assert.deepEqual(await start(['echo', 'a\0b']), {
    kind: 'not-started',
    why: 'could not execute echo (ERR_INVALID_ARG_VALUE)',
  });
  assert.equal((await start(['echo', 'x'.repeat(4_000_000)])).kind, 'not-started');
});

test('the environment is exactly the one given, and standard input is empty', async () => {
  const { out } = await run('cat; env | grep -v -E "^(_|PWD|SHLVL|OLDPWD)="', {
    env: { PATH: env.PATH, ONLY: 'this' },
  });
  assert.deepEqual(out.trim().split('\n').toSorted(), ['ONLY=this', `PATH=${env.PATH}`]);
});

test('all output arrives, however much there is', async () => {
  let bytes = 0;
  const { result } = await run('head -c 20000000 /dev/zero', { onOutput: (_, chunk) => void (bytes += chunk.length) });
  assert.deepEqual(result, { kind: 'exited', exitCode: 0 });
  assert.equal(bytes, 20_000_000);
});

test('on abort the first signal is SIGINT, and a script that cleans up and leaves is cancelled', async () => {
  const { signal, when } = abortAt('ready');
  const { result, out } = await run(
    'trap "echo tidy; exit 0" INT; echo ready; while :; do sleep 0.05; done',
    { signal },
    when,
  );
  assert.deepEqual(result, { kind: 'cancelled' });
  assert.match(out, /tidy/);
});

test('a script deaf to SIGINT gets SIGTERM', async () => {
  const { signal, when } = abortAt('ready');
  const script = 'trap "" INT; trap "echo term; exit 3" TERM; echo ready; while :; do sleep 0.05; done';
  const { result, out } = await run(script, { signal, ladder: shortLadder }, when);
  assert.deepEqual(result, { kind: 'cancelled' });
  assert.match(out, /term/);
});

test('a group deaf to SIGINT and SIGTERM is killed, grandchildren included', async () => {
  const { signal, when } = abortAt('ready');
  const script = 'trap "" INT TERM; (while :; do sleep 0.05; done) & echo ready; while :; do sleep 0.05; done';
  const { result, pid } = await run(script, { signal, ladder: shortLadder }, when);
  assert.deepEqual(result, { kind: 'cancelled' });
  assert.equal(isGroupAlive(pid), false);
});

test('a grandchild that outlives its cancelled leader is killed before the result comes', async () => {
  const { signal, when } = abortAt('ready');
  const script = '(trap "" INT TERM; echo ready; while :; do sleep 0.05; done) & trap "exit 0" INT; wait';
  const { result, pid } = await run(script, { signal, ladder: shortLadder }, when);
  assert.deepEqual(result, { kind: 'cancelled' });
  assert.equal(isGroupAlive(pid), false);
});

test('a timeout ends the group and says what it was', async () => {
  const { result, pid } = await run('sleep 600 & sleep 600', { timeoutMs: 100, ladder: shortLadder });
  assert.deepEqual(result, { kind: 'timed-out', timeoutMs: 100 });
  assert.equal(isGroupAlive(pid), false);
});

test('a very long timeout is not a timeout at once', async () => {
  assert.equal((await run('echo', { timeoutMs: 2 ** 40 })).result.kind, 'exited');
});

test('an abort before the start starts nothing', async () => {
  let spawned = false;
  const signal = AbortSignal.abort();
  assert.deepEqual((await run('echo', { signal, onSpawn: () => void (spawned = true) })).result, { kind: 'cancelled' });
  assert.equal(spawned, false);
});

test('a server left in the background holds up nothing, goes on, survives its own output, and dies with its group', async () => {
  const { result, out, pid } = await run('(while :; do echo tick; sleep 0.02; done) & echo started');
  assert.deepEqual(result, { kind: 'exited', exitCode: 0 });
  assert.match(out, /started/);
  assert.equal(await groupEnds(pid, 200), false, 'a closed pipe would have ended it');
  assert.equal(await killGroup(pid, 'the leader is gone, its ticks are not asked for'), true);
  assert.equal(isGroupAlive(pid), false);
});

test('a callback that throws rejects, and leaves no process behind', async () => {
  let pid = 0;
  const running = run('echo x; sleep 600', {
    onSpawn: (started) => void (pid = started),
    onOutput: () => {
      throw new Error('disk full');
    },
  });
  await assert.rejects(running, /disk full/);
  assert.equal(await groupEnds(pid, 2_000), true);
});

test('a number that was given to another process is not killed', async () => {
  const { signal, when } = abortAt('checked');
  let pid = 0;
  let tried: Promise<boolean> | undefined;
  const abort = new AbortController();
  const running = run('echo ready; sleep 600', { signal: abort.signal, onSpawn: (p) => void (pid = p) }, (out) => {
    when(out);
    tried ??= killGroup(pid, '1');
    void tried.then(() => abort.abort());
  });
  assert.equal(signal.aborted, false);
  assert.deepEqual((await running).result, { kind: 'cancelled' });
  assert.equal(await tried, false);
});

test('a process is known by number and start time', async () => {
  const ticks = startTicks(process.pid);
  assert.ok(ticks !== undefined && /^\d+$/.test(ticks));
  assert.equal(isAlive({ pid: process.pid, startTicks: ticks }), true);
  assert.equal(isAlive({ pid: process.pid, startTicks: '1' }), false);
  const { pid } = await run('true');
  assert.equal(startTicks(pid), undefined);
});

test('killing an orphan of a dead engine ends one that ignores SIGTERM', async () => {
  let ticks = '';
  let pid = 0;
  let ended: Promise<boolean> | undefined;
  const { result } = await run(
    'trap "" TERM; echo ready; while :; do sleep 0.05; done',
    {
      onSpawn: (p) => {
        pid = p;
        ticks = startTicks(p) ?? '';
      },
    },
    () => void (ended ??= killGroup(pid, ticks, 100)),
  );
  assert.deepEqual(result, { kind: 'signalled', signal: 'SIGKILL' });
  assert.equal(await ended, true);
});
