import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Workflow } from './model.ts';
import { readWorkflow } from './read-workflow.ts';

const actions = [
  'actions/checkout',
  'actions/setup-python',
  'actions/cache',
  'gantry/data',
  'gantry/deploy',
  './local',
];

function read(text: string, file = 'gantry.yml'): Workflow {
  const { workflow, diagnostics } = readWorkflow(file, text, { actions });
  assert.deepEqual(diagnostics, []);
  assert.ok(workflow);
  return workflow;
}

/** `CODE line:column severity` of everything that is said. */
function codes(text: string, file = 'gantry.yml'): readonly string[] {
  return readWorkflow(file, text, { actions }).diagnostics.map(
    ({ code, at, severity }) => `${code} ${at.line}:${at.column}${severity === 'warning' ? ' warning' : ''}`,
  );
}

function withSteps(steps: string): string {
  return `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n${steps}`;
}

const FULL = `
name: Everything
run-name: Deploy by \${{ github.actor }}
on:
  push:
    branches: [main, 'releases/**']
    paths-ignore: docs/**
  pull_request:
    types: [opened, labeled]
  schedule:
    - cron: '30 5 * * MON-FRI'
    - cron: '*/15 0-6,22 1 JAN *'
  workflow_dispatch:
    inputs:
      level: { type: choice, options: [info, debug], default: info, description: How loud }
      dry: { type: boolean, required: true }
      count: { type: number, default: 3 }
      plain: {}
env:
  VERSION: 1.10
  FLAG: yes
  EMPTY:
defaults:
  run: { shell: bash, working-directory: src }
jobs:
  test:
    name: Test \${{ matrix.python }}
    runs-on: [self-hosted, linux]
    strategy:
      fail-fast: false
      max-parallel: \${{ fromJSON(inputs.count) }}
      matrix:
        python: ['3.12', '3.13']
        include:
          - python: '3.14'
            experimental: true
    continue-on-error: \${{ matrix.experimental == true }}
    timeout-minutes: 20
    outputs:
      tag: \${{ steps.version.outputs.tag }}
    env:
      TOKEN: \${{ secrets.TOKEN }}
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0, clean: true }
      - id: version
        run: |
          echo "tag=1" >> "$GITHUB_OUTPUT"
      - name: Install
        run: pip install -r requirements.txt
        retry: { attempts: 4, on: [timeout, exit-code], delay: 2s }
        fallback:
          - name: Core only
            loss: no image analysis
            until: 2027-03-01
            run: pip install -r core.txt
            retry: 2
          - loss: standard library only
            uses: gantry/data@v1
      - run: flake8
        advisory: true
        continue-on-error: true
      - run: pytest
        if: \${{ !cancelled() && hashFiles('**/*.py') != '' }}
        timeout-minutes: 0.5
        advisory: { until: 2027-01-01 }
        expect: { tests: { report: 'r/*.xml', min: 3 }, files: [r/a.xml, '\${{ env.VERSION }}.txt'] }
  deploy:
    needs: test
    if: github.ref == 'refs/heads/main' && needs.test.outputs.tag
    runs-on: ubuntu-latest
    accept: passed
    environment: { name: production, url: 'http://\${{ steps.go.outputs.url }}' }
    steps:
      - id: go
        uses: gantry/deploy@v1
`;

test('everything that is honoured is in the model', () => {
  const workflow = read(FULL);
  assert.deepEqual(workflow.on.map(withoutPlace), [
    { event: 'push', branches: ['main', 'releases/**'], pathsIgnore: ['docs/**'] },
    { event: 'pull_request', types: ['opened', 'labeled'] },
    { event: 'schedule', schedules: [{ cron: '30 5 * * MON-FRI' }, { cron: '*/15 0-6,22 1 JAN *' }] },
    { event: 'workflow_dispatch' },
  ]);
  assert.equal(workflow.name, 'Everything');
  assert.equal(workflow.runName?.value, 'Deploy by ${{ github.actor }}');
  assert.deepEqual(
    Object.entries(workflow.inputs).map(([name, input]) => ({ name, ...withoutPlace(input) })),
    [
      {
        name: 'level',
        type: 'choice',
        required: false,
        description: 'How loud',
        options: ['info', 'debug'],
        default: 'info',
      },
      { name: 'dry', type: 'boolean', required: true },
      { name: 'count', type: 'number', required: false, default: 3 },
      { name: 'plain', type: 'string', required: false },
    ],
  );
  assert.deepEqual(valuesOf(workflow.env), { VERSION: '1.1', FLAG: 'yes', EMPTY: '' });
  assert.equal(workflow.defaults.shell?.value, 'bash');
  assert.equal(workflow.defaults.workingDirectory?.value, 'src');
});

