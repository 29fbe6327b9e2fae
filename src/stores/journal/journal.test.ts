import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { runId } from '#base/ids.ts';
import { openMemoryJournal } from './journal-memory.ts';
import { openSqliteJournal } from './journal-sqlite.ts';
import { cancelled, journalContract } from './journal.contract.ts';

const root = mkdtempSync(path.join(tmpdir(), 'gantry-journal-'));
after(() => rmSync(root, { recursive: true, force: true }));

const run = runId('r-1');

function freshFile(): string {
  return path.join(mkdtempSync(path.join(root, 'j-')), 'deep', 'journal.db');
}

/** Runs `body` in another process, where `journal` is the journal in `file`. Gives the exit code or signal. */
async function inChild(file: string, body: string): Promise<string> {
  const module = new URL('journal-sqlite.ts', import.meta.url).href;
  const code = `import { openSqliteJournal } from ${JSON.stringify(module)};
    const journal = openSqliteJournal(${JSON.stringify(file)});
    const event = (reason) => ({ type: 'run.cancel-requested', v: 1, atMs: 5, reason });
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // One that waits for another that died would wait for ever.
    timeout: 20_000,
  });
  await once(child, 'exit');
  return String(child.signalCode ?? child.exitCode);
}

/** Makes two children start their work at the same moment: each tells the journal that it is there, and looks for the other. */
function together(who: string): string {
  return `journal.append('ready-${who}', [event('')]); while (journal.runs(9).length < 2);`;
}

journalContract('memory', openMemoryJournal);
journalContract('sqlite', () => openSqliteJournal(freshFile()));

test('two processes that open a new journal and append at once lose nothing, and each append stands together', async () => {
  const file = freshFile();
  const body = (who: string): string =>
    `${together(who)}
    for (let i = 0; i < 200; i++) journal.append('r-1', [event('${who}' + i + '/0'), event('${who}' + i + '/1')]);`;
  assert.deepEqual(await Promise.all([inChild(file, body('a')), inChild(file, body('b'))]), ['0', '0']);

  using journal = openSqliteJournal(file);
  const entries = journal.read(run, 0);
  const reasons = entries.map(({ event }) => (event.type === 'run.cancel-requested' ? event.reason : event.type));
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    Array.from({ length: 800 }, (_, index) => index + 1),
  );
  for (const who of ['a', 'b']) {
    const expected = Array.from({ length: 200 }, (_, index) => [`${who}${index}/0`, `${who}${index}/1`]).flat();
    assert.deepEqual(
      reasons.filter((reason) => reason.startsWith(who)),
      expected,
    );
  }
  for (let index = 0; index < reasons.length; index += 2) {
    assert.equal(reasons[index + 1], reasons[index]?.replace('/0', '/1'));
  }
  assert.equal(journal.runs(10)[0], run);
});

test('of two processes that claim a run at once, one gets it', async () => {
  const file = freshFile();
  const body = (pid: number): string =>
    `${together(String(pid))}
    process.exit(journal.claim('r-1', { pid: ${pid}, startTicks: '1' }, () => true) === undefined ? 10 : 11);`;
  const codes = await Promise.all([inChild(file, body(1)), inChild(file, body(2))]);
  assert.deepEqual(codes.toSorted(), ['10', '11']);
  using journal = openSqliteJournal(file);
  assert.equal(journal.owner(run)?.pid, codes[0] === '10' ? 1 : 2);
});

test('of ten that come to a line in two processes at once each finds those that came before', async () => {
  const file = freshFile();
  const body = (who: string): string =>
    `${together(who)}
    for (let i = 0; i < 5; i++) journal.changeLine('g', (line) => ({
      line: [...line, { runId: '${who}' + i, holder: { kind: 'run' }, state: line.length === 0 ? 'held' : 'waiting', turn: 1 }],
      told: [{ runId: 'r-told', event: event('${who}' + i + ' behind ' + line.length) }],
    }));`;
  assert.deepEqual(await Promise.all([inChild(file, body('a')), inChild(file, body('b'))]), ['0', '0']);
  using journal = openSqliteJournal(file);
  const line = journal.line('g');
  assert.deepEqual(
    line.map((entry) => entry.state),
    ['held', ...Array.from({ length: 9 }, () => 'waiting')],
  );
  const told = journal.read(runId('r-told'), 0).map(({ event }) => ('reason' in event ? event.reason : ''));
  assert.deepEqual(
    told,
    line.map((entry, index) => `${entry.runId} behind ${index}`),
  );
});

test('a journal from before there were lines is taken up, with its runs', () => {
  const file = freshFile();
  openSqliteJournal(file)[Symbol.dispose]();
  const db = new DatabaseSync(file);
  db.exec('DROP TABLE lines; DROP TABLE run_numbers; PRAGMA user_version = 1');
  db.exec(`INSERT INTO runs (run_id) VALUES ('r-1')`);
  db.close();
  using journal = openSqliteJournal(file);
  assert.deepEqual(journal.runs(9), [run]);
  journal.changeLine('g', () => ({
    line: [{ runId: run, holder: { kind: 'run' }, state: 'held', turn: 1 }],
    told: [],
  }));
  assert.equal(journal.line('G').length, 1);
});

test('what was appended survives kill -9 of the process', async () => {
  const file = freshFile();
  const ended = await inChild(file, `journal.append('r-1', [event('a')]); process.kill(process.pid, 'SIGKILL');`);
  assert.equal(ended, 'SIGKILL');
  using journal = openSqliteJournal(file);
  assert.deepEqual(journal.read(run, 0), [{ seq: 1, event: cancelled('a') }]);
  journal.append(run, [cancelled('b')]);
  assert.equal(journal.read(run, 0).length, 2);
});

test('a reader in the same file sees appends of another handle at once', () => {
  const file = freshFile();
  using writer = openSqliteJournal(file);
  using reader = openSqliteJournal(file);
  writer.append(run, [cancelled('a')]);
  assert.equal(reader.read(run, 0).length, 1);
});

test('a journal of a newer version is refused and left as it is', () => {
  const file = freshFile();
  openSqliteJournal(file)[Symbol.dispose]();
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 7');
  db.close();
  assert.throws(
    () => openSqliteJournal(file),
    (error) =>
      error instanceof Error &&
      String(error.cause) === `Error: ${file} was written by a newer version (schema 7, this one knows 3)`,
  );
});

test('a file that is no database is refused', () => {
  const file = path.join(root, 'text.db');
  writeFileSync(file, 'this is not a database, it is a text that is long enough to be looked at\n'.repeat(20));
  assert.throws(() => openSqliteJournal(file), { message: `opening the journal ${file}` });
});
