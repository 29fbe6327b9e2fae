/** The engine is killed, interrupted and cancelled while it drives real pipelines through the built command. */
import assert from 'node:assert/strict';
import { readdirSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jobId as asJobId, type RunId } from '#base/ids.ts';
import { isAlive, startTicks } from '#execution/process/process-identity.ts';
import type { JobDelivery, RunEvent } from '#run/events.ts';
import { openSqliteJournal } from '#stores/journal/journal-sqlite.ts';
import type { Journal } from '#stores/journal/journal.ts';
import { openFileLogStore } from '#stores/logs/log-files.ts';
import { eventually, PipelineProject } from './support/pipeline-project.ts';

const PIPELINE = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    outputs:
      value: \${{ steps.make.outputs.value }}
    steps:
      - run: |
          echo build/0 >> "$OUT/ran"
          echo said build/0
          echo FROM_ENV=carried >> "$GITHUB_ENV"
      - id: make
        run: |
          echo build/1 >> "$OUT/ran"
          echo said build/1
          echo value=made >> "$GITHUB_OUTPUT"
      - run: |
          echo build/2 >> "$OUT/ran"
          echo said build/2
          mkdir -p tools && printf '#!/bin/sh\\necho tool works\\n' > tools/own-tool && chmod +x tools/own-tool
          echo "$PWD/tools" >> "$GITHUB_PATH"
      - run: |
          echo build/3 >> "$OUT/ran"
          echo said build/3
          sleep 600 &
          echo $! >> "$OUT/sleepers"
          until [ -e "$OUT/go" ]; do sleep 0.01; done
          kill %1
      - run: |
          echo build/4 >> "$OUT/ran"
          echo said build/4
          test "$FROM_ENV" = carried
          test "\${{ env.FROM_ENV }}" = carried
          test "\${{ steps.make.outputs.value }}" = made
          own-tool
  each:
    needs: build
    runs-on: ubuntu-latest
    strategy:
      matrix:
        part: [x, y]
    steps:
      - run: |
          echo each-\${{ matrix.part }}/0 >> "$OUT/ran"
          echo said each-\${{ matrix.part }}/0
          test "\${{ needs.build.outputs.value }}" = made
          echo PART=\${{ matrix.part }} >> "$GITHUB_ENV"
      - run: |
          echo each-\${{ matrix.part }}/1 >> "$OUT/ran"
          echo said each-\${{ matrix.part }}/1
          test "$PART" = \${{ matrix.part }}
  last:
    needs: each
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo last/0 >> "$OUT/ran"
          echo said last/0
env:
  OUT: \${{ vars.OUT }}
