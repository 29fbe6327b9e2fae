/** `gantry plan` says what would run, and what cannot be known before it does; `gantry check` reads all there is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProjectOf } from './export/on-github.ts';

test('a matrix or a condition of outputs is told to be open, and what needs the job is planned', async () => {
  using project = openProjectOf({
    'gantry.yml': `on: push
jobs:
  list:
    runs-on: ubuntu-latest
    outputs: { items: '\${{ steps.s.outputs.items }}' }
    steps: [{ id: s, run: 'echo items=[1] >> "$GITHUB_OUTPUT"' }]
  each:
    needs: list
    runs-on: ubuntu-latest
    strategy: { matrix: { item: '\${{ fromJSON(needs.list.outputs.items) }}' } }
    steps: [{ run: 'true' }]
  maybe:
    needs: list
    if: needs.list.outputs.items == 'many'
    runs-on: ubuntu-latest
    steps: [{ run: 'true' }]
  never:
    needs: list
    if: github.ref == 'refs/heads/other'
    runs-on: ubuntu-latest
    steps: [{ run: 'true' }]
  last: { needs: each, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
`,
  });
  const { stdout, exitCode } = await project.gantry(['plan']);
  assert.equal(exitCode, 0);
  const lines = stdout.split('\n').map((line) => line.trim().replace(/^\d+ +/, ''));
  assert.ok(lines.includes('each  decided by what the jobs before it give'), stdout);
  assert.ok(lines.includes('maybe  decided by what the jobs before it give'), stdout);
  assert.ok(lines.includes("never  not run: its if: is false: github.ref == 'refs/heads/other'"), stdout);
  assert.ok(lines.includes('last'), stdout);
});

test('check without a name reads every pipeline of the project, also those that run would not take', async () => {
  const job = (needs: string): string =>
    `on: push\njobs:\n  a: { runs-on: ubuntu-latest, needs: [${needs}], steps: [{ run: 'true' }] }\n`;
  using project = openProjectOf({ 'gantry.yml': job(''), '.github/workflows/ci.yml': job('b') });
  const { stdout, exitCode } = await project.gantry(['check']);
  assert.equal(exitCode, 12);
  assert.match(stdout, /WF014 \.github\/workflows\/ci\.yml/);
  assert.match(stdout, /2 files: 1 error/);
});
