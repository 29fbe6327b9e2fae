/** `gantry run --pause-on-failure` on a real terminal: somebody types, and the step, the run and the journal follow. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { runId } from '#base/ids.ts';
import { stateFolder } from '#engine/project.ts';
import type { JobFact } from '#run/events.ts';
import { openSqliteJournal } from '#stores/journal/journal-sqlite.ts';
import { openTestProject } from './support/gantry-command.ts';
import type { TestProject } from './support/gantry-command.ts';
import { TestTerminal } from './support/terminal.ts';

const QUESTION = '[s]hell there  [r]etry  [g]o on, failed  [q]uit the run? ';
const ARGS = ['run', '--pause-on-failure'];

const PIPELINE = `
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 0.1
    steps:
      - run: mkdir sub && echo FROM_ENV=set >> "$GITHUB_ENV"
      - name: Tolerated
        continue-on-error: true
        run: exit 5
      - name: Fails
        timeout-minutes: 0.1
        working-directory: sub
        env: { OWN: of the step }
        run: |
          echo "looked for mended"
          test -e mended
      - name: After
        run: echo after
      - name: Clean-up
        if: always()
        run: echo cleaned
`;

function project(pipeline = PIPELINE): TestProject {
  const source = mkdtempSync(join(tmpdir(), 'gantry-pause-'));
  writeFileSync(join(source, 'gantry.yml'), pipeline);
  const opened = openTestProject(source);
  rmSync(source, { recursive: true });
  return opened;
}

function terminal({ folder, stateFolder: state }: TestProject, args = ARGS): TestTerminal {
  return new TestTerminal(args, { cwd: folder, stateFolder: state });
}

const Shown = z.object({
  run: z.string(),
  conclusion: z.string(),
  verdict: z.string(),
  cancelled: z.string().optional(),
  ledger: z.array(z.looseObject({ what: z.string(), where: z.string(), used: z.string(), why: z.string() })),
  jobs: z.array(
    z.looseObject({
      durationMs: z.number(),
      steps: z.array(z.looseObject({ name: z.string(), conclusion: z.string(), durationMs: z.number() })),
    }),
  ),
});

async function reportOf(own: TestProject): Promise<z.infer<typeof Shown>> {
  return Shown.parse(JSON.parse((await own.gantry(['show', '--format', 'json'])).stdout));
}

function pausesOf(own: TestProject, run: string): readonly JobFact[] {
  const folder = stateFolder(own.folder, { GANTRY_STATE_DIR: own.stateFolder });
  using journal = openSqliteJournal(join(folder, 'journal.db'));
  const facts = journal
    .read(runId(run), 0)
    .flatMap(({ event }) => (event.type === 'job.reported' ? [event.delivery.fact] : []));
  return facts.filter(({ type }) => type === 'step.paused' || type === 'step.continued');
}

test('a step that was mended in the shell passes at the next try, which the ledger tells, and no limit ran on', async () => {
  using own = project();
  using screen = terminal(own);
  await screen.sees('Paused  test / Fails: exit code 1');
  await screen.sees('│ looked for mended');
  await screen.sees(QUESTION);
  // Longer than the step and the job may take.
  await new Promise((next) => setTimeout(next, 6_500));
  screen.type('s\r');
  await screen.sees('gantry sub');
  screen.type('echo "in ${PWD##*/}, $FROM_ENV, $OWN"; touch mended\r');
  await screen.sees('in sub, set, of the step\n');
  screen.type('exit\r');
  await screen.sees(QUESTION);
  screen.type('r\r');
  assert.equal(await screen.ended, 0, screen.shown);
  const report = await reportOf(own);
  assert.equal(report.verdict, 'degraded');
  assert.deepEqual(
    report.ledger.map(({ what, where, used, why }) => ({ what, where, used, why })),
    [
      {
        what: 'tolerated',
        where: 'test / Tolerated',
        used: 'its failure, tolerated by continue-on-error',
        why: 'exit code 5',
      },
      { what: 'retry', where: 'test / Fails', used: 'run again by hand, attempt 2', why: 'exit code 1' },
    ],
  );
  const step = report.jobs[0]?.steps.find(({ name }) => name === 'Fails');
  assert.ok(step && step.durationMs < 6_000, `the step took ${step?.durationMs} ms without the pause`);
  const [paused, continued, ...more] = pausesOf(own, report.run);
  assert.ok(paused?.type === 'step.paused' && continued?.type === 'step.continued');
  assert.deepEqual(
    [paused.index, paused.why, continued.index, continued.answer, more],
    [2, 'exit code 1', 2, 'retry', []],
  );
});