test('a job keeps its keys, and its places', () => {
  const [job, deploy] = read(FULL).jobs;
  assert.ok(job && deploy);
  assert.deepEqual(job.at, { line: 26, column: 3, length: 4 });
  assert.equal(job.name?.value, 'Test ${{ matrix.python }}');
  assert.deepEqual(job.runsOn.value, ['self-hosted', 'linux']);
  assert.equal(job.strategy?.failFast?.value, false);
  assert.equal(job.strategy.maxParallel?.value, '${{ fromJSON(inputs.count) }}');
  assert.deepEqual(job.strategy.matrix?.value, {
    python: ['3.12', '3.13'],
    include: [{ python: '3.14', experimental: true }],
  });
  assert.equal(job.continueOnError?.value, '${{ matrix.experimental == true }}');
  assert.equal(job.timeoutMinutes?.value, 20);
  assert.deepEqual(valuesOf(job.outputs), { tag: '${{ steps.version.outputs.tag }}' });
  assert.deepEqual(valuesOf(job.env), { TOKEN: '${{ secrets.TOKEN }}' });
  assert.deepEqual(deploy.needs, [{ value: 'test', at: { line: 69, column: 12, length: 4 } }]);
  assert.equal(deploy.if?.value, "github.ref == 'refs/heads/main' && needs.test.outputs.tag");
  assert.equal(deploy.accept?.value, 'passed');
  assert.equal(deploy.environment?.name.value, 'production');
  assert.equal(deploy.environment.url?.value, 'http://${{ steps.go.outputs.url }}');
});

test('a step keeps its keys, Gantry’s own among them', () => {
  const steps = read(FULL).jobs[0]?.steps ?? [];
  const [checkout, version, install, flake8, pytest] = steps;
  assert.ok(checkout?.kind === 'uses' && version?.kind === 'run' && install && flake8 && pytest);
  assert.deepEqual(
    steps.map((step) => step.index),
    [0, 1, 2, 3, 4],
  );
  assert.equal(checkout.uses.value, 'actions/checkout@v4');
  assert.deepEqual(valuesOf(checkout.with), { 'fetch-depth': '0', clean: 'true' });
  assert.equal(version.id, 'version');
  assert.equal(version.run.value, 'echo "tag=1" >> "$GITHUB_OUTPUT"\n');
  assert.partialDeepStrictEqual(install.retry, { attempts: 4, on: ['timeout', 'exit-code'], delayMs: 2_000 });
  assert.deepEqual(
    install.fallback.map(({ loss, until, step }) => [
      loss,
      until?.value,
      step.kind,
      step.name?.value,
      step.retry?.attempts,
      step.index,
    ]),
    [
      ['no image analysis', '2027-03-01', 'run', 'Core only', 2, 2],
      ['standard library only', undefined, 'uses', undefined, undefined, 2],
    ],
  );
  assert.equal(flake8.continueOnError?.value, true);
  assert.equal(flake8.advisory?.until, undefined);
  assert.equal(pytest.if?.value, "!cancelled() && hashFiles('**/*.py') != ''");
  assert.equal(pytest.timeoutMinutes?.value, 0.5);
  assert.equal(pytest.advisory?.until?.value, '2027-01-01');
  assert.deepEqual(
    pytest.expect?.files.map((file) => file.value),
    ['r/a.xml', '${{ env.VERSION }}.txt'],
  );
  assert.deepEqual([pytest.expect.tests?.report.value, pytest.expect.tests?.min], ['r/*.xml', 3]);
});