`;

const JOBS = 4;
const STEPS = 10;
const MOMENTS = 50;
/** Behind this many events the run ends faster than it can be killed. */
const LAST_EVENT = 32;

type Moment =
  | { readonly kind: 'events'; readonly count: number }
  /** Inside the step that waits, so many milliseconds after it began to. */
  | { readonly kind: 'inside'; readonly afterMs: number };

function moments(): readonly Moment[] {
  const inside = Array.from({ length: MOMENTS - LAST_EVENT }, (_, index): Moment => ({
    kind: 'inside',
    afterMs: Math.floor(Math.random() * 5 * index),
  }));
  return [
    ...Array.from({ length: LAST_EVENT }, (_, index): Moment => ({ kind: 'events', count: index + 1 })),
    ...inside,
  ];
}

test('an engine killed at any of fifty moments is resumed: every job ends once, no finished step runs again', async (t) => {
  const queue = [...moments()];
  const places: number[] = [];
  const worker = async (): Promise<void> => {
    for (let moment = queue.shift(); moment; moment = queue.shift()) {
      places.push(await surviveKill(moment));
    }
  };
  await Promise.all([worker(), worker()]);
  assert.equal(places.length, MOMENTS);
  t.diagnostic(`killed behind events ${places.toSorted((a, b) => a - b).join(' ')}`);
});

/** Resolves with the number of events that the journal held when the engine was dead. */
async function surviveKill(moment: Moment): Promise<number> {
  using project = new PipelineProject(PIPELINE);
  using journal = openSqliteJournal(join(project.state, 'journal.db'));
  const go = join(project.outside, 'go');
  const sleepers = join(project.outside, 'sleepers');
  if (moment.kind === 'events') writeFileSync(go, '');
  const started = project.start('run', '--var', `OUT=${project.outside}`);
  if (moment.kind === 'events') await eventually(() => hasEvents(journal, moment.count), `${moment.count} events`);
  else {
    await eventually(() => (existsSync(sleepers) ? true : undefined), 'the step that waits');
    await new Promise((next) => setTimeout(next, moment.afterMs));
  }
  started.child.kill('SIGKILL');
  await started.ended;
  const id = newestRun(journal);
  const before = eventsOf(journal, id);
  // Too late: one event earlier, then.
  if (moment.kind === 'events' && isOver(before)) return await surviveKill({ kind: 'events', count: moment.count - 1 });

  writeFileSync(go, '');
  const label = `killed behind ${before.length} events (${before.at(-1)?.type})`;
  const resumed = await project.run('resume');
  assert.equal(resumed.code, 0, `${label}: ${resumed.stdout}${resumed.stderr}`);
  const after = eventsOf(journal, id);
  checkJournal(before, after, label);
  checkStepsRan(before, project, label);
  checkLogs(project, id, after, label);
  if (existsSync(sleepers)) for (const pid of readLines(sleepers)) assertGone(Number(pid), label);
  const again = await project.run('resume');
  assert.equal(again.code, 2, label);
  assert.match(again.stderr, /nothing to resume/);
  return before.length;
}

function checkJournal(before: readonly RunEvent[], after: readonly RunEvent[], label: string): void {
  assert.deepEqual(after.slice(0, before.length), before, label);
  const ended = factsOf(after).filter(({ fact }) => fact.type === 'job.finished');
  assert.equal(ended.length, JOBS, label);
  assert.equal(new Set(ended.map(({ jobId }) => jobId)).size, JOBS, label);
  for (const { fact, jobId } of ended) {
    assert.ok(fact.type === 'job.finished' && fact.conclusion === 'success', `${label}: ${jobId}`);
    if (jobId === 'build') assert.deepEqual(fact.outputs, { value: 'made' }, label);
  }
  assert.equal(factsOf(after).filter(({ fact }) => fact.type === 'step.finished').length, STEPS, label);
  assert.equal(after.filter((event) => event.type === 'run.finished').length, 1, label);
  assert.equal(after.at(-1)?.type, 'run.finished', label);
}

/** Exactly once, but for the step in which the engine died: its first, unfinished run may have got so far or not. */
function checkStepsRan(before: readonly RunEvent[], project: PipelineProject, label: string): void {
  const finished = new Set<string>();
  const begun = new Set<string>();
  for (const { jobId, fact } of factsOf(before)) {
    if (fact.type === 'step.started') begun.add(`${jobId}/${fact.index}`);
    if (fact.type === 'step.finished') finished.add(`${jobId}/${fact.result.index}`);
  }
  const ran = Map.groupBy(readLines(join(project.outside, 'ran')), (name) => name);
  assert.equal(ran.size, STEPS, label);
  for (const name of [...finished].map(writtenAs)) assert.equal(ran.get(name)?.length, 1, `${label}: ${name}`);
  const twice = [...ran].filter(([, runs]) => runs.length > 1).map(([name]) => name);
  const interrupted = [...begun].filter((name) => !finished.has(name)).map(writtenAs);
  for (const name of twice) assert.ok(interrupted.includes(name), `${label}: ${name} ran again`);
}

/** `each (x)/0` of the journal is `each-x/0` in what the steps write. */
function writtenAs(step: string): string {
  return step.replace(/^each \((\w)\)/, 'each-$1');
}

function checkLogs(project: PipelineProject, id: RunId, after: readonly RunEvent[], label: string): void {
  const logs = openFileLogStore(join(project.state, 'logs'));
  const said: string[] = [];
  for (const { jobId, fact } of factsOf(after)) {
    if (fact.type !== 'job.finished') continue;
    const end = logs.end(id, jobId, { verify: true });
    assert.ok(end, `${label}: the log of ${jobId} has no true end`);
    assert.deepEqual(end, fact.log, label);
    const lines = [...logs.read(id, jobId)];
    assert.deepEqual(
      lines.map((line) => line.seq),
      Array.from({ length: end.lines }, (_, index) => index + 1),
      `${label}: ${jobId}`,
    );
    said.push(...lines.map((line) => line.text).filter((text) => text.startsWith('said ')));
  }
  assert.equal(new Set(said).size, STEPS, `${label}: ${said.join(', ')}`);
}

const LITTERING_PIPELINE = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    outputs:
      value: \${{ steps.make.outputs.value }}
    steps:
      - id: make
        run: |
          seq -f file-%g 30000 | xargs touch
          echo value=made >> "$GITHUB_OUTPUT"
  use:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: |
          while [ ! -e "\${{ vars.OUT }}/go" ]; do sleep 0.05; done
          test "\${{ needs.build.outputs.value }}" = made
`;

