import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runId } from '#base/ids.ts';
import type { RunEvent } from '#run/events.ts';
import type { LineEntry } from '#run/line.ts';
import type { Journal } from './journal.ts';

const first = runId('r-1');
const second = runId('r-2');
const me = { pid: 10, startTicks: '100' };
const other = { pid: 11, startTicks: '110' };

export function cancelled(reason: string): RunEvent {
  return { type: 'run.cancel-requested', v: 1, atMs: 5, reason };
}

function created(id: string, workflowFile: string, number: string): RunEvent {
  const plan = {
    v: 1,
    workflowFile,
    workflowName: 'w',
    runName: 'w',
    project: '/p',
    dirty: false,
    github: { run_number: number },
    vars: {},
    inputs: {},
    env: {},
    defaults: {},
    secretNames: [],
    jobs: [],
  } as const;
  return { type: 'run.created', v: 1, runId: runId(id), atMs: 5, plan };
}

/** What every journal must do. `open` gives an empty one; it is disposed here. */
export function journalContract(name: string, open: () => Journal): void {
  describe(`journal: ${name}`, () => {
    test('events come back in order, numbered from 1 without gaps', () => {
      using journal = open();
      journal.append(first, [cancelled('a'), cancelled('b')]);
      journal.append(first, [cancelled('c')]);
      assert.deepEqual(journal.read(first, 0), [
        { seq: 1, event: cancelled('a') },
        { seq: 2, event: cancelled('b') },
        { seq: 3, event: cancelled('c') },
      ]);
    });

    test('a run that is removed was never there, but its number is not given again', () => {
      using journal = open();
      journal.append(first, [created('r-1', 'a.yml', '7'), cancelled('a')]);
      journal.append(second, [created('r-2', 'b.yml', '1')]);
      assert.ok(journal.size(first) > journal.size(second));
      journal.claim(first, me, () => false);
      journal.remove(first);
      journal.compact();
      assert.deepEqual(journal.runs(10), [second]);
      assert.deepEqual(journal.read(first, 0), []);
      assert.equal(journal.size(first), 0);
      assert.equal(journal.owner(first), undefined);
      assert.equal(journal.takeRunNumber('a.yml'), 8);
      assert.equal(journal.read(second, 0).length, 1);
    });

    test('a reader with a cursor gets only what came after it', () => {
      using journal = open();
      journal.append(first, [cancelled('a'), cancelled('b')]);
      assert.deepEqual(journal.read(first, 1), [{ seq: 2, event: cancelled('b') }]);
      assert.deepEqual(journal.read(first, 2), []);
      assert.deepEqual(journal.read(first, 99), []);
    });

    test('runs do not see each other', () => {
      using journal = open();
      journal.append(first, [cancelled('a')]);
      journal.append(second, [cancelled('b')]);
      assert.deepEqual(journal.read(second, 0), [{ seq: 1, event: cancelled('b') }]);
      assert.deepEqual(journal.read(runId('r-unknown'), 0), []);
    });

    test('an event keeps every character of its text', () => {
      using journal = open();
      const event = cancelled('line\nnext\u0000 "quoted" é 💥 \u2028');
      journal.append(first, [event]);
      assert.deepEqual(journal.read(first, 0), [{ seq: 1, event }]);
    });

    test('an event given twice stands there twice', () => {
      using journal = open();
      journal.append(first, [cancelled('a')]);
      journal.append(first, [cancelled('a')]);
      assert.equal(journal.read(first, 0).length, 2);
    });

    test('runs are listed newest first by their first event, up to the limit', () => {
      using journal = open();
      journal.claim(runId('r-claimed-only'), me, () => true);
      journal.append(second, [cancelled('a')]);
      journal.append(first, [cancelled('a')]);
      journal.append(second, [cancelled('b')]);
      journal.append(runId('r-empty'), []);
      assert.deepEqual(journal.runs(10), [first, second]);
      assert.deepEqual(journal.runs(1), [first]);
      assert.deepEqual(journal.runs(0), []);
    });

    test('runs of a workflow file are numbered by the newest of them', () => {
      using journal = open();
      assert.equal(journal.lastRunNumber('a.yml'), 0);
      for (const [id, file, number] of [
        ['r-1', 'a.yml', '1'],
        ['r-2', 'a.yml', '2'],
        ['r-3', 'b.yml', '1'],
        // A further attempt of the first run bears its number, and is no newer run.
        ['r-1.2', 'a.yml', '1'],
      ] as const)
        journal.append(runId(id), [created(id, file, number), cancelled('x')]);
      assert.deepEqual(
        ['a.yml', 'b.yml', 'c.yml'].map((file) => journal.lastRunNumber(file)),
        [2, 1, 0],
      );
      // Two that ask before either has begun.
      assert.deepEqual([journal.takeRunNumber('a.yml'), journal.takeRunNumber('a.yml')], [3, 4]);
      assert.deepEqual([journal.takeRunNumber('c.yml'), journal.takeRunNumber('b.yml')], [1, 2]);
      journal.append(runId('r-7'), [created('r-7', 'c.yml', '7')]);
      assert.equal(journal.takeRunNumber('c.yml'), 8);
      assert.equal(journal.lastRunNumber('a.yml'), 2);
    });
  });
  ownerContract(name, open);
  lineContract(name, open);
}