test('a workflow in the model is plain data', () => {
  const workflow = read(FULL);
  assert.deepEqual(JSON.parse(JSON.stringify(workflow)), workflow);
});

const TRANSIENT = ['signal', 'timeout', 'network', 'registry', 'resources', 'runner', 'test', 'unknown'];

const retries: readonly (readonly [string, object])[] = [
  ['3', { attempts: 3, on: TRANSIENT, delayMs: 1_000 }],
  ['{}', { attempts: 3, on: TRANSIENT, delayMs: 1_000 }],
  ['{ on: timeout }', { attempts: 3, on: ['timeout'], delayMs: 1_000 }],
  ['{ attempts: 1, delay: 500ms }', { attempts: 1, delayMs: 500 }],
  ['{ delay: 3 }', { delayMs: 3_000 }],
];

for (const [yaml, expected] of retries) {
  test(`retry: ${yaml} has the defaults it leaves out`, () => {
    const [step] = read(withSteps(`      - { run: make, retry: ${yaml} }\n`)).jobs[0]?.steps ?? [];
    assert.partialDeepStrictEqual(step?.retry, expected);
  });
}

test('advisory: false is as good as none', () => {
  const [step] = read(withSteps('      - { run: make, advisory: false }\n')).jobs[0]?.steps ?? [];
  assert.equal(step?.advisory, undefined);
});

const tail = '\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n';

const fine: readonly (readonly [string, string])[] = [
  ['an event', `on: push${tail}`],
  ['a list of events', `on: [push, pull_request]${tail}`],
  ['events without values', `on:\n  push:\n  workflow_dispatch:${tail}`],
  ['"on" in quotes', `'on': push${tail}`],
  ['a mark of byte order', `\uFEFFon: push${tail}`],
  ['Windows line ends', `on: push${tail}`.replaceAll('\n', '\r\n')],
  ['a document start', `---\non: push${tail}`],
  ['a YAML version', `%YAML 1.2\n---\non: push${tail}`],
  ['a workflow_run', `on:\n  workflow_run: { workflows: [CI], types: [completed], branches: [main] }${tail}`],
  ['a repository_dispatch with types of its own', `on:\n  repository_dispatch: { types: [rebuild] }${tail}`],
  [
    'an expression for the whole matrix',
    'on: push\njobs: { a: { runs-on: x, strategy: { matrix: "${{ fromJSON(vars.M) }}" }, steps: [{ run: "${{ matrix.x }}" }] } }\n',
  ],
  [
    'an expression for a vector',
    'on: push\njobs: { a: { runs-on: "${{ matrix.os }}", strategy: { matrix: { os: "${{ fromJSON(vars.M) }}" } }, steps: [{ run: make }] } }\n',
  ],
  [
    'an expression for include',
    'on: push\njobs: { a: { runs-on: x, strategy: { matrix: { include: "${{ fromJSON(vars.M) }}" } }, steps: [{ run: "${{ matrix.any }}" }] } }\n',
  ],
  ['runs-on with labels', 'on: push\njobs: { a: { runs-on: { labels: [x, y] }, steps: [{ run: make }] } }\n'],
  [
    'an environment by name',
    'on: push\njobs: { a: { runs-on: x, environment: production, steps: [{ run: make }] } }\n',
  ],
  ['a shell of one’s own', withSteps('      - { run: make, shell: "perl {0}" }\n')],
  ['an anchor and its alias', withSteps('      - run: &script |\n          make\n      - run: *script\n')],
  ['a condition that is a boolean', withSteps('      - { if: true, run: make }\n      - { if: "", run: make }\n')],
  [
    'status functions of a job with names',
    "on: push\njobs:\n  a: { runs-on: x, steps: [{ run: make }] }\n  b: { needs: a, if: \"success('a') || failure('a')\", runs-on: x, steps: [{ run: make }] }\n",
  ],
  ['a local action that is there', withSteps('      - uses: ./local\n')],
  ['an action in another case', withSteps('      - uses: Actions/Checkout@v4\n')],
  ['step ids in another case', withSteps('      - { id: One, run: make }\n      - run: ${{ STEPS.one.OUTPUTS.x }}\n')],
  [
    'an output that reads a step by index',
    withSteps("      - { id: one, run: make }\n      - run: ${{ steps['one'].outputs.x }} ${{ steps.*.outcome }}\n"),
  ],
  ['verdicts', withSteps('      - { id: one, run: make }\n      - run: ${{ steps.one.verdict }}\n')],
  ['one file of proof', withSteps('      - { run: make, expect: { files: out.txt } }\n')],
  [
    'an input of a called workflow',
    'on:\n  workflow_dispatch:\n    inputs: { x: { type: string } }\njobs: { a: { runs-on: x, steps: [{ run: "${{ inputs.x }}" }] } }\n',
  ],
];