test('an engine killed while it removes the workspace of a finished job has lost none of its outputs', async () => {
  using project = new PipelineProject(LITTERING_PIPELINE);
  using journal = openSqliteJournal(join(project.state, 'journal.db'));
  const logs = openFileLogStore(join(project.state, 'logs'));
  const work = join(project.state, 'work');
  const left = (): readonly string[] => readdirSync(work).filter((name) => name.startsWith('.leaving-'));
  const started = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => journal.runs(1)[0], 'the run');
  const id = newestRun(journal);
  await eventually(() => logs.end(id, asJobId('build')), 'the end of the log');
  await eventually(() => (left().length > 0 ? true : undefined), 'the workspace put aside');
  started.child.kill('SIGKILL');
  await started.ended;
  assert.ok(!isOver(eventsOf(journal, id)), 'it was killed before the end');
  writeFileSync(join(project.outside, 'go'), '');
  const resumed = await project.run('resume');
  assert.equal(resumed.code, 0, resumed.stdout);
  assert.deepEqual(left(), [], 'nothing is left of it');
});

const HOOKS_PIPELINE = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    env:
      OUT: \${{ vars.OUT }}
    steps:
      - uses: $/outer
        with: { who: inside }
        env: { GIVEN: to the step }
      - uses: $/tool
        with: { name: failing, exit: 3 }
        continue-on-error: true
      - run: |
          echo FROM_STEP=later >> "$GITHUB_ENV"
      - run: |
          touch "$OUT/began"
          until [ -e "$OUT/go" ]; do sleep 0.01; done
      - run: test "$FROM_PRE" = "inside failing skipped"
      - uses: $/tool
        with: { name: skipped }
        if: false
`;

const HOOKS_FILES = {
  'outer/action.yml': `inputs: { who: {} }
runs:
  using: composite
  steps:
    - { id: make, shell: bash, run: echo name=made >> "$GITHUB_OUTPUT" }
    - { uses: $/tool, with: { name: '\${{ inputs.who }}', made: '\${{ steps.make.outputs.name }}' } }
`,
  'tool/action.yml': `inputs: { name: {}, exit: {}, made: {} }
runs: { using: node24, pre: pre.mjs, main: main.mjs, post: post.mjs }
`,
  'tool/pre.mjs': `import { appendFileSync } from 'node:fs';
const { FROM_PRE, INPUT_NAME, GITHUB_ENV, GITHUB_STATE, OUT } = process.env;
appendFileSync(OUT + '/order', 'pre ' + INPUT_NAME + '\\n');
appendFileSync(GITHUB_ENV, 'FROM_PRE=' + (FROM_PRE ? FROM_PRE + ' ' : '') + INPUT_NAME + '\\n');
appendFileSync(GITHUB_STATE, 'pre=' + INPUT_NAME + '\\n');
`,
  'tool/main.mjs': `import { appendFileSync } from 'node:fs';
appendFileSync(process.env.GITHUB_STATE, 'main=' + process.env.INPUT_MADE + '\\n');
process.exitCode = Number(process.env.INPUT_EXIT);
`,
  'tool/post.mjs': `import { appendFileSync } from 'node:fs';
