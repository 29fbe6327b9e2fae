/** Which pipeline `gantry run` and `gantry plan` take when none is named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProjectOf } from './export/on-github.ts';

const workflow = (on: string): string =>
  `on: ${on}\njobs:\n  a: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }\n`;
const PUSH = workflow('push');
const CALLED = workflow('workflow_call');

test('where there is no pipeline, gantry init is named', async () => {
  using project = openProjectOf({ 'README.md': 'nothing' });
  for (const command of ['run', 'plan', 'check']) {
    const { exitCode, stderr } = await project.gantry([command]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^gantry: no pipeline here: .*; gantry init writes one\n$/);
  }
});

test('workflows that are only there to be called are left out when one is chosen', async () => {
  using project = openProjectOf({
    '.github/workflows/a.yml': CALLED,
    '.github/workflows/b.yml': workflow('[push, workflow_call]'),
    '.github/workflows/c.yml': CALLED,
  });
  const { exitCode, stdout, stderr } = await project.gantry(['plan']);
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(stdout, /^\.github\/workflows\/b\.yml {2}on push\n/);
});

test('several that an event starts are listed, without those that are only called', async () => {
  using project = openProjectOf({
    '.github/workflows/a.yml': CALLED,
    '.github/workflows/b.yml': PUSH,
    '.github/workflows/broken.yml': 'jobs: [',
    '.github/workflows/c.yml': PUSH,
  });
  const { exitCode, stderr } = await project.gantry(['run']);
  assert.equal(exitCode, 2);
  assert.equal(
    stderr,
    'gantry: there are several pipelines; name one of them:\n' +
      '  .github/workflows/b.yml\n  .github/workflows/broken.yml\n  .github/workflows/c.yml\n',
  );
});

test('where all are only called, all are listed', async () => {
  using project = openProjectOf({ '.github/workflows/a.yml': CALLED, '.github/workflows/b.yml': CALLED });
  const { exitCode, stderr } = await project.gantry(['run']);
  assert.equal(exitCode, 2);
  assert.equal(
    stderr,
    'gantry: there are several pipelines, all of them to be called; name one of them:\n' +
      '  .github/workflows/a.yml\n  .github/workflows/b.yml\n',
  );
});
