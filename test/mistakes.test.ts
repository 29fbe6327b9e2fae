/** Whatever is wrong with a pipeline is told with a code and a place, by `check` and by `run`, and nothing runs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PipelineProject } from './support/pipeline-project.ts';

const job = (body: string): string => `on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n${body}`;
const steps = (body: string): string => job(`    steps:\n${body}`);
const FINE = '    steps:\n      - run: "true"\n';

const anchorBomb = [
  'on: push',
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(9)}*a${level}]`),
  'jobs: *a12',
].join('\n');

/** What is wrong, and what a person would look for in the answer. */
const mistakes: Readonly<Record<string, readonly [pipeline: string | Uint8Array, says: RegExp]>> = {
  'an unknown key of the workflow': [`jbos: {}\n${job(FINE)}`, /jbos/],
  'an unknown key of a job': [job(`    runs_on: x\n${FINE}`), /runs_on/],
  'an unknown key of a step': [steps('      - rnu: echo\n'), /rnu/],
  'a job that needs one that does not exist': [job(`    needs: biuld\n${FINE}`), /biuld/],
  'a job that needs itself': [job(`    needs: build\n${FINE}`), /build/],
  'a cycle of needs': [
    `on: push\njobs:\n  a: {runs-on: x, needs: b, steps: [{run: x}]}\n  b: {runs-on: x, needs: c, steps: [{run: x}]}\n  c: {runs-on: x, needs: a, steps: [{run: x}]}\n`,
    /cycle|itself|circle/,
  ],
  'an expression that does not parse': [steps('      - run: echo ${{ github.sha == }}\n'), /expression/i],
  'an expression that never ends': [steps('      - run: echo ${{ github.sha\n'), /\$\{\{|expression|\}\}/],
  'an unknown function': [steps('      - run: echo ${{ frobnicate(1) }}\n'), /frobnicate/],
  'an unknown context': [steps('      - run: echo ${{ gihtub.sha }}\n'), /gihtub/],
  'an output of a step that does not exist': [steps('      - run: echo ${{ steps.nobody.outputs.x }}\n'), /nobody/],
  'tabs as indentation': ['on: push\njobs:\n\tbuild:\n\t\truns-on: x\n', /tab/i],
  'a key that comes twice': [`${job(FINE)}    runs-on: other\n`, /runs-on|twice|unique|duplicate/i],
  'a job that comes twice': [`${job(FINE)}  build:\n    runs-on: x\n${FINE}`, /build|twice|unique|duplicate/i],
  'an anchor bomb': [anchorBomb, /alias|anchor/i],
  'an alias to nothing': ['on: push\njobs: *nowhere\n', /nowhere/],
  'a file of 5 MB': [`${job(FINE)}${`# ${'x'.repeat(98)}\n`.repeat(52_429)}`, /\d+ characters; \d+ is the limit/],
  'a file of 5 MB in one value': [steps(`      - run: ${'x'.repeat(5_000_000)}\n`), /\d+ characters; \d+ is the limit/],
  'an empty file': ['', /empty/i],
  'a file of comments': ['# nothing\n\n# here\n', /empty|jobs/i],
  'a binary file': [Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256), /text|UTF-8|YAML|binary/i],
  'a file with NUL bytes': [`on: push\njobs:\n  a\0b: {}\n`, /.+/],
  'a file that is UTF-16': [Buffer.from(job(FINE), 'utf16le'), /.+/],
  'nesting without end': [`on: push\njobs: ${'['.repeat(100_000)}`, /deep|nest|bracket/i],
  'nesting without end, in blocks': [
    Array.from({ length: 1_200 }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
    /deep|nest/i,
  ],
  'an expression nested without end': [steps(`      - run: echo \${{ ${'('.repeat(50_000)} }}\n`), /.+/],
  'no jobs': ['on: push\n', /jobs/],
  'jobs without one': ['on: push\njobs: {}\n', /job/],
  'jobs as a list': ['on: push\njobs:\n  - build\n', /jobs|map/i],
  'no event': [`jobs:\n  build:\n    runs-on: x\n${FINE}`, /on\b/],
  'an unknown event': [job(FINE).replace('on: push', 'on: psuh'), /psuh/],
  'no runs-on': ['on: push\njobs:\n  build:\n    steps:\n      - run: x\n', /runs-on/],
  'no steps': ['on: push\njobs:\n  build:\n    runs-on: x\n', /steps/],
  'a step that does nothing': [steps('      - name: nothing\n'), /run|uses/],
  'a step that does two things': [steps('      - run: x\n        uses: actions/checkout@v4\n'), /run|uses/],
  'an action that does not come with Gantry': [steps('      - uses: gantry/deplyo@v1\n'), /gantry\/deploy/],
  'a number where a list belongs': [job('    steps: 3\n'), /steps|list/],
  'two documents': [`${job(FINE)}---\n${job(FINE)}`, /document/i],
  'only a scalar': ['hello\n', /.+/],
  'broken quoting': [steps('      - run: "never closed\n'), /quot/i],
  'a job name that is none': ['on: push\njobs:\n  "1 x!":\n    runs-on: x\n    steps: [{run: x}]\n', /1 x!/],
  'the same step id twice': [steps('      - {id: a, run: x}\n      - {id: a, run: x}\n'), /"a"/],
};

for (const [what, [pipeline, says]] of Object.entries(mistakes)) {
  test(`${what} is told with its code and place`, async (t) => {
    using project = new PipelineProject(pipeline);
    for (const command of ['check', 'run']) {
      const startedAt = performance.now();
      const { code, stdout, stderr } = await project.run(command);
      t.diagnostic(`${command}: ${Math.round(performance.now() - startedAt)} ms`);
      const said = command === 'check' ? stdout : stderr;
      assert.equal(code, 12, `${command}: ${stdout.slice(0, 2000)}${stderr.slice(0, 2000)}`);
      assert.match(said, /^WF\d{3} gantry\.yml:\d+:\d+ /m);
      assert.match(said, says);
      assert.doesNotMatch(`${stdout}${stderr}`, /^ {4}at /m);
      assert.ok(said.length < 20_000, `${said.length} characters are no diagnostic`);
    }
    assert.ok(!readdirSync(project.state).includes('work') && !existsSync(join(project.state, 'logs')), 'nothing ran');
  });
}

test('a mistake in a called workflow is told once, at its path in the project', async () => {
  using project = new PipelineProject('on: push\njobs:\n  a:\n    uses: ./.github/workflows/called.yml\n', {
    '.github/workflows/called.yml': `on: workflow_call\n${job(`    stps: []\n${FINE}`).slice('on: push\n'.length)}`,
  });
  const checked = await project.run('check', 'gantry.yml', '.github/workflows/called.yml');
  assert.equal(checked.code, 12);
  assert.deepEqual(
    checked.stdout.split('\n').filter((line) => line.startsWith('WF')),
    [
      'WF011 .github/workflows/called.yml:5:5 a job has no key "stps". Did you mean "steps"?',
      'WF100 gantry.yml:4:11 "./.github/workflows/called.yml" is not a valid workflow',
    ],
  );
  assert.ok(checked.stdout.endsWith('2 files: 2 errors, 0 warnings\n'), checked.stdout);
  const ran = await project.run('run');
  assert.equal(ran.code, 12);
  assert.match(ran.stderr, /^WF011 \.github\/workflows\/called\.yml:5:5 /m);
});