for (const [name, text] of fine) {
  test(`nothing is said about ${name}`, () => {
    read(text);
  });
}

const said: readonly (readonly [string, string, readonly string[]])[] = [
  ['a schedule by its name alone', `on: schedule${tail}`, ['WF035 1:5']],
  ['an empty list of events', `on: []${tail}`, ['WF012 1:5']],
  [
    'a zone that there is not',
    `on:\n  schedule: [{ cron: '0 0 * * *', timezone: Europe/Berln }]${tail}`,
    ['WF147 2:45'],
  ],
  [
    'an environment that asks for a deployment record',
    'on: push\njobs: { a: { runs-on: x, environment: { name: p, deployment: true }, steps: [{ run: make }] } }\n',
    ['WF081 2:50 warning'],
  ],
  [
    'a group of runners',
    'on: push\njobs: { a: { runs-on: { group: big }, steps: [{ run: make }] } }\n',
    ['WF081 2:25 warning'],
  ],
  [
    'services without an image',
    'on: push\njobs: { a: { runs-on: x, services: { db: {} }, steps: [{ run: make }] } }\n',
    ['WF013 2:42'],
  ],
  [
    'steps in the background',
    withSteps(
      '      - { run: make, background: true }\n      - wait-all:\n      - wait: a\n      - cancel: a\n      - parallel: []\n',
    ),
    ['WF029 8:15', 'WF029 9:17', 'WF012 10:19'],
  ],
  ['an expression in "uses"', withSteps('      - uses: ${{ matrix.action }}\n'), ['WF046 6:15']],
  ['an alias of itself', 'on: &on [*on]\njobs: { a: { runs-on: x, steps: [{ run: make }] } }\n', ['WF090 1:10']],
  [
    'two circles',
    'on: push\njobs:\n  a: { needs: b, runs-on: x, steps: [{ run: make }] }\n  b: { needs: a, runs-on: x, steps: [{ run: make }] }\n  c: { needs: d, runs-on: x, steps: [{ run: make }] }\n  d: { needs: [c, a], runs-on: x, steps: [{ run: make }] }\n',
    ['WF016 3:15', 'WF016 4:15', 'WF016 5:15', 'WF016 6:16'],
  ],
  ['secrets in a condition', withSteps('      - { if: "secrets.X != \'\'", run: make }\n'), ['WF042 6:16']],
  [
    'a step that reads itself',
    withSteps('      - { id: one, run: "${{ steps.one.outcome }}" }\n'),
    ['WF051 6:36 warning'],
  ],
  ['a matrix that is not there', withSteps('      - run: ${{ matrix.os }}\n'), ['WF053 6:25 warning']],
  [
    'a matrix of 257',
    'on: push\njobs:\n  a:\n    runs-on: x\n    strategy: { matrix: { include: [' +
      '{ a: 1 }, '.repeat(257) +
      '] } }\n    steps: [{ run: make }]\n',
    ['WF061 5:25'],
  ],
  ['a key that is a list', `on: push\n? [a]\n: b${tail}`, ['WF012 2:3']],
  ['a text in quotes that is to be a number', `on: push\nenv: { A: !!int "1" }${tail}`, ['WF093 2:17']],
  ['YAML 1.1', `%YAML 1.1\n---\non: push${tail}`, ['WF093 1:1']],
  ['an empty run', withSteps('      - run:\n'), ['WF012 6:13']],
  ['a date that is no day', withSteps('      - { run: make, advisory: { until: 2027-13-01 } }\n'), ['WF074 6:41']],
  ['a fallback that is no step', withSteps('      - { run: make, fallback: [make basic] }\n'), ['WF012 6:33']],
];