function ownerContract(name: string, open: () => Journal): void {
  describe(`journal, owner of a run: ${name}`, () => {
    test('the first to claim a run owns it', () => {
      using journal = open();
      assert.equal(journal.owner(first), undefined);
      assert.equal(
        journal.claim(first, me, () => assert.fail('nobody to ask about')),
        undefined,
      );
      assert.deepEqual(journal.owner(first), me);
      assert.equal(journal.owner(second), undefined);
    });

    test('a living owner keeps its run, and the claimant is told who it is', () => {
      using journal = open();
      journal.claim(first, me, () => true);
      assert.deepEqual(
        journal.claim(first, other, () => true),
        me,
      );
      assert.deepEqual(journal.owner(first), me);
    });

    test('even the owner itself cannot claim its run twice', () => {
      using journal = open();
      journal.claim(first, me, () => true);
      assert.deepEqual(
        journal.claim(first, me, () => true),
        me,
      );
    });

    test('the run of a dead owner goes to the claimant', () => {
      using journal = open();
      journal.claim(first, me, () => true);
      const asked: unknown[] = [];
      assert.equal(
        journal.claim(first, other, (owner) => {
          asked.push(owner);
          return false;
        }),
        undefined,
      );
      assert.deepEqual(asked, [me]);
      assert.deepEqual(journal.owner(first), other);
    });

    test('a claim whose question fails changes nothing and blocks nobody', () => {
      using journal = open();
      journal.claim(first, me, () => true);
      const fails = (): boolean => {
        throw new Error('no /proc here');
      };
      assert.throws(() => journal.claim(first, other, fails), /no \/proc here/);
      assert.deepEqual(journal.owner(first), me);
      journal.append(first, [cancelled('a')]);
      assert.equal(journal.read(first, 0).length, 1);
    });

    test('a released run is free, with its events kept', () => {
      using journal = open();
      journal.append(first, [cancelled('a')]);
      journal.claim(first, me, () => true);
      journal.release(first);
      assert.equal(journal.owner(first), undefined);
      assert.equal(
        journal.claim(first, other, () => true),
        undefined,
      );
      assert.equal(journal.read(first, 0).length, 1);
    });
  });
}

function lineContract(name: string, open: () => Journal): void {
  const place = (id: typeof first, state: LineEntry['state']): LineEntry => ({
    runId: id,
    holder: { kind: 'run' },
    state,
    turn: 1,
  });
  const both = [place(first, 'held'), place(second, 'waiting')];

  describe(`journal, lines of concurrency groups: ${name}`, () => {
    test('a line is as the last change left it, and its name is the same in any case', () => {
      using journal = open();
      assert.deepEqual(journal.line('Deploy'), []);
      journal.changeLine('Deploy', (line) => ({ line: [...line, ...both], told: [] }));
      assert.deepEqual(journal.line('dePLOY'), both);
      journal.changeLine('deploy', (line) => ({ line: line.toReversed(), told: [] }));
      assert.deepEqual(journal.line('Deploy'), both.toReversed());
      assert.deepEqual(journal.line('other'), []);
      const lines = new Map([['deploy', both.toReversed()]]);
      assert.deepEqual(new Map(journal.lines()), lines);
      journal.changeLine('Next', (line) => {
        assert.deepEqual([line, new Map(journal.lines())], [[], lines]);
        return { line: [place(second, 'held')], told: [] };
      });
      assert.deepEqual(journal.lines().get('next'), [place(second, 'held')]);
    });

    test('what follows from a change stands in the journals of those it concerns', () => {
      using journal = open();
      journal.append(first, [cancelled('a')]);
      const told = [first, second].map((id) => ({ runId: id, event: cancelled(`told ${id}`) }));
      journal.changeLine('g', () => ({ line: both, told }));
      assert.deepEqual(journal.read(first, 1), [{ seq: 2, event: cancelled('told r-1') }]);
      assert.deepEqual(journal.read(second, 0), [{ seq: 1, event: cancelled('told r-2') }]);
    });

    test('a change that fails changes nothing and blocks nobody', () => {
      using journal = open();
      journal.changeLine('g', () => ({ line: both, told: [] }));
      const fails = (): never => {
        throw new Error('no answer');
      };
      assert.throws(() => journal.changeLine('g', fails), /no answer/);
      assert.deepEqual(journal.line('g'), both);
      journal.append(first, [cancelled('a')]);
    });

    test('owners can be asked for while a line is changed', () => {
      using journal = open();
      journal.claim(first, me, () => true);
      journal.changeLine('g', () => ({ line: journal.owner(first) ? both : [], told: [] }));
      assert.deepEqual(journal.line('g'), both);
    });

    test('who gives a run up gives up its places, in all lines', () => {
      using journal = open();
      for (const group of ['g', 'h']) journal.changeLine(group, () => ({ line: both, told: [] }));
      journal.release(first);
      assert.deepEqual([...journal.line('g'), ...journal.line('h')], [both[1], both[1]]);
    });
  });
}