const { OUT, STATE_pre, STATE_main, INPUT_MADE, GIVEN, FROM_STEP } = process.env;
appendFileSync(OUT + '/order', ['post', STATE_pre, STATE_main, INPUT_MADE, GIVEN, FROM_STEP].map((each) => each || '-').join(' ') + '\\n');
`,
};

test('what actions began before the engine died is ended after it, also inside composite actions and of steps that failed', async () => {
  using project = new PipelineProject(HOOKS_PIPELINE, HOOKS_FILES);
  const started = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => (existsSync(join(project.outside, 'began')) ? true : undefined), 'the step that waits');
  started.child.kill('SIGKILL');
  await started.ended;
  writeFileSync(join(project.outside, 'go'), '');
  const resumed = await project.run('resume');
  assert.equal(resumed.code, 0, resumed.stdout);
  assert.deepEqual(readFileSync(join(project.outside, 'order'), 'utf8').trimEnd().split('\n'), [
    'pre inside',
    'pre failing',
    'pre skipped',
    'post skipped - - - later',
    'post failing - - - later',
    'post inside made made to the step later',
  ]);
});

const SLOW_PIPELINE = `
on: push
jobs:
  slow:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo $$ > "\${{ vars.OUT }}/began"
          exec sleep 600
      - run: touch "\${{ vars.OUT }}/not-wanted"
      - if: always()
        run: touch "\${{ vars.OUT }}/cleaned"
  after:
    needs: slow
    runs-on: ubuntu-latest
    steps:
      - run: touch "\${{ vars.OUT }}/not-wanted"
`;

async function startSlow(project: PipelineProject) {
  const started = project.start('run', '--format', 'json', '--var', `OUT=${project.outside}`);
  await eventually(() => (existsSync(join(project.outside, 'began')) ? true : undefined), 'the first step');
  return started;
}

function assertCancelled(project: PipelineProject, ended: { readonly code: number | null; readonly stdout: string }) {
  assert.equal(ended.code, 130);
  const report: unknown = JSON.parse(ended.stdout);
  assert.ok(typeof report === 'object' && report !== null && 'conclusion' in report);
  assert.equal(report.conclusion, 'cancelled');
  assert.ok(existsSync(join(project.outside, 'cleaned')), 'what runs always did run');
  assert.ok(!existsSync(join(project.outside, 'not-wanted')));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} ends a run: steps under always() still run, the report says cancelled, exit code 130`, async () => {
    using project = new PipelineProject(SLOW_PIPELINE);
    const started = await startSlow(project);
    started.child.kill(signal);
    assertCancelled(project, await started.ended);
    assert.match((await project.run('show')).stdout, /cancelled/);
  });
}

const SLOW_ACTION_PIPELINE = `
on: push
jobs:
  slow:
    runs-on: ubuntu-latest
    env:
      OUT: "\${{ vars.OUT }}"
    steps:
      - uses: $/outer
`;

const SLOW_ACTION = {
  'outer/action.yml': `runs:
  using: composite
  steps:
    - { uses: $/inner }
    - { shell: bash, run: touch "$OUT/not-wanted" }
    - { shell: bash, if: cancelled(), run: touch "$OUT/told" }
`,
  'inner/action.yml': 'runs: { using: node24, main: main.mjs, post: post.mjs }\n',
  'inner/main.mjs': `import { appendFileSync, writeFileSync } from 'node:fs';
appendFileSync(process.env.GITHUB_STATE, 'mark=kept\\n');
writeFileSync(process.env.OUT + '/began', String(process.pid));
setTimeout(() => {}, 600_000);
`,
  'inner/post.mjs': `import { writeFileSync } from 'node:fs';
if (process.env.STATE_mark === 'kept') writeFileSync(process.env.OUT + '/cleaned', '');
`,
};

test('a cancelled action clears up: its steps under cancelled() run, and the post of an action within it', async () => {
  using project = new PipelineProject(SLOW_ACTION_PIPELINE, SLOW_ACTION);
  const started = await startSlow(project);
  started.child.kill('SIGINT');
  assertCancelled(project, await started.ended);
  assert.ok(existsSync(join(project.outside, 'told')));
});

test('gantry cancel ends a run that another process drives, in the same way', async () => {
  using project = new PipelineProject(SLOW_PIPELINE);
  const started = await startSlow(project);
  const asked = await project.run('cancel');
  assert.equal(asked.code, 0);
  assert.match(asked.stdout, /is asked to end/);
  assertCancelled(project, await started.ended);
  assert.equal((await project.run('cancel')).code, 2);
});

test('a run that was cancelled while nobody drove it is brought to its end by resume, as cancelled', async () => {
  using project = new PipelineProject(SLOW_PIPELINE);
  const started = await startSlow(project);
  started.child.kill('SIGKILL');
  await started.ended;
  assert.match((await project.run('cancel')).stdout, /was interrupted/);
  const resumed = await project.run('resume', '--format', 'json');
  assertCancelled(project, resumed);
  assertGone(Number(readFileSync(join(project.outside, 'began'), 'utf8')), 'what the dead engine left running');
});