for (const [name, text, expected] of said) {
  test(`${name}: ${expected.join(', ')}`, () => {
    assert.deepEqual(codes(text), expected);
  });
}

test('a mark of byte order moves no column', () => {
  assert.deepEqual(codes(`\uFEFFno: push\n${withSteps('      - run: make\n')}`), ['WF011 1:1']);
});

test('the seven keys are refused where GitHub reads the file, each at its line', () => {
  const text = `on: push
jobs:
  a:
    runs-on: x
    accept: passed
    steps:
      - run: make
        retry: 3
        fallback: [{ loss: x, run: make }]
        consumes: [a]
        produces: [b]
        advisory: true
        expect: { files: a }
`;
  const expected = ['WF070 5:5', 'WF070 8:9', 'WF070 9:9', 'WF070 10:9', 'WF070 11:9', 'WF070 12:9', 'WF070 13:9'];
  assert.deepEqual(codes(text, '/home/me/project/.github/workflows/ci.yml'), expected);
  assert.deepEqual(codes(text, '.github\\workflows\\ci.yml'), expected);
  assert.deepEqual(codes(text, '.gantry/ci.yml'), []);
});

test('all mistakes of a file are told in one go, in its order', () => {
  const text = `on: [push, pul_request]
jobs:
  a:
    runs-on: x
    needs: [b, zz]
    step: []
    steps:
      - run: \${{ gihub.ref }}
        timout-minutes: 3
  b:
    needs: a
    runs-on: x
    steps:
      - uses: someone/something
`;
  assert.deepEqual(codes(text), [
    'WF030 1:12',
    'WF016 5:13',
    'WF014 5:16',
    'WF011 6:5',
    'WF041 8:18',
    'WF011 9:9',
    'WF016 11:12',
    'WF023 14:15',
  ]);
});

test('before a syntax error, what its own line shows is told; behind it, nothing is guessed', () => {
  assert.deepEqual(codes('on: pusk\njobs:\n\ta: { step: [] }\n'), ['WF030 1:5', 'WF004 3:1']);
});

test('a place inside an expression is found in every kind of scalar', () => {
  const places: readonly (readonly [string, string])[] = [
    ['      - run: echo ${{ gihub.ref }}\n', '6:23'],
    ["      - run: 'it''s ${{ gihub.ref }}'\n", '6:25'],
    ['      - run: "a\\tb\\u0041\\n ${{ gihub.ref }}"\n', '6:32'],
    ['      - run: |\n          a\n            ${{ gihub.ref }}\n', '8:17'],
    ['      - run: >-\n          a\n          b\n          ${{ gihub.ref }}\n', '9:15'],
    ['      - run: a\n          b ${{ gihub.ref }}\n', '7:17'],
    ['      - run: "a\n          b \\\n          ${{ gihub.ref }}"\n', '8:15'],
    ['      - run: |2\n          ${{\n            gihub.ref }}\n', '8:13'],
  ];
  for (const [step, place] of places) assert.deepEqual(codes(withSteps(step)), [`WF041 ${place}`], step);
});

