import assert from 'node:assert/strict';
import { test } from 'node:test';

import { liveRun } from '#test/support/report-runs.ts';
import { CANCELLED, DEGRADED, FAILED, PASSED, UNKNOWN } from '#test/support/report-scripts.ts';

import { displayWidth } from './layout.ts';
import { buildReport } from './report.ts';
import { renderText } from './text.ts';
import { unpainted } from './words.ts';

test('a passed run names its jobs, steps, tests and what is live', () => {
  const expected = `\
Space Intelligence pipeline
push · main · 3f2a9c1

Jobs
  ✓ Comprehensive testing         2.3 s
    ✓ actions/checkout@v4         0.1 s
    ✓ Unit tests                  2.0 s
      24 tests: 22 passed, 2 skipped
  ✓ Deploy to production         10.0 s
    ✓ gantry/deploy@v1            9.9 s

Tests  24 tests: 22 passed, 2 skipped

Live  production 2026.11.23-2
  address  http://127.0.0.1:8080
  before   2026.11.23-1

✓ passed in 12.3 s · nothing in the ledger · run r-20261123-094012-7f3a
`;
  assert.equal(renderText(buildReport(liveRun(PASSED)), unpainted, { width: 100 }), expected);
});

test('a degraded run begins with its ledger, and caps its findings', () => {
  const expected = `\
Space Intelligence pipeline
push · main · 3f2a9c1

Ledger  2 steps down from passed
  fallback    Comprehensive testing / Install Python dependencies
              wanted  pip install -r requirements.txt
              used    Core packages only
              why     exit code 1: no matching distribution found for
                      opencv-python-headless==4.10.0.84, and the index that was asked is the only
                      one there is
              loss    no solar image analysis
              until   2027-03-01
  advisory    Comprehensive testing / flake8
              wanted  no findings
              used    12 findings
              why     exit code 1

Jobs
  ◐ Comprehensive testing           1 m 15 s
    ✓ actions/checkout@v4              0.1 s
    ◐ Install Python dependencies   1 m 01 s
      fallback: Core packages only
    ◐ flake8                           0.8 s
      advisory: 12 findings

Findings  1 error, 11 warnings
  error    src/app.py:12:5        E999 SyntaxError: invalid syntax
  warning  src/sources/noaa.py:1  F401 'module_0' imported but unused
  warning  src/sources/noaa.py:2  F401 'module_1' imported but unused
  warning  src/sources/noaa.py:3  F401 'module_2' imported but unused
  warning  src/sources/noaa.py:4  F401 'module_3' imported but unused
  warning  src/sources/noaa.py:5  F401 'module_4' imported but unused
  warning  src/sources/noaa.py:6  F401 'module_5' imported but unused
  warning  src/sources/noaa.py:7  F401 'module_6' imported but unused
  warning  src/sources/noaa.py:8  F401 'module_7' imported but unused
  warning  src/sources/noaa.py:9  F401 'module_8' imported but unused
  … and 2 more

◐ degraded in 1 m 15 s · 2 entries in the ledger · run r-20261123-094012-7f3a
`;
  assert.equal(renderText(buildReport(liveRun(DEGRADED)), unpainted, { width: 100 }), expected);
});

test('an unknown run says which proof is missing', () => {
  const expected = `\
Space Intelligence pipeline
push · main · 3f2a9c1

Ledger  1 step down from passed
  unproven    deploy
              wanted  the job
              used    not run
              why     test did not succeed

Jobs
  ? test                          2.9 s
    ✓ actions/checkout@v4         0.1 s
    ? Unit tests                  0.6 s
      expected at least 1 test, and report.xml says that none ran (exit code 5)
  – deploy                      not run
    test did not succeed

? unknown in 3.0 s · 1 entry in the ledger · run r-20261123-094012-7f3a
`;
  assert.equal(renderText(buildReport(liveRun(UNKNOWN)), unpainted, { width: 100 }), expected);
});

test('a failed run says why, and what is still serving', () => {
  const expected = `\
Space Intelligence pipeline
push · main · 3f2a9c1

Jobs
  ✗ deploy                        8.9 s
    ✗ gantry/deploy@v1            8.0 s
      the release did not become healthy within 5 s: GET /health answered 503 (exit code 30)
    – Tell the world            skipped

Not live: refused  production 2026.11.23-2
  why      GET /health answered 503
  serving  still 2026.11.23-1, and it answers

✗ failed in 9.0 s · nothing in the ledger · run r-20261123-094012-7f3a
`;
  assert.equal(renderText(buildReport(liveRun(FAILED)), unpainted, { width: 100 }), expected);
});

