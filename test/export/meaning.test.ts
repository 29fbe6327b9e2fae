/** What an exported workflow does on GitHub is what its pipeline does here: each is run, and verdicts and outputs compared. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { openProjectOf, runTwice } from './on-github.ts';
import type { Files, Twice } from './on-github.ts';

const Findings = z.object({
  jobs: z.array(
    z.object({
      steps: z.array(
        z.object({
          annotations: z.array(
            z.object({ file: z.string().optional(), line: z.number().optional(), message: z.string() }),
          ),
        }),
      ),
    }),
  ),
});

const CHECKOUT = '- uses: actions/checkout@v4';

function pipeline(jobs: string): string {
  return `name: Orders\non: [push, workflow_dispatch]\njobs:\n${jobs}`;
}

async function twice(files: Files | string, args: readonly string[] = []): Promise<Twice & Disposable> {
  const project = openProjectOf(typeof files === 'string' ? { 'gantry.yml': pipeline(files) } : files);
  try {
    return { ...(await runTwice(project, args)), [Symbol.dispose]: () => project[Symbol.dispose]() };
  } catch (cause) {
    project[Symbol.dispose]();
    throw cause;
  }
}

describe('an exported workflow', { concurrency: 2 }, () => {
  test('falls back, retries and tolerates as its pipeline does, and publishes the verdicts', async () => {
    using ran = await twice(`
  fallback:
    runs-on: ubuntu-latest
    outputs: { way: '\${{ steps.way.outputs.way }}' }
    steps:
      - id: way
        run: echo way=first >> "$GITHUB_OUTPUT"; false
        fallback:
          - { loss: speed, run: 'echo way=second >> "$GITHUB_OUTPUT"' }
  retry:
    runs-on: ubuntu-latest
    steps:
      - run: test -e again || { touch again; exit 1; }
        retry: { attempts: 2, delay: 10ms }
  advisory:
    runs-on: ubuntu-latest
    steps:
      - { run: 'echo "a.py:3:1: E1 wrong"; exit 1', advisory: true }
  tolerated:
    runs-on: ubuntu-latest
    continue-on-error: true
    accept: degraded
    steps: [{ run: exit 1 }]
  fails:
    runs-on: ubuntu-latest
    steps: [{ run: exit 3, retry: { attempts: 2, delay: 10ms } }]
`);
    assert.deepEqual(ran.onGitHub.jobs, ran.here.jobs);
    assert.deepEqual(
      Object.entries(ran.here.jobs).map(([key, { verdict }]) => `${key} ${verdict}`),
      ['fallback degraded', 'retry degraded', 'advisory degraded', 'tolerated degraded', 'fails failed'],
    );
    assert.equal(ran.onGitHub.jobs['fallback']?.outputs['way'], 'second');
    assert.equal(ran.onGitHub.exitCode, 1);
  });

  test('asks for proof: what is unknown here is unknown there, and red', async () => {
    using ran = await twice(`
  proven:
    runs-on: ubuntu-latest
    steps:
      - run: echo '<testsuite tests="1"><testcase name="a"/></testsuite>' > report.xml
        expect: { tests: { report: report.xml } }
  claimed:
    runs-on: ubuntu-latest
    steps: [{ run: 'true', expect: { files: [nothing.txt] } }]
  after:
    needs: claimed
    runs-on: ubuntu-latest
    steps: [{ run: 'true', retry: 2 }]
`);
    const verdicts = Object.entries(ran.onGitHub.jobs).map(([key, { verdict }]) => `${key} ${verdict}`);
    assert.deepEqual(verdicts, ['proven passed', 'claimed unknown', 'after null']);
    assert.equal(ran.onGitHub.jobs['claimed']?.conclusion, 'failure');
    assert.equal(ran.here.exitCode, 11);
    assert.equal(ran.onGitHub.exitCode, 1);
  });

  test('holds accept: passed against a degraded need, also over a matrix, and says so', async () => {
    using ran = await twice(
      `
  test:
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [1, 2, 3] } }
    outputs: { n: '\${{ steps.n.outputs.n }}' }
    steps:
      - id: n
        run: echo n=\${{ matrix.n }} >> "$GITHUB_OUTPUT"; test \${{ matrix.n }} != 2
        fallback: [{ loss: two, run: 'echo n=less >> "$GITHUB_OUTPUT"' }]
  strict:
    needs: test
    accept: passed
    runs-on: ubuntu-latest
    steps: [{ run: echo went live }]
  lenient:
    needs: test
    accept: degraded
    runs-on: ubuntu-latest
    outputs: { seen: '\${{ steps.s.outputs.s }}' }
    steps:
      - { id: s, run: 'echo "s=\${{ needs.test.verdict }} \${{ needs.test.result }}" >> "$GITHUB_OUTPUT"' }`,
    );
    assert.equal(ran.onGitHub.jobs['test']?.verdict, 'degraded');
    assert.equal(ran.onGitHub.jobs['strict']?.verdict, 'unknown');
    assert.match(ran.onGitHub.logs, /needs test, which is degraded; this job accepts passed/);
    assert.doesNotMatch(ran.onGitHub.logs, /went live/);
    assert.equal(ran.onGitHub.jobs['lenient']?.outputs['seen'], 'degraded success');
    assert.deepEqual(ran.onGitHub.jobs['lenient'], ran.here.jobs['lenient']);
  });

  test('lets accept: passed through when all is well, and judges conditions on verdicts', async () => {
    using ran = await twice(`
  plain:
    runs-on: ubuntu-latest
    steps: [{ run: echo plain }]
  test:
    runs-on: ubuntu-latest
    steps: [{ run: 'true', retry: 2 }]
  live:
    needs: [plain, test]
    accept: passed
    runs-on: ubuntu-latest
    steps: [{ run: echo went live }]
  sorry:
    needs: [test, live]
    if: always() && needs.test.verdict != 'passed'
    runs-on: ubuntu-latest
    steps: [{ run: echo sorry }]
  glad:
    needs: [test, live]
    if: \${{ needs['live'].verdict == 'passed' }}
    runs-on: ubuntu-latest
    steps: [{ run: echo glad, retry: 2 }]
`);
    const conclusions = Object.entries(ran.onGitHub.jobs).map(([key, { conclusion }]) => `${key} ${conclusion}`);
    assert.deepEqual(conclusions, ['plain success', 'test success', 'live success', 'sorry skipped', 'glad success']);
    assert.deepEqual(ran.onGitHub.jobs, ran.here.jobs);
  });

  test('hands over exactly the secrets, variables, inputs and outputs that a job names', async () => {
    const jobs = `
  make:
    runs-on: ubuntu-latest
    outputs: { lines: '\${{ steps.m.outputs.lines }}' }
    steps:
      - id: m
        run: printf 'lines<<END\\none\\ntwo\\nEND\\n' >> "$GITHUB_OUTPUT"
        retry: 2
  use:
    needs: make
    runs-on: ubuntu-latest
    environment: { name: shop, url: 'https://example.org/\${{ steps.u.outputs.n }}' }
    outputs: { seen: '\${{ steps.u.outputs.seen }}', n: '\${{ steps.u.outputs.n }}' }
    steps:
      - ${CHECKOUT.slice(2)}
      - id: u
        env: { T: '\${{ secrets.TOKEN }}', V: '\${{ vars.SHOP }}', L: '\${{ needs.make.outputs.lines }}', I: '\${{ inputs.many }}' }
        run: |
          echo "n=$(echo "$L" | wc -l)" >> "$GITHUB_OUTPUT"
          echo "seen=\${#T} $V $I $GITHUB_EVENT_NAME \${{ github.ref_name }}" >> "$GITHUB_OUTPUT"
          echo "the token is $T"
          test -z "\${OTHER:-}" && test -e gantry.yml
        retry: 2
`;
    const files = {
      'gantry.yml': `on: { workflow_dispatch: { inputs: { many: { type: number, default: 7 } } } }\njobs:${jobs}`,
    };
    const secrets = ['--secret', 'TOKEN=very-secret-text', '--secret', 'OTHER=not-for-you'];
    using ran = await twice(files, [...secrets, '--var', 'SHOP=books']);
    assert.deepEqual(ran.onGitHub.jobs, ran.here.jobs);
    assert.deepEqual(ran.onGitHub.jobs['use']?.outputs, { seen: '16 books 7 workflow_dispatch main', n: '2' });
    assert.match(ran.onGitHub.logs, /the token is \*\*\*/);
    assert.doesNotMatch(`${ran.onGitHub.logs}${ran.onGitHub.result.stdout}`, /very-secret-text|not-for-you/);
    const exported = readFileSync(join(ran.project.folder, '.github/workflows/gantry.yml'), 'utf8');
    assert.match(exported, /--from-github --secret TOKEN\n/);
    assert.doesNotMatch(exported, /OTHER/);
    assert.match(exported, /url: \$\{\{ steps\.gantry\.outputs\.gantry_url \}\}/);
  });

  test('shows what steps printed in groups, never obeys it, and hangs findings on their lines', async () => {
    using ran = await twice(`
  style:
    runs-on: ubuntu-latest
    steps:
      - name: Style
        run: |
          echo '::add-mask::abcdef'
          echo 'src/a.py:3:1: E302 wrong'
          echo '::error file=b.py,line=4::bad'
          echo '::stop-commands::quiet'
          echo '::error::only text'
          exit 1
        advisory: true
`);
    const lines = ran.onGitHub.logs;
    assert.match(lines, /style \/ Style/);
    const seen = Findings.parse(JSON.parse(ran.onGitHub.result.stdout)).jobs.flatMap((job) =>
      job.steps.flatMap((step) => step.annotations),
    );
    const places = seen.map(({ file, line, message }) => `${file ?? ''}:${line ?? ''} ${message}`);
    assert.ok(
      places.some((place) => place.startsWith('src/a.py:3 ')),
      places.join('\n'),
    );
    assert.ok(places.includes('b.py:4 bad'), places.join('\n'));
    assert.match(lines, /::error::only text/);
    assert.ok(!places.some((place) => place.includes('only text')), places.join('\n'));
  });
});