test('whoever goes on has a run that failed, with its clean-up', async () => {
  using own = project();
  using screen = terminal(own);
  await screen.sees(QUESTION);
  screen.type('what?\r');
  await screen.sees(QUESTION);
  screen.type('g\r');
  assert.equal(await screen.ended, 1, screen.shown);
  const { conclusion, jobs } = await reportOf(own);
  assert.equal(conclusion, 'failure');
  assert.deepEqual(
    jobs[0]?.steps.slice(2).map((step) => step.conclusion),
    ['failure', 'skipped', 'success'],
  );
});

test('whoever quits ends the run, which says so', async () => {
  using own = project();
  using screen = terminal(own);
  await screen.sees(QUESTION);
  screen.type('q\r');
  assert.equal(await screen.ended, 130, screen.shown);
  const { conclusion, cancelled, run } = await reportOf(own);
  assert.deepEqual([conclusion, cancelled], ['cancelled', 'ended by hand at test / Fails']);
  assert.ok(pausesOf(own, run).some((fact) => fact.type === 'step.continued' && fact.answer === 'quit'));
});

test('Ctrl-C at the question cancels the run, and in the shell it is for what runs there', async () => {
  using own = project();
  using screen = terminal(own);
  await screen.sees(QUESTION);
  screen.type('s\r');
  await screen.sees('gantry sub');
  screen.type('sleep 600 || echo interrupted: $?\r');
  await screen.sees('sleep 600');
  screen.type('\u0003');
  await screen.sees('gantry sub');
  screen.type('exit\r');
  await screen.sees(QUESTION);
  screen.type('\u0003');
  assert.equal(await screen.ended, 130, screen.shown);
  const { cancelled, jobs } = await reportOf(own);
  assert.equal(cancelled, 'interrupted at the terminal');
  assert.equal(jobs[0]?.steps.at(-1)?.conclusion, 'success');
});

test('steps that fail at the same time are asked about one after the other', async () => {
  const job = (name: string): string =>
    `  ${name}:\n    runs-on: ubuntu-latest\n    steps:\n      - name: Step of ${name}\n        run: exit 3\n`;
  using own = project(`on: push\njobs:\n${job('one')}${job('two')}`);
  using screen = terminal(own);
  await screen.sees(QUESTION);
  screen.type('g\r');
  await screen.sees('paused for');
  await screen.sees('Paused  ');
  await screen.sees(QUESTION);
  screen.type('g\r');
  assert.equal(await screen.ended, 1, screen.shown);
  assert.equal(screen.shown.split('Paused  ').length - 1, 2);
});

test('without a terminal it is refused before anything runs', async () => {
  using own = project(
    `on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: 'touch "\${{ vars.SHARED }}/ran"' }] } }\n`,
  );
  const refused = await own.gantry([...ARGS, '--var', `SHARED=${own.shared}`]);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /^gantry: --pause-on-failure needs a terminal, where somebody can be asked; /);
  const json = await own.gantry([...ARGS, '--format', 'json']);
  assert.deepEqual([json.exitCode, json.stdout], [2, '']);
  assert.ok(!existsSync(join(own.shared, 'ran')));
});