test('two engines cannot drive one run: the second is told who does, and changes nothing', async () => {
  using project = new PipelineProject(SLOW_PIPELINE);
  const started = await startSlow(project);
  using journal = openSqliteJournal(join(project.state, 'journal.db'));
  const id = newestRun(journal);
  const before = eventsOf(journal, id).length;
  const second = await project.run('resume', id);
  assert.equal(second.code, 2);
  assert.match(second.stderr, /still being driven by another process/);
  assert.match((await project.run('resume')).stderr, /nothing to resume/);
  assert.equal(eventsOf(journal, id).length, before);
  started.child.kill('SIGINT');
  assertCancelled(project, await started.ended);
});

test('runs that begin in the same moment have numbers of their own', async () => {
  const pipeline = `
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: touch "\${{ vars.OUT }}/number-\${{ github.run_number }}"
`;
  using project = new PipelineProject(pipeline);
  const runs = Array.from({ length: 5 }, () => project.start('run', '--var', `OUT=${project.outside}`).ended);
  for (const { code, stderr } of await Promise.all(runs)) assert.equal(code, 0, stderr);
  assert.deepEqual(
    readdirSync(project.outside).toSorted(),
    [1, 2, 3, 4, 5].map((number) => `number-${number}`),
  );
});

test('of two resumes at once exactly one drives the run', async () => {
  using project = new PipelineProject(PIPELINE);
  const started = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => (existsSync(join(project.outside, 'sleepers')) ? true : undefined), 'the step that waits');
  started.child.kill('SIGKILL');
  await started.ended;
  using journal = openSqliteJournal(join(project.state, 'journal.db'));
  const id = newestRun(journal);
  const both = [project.start('resume', id), project.start('resume', id)];
  const first = await Promise.race(both.map((each) => each.ended));
  assert.notEqual(first.code, 0, first.stdout);
  assert.match(first.stderr, /driven by/);
  writeFileSync(join(project.outside, 'go'), '');
  const codes = (await Promise.all(both.map((each) => each.ended))).map((ended) => ended.code);
  assert.ok(codes.includes(0), String(codes));
  const lost = eventsOf(journal, id).filter((event) => event.type === 'job.lost');
  assert.equal(lost.length, 1);
});

test('what a step left running is ended even when the engine died before it had noted which process that is', async () => {
  using project = new PipelineProject(PIPELINE);
  const sleepers = join(project.outside, 'sleepers');
  const started = project.start('run', '--var', `OUT=${project.outside}`);
  await eventually(() => (existsSync(sleepers) && readLines(sleepers).length > 0 ? true : undefined), 'the sleeper');
  started.child.kill('SIGKILL');
  await started.ended;
  const [pid] = readLines(sleepers).map(Number);
  assert.ok(pid !== undefined && startTicks(pid) !== undefined, 'it outlives the engine');
  const notes = join(project.state, 'work/build/_private');
  for (const name of readdirSync(notes).filter((each) => each.startsWith('process-'))) rmSync(join(notes, name));
  const resumed = project.start('resume');
  await eventually(() => (readLines(sleepers).length > 1 ? true : undefined), 'the second sleeper');
  assertGone(pid, 'beside the second run of its step');
  writeFileSync(join(project.outside, 'go'), '');
  assert.equal((await resumed.ended).code, 0);
});

function assertGone(pid: number, label: string): void {
  const ticks = startTicks(pid);
  assert.ok(ticks === undefined || !isAlive({ pid, startTicks: ticks }), `${label}: ${pid} still runs`);
}

function newestRun(journal: Journal): RunId {
  const [id] = journal.runs(1);
  assert.ok(id, 'there is a run');
  return id;
}

function hasEvents(journal: Journal, count: number): true | undefined {
  const [id] = journal.runs(1);
  return id !== undefined && journal.read(id, count - 1).length > 0 ? true : undefined;
}

function eventsOf(journal: Journal, id: RunId): readonly RunEvent[] {
  return journal.read(id, 0).map((entry) => entry.event);
}

function isOver(events: readonly RunEvent[]): boolean {
  return events.at(-1)?.type === 'run.finished';
}

function factsOf(events: readonly RunEvent[]): readonly JobDelivery[] {
  return events.flatMap((event) => (event.type === 'job.reported' ? [event.delivery] : []));
}

function readLines(file: string): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