const hostile: readonly (readonly [string, string, string])[] = [
  ['5 MB', 'a'.repeat(5_000_000), 'WF001'],
  ['10,000 open brackets', `on: ${'['.repeat(10_000)}`, 'WF008'],
  ['10,000 open braces', '{a: '.repeat(10_000), 'WF008'],
  ['10,000 dashes', `${'- '.repeat(10_000)}a`, 'WF008'],
  ['10,000 question marks', '? '.repeat(10_000), 'WF008'],
  ['a staircase of keys', Array.from({ length: 1_400 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'), 'WF008'],
  ['80,000 keys', Array.from({ length: 80_000 }, (_, index) => `k${index}: v`).join('\n'), 'WF008'],
  ['300,000 anchors', '&a '.repeat(300_000), 'WF008'],
  ['500,000 quotes', '"'.repeat(500_000), 'WF008'],
  ['200,000 documents', '---\n'.repeat(200_000), 'WF006'],
  ['200,000 directives', '%a\n'.repeat(200_000), 'WF008'],
  ['an open text over 500,000 lines', `a: "${'\n'.repeat(500_000)}`, 'WF003'],
  ['a million colons', ':'.repeat(1_000_000), 'WF003'],
  [
    '60,000 bad expressions in one line',
    `on: push\nenv:\n  A: "${Array.from({ length: 60_000 }, (_, index) => `\${{a${index}}}`).join(' ')}"\n`,
    'WF094',
  ],
  [
    'an anchor of 50 kB used 1,000 times',
    `env:\n  A: &a "${'x'.repeat(50_000)}"\nx: [${'*a, '.repeat(1_000)}]\n`,
    'WF091',
  ],
];

for (const [name, text, code] of hostile) {
  test(`${name}: ${code}, and an end`, () => {
    const { workflow, diagnostics } = readWorkflow('gantry.yml', text, { actions });
    assert.equal(workflow, undefined);
    assert.ok(
      diagnostics.some((each) => each.code === code),
      JSON.stringify(diagnostics.slice(0, 3)),
    );
  });
}

function checkSane(text: string): void {
  const lines = text.split(/\r\n|\r|\n/);
  for (const file of ['gantry.yml', '.github/workflows/ci.yml']) {
    const { workflow, diagnostics } = readWorkflow(file, text, { actions });
    assert.equal(
      workflow === undefined,
      diagnostics.some((each) => each.severity === 'error'),
    );
    for (const { at, message } of diagnostics) {
      assert.ok(at.line >= 1 && at.line <= lines.length && at.column >= 1 && at.length >= 1, message);
      assert.ok(at.column <= (lines[at.line - 1] ?? '').length + 1, `${message} ${JSON.stringify(at)}`);
    }
  }
}

test('a place between the two characters of a CRLF is the end of its line', () => {
  checkSane('!x${{]\r\n');
});

test('no text makes the reader throw, and every place it names is in the text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), checkSane), { numRuns: 500 });
  const piece = fc.constantFrom(
    'on',
    'jobs',
    ':',
    ' ',
    '\n',
    '\n  ',
    '\n    - ',
    '-',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '|',
    '>',
    '&a',
    '*a',
    '!x',
    '#',
    '${{',
    '}}',
    'github',
    'run',
    'steps',
    '\t',
    '<<',
    ',',
    '%',
    '---',
    '?',
    '\r\n',
    '1',
    'null',
    '@',
    '\\',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
      checkSane,
    ),
    { numRuns: 1_500 },
  );
});

test('a good workflow with a piece cut out, doubled or replaced is read to the end', () => {
  const edit = fc.record({
    at: fc.nat(FULL.length),
    length: fc.nat(30),
    instead: fc.oneof(
      fc.constant(''),
      fc.string({ maxLength: 5 }),
      fc.constantFrom('\n', ': ', '- ', '[', '}', '${{', '"', 'null', '{}'),
    ),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      let text = FULL;
      for (const { at, length, instead } of edits) text = text.slice(0, at) + instead + text.slice(at + length);
      checkSane(text);
    }),
    { numRuns: 400 },
  );
});

test('any JSON in place of any part of a workflow is read to the end', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const json = JSON.stringify(one).replaceAll('\u007F', '');
      checkSane(`on: push\njobs: ${json}\n`);
      checkSane(
        `on: ${json}\njobs: { a: { runs-on: x, strategy: { matrix: ${json} }, steps: [{ run: a, retry: ${JSON.stringify(other)}, expect: ${json} }] } }\n`,
      );
    }),
    { numRuns: 300 },
  );
});

function valuesOf(templates: Readonly<Record<string, { readonly value: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(templates).map(([key, { value }]) => [key, value]));
}

function withoutPlace(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'at'));
}