test('a cancelled run says so, and that its verdict is unknown', () => {
  const expected = `\
Space Intelligence pipeline
push · main · 3f2a9c1

Ledger  1 step down from passed
  unproven    Space Intelligence pipeline
              wanted  the whole run
              used    a part of it
              why     cancelled: interrupted from the terminal

Jobs
  – test                          4.0 s
    the run was cancelled
    ✓ actions/checkout@v4         0.1 s
    – Unit tests                  3.0 s
  – deploy                    cancelled
    the run was cancelled

– cancelled after 4.1 s, verdict unknown · 1 entry in the ledger · run r-20261123-094012-7f3a
`;
  assert.equal(renderText(buildReport(liveRun(CANCELLED)), unpainted, { width: 100 }), expected);
});

test('no line is wider than the terminal, and none than 100 columns', () => {
  for (const script of [PASSED, DEGRADED, UNKNOWN, FAILED, CANCELLED]) {
    for (const width of [40, 60, 100, 300]) {
      const lines = renderText(buildReport(liveRun(script)), unpainted, { width }).split('\n');
      // The last line is a sentence to be copied; it is not cut.
      const widest = Math.max(...lines.slice(0, -2).map(displayWidth));
      assert.ok(widest <= Math.min(width, 100), `${widest} columns in ${width}`);
    }
  }
});

test('what comes from outside cannot steer the terminal', () => {
  const esc = String.fromCodePoint(27);
  const name = `lint${esc}[2J${esc}]0;owned${String.fromCodePoint(7)}\r\nmore \u202Etxt.exe`;
  const run = liveRun({
    jobs: [{ key: 'a', name, steps: [{ name }], ends: { atMs: 1, conclusion: 'success' } }],
    endsAtMs: 2,
  });
  const text = renderText(buildReport(run), unpainted, { width: 100 });
  assert.match(text, /lint more txt\.exe/u);
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\u202E]|owned/u);
});

test('failed tests are named with their places; a summary is shown as its renderer makes it', () => {
  const failures = [{ name: 'app.test_start', message: 'no\u001B[31m way', file: 'app.py', line: 7 }];
  const step = { name: 'tests', summary: '# S', tests: { total: 3, failed: 2, skipped: 0, failures } };
  const ends = { atMs: 1, conclusion: 'success' } as const;
  const report = buildReport(liveRun({ jobs: [{ key: 'a', name: 'a', steps: [step], ends }], endsAtMs: 2 }));
  const summaryToText = (): readonly string[] => ['one', '', 'two'];
  const text = renderText(report, unpainted, { summaryToText });
  assert.match(
    text,
    /^Tests {2}3 tests: 1 passed, 2 failed\n {2}✗ app\.test_start {1,2}app\.py:7\n {6}no way\n {2}… and 1 more$/mu,
  );
  assert.match(text, /^Summary {2}a \/ tests\n {2}one\n\n {2}two$/mu);
  assert.doesNotMatch(renderText(report, unpainted), /Summary/u);
});

test('a step that is unproven says what its proof lacks', () => {
  const ledger = [
    {
      what: 'unproven',
      where: 'test / Build',
      wanted: 'app.bin',
      used: 'no such file',
      why: 'app.bin was expected and is not there',
    },
  ] as const;
  const steps = [{ name: 'Build', ledger }];
  const run = liveRun({
    jobs: [{ key: 'test', name: 'test', steps, ends: { atMs: 900, conclusion: 'success' } }],
    endsAtMs: 1_000,
  });
  const shown = renderText(buildReport(run), unpainted, { width: 80 });
  assert.match(shown, /\n {4}\? Build .*\n {6}unproven: app\.bin was expected and is not there\n/);
});

