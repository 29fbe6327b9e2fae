/** An option that names what the pipeline does not have is told, with the name that was meant: it is not ignored in silence. */
import assert from 'node:assert/strict';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stateFolder } from '#engine/project.ts';
import { openProjectOf } from './export/on-github.ts';

const PIPELINE = `on:
  push:
  workflow_dispatch: { inputs: { level: { default: low } } }
jobs:
  test:
    runs-on: ubuntu-latest
    services: { redis: { image: 'redis:7' } }
    strategy: { matrix: { version: [20, 22], include: [{ version: 24, extra: more }] } }
    steps:
      - if: vars.STAGE != 'live'
        run: 'echo \${{ vars.PLACE }} \${{ secrets.TOKEN }}'
      - uses: some/action/sub@v1
  open:
    runs-on: ubuntu-latest
    strategy: { matrix: { item: '\${{ fromJSON(vars.ITEMS) }}' } }
    steps: [{ run: 'true' }]
  whole:
    uses: ./.github/workflows/called.yml
    secrets: inherit
`;
const CALLED = `on: workflow_call
jobs:
  inner:
    runs-on: ubuntu-latest
    services: { postgres: { image: 'postgres:17' } }
    steps: [{ run: 'echo \${{ secrets.LICENCE }}' }]
`;

const project = openProjectOf({ 'gantry.yml': PIPELINE, '.github/workflows/called.yml': CALLED });
after(() => project[Symbol.dispose]());

const refused: readonly (readonly [args: readonly string[], says: string])[] = [
  [['--job', 'tset'], 'there is no job "tset"; did you mean "test"?'],
  [['--job', 'whole/iner'], 'there is no job "whole/iner"; did you mean "whole / inner"?'],
  [['--job', 'nothing-like-it'], 'there is no job "nothing-like-it"; there are test, open, whole'],
  [['-i', 'lvel=3'], 'there is no input "lvel"; did you mean "level"?'],
  [['--service-command', 'rdis=sleep 1'], '--service-command rdis: there is no service "rdis"; did you mean "redis"?'],
  [
    ['--service-command', 'mail=sleep 1'],
    '--service-command mail: there is no service "mail"; there are redis, postgres',
  ],
  [
    ['--job', 'test', '--matrix', 'verson=20'],
    '--matrix verson: the matrix of job "test" has no "verson"; did you mean "version"?',
  ],
  [
    ['--job', 'test', '--matrix', 'version=23'],
    '--matrix version: no combination of job "test" has "23"; there are 20, 22, 24',
  ],
  [['--job', 'whole', '--matrix', 'version=20'], '--matrix: job "whole" has no matrix'],
  [
    ['--job', 'whole / inner', '--matrix', 'version=20'],
    '--matrix is about a job of the pipeline itself, and "whole / inner" is one that it calls',
  ],
  [['--secret', 'TOKNE=x'], '--secret TOKNE: nothing in this pipeline reads secrets.TOKNE; did you mean "TOKEN"?'],
  [
    ['--secret', 'LICENSE=x'],
    '--secret LICENSE: nothing in this pipeline reads secrets.LICENSE; did you mean "LICENCE"?',
  ],
];

for (const [args, says] of refused) {
  test(`${args.join(' ')} is refused`, async () => {
    const { exitCode, stderr, stdout } = await project.gantry(['plan', ...args]);
    assert.equal(stderr, `gantry: ${says}\n`);
    assert.deepEqual([exitCode, stdout], [2, '']);
  });
}

test('what something of the pipeline reads or has is taken, however it is written', async () => {
  const given = [
    ['--secret', 'token=x', '--secret', 'licence=y', '--secret', 'GITHUB_TOKEN=z', '--var', 'stage=live'],
    ['--service-command', 'redis=sleep 1', '--service-command', 'postgres=sleep 1'],
    ['--job', 'test', '--matrix', 'version=24', '--matrix', 'extra=more'],
    ['--job', 'open', '--matrix', 'item=anything'],
  ];
  for (const args of given) {
    const { exitCode, stderr } = await project.gantry(['plan', ...args]);
    assert.deepEqual([exitCode, stderr], [0, ''], args.join(' '));
  }
});

test('what nothing reads, and nothing is like, is said and the run goes on', async () => {
  const args = ['plan', '--secret', 'SOMETHING_ELSE=x', '--local-action', 'some/acton@v1=.'];
  const { exitCode, stderr } = await project.gantry(args);
  assert.equal(exitCode, 0);
  assert.equal(
    stderr,
    'gantry: --secret SOMETHING_ELSE: nothing in this pipeline reads secrets.SOMETHING_ELSE\n' +
      'gantry: --local-action some/acton@v1: no step uses it; did you mean "some/action@v1"?\n',
  );
});

test('an environment is named where there was never any, and where another is meant', async () => {
  const none = await project.gantry(['stop', 'production']);
  assert.deepEqual([none.exitCode, none.stderr], [2, 'gantry: nothing was ever deployed from here\n']);
  const state = stateFolder(realpathSync(project.folder), { GANTRY_STATE_DIR: project.stateFolder });
  mkdirSync(join(state, 'environments', 'production'), { recursive: true });
  const near = await project.gantry(['stop', 'prodction']);
  assert.equal(near.stderr, 'gantry: there is no environment prodction; did you mean "production"?\n');
});

test('an option without its "=" and an input of a workflow that takes none are told, and nothing else is', async () => {
  using plain = openProjectOf({
    'gantry.yml': "on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }\n",
  });
  const bare = await plain.gantry(['plan', '--var', 'NAME']);
  assert.deepEqual([bare.exitCode, bare.stderr], [2, 'gantry: --var takes NAME=value\n']);
  const input = await plain.gantry(['plan', '-i', 'level=3']);
  const says = '-i gives inputs to a start by hand, and this workflow has none: no workflow_dispatch under "on:"';
  assert.deepEqual([input.exitCode, input.stderr], [2, `gantry: ${says}\n`]);
});

test('a variable is refused where no action could read it, and let be where one could', async () => {
  const text = (uses: string): string =>
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{ run: 'echo \${{ vars.NAME }}' }, { uses: ${uses} }]\n`;
  using closed = openProjectOf({ 'gantry.yml': text('actions/checkout@v4') });
  const refusal = await closed.gantry(['plan', '--var', 'NMAE=x']);
  assert.equal(refusal.stderr, 'gantry: --var NMAE: nothing in this pipeline reads vars.NMAE; did you mean "NAME"?\n');
  using open = openProjectOf({ 'gantry.yml': text('./action') });
  assert.equal((await open.gantry(['plan', '--var', 'NMAE=x'])).stderr, '');
});