test('a reason that the ledger told at length, and that of a row of skipped steps, is not told again', () => {
  const why = 'its container: no container engine answers, and what stands here makes the line as long as it takes';
  const skipped = { outcome: 'skipped', conclusion: 'skipped', why: 'a step before it failed: Compile' } as const;
  const run = liveRun({
    jobs: [
      { key: 'inside', name: 'inside', skipped: { why, blameless: false, conclusion: 'skipped' } },
      {
        key: 'test',
        name: 'test',
        steps: [
          { name: 'Compile', outcome: 'failure', conclusion: 'failure', why: 'exit code 3' },
          { name: 'Test', ...skipped },
          { name: 'Package', ...skipped },
          { name: 'On main', ...skipped, why: 'its if: is false: failure() && false' },
        ],
        ends: { atMs: 900, conclusion: 'failure', why: 'Compile: exit code 3' },
      },
    ],
    endsAtMs: 1_000,
  });
  const shown = renderText(buildReport(run), unpainted, { width: 80 });
  assert.equal(
    shown.slice(shown.indexOf('Jobs\n')),
    `\
Jobs
  – inside                      not run
    the ledger says why
  ✗ test                          0.9 s
    ✗ Compile                     1.0 s
      exit code 3
    – Test                      skipped
      a step before it failed: Compile
    – Package                   skipped
    – On main                   skipped
      its if: is false: failure() && false

✗ failed in 1.0 s · 1 entry in the ledger · run r-20261123-094012-7f3a
`,
  );
});

test('the last line breaks between its parts: the id of the run stays whole', () => {
  const report = buildReport(liveRun(CANCELLED));
  const shown = renderText({ ...report, durationMs: 12_345_000 }, unpainted, { width: 70 });
  assert.ok(
    shown.endsWith(`
– cancelled after 3 h 25 m, verdict unknown · 1 entry in the ledger
  run r-20261123-094012-7f3a
`),
    shown,
  );
});

test('a run whose process is gone is interrupted: when it was last heard of, and how it goes on', () => {
  const run = liveRun({ jobs: [{ key: 'a', name: 'a', running: { name: 'Unit tests', atMs: 0 } }] });
  const shown = renderText(buildReport(run, { lastHeardAtMs: run.startedAtMs + 61_000 }), unpainted, { width: 100 });
  assert.equal(
    shown.slice(shown.indexOf('Jobs\n')),
    `\
Jobs
  ? a                           cut off
    ? Unit tests                cut off

? interrupted after 1 m 01 s, last heard of 2026-11-23 09:41 UTC · run r-20261123-094012-7f3a
  The process that ran it is gone: gantry resume r-20261123-094012-7f3a goes on with it.
`,
  );
});

test('what is the same in every combination of a matrix is told once, and nothing that is long is cut', () => {
  const title = 'A step with a name that has no room in its column, and goes on under itself';
  const jobs = ['one', 'two'].map((key) => {
    const why = { wanted: 'false', used: '|| true', why: 'status 1 at line 2' };
    const masked = { what: 'masked', where: `${key} / Build`, ...why } as const;
    const finding = { level: 'warning', file: 'a.py', line: 3, message: 'looks wrong' } as const;
    const steps = [
      {
        name: title,
        ledger: [masked],
        annotations: [finding],
        tests: { total: 1, failed: 1, skipped: 0, failures: [{ name: 'test_start', message: 'assert 1 == 2' }] },
        diagnosis: { cause: 'nobody knows', layer: 'unknown', confidence: 0, excerpt: [] } as const,
      },
    ];
    return { key, name: key, steps, ends: { atMs: 900, conclusion: 'success' } as const };
  });
  const report = buildReport(liveRun({ jobs, endsAtMs: 1_000 }));
  const shown = renderText({ ...report, name: 'A title of its own that is wider than the page' }, unpainted, {
    width: 44,
  });
  assert.equal(
    shown,
    `\
A title of its own that is wider than the
page
Space Intelligence pipeline · push · main ·
3f2a9c1

Ledger  2 steps down from passed
  masked      one / Build
              two / Build
              wanted  false
              used    || true
              why     status 1 at line 2

Jobs
  ◐ one                                0.9 s
    ◐ A step with a name that has      1.0 s
      no room in its column, and
      goes on under itself
      masked: false (status 1 at line 2; ||
      true)
      1 test: 0 passed, 1 failed
  ◐ two                                0.9 s
    ◐ A step with a name that has      1.0 s
      no room in its column, and
      goes on under itself
      masked: false (status 1 at line 2; ||
      true)
      1 test: 0 passed, 1 failed

Findings  2 warnings
  warning  a.py:3  looks wrong (2 times)

Tests  2 tests: 0 passed, 2 failed
  ✗ test_start (2 times)
      assert 1 == 2

◐ degraded in 1.0 s
  2 entries in the ledger
  run r-20261123-094012-7f3a
`,
  );
});
